"""Which part of an event somebody may see: their books, and of a partner what is the partner's.

An event is a partner's where it names the partner, or where what it is about (an application, a
loan) is the partner's; the rooms above say whose that is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from loanops.platform.outbox import Announced
from loanops.platform.webhooks.ports import HOUSE, OWNERS

# The fields by which an event says whose it is, and those by which it says what it is about.
PARTIES = ("partner", "channel", "funder", "guarantor")
ABOUT = ("subject", "application", "loan")
Owned = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Reader:
    """Somebody who reads events: ``books`` None means all, ``partner`` empty means the house."""

    books: frozenset[str] | None
    partner: str


def owners_for(reader: Reader, announced: Iterable[Announced]) -> Owned:
    """Whose everything is that the events are about; asked only where the reader is a partner."""
    if not reader.partner or HOUSE not in OWNERS:
        return {}
    numbers = {
        values[name]
        for each in announced
        for values in _parts(each)
        for name in ABOUT
        if isinstance(values.get(name), str)
    }
    return OWNERS[HOUSE](numbers)


def visible(announced: Announced, reader: Reader, owned: Owned) -> dict[str, Any] | None:
    """The payload as the reader may see it; None where the event is not theirs.

    Of a batch event a partner sees the rows that are the partner's, and no figure over the others.
    """
    if not sees_book(announced, reader):
        return None
    if not reader.partner:
        return announced.payload
    if isinstance(announced.payload.get("rows"), list):
        own = [row for row in _parts(announced) if _is_of(row, reader.partner, owned)]
        return {"rows": own} if own else None
    (whole,) = _parts(announced)
    return announced.payload if _is_of(whole, reader.partner, owned) else None


def sees_book(announced: Announced, reader: Reader) -> bool:
    """Whether the event's book is the reader's to see."""
    return reader.books is None or announced.book in reader.books


def _parts(announced: Announced) -> Iterator[dict[str, Any]]:
    rows = announced.payload.get("rows")
    if isinstance(rows, list):
        yield from (row for row in rows if isinstance(row, dict))
    else:
        yield {"subject": announced.subject, **announced.payload}


def _is_of(values: dict[str, Any], partner: str, owned: Owned) -> bool:
    if any(values.get(name) == partner for name in PARTIES):
        return True
    about = (values.get(name) for name in ABOUT)
    return any(partner in owned.get(each, ()) for each in about if isinstance(each, str))


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether an event's name is one of those wanted; ``*`` stands for any letters."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)
