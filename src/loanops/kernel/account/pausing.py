"""Pausing: days on which days past due stand still."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from loanops.kernel import wire
from loanops.kernel.account.base import Event
from loanops.kernel.account.working import Working
from loanops.kernel.aging import Pause
from loanops.kernel.refusals import BadField, Refusal


class PauseCause(StrEnum):
    """Why days past due stand still."""

    HOLIDAY = "holiday"
    """A payment holiday was granted, and its papers are not through."""
    DISASTER = "disaster"
    DISPUTE = "dispute"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingPaused(Event):
    """Days past due and the bucket stand still (暂停计数) up to a day, or until somebody ends it.

    What is owed, its penalty and the true days past due go on. ``until`` shows the count of the
    day of the pause; from the day after it counts on.
    """

    KIND: ClassVar[str] = "counting_paused"

    cause: PauseCause
    until: date | None = None

    def __post_init__(self) -> None:
        """Hold that it ends after it begins; :raises BadField:."""
        wire.settle_words(self)
        if self.until is not None and self.until <= self.on:
            raise BadField(field="until", problem="must lie after the day from which it counts")


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingResumed(Event):
    """Days past due count on (恢复计数) from the day after."""

    KIND: ClassVar[str] = "counting_resumed"


class PauseStands(Refusal):
    """Pauses do not lie over each other."""

    code = "loan_pause_stands"
    sentence = "Days past due stand still on {on} already; end that pause first."


class NoPauseStands(Refusal):
    """Only a pause that runs can be ended."""

    code = "loan_no_pause"
    sentence = "Days past due do not stand still on {on}; there is no pause to end."


def pause(account: Working, event: CountingPaused) -> None:
    """Let days past due stand still from a day on.

    :raises PauseStands: another pause runs on the day.
    """
    _pause(account.pauses, event)


def resume(account: Working, event: CountingResumed) -> None:
    """End the pause that runs on a day; one that began on it never was.

    :raises NoPauseStands: none runs.
    """
    _resume(account.pauses, event)


def pauses_of(events: Iterable[Event]) -> tuple[Pause, ...]:
    """The pauses that events make: those that count, in the order of their days.

    :raises PauseStands, NoPauseStands: they do not fit each other.
    """
    pauses: list[Pause] = []
    for event in events:
        if isinstance(event, CountingPaused):
            _pause(pauses, event)
        if isinstance(event, CountingResumed):
            _resume(pauses, event)
    return tuple(pauses)


def _pause(pauses: list[Pause], event: CountingPaused) -> None:
    if any(each.until is None or event.on < each.until for each in pauses):
        raise PauseStands(on=event.on)
    pauses.append(Pause(event.on, event.until))


def _resume(pauses: list[Pause], event: CountingResumed) -> None:
    last = pauses.pop() if pauses else None
    if last is None or (last.until is not None and last.until <= event.on):
        raise NoPauseStands(on=event.on)
    if last.since < event.on:
        pauses.append(Pause(last.since, event.on))
