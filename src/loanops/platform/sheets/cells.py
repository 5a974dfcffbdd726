"""From a cell of text to a value: the types, units and transforms that a map may name.

Every reader takes text that is not missing and answers a value or raises a refusal whose field
is the column. Nothing here guesses: a number is digits, at most one point, and thousands commas
only where they belong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from loanops.platform.sheets.refusals import (
    LooksLikeFormula,
    NotAChoice,
    NotADate,
    NotANumber,
    NotWhole,
    OutOfRange,
    TextTooLong,
    TextUnclean,
)

Value = str | int | bool | Decimal | date | None

CELL_MAX: Final = 4_000
TEXT_MAX: Final = 120
_SHOWN_MAX: Final = 40
_NUMBER: Final = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,24})(?:\.\d{1,24})?\Z", re.ASCII)
_FORMULA: Final = re.compile(r"[=@]|[+-](?=.*[A-Za-z(!|])")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_UNITS_MONEY: Final = {"minor": Decimal(1), "major": Decimal(100), "wan": Decimal(1_000_000)}
_UNITS_RATE: Final = {
    "fraction": Decimal(1),
    "percent": Decimal("0.01"),
    "permille": Decimal("0.001"),
    "bp": Decimal("0.0001"),
}
_UNITS_TERM: Final = {"months": 1, "years": 12}
_DATE_FORMATS: Final = frozenset("YyMmdbBHIpSf-/. :年月日")
RATE_PLACES: Final = Decimal("0.00000001")

Reader = Callable[[str, str], Value]


def shown(text: str) -> str:
    """As much of a cell as a refusal may repeat: short and harmless to print."""
    plain = _CONTROL.sub("�", text)
    return plain if len(plain) <= _SHOWN_MAX else plain[:_SHOWN_MAX] + "…"


def guard(text: str, column: str) -> str:
    """The cell without its outer white space, where it is harmless at all.

    :raises TextTooLong, TextUnclean, LooksLikeFormula: the cell is too long, holds control
        characters or undecodable bytes, or begins like a formula.
    """
    if len(text) > CELL_MAX:
        raise TextTooLong(field=column, length=len(text), limit=CELL_MAX)
    if _CONTROL.search(text):
        raise TextUnclean(field=column)
    plain = text.strip()
    if _FORMULA.match(plain):
        raise LooksLikeFormula(field=column)
    return plain


def number_of(text: str, column: str) -> Decimal:
    """A plain decimal number.

    :raises NotANumber: anything else, ``NaN``, ``1e9`` and ``1_000`` included.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not _NUMBER.match(plain):
        raise NotANumber(field=column, found=shown(text))
    return Decimal(plain.replace(",", ""))


def _within(value: Decimal | int, column: str, least: Decimal | int, most: Decimal | int) -> None:
    if not least <= value <= most:
        raise OutOfRange(field=column, found=value, least=least, most=most)


def integer_reader(*, least: int, most: int, scale: int = 1, rounded: bool = False) -> Reader:
    """A whole number; with ``scale`` 100, ``18.01`` becomes 1801 (hundredths)."""

    def read(text: str, column: str) -> int:
        scaled = number_of(text, column) * scale
        whole = scaled.to_integral_value(rounding=ROUND_HALF_UP)
        if scaled != whole and not rounded:
            raise NotWhole(field=column, found=shown(text))
        _within(whole, column, least, most)
        return int(whole)

    return read


def money_reader(*, unit: str, least: int = 0, most: int = 10**13, rounded: bool = False) -> Reader:
    """An amount in minor units; ``unit`` says what the file counts in (minor, major, wan)."""
    factor = _UNITS_MONEY[unit]

    def read(text: str, column: str) -> int:
        minor = number_of(text, column) * factor
        whole = minor.to_integral_value(rounding=ROUND_HALF_UP)
        if minor != whole and not rounded:
            raise NotWhole(field=column, found=shown(text))
        _within(whole, column, least, most)
        return int(whole)

    return read


def rate_reader(*, unit: str, most: Decimal = Decimal(10)) -> Reader:
    """A rate as a fraction of one; ``unit`` says what the file writes (percent, fraction, bp)."""
    factor = _UNITS_RATE[unit]

    def read(text: str, column: str) -> Decimal:
        rate = number_of(text, column) * factor
        _within(rate, column, Decimal(0), most)
        if rate != rate.quantize(RATE_PLACES):
            raise NotWhole(field=column, found=shown(text))
        return rate

    return read


def term_reader(*, unit: str, least: int = 1, most: int = 480) -> Reader:
    """A term in whole months; ``unit`` is months or years."""
    return integer_reader(least=least, most=most, scale=_UNITS_TERM[unit])


def date_reader(*, pattern: str) -> Reader:
    """A day; ``pattern`` is written as for strptime. A month alone means its first day."""

    def read(text: str, column: str) -> date:
        try:
            # Only the day is kept: a zone can neither be in the pattern nor change it.
            found = datetime.strptime(text, pattern).date()  # noqa: DTZ007
        except ValueError:
            raise NotADate(field=column, found=shown(text), format=pattern) from None
        _within_years(found, column)
        return found

    return read


def _within_years(day: date, column: str) -> None:
    if not 1900 <= day.year <= 2200:
        raise OutOfRange(field=column, found=day.isoformat(), least=1900, most=2200)


def choice_reader(*, choices: Mapping[str, str], other: str | None) -> Reader:
    """One of the words of a table, in our words; ``other`` takes what the table does not know."""
    table = dict(choices)

    def read(text: str, column: str) -> str:
        if text in table:
            return table[text]
        if other is None:
            raise NotAChoice(field=column, found=shown(text), choices=", ".join(table)[:200])
        return other

    return read


def boolean_reader(*, true: tuple[str, ...], false: tuple[str, ...]) -> Reader:
    """Yes or no, in the words the file uses for them."""
    table = {**dict.fromkeys(true, True), **dict.fromkeys(false, False)}

    def read(text: str, column: str) -> bool:
        if text not in table:
            raise NotAChoice(field=column, found=shown(text), choices=", ".join(table))
        return table[text]

    return read


def text_reader(*, most: int = TEXT_MAX) -> Reader:
    """Text, kept as it stands."""

    def read(text: str, column: str) -> str:
        if len(text) > most:
            raise TextTooLong(field=column, length=len(text), limit=most)
        return text

    return read


TRANSFORMS: Mapping[str, Callable[[str], str]] = {
    "upper": str.upper,
    "lower": str.lower,
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "squeeze": lambda text: " ".join(text.split()),
    "digits": lambda text: "".join(letter for letter in text if "0" <= letter <= "9"),
    "no_currency_sign": lambda text: text.strip("¥￥$€元 "),
    "no_percent_sign": lambda text: text.strip().removesuffix("%").removesuffix("％"),
}
UNITS: Mapping[str, frozenset[str]] = {
    "money": frozenset(_UNITS_MONEY),
    "rate": frozenset(_UNITS_RATE),
    "term": frozenset(_UNITS_TERM),
}


def is_date_pattern(pattern: str) -> bool:
    """Whether a strptime pattern names a day and nothing else."""
    letters = re.sub(r"%(.)", r"\1", pattern)
    if "%" not in pattern or len(pattern) > 30 or not set(letters) <= _DATE_FORMATS:
        return False
    try:
        datetime.strptime("", pattern)  # noqa: DTZ007 - only to see whether it is understood
    except ValueError as fault:
        return "directive" not in str(fault) and "stray" not in str(fault)
    return True
