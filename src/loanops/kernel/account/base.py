"""Base: what every event of a loan has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened; ``key`` names it once and for all within its loan."""

    KIND: ClassVar[str] = "event"
    LATER: ClassVar[frozenset[str]] = frozenset()
    """Fields that came later: they are written where they say something, so that events of before
    read back as they were written."""

    key: str
    on: date
