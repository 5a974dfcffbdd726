"""Rows: the schedule as everybody else sees it, and the door that makes it of terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from loanops.kernel.calendar import Roll, WorkingDays
from loanops.kernel.money import to_minor
from loanops.kernel.schedule.charges import Fee, FeeBase, FeeTiming
from loanops.kernel.schedule.methods import plan_of
from loanops.kernel.schedule.periods import Period
from loanops.kernel.schedule.plan import Line, Plan
from loanops.kernel.schedule.terms import Terms

FUNDER: Final = "funder"
GIVEN_FEES: Final = "fees"
"""Name and charging party of the fees in a schedule that the funder gave."""


@dataclass(frozen=True, slots=True)
class Row:
    """One instalment: interest runs from ``start_date`` to before ``due_date``.

    ``balance_minor`` is the money drawn up to the due date less the principal due up to it;
    ``fees`` are the fees by charging party.
    """

    number: int
    start_date: date
    due_date: date
    principal_minor: int
    interest_minor: int
    fees_minor: int
    balance_minor: int
    fees: tuple[tuple[str, int], ...] = ()

    @property
    def total_minor(self) -> int:
        """Principal, interest and fees of the instalment."""
        return self.principal_minor + self.interest_minor + self.fees_minor


@dataclass(frozen=True, slots=True)
class Charge:
    """One fee as charged: ``number`` is the instalment, 0 for an upfront fee."""

    number: int
    due_date: date
    name: str
    charging_party: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """The instalments in order, and every fee by its charging party."""

    rows: tuple[Row, ...]
    charges: tuple[Charge, ...] = ()

    @property
    def principal_minor(self) -> int:
        """All principal due."""
        return sum(row.principal_minor for row in self.rows)

    @property
    def interest_minor(self) -> int:
        """All interest due."""
        return sum(row.interest_minor for row in self.rows)

    @property
    def upfront_fees_minor(self) -> int:
        """The fees charged at the start, which stand in no row."""
        return sum(charge.amount_minor for charge in self.charges if charge.number == 0)

    @property
    def fees_minor(self) -> int:
        """All fees: those of the rows and those charged upfront."""
        return self.upfront_fees_minor + sum(row.fees_minor for row in self.rows)

    @property
    def total_minor(self) -> int:
        """Everything the borrower pays."""
        return self.principal_minor + self.interest_minor + self.fees_minor


def schedule(terms: Terms, *, working_days: WorkingDays | None = None) -> Schedule:
    """The schedule of the terms.

    ``working_days`` (those of the terms where none are given) move due dates by the rule
    ``terms.roll``; interest stays as counted to the date before it was moved.

    :raises BadField: the terms contradict each other.
    """
    return assemble(plan_of(terms), working_days or terms.working_days)


def assemble(plan: Plan, working_days: WorkingDays | None = None) -> Schedule:
    """The rows of a solved plan: paid-off tail cut, fees added, dates moved off holidays."""
    terms = plan.terms
    kept = _without_tail(plan.run(plan.targets))
    interests = _collected_later([line.interest_minor for line in kept], terms.interest_grace)
    paid_down = {down.on: down.amount_minor for down in plan.down}
    rows: list[Row] = []
    charges = _upfront(terms)
    drawn_minor = repaid_minor = 0
    draws = sorted(plan.draws, key=lambda draw: draw.on)
    for line, interest_minor in zip(kept, interests, strict=True):
        while draws and (draws[0].on <= line.period.due):
            draw = draws[0]
            down_minor = paid_down.get(draw.on, 0)
            if down_minor and draw.on == line.period.due:
                break
            drawn_minor += draw.amount_minor
            if down_minor:
                balance_minor = drawn_minor - repaid_minor
                rows.append(Row(len(rows) + 1, draw.on, draw.on, down_minor, 0, 0, balance_minor))
            draws.pop(0)
        repaid_minor += line.principal_minor
        row = Row(
            number=len(rows) + 1,
            start_date=line.period.start,
            due_date=_due_day(line.period, terms.roll, working_days),
            principal_minor=line.principal_minor,
            interest_minor=interest_minor,
            fees_minor=0,
            balance_minor=drawn_minor - repaid_minor,
        )
        made = _charges_of(terms, row, line)
        if made:
            charges += made
            fees = tuple((charge.charging_party, charge.amount_minor) for charge in made)
            row = replace(row, fees_minor=sum(amount for _, amount in fees), fees=fees)
        rows.append(row)
    return Schedule(tuple(rows), tuple(charges))


def _without_tail(lines: Sequence[Line]) -> list[Line]:
    """A loan that is repaid ends: rows of nothing after its last payment are cut."""
    kept = list(lines)
    while len(kept) > 1 and kept[-1].total_minor == 0:
        kept.pop()
    return kept


def _collected_later(interests: list[int], grace: int) -> list[int]:
    """The interest of the first periods, collected with the one after them."""
    if grace == 0 or grace >= len(interests):
        return interests
    deferred_minor = sum(interests[: grace + 1])
    return [0] * grace + [deferred_minor] + interests[grace + 1 :]


def _due_day(period: Period, rule: Roll, working_days: WorkingDays | None) -> date:
    if working_days is None:
        return period.due
    return working_days.due_day(period.due, rule, start=period.start)


def _upfront(terms: Terms) -> list[Charge]:
    return [
        Charge(0, terms.start_date, fee.name, fee.charging_party, _upfront_minor(terms, fee))
        for fee in terms.fees
        if fee.timing is FeeTiming.UPFRONT
    ]


def _upfront_minor(terms: Terms, fee: Fee) -> int:
    if fee.amount_minor is not None:
        return fee.amount_minor
    rate = Fraction(fee.rate or Decimal(0))
    return to_minor(terms.principal_minor * rate, terms.rounding)


def _charges_of(terms: Terms, row: Row, line: Line) -> list[Charge]:
    charges = [
        Charge(row.number, row.due_date, fee.name, fee.charging_party, amount_minor)
        for fee in terms.fees
        if fee.falls_due_with(row.number)
        for amount_minor in (_instalment_fee_minor(terms, fee, row, line),)
    ]
    if terms.rows and terms.rows[row.number - 1].fees_minor:
        given_minor = terms.rows[row.number - 1].fees_minor
        charges.append(Charge(row.number, row.due_date, GIVEN_FEES, FUNDER, given_minor))
    return charges


def _instalment_fee_minor(terms: Terms, fee: Fee, row: Row, line: Line) -> int:
    if fee.amount_minor is not None:
        return fee.amount_minor
    base_minor = {
        FeeBase.PRINCIPAL: terms.principal_minor,
        FeeBase.BALANCE: row.balance_minor + row.principal_minor,
        FeeBase.INSTALMENT: row.principal_minor + row.interest_minor,
    }[fee.base]
    rate = Fraction(fee.rate or Decimal(0))
    if fee.annual:
        months, days = line.period.months, line.period.days
        rate *= Fraction(days, 360) if months is None else months / 12
    return to_minor(base_minor * rate, terms.rounding)
