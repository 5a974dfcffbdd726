"""INV-09, 13, 15: rows that hang on a loan or a pool say the same as it does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256

from loanops.kernel.account import event_from_dict
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.asking import AskState
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER, Cause, OrderKind
from loanops.loanbook.servicing.domain.rules import pool_code, read_rules
from loanops.loanbook.servicing.models import (
    ChangeRequest,
    ClassChange,
    ClassOrder,
    Loan,
    LoanClass,
    LoanEvent,
    PenalMove,
    PeriodMove,
    Pool,
    RateReset,
    Restructuring,
    SetAside,
    Unfolded,
)
from loanops.loanbook.servicing.operations.loading import as_date
from loanops.platform.audit import Violation, named, witness
from loanops.platform.db import fetch

_CHANGE = ClassChange._meta.db_table
_CLASS = LoanClass._meta.db_table
_EVENT = LoanEvent._meta.db_table
_LOAN = Loan._meta.db_table
_ORDER = ClassOrder._meta.db_table
_POOL = Pool._meta.db_table
_REQUEST = ChangeRequest._meta.db_table
_ASIDE = SetAside._meta.db_table
_COMPLETED: Mapping[str, Mapping[str, str | int]] = {
    "compensated": {"owner": "?", "price_minor": 0},
    "bought_back": {"owner": "?"},
    "assigned": {"owner": "?"},
}
"""What kinds of changes need not say: it is completed when they are worked out."""
_OF_LOANS = (
    LoanClass,
    ClassChange,
    ClassOrder,
    ChangeRequest,
    RateReset,
    Restructuring,
    SetAside,
    Unfolded,
)
_MARKED = (Unfolded, PeriodMove, PenalMove)


def strayed_rows() -> Iterator[Violation]:
    """Rows of another book than their loan."""
    union = " UNION ALL ".join(
        f"SELECT '{model._meta.db_table}' AS kept_in, loan_id, book_id FROM {model._meta.db_table}"  # noqa: S608
        for model in _OF_LOANS
    )
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number || ' in ' || x.kept_in, l.book_id, x.book_id
        FROM ({union}) x JOIN {_LOAN} l ON l.id = x.loan_id WHERE x.book_id <> l.book_id
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-15", "a row was moved by hand to another book", rows)


def left_marks() -> Iterator[Violation]:
    """Marks of a fold that ended; loans set aside without a row that says so, or the reverse."""
    for model in _MARKED:
        table = model._meta.db_table
        rows = fetch(
            f"SELECT '{table}', 'none folded', COUNT(*) FROM {table} "  # noqa: S608
            "WHERE fold_on IS NOT NULL HAVING COUNT(*) > 0"
        )
        yield from named("INV-09", "the next close would not fold these", rows)
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number, CASE WHEN a.id IS NULL THEN 'in the close' ELSE 'aside' END,
            CASE WHEN l.set_aside THEN 'aside' ELSE 'in the close' END
        FROM {_LOAN} l LEFT JOIN {_ASIDE} a ON a.loan_id = l.id AND a.released_at IS NULL
        WHERE l.set_aside <> (a.id IS NOT NULL)
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-09", "release the loan, or look for what was changed by hand", rows)


def strayed_rules() -> Iterator[Violation]:
    """Pools that are not named for their rules, and loans of another product than their pool."""
    for code, product, funder, channel, rate, grace_days, text in fetch(
        f"SELECT code, product, funder, channel, annual_rate, grace_days, rules_json "  # noqa: S608
        f"FROM {_POOL} ORDER BY id"
    ):
        hint = "the rules of a pool never change: other rules are another pool"
        try:
            rules = read_rules(text)
        except (Refusal, ValueError, KeyError, TypeError, ArithmeticError):
            yield from named("INV-15", hint, [(f"pool {code}", "rules", "none that can be read")])
            continue
        right = pool_code(product=product, funder=funder, rules=rules, channel=channel)
        found = (code, rate, grace_days, text)
        wanted = (right, format(rules.annual_rate, "f"), rules.grace_days, rules.text())
        if found != wanted:
            yield from named("INV-15", hint, [(f"pool {code}", wanted[:3], found[:3])])
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number, p.product || ' of ' || p.funder, l.product || ' of ' || l.funder
        FROM {_LOAN} l JOIN {_POOL} p ON p.id = l.pool_id
        WHERE l.product <> p.product OR l.funder <> p.funder
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-15", "the loan is in a pool of others", rows)


_WORSE = (Cause.DAYS.value,)
_BETTER = (Cause.PAID.value, Cause.ENDED.value)


# The worst of days, judgement and observation, in the words of both databases.
_JUDGED, _OBSERVED = "COALESCE(c.judged_tier, 0)", "COALESCE(c.observed_tier, 0)"
_WORST = (
    f"CASE WHEN {_JUDGED} >= c.days_tier AND {_JUDGED} >= {_OBSERVED} THEN {_JUDGED} "
    f"WHEN {_OBSERVED} > c.days_tier THEN {_OBSERVED} ELSE c.days_tier END"
)


def strayed_classes() -> Iterator[Violation]:
    """Classes whose ends are not those of the orders, and causes that move the other way."""
    worse, better = ("', '".join(each) for each in (_WORSE, _BETTER))
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number || ' class change ' || c.id, c.cause,
            c.from_tier || ' to ' || c.to_tier
        FROM {_CHANGE} c JOIN {_LOAN} l ON l.id = c.loan_id
        WHERE (c.cause IN ('{worse}') AND c.to_tier < c.from_tier)
            OR (c.cause IN ('{better}') AND c.to_tier > c.from_tier)
            OR (c.cause = '{Cause.ENDED}' AND c.to_tier <> {NORMAL})
            OR c.cause NOT IN ('{"', '".join(Cause)}')
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-10", "the cause of a change of class was changed", rows)
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number, COALESCE(CAST(o.until AS VARCHAR(10)), 'no end'),
            COALESCE(CAST(c.judged_until AS VARCHAR(10)), 'no end')
        FROM {_ORDER} o JOIN {_LOAN} l ON l.id = o.loan_id
        LEFT JOIN {_CLASS} c ON c.loan_id = o.loan_id
        WHERE o.ended_on IS NULL AND COALESCE(CAST(o.until AS VARCHAR(10)), '') <> COALESCE(
            CAST(CASE o.kind WHEN '{OrderKind.JUDGEMENT}' THEN c.judged_until
                WHEN '{OrderKind.OBSERVATION}' THEN c.observed_until
                ELSE c.paused_until END AS VARCHAR(10)), '')
        UNION ALL
        SELECT 'loan ' || l.number, 'an order from ' || CAST(o.begins_on AS VARCHAR(10)),
            'one that ended before'
        FROM {_ORDER} o JOIN {_LOAN} l ON l.id = o.loan_id
        WHERE o.ended_on < o.begins_on OR o.until <= o.begins_on
            OR (o.ended_on IS NULL) <> (o.ended_at IS NULL)
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-10", "an order about a class was changed by hand", rows)
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number, 'a class', 'none' FROM (
            SELECT loan_id FROM {_CHANGE} UNION SELECT loan_id FROM {_ORDER}
        ) x JOIN {_LOAN} l ON l.id = x.loan_id LEFT JOIN {_CLASS} c ON c.loan_id = x.loan_id
        WHERE c.loan_id IS NULL
        UNION ALL
        SELECT 'loan ' || l.number, 'class ' || {_WORST}, 'class ' || c.tier
        FROM {_CLASS} c JOIN {_LOAN} l ON l.id = c.loan_id
        WHERE c.tier <> {_WORST} OR c.days_tier > {len(ORDER) - 1}
        UNION ALL
        SELECT 'loan ' || l.number, 'an end of what is ordered', 'an end of nothing'
        FROM {_CLASS} c JOIN {_LOAN} l ON l.id = c.loan_id
        WHERE (c.judged_until IS NOT NULL AND c.judged_tier IS NULL)
            OR (c.paused_until IS NOT NULL AND NOT c.paused)
            OR (c.observed_until IS NULL) <> (c.observed_tier IS NULL)
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-10", "the class of a loan was changed by hand", rows)


def wrong_requests() -> Iterator[Violation]:
    """Requests that were approved and not booked as shown, or that nobody can have asked for."""
    hint = "a change that two people order is booked as it was shown to both"
    for number, kind, counts_on, values, asked_on, state, by, decided in fetch(
        f"""
        SELECT r.number, r.kind, r.counts_on, r.values_json, r.asked_on, r.state, r.decided_by,
            r.decided_at
        FROM {_REQUEST} r ORDER BY r.id
        """  # noqa: S608 - names come from the models
    ):
        name, on = f"request {number}", as_date(counts_on)
        told = {**_COMPLETED.get(kind, {}), **json.loads(values)}
        try:
            event_from_dict({**told, "kind": kind, "key": "?", "on": on})
        except (Refusal, TypeError):
            yield from named("INV-13", hint, [(name, "a change", f"{kind} {values}")])
        if on > as_date(asked_on) or (state == AskState.ASKED) != (decided is None and not by):
            yield from named("INV-13", hint, [(name, "asked for a day that had come", state)])
    rows = fetch(
        f"""
        SELECT 'request ' || r.number, r.kind || ' ' || SUBSTR(r.digest, 1, 12),
            COALESCE(e.kind, 'none')
        FROM {_REQUEST} r LEFT JOIN {_EVENT} e ON e.loan_id = r.loan_id AND e.kind = r.kind
            AND e.counts_on = r.counts_on AND e.booked_on = r.asked_on
            AND e.values_json LIKE '%%"digest": "' || r.digest || '"%%'
        WHERE (r.state = '{AskState.APPROVED}') <> (e.id IS NOT NULL)
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-13", hint, rows)


def lost_requests() -> Iterator[Violation]:
    """Requests that the audit saw asked for and that are gone, or are of another loan or kind."""
    kept = {
        number: (loan, kind, sha256(values.encode()).hexdigest())
        for number, loan, kind, values in ChangeRequest.objects.values_list(
            "number", "loan__number", "kind", "values_json"
        )
    }
    for said in witness.said("servicing.change_asked"):
        number, found = said.values["request"], kept.get(said.values["request"])
        # Requests of before were told without the digest of what they ask for.
        digest = said.values.get("values_sha256", found and found[2])
        wanted = (said.subject, said.values["kind"], digest)
        if found != wanted:
            row = (f"request {number}", wanted, found or "none")
            yield from named("INV-13", "a request is decided, and never removed", [row])
