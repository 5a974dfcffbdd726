"""Classing in the close: what was provided for on the closed day, and classes of the new one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from loanops.kernel.access import Viewer
from loanops.loanbook.servicing.domain.classing import (
    NORMAL,
    Classed,
    ClassRules,
    pass_day,
    provisions,
)
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.portfolio import by_pool
from loanops.loanbook.servicing.models import ClassSum, LoanClass, Pool
from loanops.loanbook.servicing.operations.classing import (
    CLASS_COLUMNS,
    Reclassed,
    classed_of,
    end_lapsed,
    put_classes,
)
from loanops.loanbook.servicing.operations.loading import LOAN, as_date_or_none
from loanops.loanbook.servicing.operations.observing import observe_loans, to_observe
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.classing import (
    PRINCIPAL,
    ClassTotal,
    class_rules,
    sum_classes,
)
from loanops.money.ledger import operations as ledger
from loanops.money.ledger import queries as accounts
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn, entry
from loanops.platform.db import fetch, insert_many
from loanops.platform.work import Work

_CLASS = LoanClass._meta.db_table
_SUM = ClassSum._meta.db_table
_LIVE = ", ".join(f"'{state.value}'" for state in LIVE)
_HOUSE = Viewer.house("servicing")


# --- provision -----------------------------------------------------------------------------------


def provide(work: Work, closing: Closing) -> int:
    """Step ``provision``: principal by class of every pool; the growth of provision is posted.

    Costs the loans that are classed below normal, never the book: what is left is normal.
    """
    on = closing.closed_on
    rules = class_rules(book=closing.book, on=on)
    balances = accounts.balances_until(book=closing.book, code=PRINCIPAL, on=on, viewer=_HOUSE)
    totals = by_pool(balances)
    classed = sum_classes(book=closing.book, on=on)
    before = _provided(closing.book)
    rows: list[tuple[object, ...]] = []
    entries: list[EntryIn] = []
    provision_minor = 0
    for pool_id, code in Pool.objects.filter(book_id=closing.book).values_list("id", "code"):
        total_minor = totals.get(code, 0)
        if not total_minor and pool_id not in before:
            continue
        required_minor = 0
        for row in _rows(rules, pool_id, total_minor, classed):
            rows.append((pool_id, on, *row))
            required_minor += row[-1]
        entries += entry(
            AccountKey("expense.provision", code),
            AccountKey("loans.allowance", code),
            required_minor - before.get(pool_id, 0),
        )
        provision_minor += required_minor
    insert_many(
        _SUM,
        ("pool_id", "closed_on", "tier", "loans", "outstanding_minor", "provision_minor"),
        rows,
    )
    if entries:
        journal = JournalIn(
            kind="servicing.provided", subject=f"{work.book}:{on}", entries=tuple(entries)
        )
        ledger.post(work=work, on=work.on, journal=journal)
    work.record(
        "servicing.provided",
        subject=closing.book,
        closed_on=on,
        provision_minor=provision_minor,
    )
    return len(rows)


def _rows(
    rules: ClassRules, pool_id: int, total_minor: int, classed: dict[tuple[int, int], ClassTotal]
) -> list[tuple[int, int | None, int, int]]:
    """Tier, loans, outstanding and provision of a pool."""
    mine = {tier: total for (pool, tier), total in classed.items() if pool == pool_id}
    sums = {tier: total.outstanding_minor for tier, total in mine.items()}
    return [
        (tier, None if tier == NORMAL else mine[tier].loans, outstanding_minor, provision_minor)
        for tier, outstanding_minor, provision_minor in provisions(rules, total_minor, sums)
    ]


def _provided(book: str) -> dict[int, int]:
    """What the newest close provided for, by pool."""
    pool = Pool._meta.db_table
    return {
        pool_id: int(minor)
        for pool_id, minor in fetch(
            f"""
            SELECT s.pool_id, SUM(s.provision_minor) FROM {_SUM} s
            JOIN {pool} p ON p.id = s.pool_id
            WHERE p.book_id = %s AND s.closed_on = (
                SELECT MAX(n.closed_on) FROM {_SUM} n WHERE n.pool_id = s.pool_id)
            GROUP BY s.pool_id
            """,  # noqa: S608 - names come from the models
            [book],
        )
    }


# --- classes -------------------------------------------------------------------------------------


class _Found(NamedTuple):
    loan_id: int
    number: str
    oldest_due_on: date | None
    live: bool
    classed: Classed


def changing_class(closing: Closing) -> list[int]:
    """The loans that the step treats."""
    rules = class_rules(book=closing.book, on=closing.opens_on)
    return [*to_observe(closing), *(found.loan_id for found in _found(closing, rules))]


def classify(work: Work, closing: Closing) -> int:
    """Step ``classes``: loans past a floor, back above one, or of which something ordered is over.

    Reads loans that are past due and loans that are classed, never the book.
    """
    observed = observe_loans(work, to_observe(closing), on=closing.opens_on)
    rules = class_rules(book=closing.book, on=closing.opens_on)
    changed: list[Reclassed] = []
    numbers: list[str] = []
    for found in _found(closing, rules):
        days = (closing.opens_on - found.oldest_due_on).days if found.oldest_due_on else 0
        by_days = rules.by_days(max(days, 0), closing.opens_on) if found.live else None
        now, move = pass_day(found.classed, by_days, closing.opens_on)
        if now != found.classed:
            changed.append(Reclassed(found.loan_id, found.classed, now, move))
            numbers.append(found.number)
    put_classes(work, changed)
    end_lapsed(work, changed)
    subjects = sorted({*observed, *numbers})
    if subjects:
        work.record_batch("servicing.classed", subjects=subjects)
    return len(subjects)


def _found(closing: Closing, rules: ClassRules) -> list[_Found]:
    """Loans whose class by days is another than they have, or whose orders may be over."""
    dues = rules.latest_dues(closing.opens_on)
    cases = " ".join(["WHEN l.oldest_due_on <= %s THEN %s"] * len(dues))
    tier = f"CASE WHEN l.state NOT IN ({_LIVE}) THEN 0 {cases} ELSE 0 END"
    values = [value for place, due in dues for value in (due, place)]
    columns = f"l.id, l.number, l.oldest_due_on, l.state IN ({_LIVE}), {CLASS_COLUMNS}"
    first = max((due for _, due in dues), default=date.min)
    late = fetch(
        f"""
        SELECT {columns} FROM {LOAN} l LEFT JOIN {_CLASS} c ON c.loan_id = l.id
        WHERE l.book_id = %s AND l.bucket > 0 AND l.oldest_due_on <= %s AND NOT l.set_aside
            AND l.state IN ({_LIVE}) AND COALESCE(c.days_tier, 0) < {tier}
        """,  # noqa: S608 - names come from the models
        [closing.book, first, *values],
    )
    known = fetch(
        f"""
        SELECT {columns} FROM {_CLASS} c JOIN {LOAN} l ON l.id = c.loan_id
        WHERE c.book_id = %s AND NOT l.set_aside
            AND (c.days_tier > {tier} OR (c.tier > 0 AND l.state NOT IN ({_LIVE}))
                OR c.judged_until <= %s OR c.paused_until <= %s)
        """,  # noqa: S608 - names come from the models
        [closing.book, *values, closing.opens_on, closing.opens_on],
    )
    rows = {row[0]: row for row in (*late, *known)}
    return [_read(row) for _, row in sorted(rows.items())]


def _read(row: Sequence[object]) -> _Found:
    loan_id, number, oldest_due_on, live, *classed = row
    return _Found(
        int(str(loan_id)),
        str(number),
        as_date_or_none(oldest_due_on),
        bool(live),
        classed_of(classed),
    )
