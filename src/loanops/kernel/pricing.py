"""Pricing: what a loan costs all in, per year, and whether that is within a ceiling.

Method of 中国人民银行公告〔2021〕第3号: the rate that equates the money the borrower can use with
every payment of the borrower, interest and fees alike. *Simple* is the rate per period times the
periods in a year; *effective* is the same with interest on interest. Figures stay unrounded here;
a ceiling is held against the unrounded figure, and only :func:`display` rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from math import gcd
from typing import Final

from loanops.kernel.calendar import step
from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.rates import (
    WORKING_DIGITS,
    Flow,
    RateNotFound,
    as_decimal,
    effective,
    nominal,
    solve,
    xirr,
)
from loanops.kernel.schedule import Schedule, Terms

RATE_PLACES: Final = Decimal("1e-12")


class Measure(StrEnum):
    """Which of the two figures a ceiling means."""

    SIMPLE = "simple"
    EFFECTIVE = "effective"


PERIODIC: Final = "periodic_irr"
"""Every payment falls on a whole number of periods."""
DATED: Final = "dated_xirr_act_365"
"""Payments on irregular dates: actual days over 365."""


@dataclass(frozen=True, slots=True)
class AllInCost:
    """The all-in annual cost (年化综合融资成本) as fractions, to twelve places.

    ``method`` says how it was found: ``periodic_irr`` or ``dated_xirr_act_365``.
    """

    simple: Decimal
    effective: Decimal
    method: str

    def by(self, measure: Measure | str) -> Decimal:
        """The figure of one measure."""
        return self.simple if Measure(measure) is Measure.SIMPLE else self.effective


def all_in_cost(terms: Terms, schedule: Schedule) -> AllInCost:
    """The all-in cost of a schedule: principal received against everything the borrower pays.

    Fees count whoever charges them; upfront fees lower what is received on the first day.

    :raises RateNotFound: the flows have no rate of return.
    """
    paid: dict[date, int] = {terms.start_date: schedule.upfront_fees_minor - terms.principal_minor}
    for row in schedule.rows:
        paid[row.due_date] = paid.get(row.due_date, 0) + row.total_minor
    places = _grid(terms, [day for day, amount in paid.items() if amount])
    if places is None:
        return dated_cost(list(paid.items()), _periods_per_year(terms, 1))
    unit = gcd(*places.values()) or 1
    flows = [Flow(Fraction(place, unit), Decimal(paid[day])) for day, place in places.items()]
    return _of_period_rate(solve(flows), _periods_per_year(terms, unit), PERIODIC)


def periodic_cost(amounts: Sequence[int], periods_per_year: int | Fraction) -> AllInCost:
    """The all-in cost of amounts at periods 0, 1, 2 …; money received is negative.

    :raises RateNotFound: the flows have no rate of return.
    """
    flows = [Flow(Fraction(place), Decimal(amount)) for place, amount in enumerate(amounts)]
    return _of_period_rate(solve(flows), Fraction(periods_per_year), PERIODIC)


def dated_cost(
    paid: Sequence[tuple[date, int]], periods_per_year: int | Fraction = 12
) -> AllInCost:
    """The all-in cost of dated amounts; money received is negative.

    A single repayment is its own period: simple is then its simple yearly rate.

    :raises RateNotFound: the flows have no rate of return.
    """
    live = sorted((day, amount) for day, amount in paid if amount)
    yearly = xirr(live)
    periods = Fraction(periods_per_year)
    if len({day for day, _ in live}) == 2:
        periods = Fraction(365, (live[-1][0] - live[0][0]).days)
    return AllInCost(_kept(nominal(yearly, periods)), _kept(yearly), DATED)


def within_cap(cost: AllInCost, cap: Decimal, measure: Measure | str) -> bool:
    """Whether the unrounded figure is at most the ceiling."""
    return cost.by(measure) <= cap


def display(rate: Decimal, places: int = 2) -> str:
    """A rate as per cent with half-up rounding, for people: 0.128038 gives ``12.80``."""
    shown = to_minor(rate * 100 * 10**places, Rounding.HALF_UP)
    return f"{Decimal(shown).scaleb(-places):.{places}f}"


@dataclass(frozen=True, slots=True)
class UnitFlow:
    """An amount after ``periods`` whole unit periods and an ``odd`` part of one."""

    amount: Decimal
    periods: int
    odd: Fraction = Fraction(0)


def appendix_j(
    advances: Sequence[UnitFlow],
    payments: Sequence[UnitFlow],
    unit_periods_per_year: int | Fraction,
) -> Decimal:
    """The annual percentage rate by the actuarial method of Regulation Z, as a fraction.

    12 CFR 1026, Appendix J (b)(8): advances and payments, each over (1 + f i)(1 + i) ** t, are
    equal; the rate is i times the unit periods in a year.

    :raises RateNotFound: the flows have no rate of return.
    """
    flows = [Flow(Fraction(a.periods), -a.amount, a.odd) for a in advances]
    flows += [Flow(Fraction(p.periods), p.amount, p.odd) for p in payments]
    with localcontext(prec=WORKING_DIGITS):
        return solve(flows) * as_decimal(Fraction(unit_periods_per_year))


def eu_rate(flows: Sequence[Flow]) -> Decimal:
    """The annual percentage rate of charge of Directive 98/7/EC (2008/48/EC, Annex I).

    Times are in years; the rate is the effective one.

    :raises RateNotFound: the flows have no rate of return.
    """
    return solve(flows)


def _grid(terms: Terms, days: Sequence[date]) -> dict[date, int] | None:
    """The number of whole periods to each day; ``None`` when one lies between two periods."""
    places: dict[date, int] = {}
    place = 0
    for day in sorted(days):
        while (reached := step(terms.start_date, place, terms.frequency, terms.month_end)) < day:
            place += 1
        if reached != day:
            return None
        places[day] = place
    return places


def _periods_per_year(terms: Terms, unit: int) -> Fraction:
    """Months make twelfths; weeks and days make actual days over 365."""
    length_days = terms.frequency.days
    if length_days is None:
        return Fraction(12, terms.frequency.every * unit)
    return Fraction(365, length_days * unit)


def _of_period_rate(rate: Decimal, periods_per_year: Fraction, method: str) -> AllInCost:
    with localcontext(prec=WORKING_DIGITS):
        simple = rate * as_decimal(periods_per_year)
        return AllInCost(_kept(simple), _kept(effective(simple, periods_per_year)), method)


def _kept(rate: Decimal) -> Decimal:
    with localcontext(prec=WORKING_DIGITS):
        return rate.quantize(RATE_PLACES)


__all__ = [
    "DATED",
    "PERIODIC",
    "AllInCost",
    "Measure",
    "RateNotFound",
    "UnitFlow",
    "all_in_cost",
    "appendix_j",
    "dated_cost",
    "display",
    "eu_rate",
    "periodic_cost",
    "within_cap",
]
