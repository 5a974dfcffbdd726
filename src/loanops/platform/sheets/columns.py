"""One entry of a map: which column, of which type, with which unit, default and transform."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from loanops.platform.sheets import cells
from loanops.platform.sheets.cells import Reader, Value
from loanops.platform.sheets.refusals import MapWrong, ValueMissing

_COLUMN_KEYS: Final = frozenset(
    {"column", "type", "unit", "scale", "min", "max", "format", "choices", "other", "true",
     "false", "default", "required", "transform", "rounded"}
)  # fmt: skip


@dataclass(frozen=True)
class ColumnRule:
    """How one column is read; ``place`` is where the map says so, for refusals."""

    column: str
    place: str
    read: Reader
    required: bool
    default: Value
    transforms: tuple[Callable[[str], str], ...]


def read_cell(rule: ColumnRule, text: str, missing: frozenset[str]) -> Value:
    """The value of one cell under its rule.

    :raises ValueMissing: the cell is missing, needed, and has no default.
    :raises Refusal: what the type's reader says.
    """
    plain = cells.guard(text, rule.column)
    if plain in missing:
        if rule.required:
            raise ValueMissing(field=rule.column)
        return rule.default
    for transform in rule.transforms:
        plain = transform(plain)
    return rule.read(plain, rule.column)


def column_rule(
    entry: Mapping[str, Any], place: str, types: frozenset[str], needed: bool = False
) -> ColumnRule:
    refuse_unknown(entry, _COLUMN_KEYS, place)
    kind = text_of(entry, "type", place, default="text" if "text" in types else "")
    if kind not in types:
        raise MapWrong(
            place=f"{place}.type", problem="it is one of {known}", known=", ".join(sorted(types))
        )
    transforms = texts_of(entry, "transform", place, default=[])
    for name in transforms:
        if name not in cells.TRANSFORMS:
            raise MapWrong(
                place=f"{place}.transform",
                problem="{name} is not one of {known}",
                name=name,
                known=", ".join(sorted(cells.TRANSFORMS)),
            )
    read = _reader(kind, entry, place)
    default: Value = None
    if "default" in entry:
        default = read(str(entry["default"]), f"{place}.default")
    required = entry.get("required", needed and "default" not in entry)
    return ColumnRule(
        column=text_of(entry, "column", place),
        place=place,
        read=read,
        required=bool(required),
        default=default,
        transforms=tuple(cells.TRANSFORMS[name] for name in transforms),
    )


def _reader(kind: str, entry: Mapping[str, Any], place: str) -> Reader:
    rounded = bool(entry.get("rounded", False))
    if kind == "money":
        unit = _unit(entry, "money", place)
        return cells.money_reader(
            unit=unit,
            least=_bound(entry, "min", place, 0),
            most=_bound(entry, "max", place, 10**13),
            rounded=rounded,
        )
    if kind == "rate":
        return cells.rate_reader(unit=_unit(entry, "rate", place))
    if kind == "term":
        return cells.term_reader(unit=_unit(entry, "term", place))
    if kind == "integer":
        return cells.integer_reader(
            least=_bound(entry, "min", place, -(2**53)),
            most=_bound(entry, "max", place, 2**53),
            scale=_bound(entry, "scale", place, 1),
            rounded=rounded,
        )
    if kind == "date":
        pattern = text_of(entry, "format", place)
        if not cells.is_date_pattern(pattern):
            raise MapWrong(
                place=f"{place}.format", problem="a pattern such as %Y-%m-%d is expected"
            )
        return cells.date_reader(pattern=pattern)
    if kind == "boolean":
        return cells.boolean_reader(
            true=tuple(texts_of(entry, "true", place)), false=tuple(texts_of(entry, "false", place))
        )
    if kind == "choice":
        choices = table_of(entry, "choices", where=place)
        other = entry.get("other")
        return cells.choice_reader(
            choices={str(word): str(ours) for word, ours in choices.items()},
            other=None if other is None else str(other),
        )
    return cells.text_reader(most=_bound(entry, "max", place, cells.TEXT_MAX))


def _unit(entry: Mapping[str, Any], kind: str, place: str) -> str:
    unit = text_of(entry, "unit", place)
    if unit not in cells.UNITS[kind]:
        raise MapWrong(
            place=f"{place}.unit",
            problem="{name} is not one of {known}",
            name=unit,
            known=", ".join(sorted(cells.UNITS[kind])),
        )
    return unit


def _bound(entry: Mapping[str, Any], key: str, place: str, default: int) -> int:
    value = entry.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise MapWrong(place=f"{place}.{key}", problem="a whole number is expected")
    return value


def refuse_unknown(entry: Mapping[str, Any], keys: frozenset[str], place: str) -> None:
    for key in entry:
        if key not in keys:
            raise MapWrong(
                place=f"{place}.{key}",
                problem="there is no such key; known are {known}",
                known=", ".join(sorted(keys)),
            )


def table_of(
    entry: Mapping[str, Any],
    key: str,
    *,
    default: dict[str, Any] | None = None,
    where: str = "",
) -> Mapping[str, Any]:
    value = entry.get(key, default)
    if not isinstance(value, dict):
        place = f"{where}.{key}" if where else key
        raise MapWrong(place=place, problem="a table is expected")
    return value


def text_of(entry: Mapping[str, Any], key: str, place: str, *, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str) or (default is None and not value):
        raise MapWrong(place=f"{place}.{key}", problem="a text is expected")
    return value


def texts_of(
    entry: Mapping[str, Any], key: str, place: str, *, default: list[str] | None = None
) -> list[str]:
    value = entry.get(key, default)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise MapWrong(place=f"{place}.{key}", problem="a list of texts is expected")
    return value
