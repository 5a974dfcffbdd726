"""Shapes on the wire: strict bodies, and cards as answers with money as decimal strings.

A card of a room is the answer where it fits: ``published`` derives the schema from the card and
``shown`` the values, by the same rules, so the document can never say anything else than is sent.
"""

from __future__ import annotations

import re
import types
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any

from django.utils.translation import gettext_noop
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from loanops.kernel.money import format_amount
from loanops.surfaces.api.reading import is_clean

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NO_TEXT = gettext_noop("holds a character that cannot be kept")
_NO_DAY = gettext_noop("must be a date such as 2026-01-15")
WHOLE_MAX = 2**53 - 1
_WORD = r"^[A-Za-z0-9_.:-]{1,64}$"
_AMOUNT = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,3})?$"
_RATE = r"^(0|[1-9][0-9]{0,2})(\.[0-9]{1,12})?$"
# A pattern is for programs; this is what a person is told instead.
PATTERNS = {
    _WORD: gettext_noop("must be 1 to 64 letters, digits and . _ : -"),
    _AMOUNT: gettext_noop("must be a decimal number in quotes, such as 1234.50"),
    _RATE: gettext_noop("must be a fraction of one in quotes, such as 0.12"),
}


def _clean(value: Any) -> Any:
    if isinstance(value, str) and not is_clean(value):
        raise ValueError(_NO_TEXT)
    return value


def _day(value: Any) -> Any:
    if not isinstance(value, str) or not value.isascii() or not _DAY.fullmatch(value):
        raise ValueError(_NO_DAY)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(_NO_DAY) from None


Text = Annotated[str, BeforeValidator(_clean), StringConstraints(min_length=1, max_length=200)]
Note = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=2000)]
Word = Annotated[str, StringConstraints(pattern=_WORD)]
Whole = Annotated[StrictInt, Field(ge=-WHOLE_MAX, le=WHOLE_MAX)]
Flag = StrictBool
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Amount = Annotated[
    str,
    StringConstraints(pattern=_AMOUNT),
    Field(description="a decimal amount of the book's currency", examples=["1234.50"]),
]
Rate = Annotated[
    str,
    StringConstraints(pattern=_RATE),
    Field(description="a fraction of one: 0.12 is twelve per cent", examples=["0.12"]),
]
MoneyText = Annotated[str, Field(description="a decimal amount of `currency`")]
DecimalText = Annotated[str, Field(description="an exact decimal number")]


class Strict(BaseModel):
    """A body: a name that is not known here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Shown(BaseModel):
    """An answer: it holds what its schema says and nothing else."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Wanted(BaseModel):
    """What every list may be asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cursor: Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=300)] = Field(
        default="", description="`next_cursor` of the page before"
    )
    limit: int = Field(default=50, ge=1, le=200)


@cache
def published(card: type, *, name: str = "", leave_out: frozenset[str] = frozenset()) -> Any:
    """The schema of a card: ``x_minor`` becomes the decimal string ``x``, with a ``currency``."""
    hints = typing.get_type_hints(card)
    columns: dict[str, Any] = {}
    has_money = False
    for column in fields(card):
        if column.name in leave_out:
            continue
        is_money = column.name.endswith("_minor")
        has_money = has_money or is_money
        hint = _money(hints[column.name]) if is_money else _hint(hints[column.name])
        columns[column.name.removesuffix("_minor")] = (hint, ...)
    if has_money and "currency" not in columns:
        columns["currency"] = (str, ...)
    made = create_model(name or card.__name__.removesuffix("Card"), __base__=Shown, **columns)
    made.__doc__ = (card.__doc__ or "").split("\n")[0]
    return made


def many(item: Any) -> Any:
    """The hint of a list of published cards."""
    return list[item]


def shape(name: str, meaning: str, **columns: Any) -> Any:
    """The schema of an answer that holds published cards."""
    wanted: dict[str, Any] = {column: (hint, ...) for column, hint in columns.items()}
    return create_model(name, __base__=Shown, __doc__=meaning, **wanted)


@cache
def listed(item: Any, *, paged: bool = True) -> Any:
    """The schema of a list: a page with the cursor of the next one, or all there is."""
    columns: dict[str, Any] = {"items": (list[item], ...)}
    if paged:
        columns["next_cursor"] = (str | None, ...)
    return create_model(f"{item.__name__}{'Page' if paged else 'List'}", __base__=Shown, **columns)


def _money(hint: Any) -> Any:
    return MoneyText | None if type(None) in typing.get_args(hint) else MoneyText


def _hint(hint: Any) -> Any:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        made = [_hint(each) for each in inner]
        union: Any = made[0]
        for each in made[1:]:
            union = union | each
        return union
    if origin in {tuple, list} or (origin is not None and origin.__name__ == "Sequence"):
        return list[_hint(inner[0])]  # type: ignore[misc]
    if origin is not None or hint in {dict, Any}:
        return dict[str, Any] if hint is not Any else Any
    if isinstance(hint, type) and is_dataclass(hint):
        return published(hint)
    return DecimalText if hint is Decimal else hint


def shown(card: Any, currency: str, *, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A card as the values of its schema."""
    values: dict[str, Any] = {}
    has_money = False
    for column in fields(card):
        if column.name in leave_out:
            continue
        value = getattr(card, column.name)
        if column.name.endswith("_minor"):
            has_money = True
            value = None if value is None else format_amount(value, currency)
        values[column.name.removesuffix("_minor")] = plain(value, currency)
    if has_money:
        values.setdefault("currency", currency)
    return values


def _moment(value: datetime) -> str:
    """UTC to the millisecond, as Django's own encoder writes it: no fraction where it is zero."""
    parts = "milliseconds" if value.microsecond >= 1000 else "seconds"
    return value.astimezone(UTC).isoformat(timespec=parts).replace("+00:00", "Z")


def plain(value: Any, currency: str) -> Any:
    """A value inside a card as it goes over the wire."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return shown(value, currency)
    if isinstance(value, dict):
        return {
            str(name).removesuffix("_minor"): format_amount(item, currency)
            if str(name).endswith("_minor") and isinstance(item, int)
            else plain(item, currency)
            for name, item in value.items()
        }
    if isinstance(value, tuple | list | set | frozenset):
        return [plain(item, currency) for item in value]
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value
