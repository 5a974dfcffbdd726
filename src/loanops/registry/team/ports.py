"""What the team must be told: which subjects wait for a person. Rooms that stand above say it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from loanops.kernel.sockets import Socket


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A subject that waits for a person since a moment.

    ``topic`` says in a code what it is about, so far as a list shows that; ``not_by`` are those who
    may not do it, because they entered it or asked for it.
    """

    subject: str
    book: str
    since: datetime
    topic: str = ""
    amount_minor: int | None = None
    not_by: frozenset[str] = frozenset()
    channel: str = ""
    funder: str = ""


class Source(Protocol):
    """The room whose subjects wait."""

    def __call__(self, *, subjects: Collection[str] | None) -> Iterable[Waiting]:
        """Which of these subjects wait now; of all of them where none is named."""


WAITING: Socket[Source] = Socket("team.waiting")
"""Who says what waits, by kind of work."""
