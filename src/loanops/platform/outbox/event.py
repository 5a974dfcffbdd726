"""Events: facts that a room announces, frozen and in plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of every announced fact; ``subject`` is the number it is about."""

    NAME: ClassVar[str]
    subject: str

    def payload(self) -> dict[str, Any]:
        """The fields as plain values; dates become ISO text when stored."""
        return dict(vars(self))


@dataclass(frozen=True)
class Announced:
    """A stored event, as a reaction receives it."""

    id: int
    name: str
    book: str
    subject: str
    at: datetime
    on: date
    payload: dict[str, Any]
