"""Expected cash flow: what the schedules in force ask for in the months to come.

Read from cohorts of the pools, which the close keeps: it costs due dates, not instalments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from loanops.kernel.access import Viewer
from loanops.kernel.calendar import add_months
from loanops.loanbook.servicing.domain.portfolio import by_pool
from loanops.loanbook.servicing.models import Instalment, PeriodCohort, PeriodMove, Unfolded
from loanops.loanbook.servicing.queries.board import pools_of
from loanops.loanbook.servicing.queries.classing import PRINCIPAL
from loanops.money.ledger import queries as ledger
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

MONTHS = 12
_COHORT = PeriodCohort._meta.db_table
_INSTALMENT = Instalment._meta.db_table
_MOVE = PeriodMove._meta.db_table
_UNFOLDED = Unfolded._meta.db_table
_HOUSE = Viewer.house("servicing")


@dataclass(frozen=True)
class FlowMonth:
    """What falls due in a calendar month, by its first day; of the current one, what is left."""

    month: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    total_minor: int


@dataclass(frozen=True)
class CashFlowCard:
    """Contractual cash flow after the business day ``on``, as scheduled.

    ``overdue_*`` fell due up to ``on`` and is unpaid (penalty is not in it), ``later_*`` falls due
    after the last month. ``not_expected_minor`` is scheduled principal that will not come any
    more: it was paid ahead, or its loan is written off.
    """

    book: str
    on: date
    months: tuple[FlowMonth, ...]
    overdue_principal_minor: int
    overdue_interest_minor: int
    overdue_fee_minor: int
    later_principal_minor: int
    later_interest_minor: int
    later_fee_minor: int
    not_expected_minor: int


class _Parts(NamedTuple):
    principal_minor: int = 0
    interest_minor: int = 0
    fee_minor: int = 0

    def plus(self, other: Sequence[int]) -> _Parts:
        return _Parts(*(mine + int(its or 0) for mine, its in zip(self, other, strict=True)))


def cash_flow(*, book: str, viewer: Viewer) -> CashFlowCard:
    """What a book's borrowers are to pay in the next twelve calendar months, this one included.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    :raises PortfolioNotByChannel: the viewer sees only loans of some channels.
    """
    pools = pools_of(book, viewer)
    on = books.business_date(book)
    first = on.replace(day=1)
    months = {add_months(first, place): _Parts() for place in range(MONTHS)}
    later = _Parts()
    for due_on, parts in _scheduled([pool.id for pool in pools], book, on):
        month = due_on.replace(day=1)
        if month in months:
            months[month] = months[month].plus(parts)
        else:
            later = later.plus(parts)
    overdue = _overdue([pool.id for pool in pools], on)
    codes = {pool.code for pool in pools}
    balances = ledger.balances_until(book=book, code=PRINCIPAL, on=on, viewer=_HOUSE)
    outstanding = sum(minor for code, minor in by_pool(balances).items() if code in codes)
    ahead = sum(parts.principal_minor for parts in (*months.values(), later))
    return CashFlowCard(
        book=book,
        on=on,
        months=tuple(FlowMonth(month, *parts, sum(parts)) for month, parts in months.items()),
        overdue_principal_minor=overdue.principal_minor,
        overdue_interest_minor=overdue.interest_minor,
        overdue_fee_minor=overdue.fee_minor,
        later_principal_minor=later.principal_minor,
        later_interest_minor=later.interest_minor,
        later_fee_minor=later.fee_minor,
        not_expected_minor=ahead + overdue.principal_minor - outstanding,
    )


def _scheduled(pools: Sequence[int], book: str, on: date) -> list[tuple[date, _Parts]]:
    """What falls due on each later day: cohorts, their moves that wait, loans opened since."""
    if not pools:
        return []
    marks = ", ".join(["%s"] * len(pools))
    found: dict[date, _Parts] = defaultdict(_Parts)
    kept = fetch(
        f"""
        SELECT due_on, SUM(principal_minor), SUM(interest_minor), SUM(fee_minor) FROM {_COHORT}
        WHERE pool_id IN ({marks}) AND due_on > %s GROUP BY due_on
        """,  # noqa: S608 - names come from the models
        [*pools, on],
    )
    moved = fetch(
        f"""
        SELECT due_on, SUM(principal_minor), SUM(interest_minor), SUM(fee_minor) FROM {_MOVE}
        WHERE pool_id IN ({marks}) AND due_on > %s GROUP BY due_on
        """,  # noqa: S608 - names come from the models
        [*pools, on],
    )
    seen = frozenset(pools)
    fresh = [
        row
        for pool, *row in fetch(
            f"""
            SELECT i.pool_id, i.due_on,
                SUM(i.principal_minor), SUM(i.interest_minor), SUM(i.fee_minor)
            FROM {_UNFOLDED} u CROSS JOIN {_INSTALMENT} i
            WHERE u.book_id = %s AND i.loan_id = u.loan_id GROUP BY i.pool_id, i.due_on
            """,  # noqa: S608 - names come from the models
            [book],
        )
        if pool in seen
    ]
    for due_on, *parts in (*kept, *moved, *fresh):
        day = due_on if isinstance(due_on, date) else date.fromisoformat(due_on)
        if day > on:
            found[day] = found[day].plus(parts)
    return sorted(found.items())


def _overdue(pools: Sequence[int], on: date) -> _Parts:
    """What fell due up to a day and is unpaid, by the two indexes of what is open."""
    owed = _Parts()
    if not pools:
        return owed
    marks = ", ".join(["%s"] * len(pools))
    for penal in ("IS NULL", "IS NOT NULL"):
        [row] = fetch(
            f"""
            SELECT SUM(principal_minor - paid_principal_minor),
                SUM(interest_minor - paid_interest_minor), SUM(fee_minor - paid_fee_minor)
            FROM {_INSTALMENT} WHERE due_on <= %s AND open_minor > 0 AND penal_to {penal}
                AND pool_id IN ({marks})
            """,  # noqa: S608 - names come from the models
            [on, *pools],
        )
        owed = owed.plus(row)
    return owed
