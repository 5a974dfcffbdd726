"""What may follow what for a message that a carrier carries, and when it is looked at again."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class MessageState(StrEnum):
    """How a message stands."""

    WAITING = "waiting"
    """Written down with its serial; the carrier may or may not have heard of it."""
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    LAPSED = "lapsed"
    """Of no use any more before anybody knew whether it arrived."""


class MessageMove(StrEnum):
    """What an answer, or the time, does to a message."""

    WAIT = "wait"
    DOUBT = "doubt"
    ACCEPT = "accept"
    DELIVER = "deliver"
    FAIL = "fail"
    LAPSE = "lapse"


_OPEN: Final = (MessageState.WAITING, MessageState.UNKNOWN, MessageState.ACCEPTED)
MESSAGES: Final = Lifecycle(
    {
        # Not reached at all, or not found where it was looked for: it is handed over again.
        (MessageState.WAITING, MessageMove.WAIT): MessageState.WAITING,
        (MessageState.UNKNOWN, MessageMove.WAIT): MessageState.WAITING,
        (MessageState.WAITING, MessageMove.DOUBT): MessageState.UNKNOWN,
        (MessageState.UNKNOWN, MessageMove.DOUBT): MessageState.UNKNOWN,
        # Doubt about a message that was accepted once changes nothing.
        (MessageState.ACCEPTED, MessageMove.DOUBT): MessageState.ACCEPTED,
        (MessageState.ACCEPTED, MessageMove.WAIT): MessageState.ACCEPTED,
        **{(state, MessageMove.ACCEPT): MessageState.ACCEPTED for state in _OPEN},
        **{(state, MessageMove.DELIVER): MessageState.DELIVERED for state in _OPEN},
        **{(state, MessageMove.FAIL): MessageState.FAILED for state in _OPEN},
        **{(state, MessageMove.LAPSE): MessageState.LAPSED for state in _OPEN},
    },
    start=MessageState.WAITING,
)
OPEN_MESSAGES: Final = frozenset(_OPEN)

_PAUSES_SECONDS: Final = (2, 5, 15, 60, 300)


def pause_seconds(tries: int) -> int:
    """How long to wait after so many looks before the next one."""
    return _PAUSES_SECONDS[min(tries, len(_PAUSES_SECONDS)) - 1]
