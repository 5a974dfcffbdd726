"""Read inputs of cases: amounts, rates, fractions and dates as the kernel wants them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.money import Rounding

Inputs = Mapping[str, Any]

_DIGITS: Final = 60
_EXPONENT_MAX: Final = 400
COUNT_MAX: Final = 100_000
DECIMALS_MAX: Final = 40
_TOWARDS: Final = MappingProxyType({"CEILING": Rounding.UP, "FLOOR": Rounding.DOWN})


class Unsupported(Exception):
    """The case asks for something the kernel does not do."""


def fraction(value: Any) -> Fraction:
    """A number, or a ratio such as "0.08/12", exactly.

    :raises ValueError: it is none, or so large or small that its digits would fill the memory.
    """
    text = str(value)
    exponent = text.upper().partition("E")[2]
    if len(text) > _EXPONENT_MAX or (exponent and abs(int(exponent)) > _EXPONENT_MAX):
        raise ValueError(f"{text[:20]} is out of range")
    top, _, bottom = text.partition("/")
    return Fraction(top.strip()) / Fraction(bottom.strip() or 1)


def whole(value: Any, most: int = COUNT_MAX) -> int:
    """A count, or a number of decimals.

    :raises ValueError: it is no whole number, or further from zero than ``most``.
    """
    exact = fraction(value)
    if exact.denominator != 1 or abs(exact) > most:
        raise ValueError(f"{str(value)[:20]} is no whole number up to {most}")
    return exact.numerator


def number(value: Any) -> Decimal:
    """A number, or a ratio, with sixty digits."""
    exact = fraction(value)
    with localcontext(prec=_DIGITS):
        return Decimal(exact.numerator) / Decimal(exact.denominator)


def minor(value: Any, decimals: int) -> int:
    """An amount in units of 10 ** -decimals."""
    exact = fraction(value) * Fraction(10) ** decimals
    if exact.denominator != 1:
        raise Unsupported(f"{value} has more than {decimals} decimals")
    return exact.numerator


def major(amount_minor: int, decimals: int) -> Decimal:
    """Units of 10 ** -decimals as an amount."""
    with localcontext(prec=_DIGITS):
        return Decimal(amount_minor).scaleb(-decimals)


def rate(pct: Any) -> Decimal:
    """Per cent as a fraction."""
    return number(pct).scaleb(-2)


def day(value: Any) -> date:
    """An ISO date."""
    return date.fromisoformat(str(value))


def rounding_of(inputs: Inputs) -> Rounding:
    """The rounding of money that a case names; half-even without a name.

    :raises Unsupported: the kernel has no rounding of this name.
    """
    name = str(inputs.get("rounding", "HALF_EVEN")).upper()
    try:
        return _TOWARDS.get(name) or Rounding(name.lower())
    except ValueError:
        raise Unsupported(f"rounding {name}") from None


def first_of(inputs: Inputs, *names: str) -> Any:
    """The value of the first of these keys that is there; ``None`` without any."""
    return next((inputs[name] for name in names if name in inputs), None)
