"""Money: integer minor units, one rounding function, shares that add up.

An amount is a whole number of minor units (fen, cents) of one currency. Rates and unrounded
results are ``Decimal`` or ``Fraction``; they become money only through :func:`to_minor`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from loanops.kernel.refusals import Refusal

AMOUNT_MINOR_MAX: Final = 9_000_000_000_000_000_000
"""The largest amount a 64-bit column holds, with room for one addition's carry to be seen."""

_DIGITS: Final = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")


class UnknownCurrency(Refusal):
    """The currency is not in the table of :data:`CURRENCIES`."""

    code = "unknown_currency"
    sentence = "{currency} is not a currency this system knows; use an ISO 4217 code such as CNY."
    status = 422


class AmountUnreadable(Refusal):
    """The text is not a plain decimal amount."""

    code = "amount_unreadable"
    sentence = "{text} is not an amount; write digits and a decimal point only, such as 1234.50."
    status = 422


class AmountTooFine(Refusal):
    """The text has more decimals than the currency."""

    code = "amount_too_fine"
    sentence = "{text} has more decimals than {currency} allows; use at most {decimals}."
    status = 422


class AmountTooLarge(Refusal):
    """The amount does not fit the books."""

    code = "amount_too_large"
    sentence = "{text} is larger than any amount the books can hold."
    status = 422


class AmountNegative(Refusal):
    """The amount is below zero where only zero or more makes sense."""

    code = "amount_negative"
    sentence = "{text} is negative; write an amount of zero or more."
    status = 422


class CurrenciesDiffer(Refusal):
    """Nothing adds across currencies."""

    code = "currencies_differ"
    sentence = "{left} and {right} cannot be added; convert one of them first."
    status = 409


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and how many decimals its minor unit stands for (ISO 4217)."""

    code: str
    decimals: int

    @property
    def minor_per_major(self) -> int:
        """How many minor units make one major unit."""
        return int(10**self.decimals)


CURRENCIES: Final = MappingProxyType(
    {
        code: Currency(code, decimals)
        for decimals, codes in (
            (0, ("JPY", "KRW", "VND", "CLP", "XAF", "XOF")),
            (2, ("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "MOP", "SGD", "AUD", "CAD", "CHF")),
            (2, ("THB", "MYR", "IDR", "PHP", "INR", "NGN", "KES", "ZAR", "MXN", "BRL", "COP")),
            (3, ("KWD", "BHD", "OMR", "JOD", "TND")),
        )
        for code in codes
    }
)


def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code.

    :raises UnknownCurrency: the table has no such code.
    """
    try:
        return CURRENCIES[code]
    except KeyError:
        raise UnknownCurrency(field="currency", currency=code) from None


class Rounding(StrEnum):
    """How an unrounded amount becomes a whole number of minor units."""

    HALF_UP = "half_up"
    """A half goes away from zero (四舍五入)."""
    HALF_EVEN = "half_even"
    """A half goes to the even neighbour."""
    UP = "up"
    """Towards plus infinity (ceiling)."""
    DOWN = "down"
    """Towards minus infinity (floor)."""


def to_minor(value: Decimal | Fraction | int, rounding: Rounding) -> int:
    """Round a value *counted in minor units* to a whole number of them.

    This is the only place where money is rounded. ``to_minor(Decimal("1088.5"), HALF_UP)``
    is 1089 fen.
    """
    numerator, denominator = value.as_integer_ratio()
    return round_ratio(numerator, denominator, rounding)


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """:func:`to_minor` for a ratio of two whole numbers (denominator above zero)."""
    if rounding == Rounding.DOWN:
        return numerator // denominator
    if rounding == Rounding.UP:
        return -(-numerator // denominator)
    quotient, remainder = divmod(abs(numerator), denominator)
    twice = 2 * remainder
    away = twice > denominator or (
        twice == denominator and (rounding == Rounding.HALF_UP or quotient % 2 == 1)
    )
    magnitude = quotient + 1 if away else quotient
    return magnitude if numerator >= 0 else -magnitude


def to_multiple(value: Decimal | Fraction | int, multiple_minor: int, rounding: Rounding) -> int:
    """Round to a whole number of multiples (an instalment in whole yuan: multiple 100)."""
    numerator, denominator = value.as_integer_ratio()
    return multiple_minor * round_ratio(numerator, denominator * multiple_minor, rounding)


def split(total_minor: int, weights: Sequence[int | Decimal | Fraction]) -> list[int]:
    """Share an amount by weights so that the parts add up to it exactly.

    Every part is its exact share rounded down; the minor units left over go to the largest
    remainders, the earlier part first. A negative total is shared like its opposite.

    :raises ValueError: no weight is above zero, or one is below.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if whole <= 0 or any(weight < 0 for weight in exact):
        raise ValueError("weights must be zero or more and not all zero")
    sign = -1 if total_minor < 0 else 1
    shares = [abs(total_minor) * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    left = abs(total_minor) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for index in by_remainder[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def parse_amount(text: str, currency_code: str, *, signed: bool = False) -> int:
    """Read a decimal string ("1234.50") as minor units of the currency.

    No spaces, separators, exponents or symbols; no more decimals than the currency has.

    :raises AmountUnreadable, AmountTooFine, AmountTooLarge, AmountNegative, UnknownCurrency:
    """
    decimals = currency(currency_code).decimals
    match = _DIGITS.fullmatch(text)
    if match is None:
        raise AmountUnreadable(text=text)
    sign, major, minor = match.group(1), match.group(2), match.group(3) or ""
    if len(minor) > decimals:
        raise AmountTooFine(text=text, currency=currency_code, decimals=decimals)
    if sign and not signed:
        raise AmountNegative(text=text)
    if len(major) + decimals > len(str(AMOUNT_MINOR_MAX)):
        raise AmountTooLarge(text=text)
    amount_minor = int(major + minor.ljust(decimals, "0"))
    if amount_minor > AMOUNT_MINOR_MAX:
        raise AmountTooLarge(text=text)
    return -amount_minor if sign else amount_minor


def format_amount(amount_minor: int, currency_code: str) -> str:
    """Write minor units as a decimal string with the currency's decimals ("1234.50").

    :raises UnknownCurrency:
    """
    decimals = currency(currency_code).decimals
    sign = "-" if amount_minor < 0 else ""
    digits = str(abs(amount_minor)).rjust(decimals + 1, "0")
    if decimals == 0:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def spoken_amount(amount_minor: int, currency_code: str) -> str:
    """Write minor units for people, digits in groups ("1,234.50").

    :raises UnknownCurrency:
    """
    whole, point, cents = format_amount(abs(amount_minor), currency_code).partition(".")
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{int(whole):,}{point}{cents}"


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount with its currency; adds only to its own kind."""

    minor: int
    currency: str

    def __add__(self, other: Money) -> Money:
        """The sum; :raises CurrenciesDiffer:"""
        return Money(self.minor + self._of_same_kind(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        """The difference; :raises CurrenciesDiffer:"""
        return Money(self.minor - self._of_same_kind(other), self.currency)

    def __neg__(self) -> Money:
        """The opposite amount."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        """Whether less; :raises CurrenciesDiffer:"""
        return self.minor < self._of_same_kind(other)

    def __le__(self, other: Money) -> bool:
        """Whether not more; :raises CurrenciesDiffer:"""
        return self.minor <= self._of_same_kind(other)

    def __str__(self) -> str:
        """The amount with its currency code."""
        return f"{format_amount(self.minor, self.currency)} {self.currency}"

    @classmethod
    def parse(cls, text: str, currency_code: str) -> Money:
        """Read a decimal string; see :func:`parse_amount`.

        :raises AmountUnreadable, AmountTooFine, AmountTooLarge, AmountNegative, UnknownCurrency:
        """
        return cls(parse_amount(text, currency_code), currency_code)

    def _of_same_kind(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrenciesDiffer(left=self.currency, right=other.currency)
        return other.minor
