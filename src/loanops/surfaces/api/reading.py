"""Reading a body: strict JSON in UTF-8, of bounded size and depth, with numbers kept exactly.

Python's own parser takes NaN, names that stand twice, numbers of any length and halves of
surrogate pairs; nothing of that may reach a room.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from loanops.kernel.refusals import Refusal
from loanops.surfaces.api import refusals

SIZE_MAX_BYTES = 1024 * 1024
LEVELS_MAX = 20
_DIGITS_MAX = 18
_DECIMAL_LETTERS_MAX = 40
_EXPONENT_MAX = 30


class StrictParser(Parser):
    """Ninja's door for bodies."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if request.content_type != "application/json":
            raise refusals.NotJson
        values: dict[str, Any] = read(request.body)
        return values


def check_size(request: HttpRequest, *, size_max_bytes: int = SIZE_MAX_BYTES) -> None:
    """Refuse a body by its announced size, before it is read.

    :raises BodyTooLarge: it is larger than we read.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isascii() or not announced.isdigit() or int(announced[:12]) > size_max_bytes:
        raise refusals.BodyTooLarge(limit_kb=size_max_bytes // 1024)


def read(raw: bytes) -> Any:
    """A body as plain values; fractions become ``Decimal``.

    :raises Refusal: it is not strict JSON, or holds what cannot be kept.
    """
    try:
        values = json.loads(
            raw.decode("utf-8"),
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_constant,
            object_pairs_hook=_object,
        )
    except Refusal:
        raise
    except RecursionError:
        raise refusals.BodyTooDeep(levels=LEVELS_MAX) from None
    except ValueError:
        raise refusals.BodyUnreadable from None
    _check(values)
    return values


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > _DIGITS_MAX:
        raise refusals.NumberOutOfRange
    return int(text)


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= _DECIMAL_LETTERS_MAX else Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > _EXPONENT_MAX:
        raise refusals.NumberOutOfRange
    return number


def _constant(_text: str) -> None:
    raise refusals.BodyUnreadable


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise refusals.NameTwice(name=twice if is_clean(twice) else "?")
    return values


def is_clean(text: str) -> bool:
    """Whether a text can be stored and sent again: no NUL, no half of a surrogate pair."""
    if "\x00" in text:
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _check(values: Any) -> None:
    """Walk the values level by level, without recursion: depth and every text."""
    level: list[Any] = [values]
    for _ in range(LEVELS_MAX + 1):
        below: list[Any] = []
        for item in level:
            texts: Iterable[str] = ()
            if isinstance(item, dict):
                texts = item
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str):
                texts = (item,)
            if not all(is_clean(text) for text in texts):
                raise refusals.TextUnreadable
        if not below:
            return
        level = below
    raise refusals.BodyTooDeep(levels=LEVELS_MAX)
