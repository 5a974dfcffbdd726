"""Rates: nominal, effective and per period, and the equations of value that define them.

A rate is a ``Decimal`` fraction (0.12 for twelve per cent). A root is found in floating point and
then polished in decimals, so the same flows give the same digits on every machine. A search that
finds no root raises; it never answers "not a number".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import pairwise
from typing import Final

from loanops.kernel.daycount import DayCount, year_fraction
from loanops.kernel.refusals import Refusal

WORKING_DIGITS: Final = 50
RATE_DIGITS: Final = 34
_GUESS: Final = 0.1
_LOWEST: Final = -0.999999
_HIGHEST: Final = 1e30


class RateNotFound(Refusal):
    """The flows have no rate of return, or the search did not reach it."""

    code = "rate_not_found"
    sentence = "These cash flows have no rate of return; check that money flows both ways."
    status = 422


@dataclass(frozen=True, slots=True)
class Flow:
    """Money at a time counted in periods (or years) from the start.

    ``odd`` is a part of a period that bears simple interest (Appendix J): the flow is worth
    amount / ((1 + odd i) (1 + i) ** time).
    """

    time: Fraction
    amount: Decimal
    odd: Fraction = Fraction(0)


def irr(amounts: Sequence[Decimal | int]) -> Decimal:
    """The rate per period that makes amounts at periods 0, 1, 2 … worth nothing together.

    :raises RateNotFound:
    """
    flows = [Flow(Fraction(k), Decimal(amount)) for k, amount in enumerate(amounts)]
    return solve(flows)


def xirr(
    dated: Sequence[tuple[date, Decimal | int]], convention: DayCount = DayCount.ACT_365
) -> Decimal:
    """The effective yearly rate of dated amounts, times counted by ``convention``.

    :raises RateNotFound:
    """
    if not dated:
        raise RateNotFound
    start = min(day for day, _ in dated)
    flows = [Flow(year_fraction(convention, start, day), Decimal(amount)) for day, amount in dated]
    return solve(flows)


def effective(nominal: Decimal, periods_per_year: int | Fraction) -> Decimal:
    """(1 + nominal / m) ** m - 1: the yearly rate with interest on interest."""
    with localcontext(prec=WORKING_DIGITS):
        m = as_decimal(Fraction(periods_per_year))
        return _kept((1 + nominal / m) ** m - 1)


def nominal(effective_rate: Decimal, periods_per_year: int | Fraction) -> Decimal:
    """The inverse of :func:`effective`: m ((1 + e) ** (1/m) - 1)."""
    with localcontext(prec=WORKING_DIGITS):
        m = as_decimal(Fraction(periods_per_year))
        return _kept(m * ((1 + effective_rate) ** (1 / m) - 1))


def as_decimal(value: Fraction) -> Decimal:
    """A fraction as a decimal, in the precision of the current context."""
    return Decimal(value.numerator) / Decimal(value.denominator)


def solve(flows: Sequence[Flow]) -> Decimal:
    """The rate at which compound discounting makes the flows worth nothing.

    Of several roots, the one that Newton's method reaches from ten per cent, as spreadsheets do;
    failing that, the root nearest to zero.

    :raises RateNotFound:
    """
    live = [flow for flow in flows if flow.amount]
    return _polish_flows(live, approximate(live))


def approximate(live: Sequence[Flow]) -> float:
    """The root of :func:`solve` in floating point; no flow is zero.

    :raises RateNotFound:
    """
    if not any(f.amount > 0 for f in live) or not any(f.amount < 0 for f in live):
        raise RateNotFound
    scale = max(abs(float(flow.amount)) for flow in live)
    # Counted from the first flow: which of several roots is reached hangs on no empty beginning.
    first = min(flow.time for flow in live)
    plain = [(float(f.time - first), float(f.odd), float(f.amount) / scale) for f in live]

    def value(rate: float) -> float:
        return math.fsum(a / ((1 + f * rate) * (1 + rate) ** t) for t, f, a in plain)

    def slope(rate: float) -> float:
        return math.fsum(
            -a / ((1 + f * rate) * (1 + rate) ** t) * (t / (1 + rate) + f / (1 + f * rate))
            for t, f, a in plain
        )

    root = newton(value, slope, _GUESS)
    return nearest_root(value) if root is None else root


def newton(
    value: Callable[[float], float], slope: Callable[[float], float], guess: float
) -> float | None:
    """Newton's method inside the range where rates live; ``None`` when it does not settle."""
    rate = guess
    for _ in range(60):
        try:
            change = value(rate) / slope(rate)
        except (OverflowError, ZeroDivisionError):
            return None
        rate -= change
        if not _LOWEST < rate < _HIGHEST:
            return None
        if abs(change) <= 1e-13 * (1 + abs(rate)):
            return rate
    return None


def nearest_root(value: Callable[[float], float]) -> float:
    """The root nearest to zero, found by walking a grid that widens away from it.

    :raises RateNotFound: the value never changes sign.
    """
    up = [math.expm1(0.02 * k) for k in range(700)]
    up += [math.expm1(14 + 0.5 * k) for k in range(111)]
    down = [math.expm1(-0.02 * k) for k in range(690)]
    brackets = [*_brackets(value, up), *_brackets(value, down)]
    if not brackets:
        raise RateNotFound
    low, high = min(brackets, key=lambda pair: min(abs(pair[0]), abs(pair[1])))
    return _bisect(value, low, high)


def _brackets(value: Callable[[float], float], grid: Sequence[float]) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for low, high in pairwise(grid):
        try:
            below, above = value(low), value(high)
        except OverflowError:
            break
        if below == 0 or (below < 0) != (above < 0):
            found.append((low, high))
    return found


def _bisect(value: Callable[[float], float], low: float, high: float) -> float:
    below = value(low) < 0
    for _ in range(200):
        middle = (low + high) / 2
        if (value(middle) < 0) == below:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _polish_flows(flows: Sequence[Flow], start: float) -> Decimal:
    """Newton's method on the equation of value in decimals.

    :raises RateNotFound: the decimals do not settle near the start.
    """

    with localcontext(prec=WORKING_DIGITS):
        timed = [(flow, as_decimal(flow.time), as_decimal(flow.odd)) for flow in flows]
    broken = any(flow.time.denominator != 1 for flow in flows)

    def both(rate: Decimal) -> tuple[Decimal, Decimal]:
        value = slope = Decimal(0)
        growth = (1 + rate).ln() if broken else Decimal(0)
        for flow, time, odd in timed:
            discount = (time * growth).exp() if broken else (1 + rate) ** time
            present = flow.amount / ((1 + odd * rate) * discount)
            value += present
            slope -= present * (time / (1 + rate) + odd / (1 + odd * rate))
        return value, slope

    return polish(both, start)


def polish(both: Callable[[Decimal], tuple[Decimal, Decimal]], start: float) -> Decimal:
    """Carry a root found in floats on to decimals; ``both`` gives value and slope.

    :raises RateNotFound: the steps do not become small.
    """
    with localcontext(prec=WORKING_DIGITS):
        rate = Decimal(start)
        for _ in range(12):
            value, slope = both(rate)
            if not slope:
                raise RateNotFound
            change = value / slope
            rate -= change
            if abs(change) <= Decimal(10) ** -(RATE_DIGITS + 2) * (1 + abs(rate)):
                return _kept(rate)
    raise RateNotFound


def _kept(rate: Decimal) -> Decimal:
    with localcontext(prec=RATE_DIGITS):
        return +rate
