"""Wire: frozen dataclasses of terms to and from plain JSON values.

Decimals and dates travel as strings, enums by value, amounts as integers. Reading is strict and
every refusal names the key.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeVar, cast

from loanops.kernel.refusals import BadField

T = TypeVar("T")
Reader = Callable[[Any, str], Any]
"""Makes a value of a plain one; refuses in the name of a field."""

_RATE_TEXT_MAX = 40
_AS_IT_IS: Final = frozenset({int, str, bool, type(None)})


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
    kind: Any = type(value)
    return value if kind in _AS_IT_IS else _writer(kind)(value)


@cache
def _writer(kind: Any) -> Callable[[Any], Any]:
    """How values of a type are written; looked up for every value of every loan."""
    if is_dataclass(kind):
        names = tuple(item.name for item in fields(kind))
        return lambda value: {name: write(getattr(value, name)) for name in names}
    if issubclass(kind, StrEnum):
        return lambda value: value.value
    if issubclass(kind, Decimal):
        return lambda value: format(value, "f")
    if issubclass(kind, date):
        return lambda value: value.isoformat()
    if issubclass(kind, tuple):
        return lambda value: [write(item) for item in value]
    return lambda value: value


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
    readers = _readers(cast("Any", kind))
    unknown = sorted(set(row) - set(readers))
    if unknown:
        raise BadField(field=_join(field, unknown[0]), problem="is not a key that is known here")
    values: dict[str, Any] = {}
    for name, (reader, is_needed) in readers.items():
        if name in row:
            values[name] = reader(row[name], _join(field, name))
        elif is_needed:
            raise BadField(field=_join(field, name), problem="is missing")
    try:
        return kind(**values)
    except BadField as refusal:
        raise BadField(field=_join(field, refusal.field or ""), **refusal.values) from None


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


@cache
def _readers(kind: Any) -> Mapping[str, tuple[Reader, bool]]:
    """How each field of a dataclass is read, and whether it must be there."""
    hints = _hints(kind)
    return {
        item.name: (
            _reader(hints[item.name]),
            item.default is MISSING and item.default_factory is MISSING,
        )
        for item in fields(kind)
    }


@cache
def _reader(hint: Any) -> Reader:
    """How a value with this type hint is read; made once for each."""
    inner = _without_none(hint)
    if inner is not hint:
        read_inner = _reader(inner)
        return lambda value, field: None if value is None else read_inner(value, field)
    if typing.get_origin(hint) is tuple:
        return _tuple_reader(_reader(typing.get_args(hint)[0]))
    if is_dataclass(hint) and isinstance(hint, type):
        return lambda value, field: read(hint, value, field)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda value, field: word(hint, value, field)
    return _PLAIN[hint]


def _tuple_reader(read_element: Reader) -> Reader:
    def read_tuple(value: Any, field: str) -> Any:
        if not isinstance(value, list | tuple):
            raise BadField(field=field, problem="must be a list")
        return tuple(read_element(item, f"{field}[{place}]") for place, item in enumerate(value))

    return read_tuple


def _truth(value: Any, field: str) -> bool:
    if isinstance(value, bool):
        return value
    raise BadField(field=field, problem="must be true or false")


def _whole(value: Any, field: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadField(field=field, problem="must be a whole number")


def _text(value: Any, field: str) -> str:
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


_PLAIN: Final[Mapping[Any, Reader]] = MappingProxyType(
    {bool: _truth, int: _whole, str: _text, Decimal: decimal, date: day}
)
