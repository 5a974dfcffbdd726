"""What may follow what in the life of an item. An end has no way out: what waits anew is anew."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class State(StrEnum):
    """Where an item stands."""

    WAITING = "waiting"
    """Nobody has it."""
    HELD = "held"
    DONE = "done"
    """Its subject waits no more, whoever saw to that."""


class Move(StrEnum):
    """What can happen to an item."""

    CLAIM = "claim"
    ASSIGN = "assign"
    RELEASE = "release"
    FINISH = "finish"


LIFECYCLE: Final[Lifecycle[State, Move]] = Lifecycle(
    {
        (State.WAITING, Move.CLAIM): State.HELD,
        (State.WAITING, Move.ASSIGN): State.HELD,
        (State.WAITING, Move.FINISH): State.DONE,
        (State.HELD, Move.ASSIGN): State.HELD,
        (State.HELD, Move.RELEASE): State.WAITING,
        (State.HELD, Move.FINISH): State.DONE,
    },
    start=State.WAITING,
)
OPEN: Final = (State.WAITING, State.HELD)
