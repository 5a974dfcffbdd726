"""Portfolio twins: schedules and costs of many loans at once, equal to the single ones.

Arrays are period-major (row k is instalment k + 1 of every loan) and worked in blocks that stay
in cache. Money is int64 minor units and rates are whole parts per million, so interest is exact;
levels are found in floating point, and every loan whose level lies too near a rounding boundary
to tell is settled by the decimal reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule.level import annuity

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

BLOCK: Final = 16384
PPM: Final = 1_000_000
_INT_MAX: Final = 2**62
_LEVEL_ERROR: Final = 1e-12
"""Relative error bound of a level in double precision, with two digits to spare."""


class PortfolioTooLarge(Refusal):
    """A product of balance, rate and days would not fit 64 bits."""

    code = "portfolio_too_large"
    sentence = "An amount of this portfolio is too large to be computed in 64 bits; split it off."
    status = 422


class RatesNotFound(Refusal):
    """Some rows have no rate of return."""

    code = "rates_not_found"
    sentence = "{count} rows have no rate of return, the first is row {first}."
    status = 422


@dataclass(frozen=True, slots=True)
class Schedules:
    """Level instalments of many loans: ``level`` by loan, the others by period and loan."""

    level_minor: Ints
    principal_minor: Ints
    interest_minor: Ints
    balance_minor: Ints

    @classmethod
    def empty(cls, instalments: int, loans: int) -> Schedules:
        """Room for the schedules of so many loans; may be filled again and again."""
        shape = (instalments, loans)
        return cls(
            np.empty(loans, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
        )


def rates_ppm(annual_rates: Sequence[Decimal]) -> Ints:
    """Annual rates as whole parts per million.

    :raises ValueError: a rate is finer than that; such a loan is computed by itself.
    """
    exact = [rate * PPM for rate in annual_rates]
    if any(part != part.to_integral_value() for part in exact):
        raise ValueError("a rate is finer than one part per million")
    return np.array([int(part) for part in exact], np.int64)


def level_schedules(
    principal_minor: Ints,
    annual_rate_ppm: Ints,
    instalments: int,
    *,
    days: Ints | None = None,
    days_in_year: int = 360,
    rounding: Rounding = Rounding.HALF_UP,
    instalment_rounding: Rounding | None = None,
    into: Schedules | None = None,
) -> Schedules:
    """Equal instalments of many loans with the same number of them, residue in the last.

    Without ``days`` periods are equal months (30/360); with ``days`` (by period and loan) they
    are actual days over ``days_in_year``. Twin of :func:`loanops.kernel.schedule.schedule`.

    :raises PortfolioTooLarge:
    """
    loans = len(principal_minor)
    room = Schedules.empty(instalments, loans) if into is None else into
    denominator = 12 * PPM if days is None else days_in_year * PPM
    _hold_in_64_bits(principal_minor, annual_rate_ppm, days, denominator)
    for start in range(0, loans, BLOCK):
        part = slice(start, min(start + BLOCK, loans))
        block = _Block(
            principal_minor[part],
            annual_rate_ppm[part],
            None if days is None else days[:, part],
            denominator,
            rounding,
            instalment_rounding or rounding,
        )
        block.fill(
            room.level_minor[part],
            room.principal_minor[:, part],
            room.interest_minor[:, part],
            room.balance_minor[:, part],
        )
    return room


@dataclass(frozen=True, slots=True)
class _Block:
    """Some thousand loans, small enough to stay in cache."""

    drawn: Ints
    ppm: Ints
    days: Ints | None
    denominator: int
    rounding: Rounding
    level_rounding: Rounding

    def fill(self, level: Ints, principal: Ints, interest: Ints, balance: Ints) -> None:
        """Work out the block into its rows of the result."""
        level[:] = self.levels(len(principal))
        self.walk(level, principal, interest, balance, clamped=False)
        astray = (principal[-1] < 0) | (principal[0] < 0)
        if astray.any():
            self.walk(level, principal, interest, balance, clamped=True)

    def walk(
        self, level: Ints, principal: Ints, interest: Ints, balance: Ints, *, clamped: bool
    ) -> None:
        """Period by period: interest on what is left, the rest of the level is principal."""
        left = self.drawn
        last = len(principal) - 1
        product = np.empty_like(left)
        for period in range(last):
            self._interest_of(left, period, product, interest[period])
            np.subtract(level, interest[period], out=principal[period])
            if clamped:
                np.maximum(principal[period], 0, out=principal[period])
                np.minimum(principal[period], left, out=principal[period])
            np.subtract(left, principal[period], out=balance[period])
            left = balance[period]
        self._interest_of(left, last, product, interest[last])
        principal[last] = left
        balance[last] = 0

    def _interest_of(self, left: Ints, period: int, product: Ints, out: Ints) -> None:
        np.multiply(left, self.ppm, out=product)
        if self.days is not None:
            product *= self.days[period]
        _divide(product, self.denominator, self.rounding, out)

    def levels(self, instalments: int) -> Ints:
        """The level of each loan, rounded as the decimal reference rounds it."""
        exact = self._levels_in_floats(instalments)
        if self.level_rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
            exact += 0.5
        whole = np.ceil(exact) if self.level_rounding is Rounding.UP else np.floor(exact)
        level = whole.astype(np.int64)
        away = np.abs(np.subtract(exact, np.rint(exact), out=whole), out=whole)
        for loan in np.flatnonzero(away <= 1e-9 + float(exact.max()) * _LEVEL_ERROR):
            level[loan] = self._level_of(int(loan), instalments)
        return level

    def _levels_in_floats(self, instalments: int) -> Floats:
        drawn = self.drawn.astype(np.float64)
        rate = self.ppm / self.denominator
        if self.days is None:
            return self._equal_months(drawn, rate, instalments)
        growth = 1.0 + rate * self.days[0]
        annuities = np.ones_like(drawn)
        for period in range(1, instalments):
            of_period = 1.0 + rate * self.days[period]
            annuities *= of_period
            annuities += 1.0
            growth *= of_period
        level: Floats = drawn * growth
        level /= annuities
        return level

    def _equal_months(self, drawn: Floats, rate: Floats, instalments: int) -> Floats:
        """P r (1 + 1/h), where h is the growth over the whole term."""
        growth = _growth(rate, instalments)
        free = None if self.ppm.all() else self.ppm == 0
        if free is not None:
            growth[free] = 1.0
        np.reciprocal(growth, out=growth)
        growth += 1.0
        growth *= rate
        growth *= drawn
        if free is not None:
            growth[free] = drawn[free] / instalments
        return growth

    def _level_of(self, loan: int, instalments: int) -> int:
        """The level of one loan by the decimal reference."""
        rate = Fraction(int(self.ppm[loan]), self.denominator)
        days = [1] * instalments if self.days is None else self.days[:, loan].tolist()
        drawn_minor = int(self.drawn[loan])
        return to_minor(annuity(drawn_minor, [rate * day for day in days]), self.level_rounding)


def _growth(rate: Floats, periods: int) -> Floats:
    """(1 + r) ** n - 1 by doubling; every term is positive, so no digits cancel."""
    growth = rate.copy()
    for bit in bin(periods)[3:]:
        growth *= growth + 2.0
        if bit == "1":
            growth += rate + growth * rate
    return growth


def _divide(product: Ints, denominator: int, rounding: Rounding, out: Ints) -> None:
    """Divide in place by the rounding; products are zero or more."""
    if rounding is Rounding.DOWN:
        np.floor_divide(product, denominator, out=out)
        return
    if rounding is Rounding.UP:
        product += denominator - 1
        np.floor_divide(product, denominator, out=out)
        return
    product += denominator // 2
    np.floor_divide(product, denominator, out=out)
    if rounding is Rounding.HALF_EVEN:
        tie = out * denominator == product
        out -= tie & (out % 2 == 1)


def _hold_in_64_bits(principal_minor: Ints, ppm: Ints, days: Ints | None, denominator: int) -> None:
    if len(principal_minor) == 0:
        return
    longest = 1 if days is None else int(days.max())
    if int(principal_minor.max()) * int(ppm.max()) * longest + denominator > _INT_MAX:
        raise PortfolioTooLarge


def period_days(starts: Days, instalments: int) -> tuple[Days, Ints]:
    """Monthly due dates from each start day, and the days of each period, by period and loan.

    Counted from the original day; a day that a month lacks becomes its last one.
    """
    months = starts.astype("datetime64[M]")
    offset = (starts - months.astype("datetime64[D]")).astype(np.int64)
    dues = np.empty((instalments, len(starts)), "datetime64[D]")
    days = np.empty((instalments, len(starts)), np.int64)
    before = starts
    for period in range(instalments):
        month = months + (period + 1)
        first = month.astype("datetime64[D]")
        last = (month + 1).astype("datetime64[D]") - first - 1
        dues[period] = first + np.minimum(offset, last.astype(np.int64))
        days[period] = (dues[period] - before).astype(np.int64)
        before = dues[period]
    return dues, days


def days_of(starts: Sequence[date]) -> Days:
    """Dates as an array of days."""
    return np.array(starts, "datetime64[D]")


def period_rates(flows: Floats) -> Floats:
    """The rate per period of each loan's flows, period-major; the first row is received (below 0).

    Newton's method by Horner's rule; agrees with the decimal rate to about 1e-12.

    :raises RatesNotFound: some rows did not settle; none is answered "not a number".
    """
    loans = flows.shape[1]
    found = np.empty(loans, np.float64)
    for start in range(0, loans, BLOCK // 2):
        part = slice(start, min(start + BLOCK // 2, loans))
        found[part] = _newton(flows[:, part])
    astray = np.flatnonzero(~np.isfinite(found))
    if len(astray):
        raise RatesNotFound(count=len(astray), first=int(astray[0]))
    return found


def _newton(flows: Floats) -> Floats:
    """Roots in v = 1 / (1 + i): the worth of a loan is a polynomial in it."""
    v = np.full(flows.shape[1], 1 / 1.01)
    change = np.full(flows.shape[1], np.inf)
    with np.errstate(all="ignore"):
        for _ in range(60):
            worth = np.zeros_like(v)
            slope = np.zeros_like(v)
            for row in flows[::-1]:
                slope *= v
                slope += worth
                worth *= v
                worth += row
            change = worth / slope
            v -= change
            if (np.abs(change) <= 1e-14 * np.abs(v)).all():
                break
        settled = (np.abs(change) <= 1e-12 * np.abs(v)) & (v > 0)
        return np.where(settled, 1 / v - 1, np.nan)


def within_cap_many(
    figures: Floats, cap: Decimal, exact: Sequence[Decimal] | None = None
) -> npt.NDArray[np.bool_]:
    """Which figures are at most the ceiling; ``exact`` settles those too near it to tell.

    :raises ValueError: a figure is too near the ceiling and no exact figures were given.
    """
    ceiling = float(cap)
    inside = figures <= ceiling
    near = np.flatnonzero(np.abs(figures - ceiling) <= 1e-9)
    if len(near) and exact is None:
        raise ValueError("figures at the ceiling need exact ones")
    for row in near.tolist():
        inside[row] = exact is not None and exact[row] <= cap
    return inside
