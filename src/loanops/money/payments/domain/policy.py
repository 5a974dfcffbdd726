"""Debit policy (代扣策略): when a channel debits, how often it tries, and what part it takes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, Final, Self

from loanops.kernel import wire
from loanops.kernel.refusals import BadField

WINDOWS_MAX: Final = 9
_RETRIES_MAX: Final = 31
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitPolicy:
    """How one channel debits, from a day on.

    ``windows`` are local times of the book; the close orders the first one, and each later one
    takes what is still open then. ``retry_dpd`` are the days past due on which an overdue loan is
    debited again. ``tries_per_instalment`` and ``tries_per_month`` limit the tries that did not
    bring all of the money; None is no limit. ``part_min_minor`` is the least part that may be
    taken, None lets nothing but the whole be taken.
    """

    # Few tries, so that no borrower pays bank charges without hope: practice of the field,
    # unverified.
    windows: tuple[str, ...] = ("09:00",)
    retry_dpd: tuple[int, ...] = (1, 3, 7)
    tries_per_instalment: int | None = None
    tries_per_month: int | None = None
    part_min_minor: int | None = 1
    rest_in_next_window: bool = True
    stop_if_paid: bool = True

    def __post_init__(self) -> None:
        """Refuse what no channel could follow.

        :raises BadField: naming the field and the mend.
        """
        if not 1 <= len(self.windows) <= WINDOWS_MAX or not all(
            _CLOCK.fullmatch(each) for each in self.windows
        ):
            raise BadField(
                field="windows",
                problem="write one to {limit} times of day such as 09:00",
                limit=WINDOWS_MAX,
            )
        if list(self.windows) != sorted(set(self.windows)):
            raise BadField(field="windows", problem="write the times in order, each once")
        if len(self.retry_dpd) > _RETRIES_MAX or not all(
            1 <= days <= _RETRIES_MAX - 1 for days in self.retry_dpd
        ):
            raise BadField(
                field="retry_dpd",
                problem="write days past due from 1 to {limit}",
                limit=_RETRIES_MAX - 1,
            )
        for name in ("tries_per_instalment", "tries_per_month", "part_min_minor"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadField(field=name, problem="must be one or more, or empty")

    def debits_in(self, window: int) -> bool:
        """Whether the channel has such a window; the first is number 1."""
        return 1 <= window <= len(self.windows)

    def open_window(self, at: time) -> int:
        """The number of the window whose time came last by this time of day; 0 before the first."""
        now = f"{at:%H:%M}"
        return sum(each <= now for each in self.windows)

    @property
    def limits_tries(self) -> bool:
        """Whether tries have to be counted at all."""
        return self.tries_per_instalment is not None or self.tries_per_month is not None

    def allows(self, *, tries: Mapping[date, int], since: date, on: date) -> bool:
        """Whether one more try may be made on a day.

        ``tries`` are those without full success by day, ``since`` is the due date of the oldest
        instalment that is asked for.
        """
        month = on.replace(day=1)
        of_instalment = sum(count for day, count in tries.items() if since <= day <= on)
        of_month = sum(count for day, count in tries.items() if month <= day <= on)
        return (
            self.tries_per_instalment is None or of_instalment < self.tries_per_instalment
        ) and (self.tries_per_month is None or of_month < self.tries_per_month)

    def to_dict(self) -> dict[str, Any]:
        """The policy as plain JSON values."""
        return wire.write_row(self)

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """The policy of plain JSON values; absent keys take their defaults.

        :raises BadField: a key is unknown, or its value cannot be read.
        """
        return wire.read(cls, row, "")


def digest(text: str) -> str:
    """A policy as it is stored, by which the audit knows it."""
    return hashlib.sha256(text.encode()).hexdigest()


DEFAULT: Final = DebitPolicy()
"""What holds where nobody set a policy: one window, tried again on a few days."""


@dataclass(frozen=True, slots=True)
class Policies:
    """The policies of a book in force on a day: for channels by code, and for all others."""

    of_channels: Mapping[str, DebitPolicy] = field(default_factory=dict)
    otherwise: DebitPolicy = DEFAULT

    def of(self, channel: str) -> DebitPolicy:
        """The policy of a channel."""
        return self.of_channels.get(channel, self.otherwise)
