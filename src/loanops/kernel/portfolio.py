"""Portfolio twins: schedules and costs of many loans at once, equal to the single ones.

Arrays are period-major (row k is instalment k + 1 of every loan) and worked in blocks that stay
in cache. Money is int64 minor units and rates are whole parts per million, so interest is exact;
levels are found in floating point, and every loan whose level lies too near a rounding boundary
to tell is settled by the decimal reference.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule.level import annuity

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

BLOCK: Final = 32768
FLOWS_BLOCK: Final = 8192
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
    size = min(BLOCK, loans)
    product, floats = np.empty(size, np.int64), np.empty((3, size))
    factors = np.empty((0 if days is None else instalments, size), np.int64)
    for start in range(0, loans, BLOCK):
        part = slice(start, min(start + BLOCK, loans))
        block = _Block(
            principal_minor[part],
            annual_rate_ppm[part],
            None if days is None else days[:, part],
            denominator,
            rounding,
            instalment_rounding or rounding,
            product[: part.stop - start],
            factors[:, : part.stop - start],
            floats[:, : part.stop - start],
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
    """Some thousand loans, few enough to stay in cache, with scratch room to work in."""

    drawn: Ints
    ppm: Ints
    days: Ints | None
    denominator: int
    rounding: Rounding
    level_rounding: Rounding
    product: Ints
    factors: Ints
    floats: Floats

    def fill(self, level: Ints, principal: Ints, interest: Ints, balance: Ints) -> None:
        """Work out the block into its rows of the result."""
        instalments = len(principal)
        longest = 1 if self.days is None else int(self.days.max())
        self._hold_in_64_bits(longest)
        factors = [self.ppm] * instalments
        if self.days is not None:
            factors = list(np.multiply(self.days, self.ppm, out=self.factors))
        self.levels(instalments, level, factors)
        clamped = int(level.min()) < self._level_that_cannot_stray(instalments, longest)
        divide = _Division(self.product, self.denominator, self.rounding)
        left = self.drawn
        for period, (due, charged, after) in enumerate(
            zip(principal, interest, balance, strict=True)
        ):
            np.multiply(left, factors[period], out=self.product)
            divide.into(charged)
            if period == instalments - 1:
                due[:] = left
                after[:] = 0
                break
            np.subtract(level, charged, out=due)
            if clamped:
                np.maximum(due, 0, out=due)
                np.minimum(due, left, out=due)
            np.subtract(left, due, out=after)
            left = after

    def _hold_in_64_bits(self, longest: int) -> None:
        product = int(self.drawn.max()) * int(self.ppm.max()) * longest
        if product + self.denominator > _INT_MAX:
            raise PortfolioTooLarge

    def _level_that_cannot_stray(self, instalments: int, longest: int) -> float:
        """The level above which rounding can take neither principal nor balance below zero.

        Roundings of at most a unit each, grown over the term, against the smallest principal.
        """
        rate = int(self.ppm.max()) * longest / self.denominator
        growth = math.exp(min(instalments * math.log1p(rate), 300.0))
        return growth * (2 * instalments * growth + 4)

    def levels(self, instalments: int, level: Ints, factors: list[Ints]) -> None:
        """The level of each loan, rounded as the decimal reference rounds it."""
        exact, whole = self.floats[0], self.floats[1]
        if self.days is None:
            self._equal_months(instalments)
        else:
            self._actual_days(factors)
        if self.level_rounding in {Rounding.HALF_UP, Rounding.HALF_EVEN}:
            exact += 0.5
        (np.ceil if self.level_rounding is Rounding.UP else np.floor)(exact, out=whole)
        np.copyto(level, whole, casting="unsafe")
        away = np.abs(np.subtract(exact, np.rint(exact, out=whole), out=whole), out=whole)
        exact *= _LEVEL_ERROR
        exact += 1e-9
        for loan in np.flatnonzero(away <= exact).tolist():
            level[loan] = self._level_of(loan, instalments)

    def _actual_days(self, factors: list[Ints]) -> None:
        """P over the worth of one unit a period, from the last: (worth + 1) over (1 + r days)."""
        worth, grown = self.floats[0], self.floats[1]
        worth.fill(0.0)
        for factor in reversed(factors):
            np.multiply(factor, 1 / self.denominator, out=grown)
            grown += 1.0
            worth += 1.0
            worth /= grown
        np.divide(self.drawn, worth, out=worth)

    def _equal_months(self, instalments: int) -> None:
        """P r (1 + 1/h), where h is the growth over the whole term."""
        growth, rate, scratch = self.floats
        np.multiply(self.ppm, 1 / self.denominator, out=rate)
        _grow(rate, instalments, growth, scratch)
        free = None if self.ppm.all() else self.ppm == 0
        if free is not None:
            growth[free] = 1.0
        np.divide(rate, growth, out=growth)
        growth += rate
        np.multiply(growth, self.drawn, out=growth)
        if free is not None:
            growth[free] = self.drawn[free] / instalments

    def _level_of(self, loan: int, instalments: int) -> int:
        """The level of one loan by the decimal reference."""
        rate = Fraction(int(self.ppm[loan]), self.denominator)
        days = [1] * instalments if self.days is None else self.days[:, loan].tolist()
        drawn_minor = int(self.drawn[loan])
        return to_minor(annuity(drawn_minor, [rate * day for day in days]), self.level_rounding)


def _grow(rate: Floats, periods: int, growth: Floats, scratch: Floats) -> None:
    """(1 + r) ** n - 1 by doubling; every term is positive, so no digits cancel."""
    np.copyto(growth, rate)
    for bit in bin(periods)[3:]:
        np.add(growth, 2.0, out=scratch)
        growth *= scratch
        if bit == "1":
            np.multiply(growth, rate, out=scratch)
            growth += scratch
            growth += rate


BEFORE_DIVISION: Final[Mapping[Rounding, Callable[[Any], Any]]] = MappingProxyType(
    {
        Rounding.DOWN: lambda _: 0,
        Rounding.UP: lambda denominator: denominator - 1,
        Rounding.HALF_UP: lambda denominator: denominator // 2,
        Rounding.HALF_EVEN: lambda denominator: denominator // 2,
    }
)
"""What is added to a product, none below zero, so that whole division rounds it; for arrays too."""


class _Division:
    """Division of the products in one scratch array; they are zero or more.

    Unsigned division by one number is the fastest that numpy has.
    """

    def __init__(self, product: Ints, denominator: int, rounding: Rounding) -> None:
        """Prepare what every period needs again."""
        self._product = product
        self._unsigned = product.view(np.uint64)
        self._denominator = denominator
        self._divisor = np.uint64(denominator)
        self._shift = np.int64(BEFORE_DIVISION[rounding](denominator))
        self._to_even = rounding is Rounding.HALF_EVEN

    def into(self, out: Ints) -> None:
        """Divide by the rounding; the products are used up."""
        np.add(self._product, self._shift, out=self._product)
        np.floor_divide(self._unsigned, self._divisor, out=out.view(np.uint64))
        if self._to_even:
            tie = out * self._denominator == self._product
            out -= tie & (out % 2 == 1)


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
    for start in range(0, loans, FLOWS_BLOCK):
        part = slice(start, min(start + FLOWS_BLOCK, loans))
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
