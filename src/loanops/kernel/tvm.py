"""Time value of money: the spreadsheet functions, with their names, arguments and signs.

Money received is positive and money paid negative; ``when`` is 0 for payments at the end of a
period and 1 at its beginning. Results are decimals with some thirty exact digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, localcontext
from functools import wraps
from typing import Final, ParamSpec

from loanops.kernel.daycount import DayCount, year_fraction
from loanops.kernel.rates import (
    RateNotFound,
    as_decimal,
    nearest_root,
    newton,
    polish,
)

P = ParamSpec("P")

_DIGITS: Final = 60
_SHOWN: Final = 40
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


def _exactly(function: Callable[P, Decimal]) -> Callable[P, Decimal]:
    """Work with spare digits and drop the noise at the end."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Decimal:
        with localcontext(prec=_DIGITS):
            result = function(*args, **kwargs)
        with localcontext(prec=_SHOWN):
            return +result

    return wrapped


@_exactly
def pmt(
    rate: Decimal, nper: Decimal, pv: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """The level payment of an annuity."""
    if not rate:
        return -(pv + fv) / nper
    growth = (1 + rate) ** nper
    return -(pv * growth + fv) * rate / ((1 + rate * when) * (growth - 1))


@_exactly
def fv(
    rate: Decimal, nper: Decimal, pmt: Decimal, pv: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """The future value of an annuity and a first sum."""
    if not rate:
        return -(pv + pmt * nper)
    growth = (1 + rate) ** nper
    return -(pv * growth + pmt * (1 + rate * when) * (growth - 1) / rate)


_future_value = fv


@_exactly
def pv(
    rate: Decimal, nper: Decimal, pmt: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """The present value of an annuity and a last sum."""
    if not rate:
        return -(fv + pmt * nper)
    growth = (1 + rate) ** nper
    return -(fv + pmt * (1 + rate * when) * (growth - 1) / rate) / growth


@_exactly
def ipmt(
    rate: Decimal,
    per: Decimal,
    nper: Decimal,
    pv: Decimal,
    fv: Decimal = _ZERO,
    when: Decimal = _ZERO,
) -> Decimal:
    """The interest in payment number ``per``."""
    payment = pmt(rate, nper, pv, fv, when)
    if when and per == 1:
        return _ZERO
    balance = _future_value(rate, per - 1, payment, pv, when)
    interest = balance * rate
    return interest / (1 + rate) if when else interest


@_exactly
def ppmt(
    rate: Decimal,
    per: Decimal,
    nper: Decimal,
    pv: Decimal,
    fv: Decimal = _ZERO,
    when: Decimal = _ZERO,
) -> Decimal:
    """The principal in payment number ``per``."""
    return pmt(rate, nper, pv, fv, when) - ipmt(rate, per, nper, pv, fv, when)


@_exactly
def cumipmt(
    rate: Decimal,
    nper: Decimal,
    pv: Decimal,
    start_period: Decimal,
    end_period: Decimal,
    when: Decimal = _ZERO,
) -> Decimal:
    """The interest of the payments from ``start_period`` to ``end_period``, both counted."""
    span = range(int(start_period), int(end_period) + 1)
    return sum((ipmt(rate, Decimal(per), nper, pv, _ZERO, when) for per in span), _ZERO)


@_exactly
def cumprinc(
    rate: Decimal,
    nper: Decimal,
    pv: Decimal,
    start_period: Decimal,
    end_period: Decimal,
    when: Decimal = _ZERO,
) -> Decimal:
    """The principal of the payments from ``start_period`` to ``end_period``, both counted."""
    span = range(int(start_period), int(end_period) + 1)
    return sum((ppmt(rate, Decimal(per), nper, pv, _ZERO, when) for per in span), _ZERO)


@_exactly
def nper(
    rate: Decimal, pmt: Decimal, pv: Decimal, fv: Decimal = _ZERO, when: Decimal = _ZERO
) -> Decimal:
    """How many payments it takes."""
    if not rate:
        return -(fv + pv) / pmt
    each = pmt * (1 + rate * when) / rate
    return ((each - fv) / (each + pv)).ln() / (1 + rate).ln()


def rate(
    nper: Decimal,
    pmt: Decimal,
    pv: Decimal,
    fv: Decimal = _ZERO,
    when: Decimal = _ZERO,
    guess: Decimal = Decimal("0.1"),
) -> Decimal:
    """The rate per period of an annuity.

    :raises RateNotFound: no rate satisfies it.
    """
    zero_worth = pv + fv + pmt * nper
    if not zero_worth:
        return _ZERO

    def worth(at: float) -> float:
        return float(_worth(Decimal(at), nper, pmt, pv, fv, when))

    def slope(at: float) -> float:
        step = 1e-7 * (1 + abs(at))
        return (worth(at + step) - worth(at - step)) / (2 * step)

    start = newton(worth, slope, float(guess))
    root = nearest_root(worth) if start is None else start

    def both(at: Decimal) -> tuple[Decimal, Decimal]:
        step = Decimal("1e-18")
        value = _worth(at, nper, pmt, pv, fv, when)
        return value, (_worth(at + step, nper, pmt, pv, fv, when) - value) / step

    return polish(both, root)


@_exactly
def npv(rate: Decimal, values: Sequence[Decimal]) -> Decimal:
    """The net present value; the first value is not discounted."""
    return sum((value / (1 + rate) ** place for place, value in enumerate(values)), _ZERO)


@_exactly
def xnpv(rate: Decimal, flows: Sequence[tuple[date, Decimal]]) -> Decimal:
    """The net present value of dated flows at their first date, actual days over 365."""
    start = flows[0][0]
    total = _ZERO
    for day, amount in flows:
        years = as_decimal(year_fraction(DayCount.ACT_365, start, day))
        total += amount / (1 + rate) ** years
    return total


@_exactly
def mirr(values: Sequence[Decimal], finance_rate: Decimal, reinvest_rate: Decimal) -> Decimal:
    """The rate of return when money borrowed and money reinvested have rates of their own.

    :raises RateNotFound: the values do not flow both ways.
    """
    last = len(values) - 1
    earned = sum(
        (v * (1 + reinvest_rate) ** (last - k) for k, v in enumerate(values) if v > 0), _ZERO
    )
    spent = sum((v / (1 + finance_rate) ** k for k, v in enumerate(values) if v < 0), _ZERO)
    if not earned or not spent:
        raise RateNotFound
    return (earned / -spent) ** (_ONE / last) - 1


@_exactly
def effect(nominal: Decimal, npery: Decimal) -> Decimal:
    """The effective yearly rate of a nominal one."""
    return (1 + nominal / npery) ** npery - 1


@_exactly
def nominal(effect: Decimal, npery: Decimal) -> Decimal:
    """The nominal yearly rate of an effective one."""
    return npery * ((1 + effect) ** (_ONE / npery) - 1)


@_exactly
def ispmt(rate: Decimal, per: Decimal, nper: Decimal, pv: Decimal) -> Decimal:
    """The interest in payment ``per`` (counted from 0) of a loan repaid in equal principal."""
    return pv * rate * (per / nper - 1)


@_exactly
def sln(cost: Decimal, salvage: Decimal, life: Decimal) -> Decimal:
    """What a sum falls by in each of ``life`` periods, from ``cost`` to ``salvage`` in a line."""
    return (cost - salvage) / life


@_exactly
def rri(nper: Decimal, pv: Decimal, fv: Decimal) -> Decimal:
    """The rate per period at which one sum grows to another."""
    return (fv / pv) ** (_ONE / nper) - 1


@_exactly
def pduration(rate: Decimal, pv: Decimal, fv: Decimal) -> Decimal:
    """How many periods one sum takes to grow to another."""
    return (fv / pv).ln() / (1 + rate).ln()


def _worth(
    at: Decimal, nper: Decimal, pmt: Decimal, pv: Decimal, fv: Decimal, when: Decimal
) -> Decimal:
    """The equation of value of an annuity; zero at its rate."""
    if not at:
        return pv + fv + pmt * nper
    growth = (1 + at) ** nper
    return pv * growth + pmt * (1 + at * when) * (growth - 1) / at + fv
