"""Wire: frozen dataclasses of terms to and from plain JSON values.

Decimals and dates travel as strings, enums by value, amounts as integers. Reading is strict and
every refusal names the key.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from loanops.kernel.refusals import BadField

T = TypeVar("T")

_RATE_TEXT_MAX = 40


def bad(field: str, problem: str) -> BadField:
    """A refusal that names the key and what to mend."""
    return BadField(field=field, problem=problem)


def not_negative(**values: int | Decimal | None) -> None:
    """Hold that the values are zero or more.

    :raises BadField:
    """
    for name, value in values.items():
        if value is not None and value < 0:
            raise BadField(field=name, problem="must be zero or more")


def settle_words(value: object) -> None:
    """Turn plain words in the enum fields of a frozen dataclass into members.

    Rules compare members by identity; a word that stayed a plain text would match none of them.

    :raises BadField: a word is none of its enum.
    """
    for name, kind in _enum_fields(cast("Any", type(value))):
        word_or_member = getattr(value, name)
        if word_or_member is not None and not isinstance(word_or_member, kind):
            object.__setattr__(value, name, word(kind, word_or_member, name))


@cache
def _enum_fields(kind: Any) -> tuple[tuple[str, type[StrEnum]], ...]:
    hints = {item.name: _without_none(_hints(kind)[item.name]) for item in fields(kind)}
    return tuple(
        (name, hint)
        for name, hint in hints.items()
        if isinstance(hint, type) and issubclass(hint, StrEnum)
    )


@cache
def _without_none(hint: Any) -> Any:
    if typing.get_origin(hint) not in {types.UnionType, typing.Union}:
        return hint
    return next(arm for arm in typing.get_args(hint) if arm is not type(None))


def write(value: Any) -> Any:
    """A dataclass, or a value inside one, as plain JSON values."""
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: write(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [write(item) for item in value]
    return value


def write_row(value: object) -> dict[str, Any]:
    """A dataclass as a JSON object."""
    row: dict[str, Any] = write(value)
    return row


def read(kind: type[T], row: Mapping[str, Any], field: str) -> T:
    """The dataclass that :func:`write` wrote.

    :raises BadField: a key is unknown or missing, or its value cannot be read.
    """
    if not isinstance(row, Mapping):
        raise BadField(field=field or "this", problem="must be an object of keys and values")
    hints = _hints(cast("Any", kind))
    unknown = sorted(set(row) - set(hints))
    if unknown:
        raise BadField(field=_join(field, unknown[0]), problem="is not a key that is known here")
    values: dict[str, Any] = {}
    for item in fields(cast("type[Any]", kind)):
        if item.name in row:
            values[item.name] = _value(hints[item.name], row[item.name], _join(field, item.name))
        elif item.default is MISSING and item.default_factory is MISSING:
            raise BadField(field=_join(field, item.name), problem="is missing")
    try:
        return kind(**values)
    except BadField as refusal:
        raise BadField(field=_join(field, refusal.field or ""), **refusal.values) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _value(hint: Any, value: Any, field: str) -> Any:
    inner = _without_none(hint)
    if inner is not hint:
        return None if value is None else _value(inner, value, field)
    element = _element(hint)
    if element is not None:
        if not isinstance(value, list | tuple):
            raise BadField(field=field, problem="must be a list")
        return tuple(_value(element, item, f"{field}[{place}]") for place, item in enumerate(value))
    if is_dataclass(hint) and isinstance(hint, type):
        return read(hint, value, field)
    return _scalar(hint, value, field)


@cache
def _element(hint: Any) -> Any:
    """The hint of a tuple's elements, nothing where it is no tuple."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None


def _scalar(hint: Any, value: Any, field: str) -> Any:
    if hint is bool:
        if isinstance(value, bool):
            return value
        raise BadField(field=field, problem="must be true or false")
    if hint is int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise BadField(field=field, problem="must be a whole number")
    if hint is Decimal:
        return decimal(value, field)
    if hint is date:
        return day(value, field)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return word(hint, value, field)
    if isinstance(value, str):
        return value
    raise BadField(field=field, problem="must be a text")


def decimal(value: Any, field: str) -> Decimal:
    """A decimal string (or a whole number) as ``Decimal``; a float is refused.

    :raises BadField:
    """
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and len(value) <= _RATE_TEXT_MAX:
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        if number.is_finite():
            return number
    raise BadField(field=field, problem='must be a decimal number in quotes, such as "0.12"')


def day(value: Any, field: str) -> date:
    """An ISO date as ``date``.

    :raises BadField:
    """
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadField(field=field, problem="must be a date such as 2026-01-15") from None


E_ = TypeVar("E_", bound=StrEnum)


def word(kind: type[E_], value: Any, field: str) -> E_:
    """A member of an enum by its value.

    :raises BadField:
    """
    try:
        return kind(value)
    except ValueError:
        known = ", ".join(member.value for member in kind)
        raise BadField(field=field, problem="must be one of {known}", known=known) from None
