"""INV-03, 09, 10: classes follow days and judgements, and what was provided for is posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from loanops.kernel.access import Viewer
from loanops.kernel.aging import dpd
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER, OrderKind
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState
from loanops.loanbook.servicing.domain.portfolio import by_pool
from loanops.loanbook.servicing.invariants.closing import is_closed
from loanops.loanbook.servicing.models import (
    Change,
    ClassChange,
    ClassOrder,
    ClassSum,
    Loan,
    LoanClass,
    LoanEvent,
    Pool,
)
from loanops.loanbook.servicing.operations.loading import as_date
from loanops.loanbook.servicing.queries.classing import PRINCIPAL, class_rules
from loanops.money.ledger import queries as ledger
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_CHANGE = ClassChange._meta.db_table
_CLASS = LoanClass._meta.db_table
_EVENT = LoanEvent._meta.db_table
_LOAN = Loan._meta.db_table
_ORDER = ClassOrder._meta.db_table
_POOL = Pool._meta.db_table
_STATE = Change._meta.db_table
_SUM = ClassSum._meta.db_table
_LIVE = ", ".join(f"'{state.value}'" for state in LIVE)
_HOUSE = Viewer.house("verify")


def history() -> Iterator[Violation]:
    """Changes of class that do not follow each other, or do not end where the loan stands."""
    for loan, change, was, before in fetch(
        f"""
        SELECT l.number, x.id, x.from_tier, x.before FROM (
            SELECT id, loan_id, from_tier, changed_on,
                LAG(to_tier) OVER (PARTITION BY loan_id ORDER BY id) AS before,
                LAG(changed_on) OVER (PARTITION BY loan_id ORDER BY id) AS before_on
            FROM {_CHANGE}
        ) x JOIN {_LOAN} l ON l.id = x.loan_id
        WHERE x.from_tier <> COALESCE(x.before, {NORMAL}) OR x.changed_on < x.before_on
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-10",
            object=f"loan {loan} class change {change}",
            expected=f"from {ORDER[before or NORMAL].value}, on a later day",
            found=f"from {ORDER[was].value}",
            hint="a change of class before it is missing or was changed",
        )
    for loan, tier, last in fetch(
        f"""
        SELECT l.number, COALESCE(c.tier, {NORMAL}), COALESCE(x.to_tier, {NORMAL})
        FROM {_LOAN} l LEFT JOIN {_CLASS} c ON c.loan_id = l.id LEFT JOIN {_CHANGE} x ON x.id = (
            SELECT MAX(n.id) FROM {_CHANGE} n WHERE n.loan_id = l.id)
        WHERE COALESCE(c.tier, {NORMAL}) <> COALESCE(x.to_tier, {NORMAL})
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-10",
            object=f"loan {loan}",
            expected=f"class {ORDER[last].value}",
            found=f"class {ORDER[tier].value}",
            hint="the loan is not in the class where its last change left it",
        )


def standing() -> Iterator[Violation]:
    """Loans in another class than days past due and what people ordered say."""
    yield from _orders()
    for card in books.list_books(viewer=_HOUSE):
        on = card.business_date
        if not is_closed(card.code, on):
            continue
        rules = class_rules(book=card.code, on=on)
        for loan, oldest, tier, paused in fetch(
            f"""
            SELECT l.number, l.oldest_due_on, COALESCE(c.days_tier, {NORMAL}), c.paused
            FROM {_LOAN} l LEFT JOIN {_CLASS} c ON c.loan_id = l.id
            WHERE l.book_id = %s AND NOT l.set_aside AND l.state IN ({_LIVE})
                AND (l.oldest_due_on < %s OR c.days_tier > {NORMAL})
                AND NOT EXISTS (
                    SELECT 1 FROM {_EVENT} e WHERE e.loan_id = l.id AND e.booked_on = %s)
            """,  # noqa: S608 - names come from the models
            [card.code, on, on],
        ):
            right = rules.by_days(dpd(as_date(oldest) if oldest else None, on), on)
            # What happens to a loan during the day, the next close classes.
            if tier < right and not paused:
                yield Violation(
                    code="INV-09",
                    object=f"loan {loan}",
                    expected=f"class {ORDER[right].value} by days past due",
                    found=f"class {ORDER[tier].value}",
                    hint="the close did not class the loan, or its class was changed by hand",
                )


def _orders() -> Iterator[Violation]:
    """Classes that say otherwise than the orders that stand."""
    for loan, judged, ordered, paused, pauses, *observed in fetch(
        f"""
        SELECT l.number, c.judged_tier, j.tier, c.paused, p.id,
            c.observed_tier, c.observed_until, w.tier, w.until
        FROM {_CLASS} c JOIN {_LOAN} l ON l.id = c.loan_id
        LEFT JOIN {_ORDER} j ON j.loan_id = c.loan_id AND j.ended_on IS NULL AND j.kind = %s
        LEFT JOIN {_ORDER} p ON p.loan_id = c.loan_id AND p.ended_on IS NULL AND p.kind = %s
        LEFT JOIN {_ORDER} w ON w.loan_id = c.loan_id AND w.ended_on IS NULL AND w.kind = %s
        """,  # noqa: S608 - names come from the models
        [OrderKind.JUDGEMENT.value, OrderKind.PAUSE.value, OrderKind.OBSERVATION.value],
    ):
        tier, until, wanted_tier, wanted_until = observed
        if (tier, until) != (wanted_tier, wanted_until):
            yield Violation(
                code="INV-09",
                object=f"loan {loan}",
                expected=f"observed {wanted_tier}, until {wanted_until}",
                found=f"observed {tier}, until {until}",
                hint="the class is not held as the observation of the loan says",
            )
        if judged != ordered or bool(paused) != (pauses is not None):
            yield Violation(
                code="INV-09",
                object=f"loan {loan}",
                expected=f"judged {ordered}, paused {pauses is not None}",
                found=f"judged {judged}, paused {bool(paused)}",
                hint="the class is not what people ordered about the loan",
            )


def sums() -> Iterator[Violation]:
    """Days on which the classes of a pool do not add up to its principal and its allowance."""
    for card in books.list_books(viewer=_HOUSE):
        kept: dict[date, dict[str, tuple[int, int]]] = defaultdict(dict)
        for closed_on, pool, outstanding, provision in fetch(
            f"""
            SELECT s.closed_on, p.code, SUM(s.outstanding_minor), SUM(s.provision_minor)
            FROM {_SUM} s JOIN {_POOL} p ON p.id = s.pool_id
            WHERE p.book_id = %s GROUP BY s.closed_on, p.code
            """,  # noqa: S608 - names come from the models
            [card.code],
        ):
            kept[as_date(closed_on)][pool] = (int(outstanding), int(provision))
        for closed_on, pools in sorted(kept.items()):
            principal = by_pool(
                ledger.balances_until(book=card.code, code=PRINCIPAL, on=closed_on, viewer=_HOUSE)
            )
            allowance = ledger.balances_until(
                book=card.code, code="loans.allowance", on=closed_on, viewer=_HOUSE
            )
            for pool in sorted(pools.keys() | principal.keys()):
                expected = (principal.get(pool, 0), allowance.get(pool, 0))
                found = pools.get(pool, (0, 0))
                if expected != found:
                    yield Violation(
                        code="INV-03",
                        object=f"classes of {pool} {closed_on}",
                        expected=f"principal {expected[0]}, allowance {expected[1]}",
                        found=f"principal {found[0]}, allowance {found[1]}",
                        hint="the sums by class and the ledger differ",
                    )


def newest_sums() -> Iterator[Violation]:
    """Sums by class of the newest closed day that its loans, one by one, do not add up to."""
    for card in books.list_books(viewer=_HOUSE):
        on = card.business_date - timedelta(days=1)
        kept = {
            (code, tier): (loans, outstanding)
            for code, tier, loans, outstanding in fetch(
                f"""
                SELECT p.code, s.tier, s.loans, s.outstanding_minor
                FROM {_SUM} s JOIN {_POOL} p ON p.id = s.pool_id
                WHERE p.book_id = %s AND s.closed_on = %s AND s.tier > {NORMAL}
                """,  # noqa: S608 - names come from the models
                [card.code, on],
            )
        }
        if not books.finished_steps(book=card.code, on=on).get("provision"):
            continue
        added = _added(card.code, on)
        for key in sorted(kept.keys() | added.keys()):
            expected, found = added.get(key, (0, 0)), kept.get(key, (0, 0))
            if expected != found:
                yield Violation(
                    code="INV-09",
                    object=f"class {ORDER[key[1]].value} of {key[0]} {on}",
                    expected=f"{expected[0]} loans, {expected[1]}",
                    found=f"{found[0]} loans, {found[1]}",
                    hint="the sum is not that of the loans by their log and their journals",
                )


def _added(book: str, on: date) -> dict[tuple[str, int], tuple[int, int]]:
    """Loans and principal by pool and class at the end of a day, from log and journals alone.

    What is written off has no class to provide for.
    """
    rows = fetch(
        f"""
        SELECT l.number, p.code, c.to_tier FROM {_CHANGE} c JOIN (
            SELECT MAX(id) AS id FROM {_CHANGE}
            WHERE book_id = %s AND changed_on <= %s GROUP BY loan_id
        ) x ON x.id = c.id
        JOIN {_LOAN} l ON l.id = c.loan_id JOIN {_POOL} p ON p.id = l.pool_id
        WHERE c.to_tier > {NORMAL} AND COALESCE((
            SELECT s.to_state FROM {_STATE} s WHERE s.loan_id = l.id AND s.changed_on <= %s
            ORDER BY s.id DESC LIMIT 1), '') <> '{LoanState.WRITTEN_OFF}'
        """,  # noqa: S608 - names come from the models
        [book, on, on],
    )
    moved = ledger.moved_until(code=PRINCIPAL, on=on, subjects=[row[0] for row in rows])
    added: dict[tuple[str, int], tuple[int, int]] = {}
    for number, pool, tier in rows:
        if minor := moved.get(number, 0):
            loans, outstanding = added.get((pool, tier), (0, 0))
            added[(pool, tier)] = (loans + 1, outstanding + minor)
    return added
