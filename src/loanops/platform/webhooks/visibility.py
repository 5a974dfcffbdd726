"""Which part of an event somebody may see: their books, and of a partner what names the partner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from loanops.platform.outbox import Announced

# The fields by which an event says whose it is; an event that names nobody is the house's own.
PARTIES = ("partner", "channel", "funder", "guarantor")


@dataclass(frozen=True)
class Reader:
    """Somebody who reads events: ``books`` None means all, ``partner`` empty means the house."""

    books: frozenset[str] | None
    partner: str


def visible(announced: Announced, reader: Reader) -> dict[str, Any] | None:
    """The payload as the reader may see it; None where the event is not theirs.

    Of a batch event a partner sees the rows that name the partner, and no figure over the others.
    """
    if reader.books is not None and announced.book not in reader.books:
        return None
    if not reader.partner:
        return announced.payload
    rows = announced.payload.get("rows")
    if isinstance(rows, list):
        own = [row for row in rows if isinstance(row, dict) and _names(row, reader.partner)]
        return {"rows": own} if own else None
    return announced.payload if _names(announced.payload, reader.partner) else None


def _names(values: dict[str, Any], partner: str) -> bool:
    return any(values.get(name) == partner for name in PARTIES)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether an event's name is one of those wanted; ``*`` stands for any letters."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
