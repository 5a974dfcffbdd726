"""Debit orders: what may follow what, and what a bank's answer makes of one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class OrderState(StrEnum):
    """Where a debit order stands."""

    ORDERED = "ordered"
    """To be collected, or sent and not yet answered: the state of its file says which."""
    COLLECTED = "collected"
    PARTLY = "partly"
    FAILED = "failed"
    STOPPED = "stopped"
    """Not sent, because the money came another way or the loan was taken back."""
    RETURNED = "returned"
    """Collected, and taken back by the bank later."""


class OrderMove(StrEnum):
    """What can happen to a debit order."""

    COLLECT = "collect"
    COLLECT_PART = "collect_part"
    FAIL = "fail"
    STOP = "stop"
    RETURN = "return"


ORDERS: Final[Lifecycle[OrderState, OrderMove]] = Lifecycle(
    {
        (OrderState.ORDERED, OrderMove.COLLECT): OrderState.COLLECTED,
        (OrderState.ORDERED, OrderMove.COLLECT_PART): OrderState.PARTLY,
        (OrderState.ORDERED, OrderMove.FAIL): OrderState.FAILED,
        (OrderState.ORDERED, OrderMove.STOP): OrderState.STOPPED,
        (OrderState.COLLECTED, OrderMove.RETURN): OrderState.RETURNED,
        (OrderState.PARTLY, OrderMove.RETURN): OrderState.RETURNED,
    },
    start=OrderState.ORDERED,
)


UNPAID: Final = (OrderState.FAILED, OrderState.PARTLY, OrderState.RETURNED)
"""Ends of a try that did not bring all of the money."""


class FileState(StrEnum):
    """Where a debit file stands."""

    MADE = "made"
    SENDING = "sending"
    """Its lines are frozen: the same file may go out again, another one never."""
    SENT = "sent"
    ANSWERED = "answered"
    EMPTY = "empty"
    """Nothing was left to ask for when it was to go out: it never does."""


class FileMove(StrEnum):
    """What can happen to a debit file."""

    FREEZE = "freeze"
    SEND = "send"
    DROP = "drop"
    ANSWER = "answer"


FILES: Final[Lifecycle[FileState, FileMove]] = Lifecycle(
    {
        (FileState.MADE, FileMove.FREEZE): FileState.SENDING,
        (FileState.SENDING, FileMove.FREEZE): FileState.SENDING,
        (FileState.SENDING, FileMove.SEND): FileState.SENT,
        (FileState.SENDING, FileMove.DROP): FileState.EMPTY,
        (FileState.SENT, FileMove.ANSWER): FileState.ANSWERED,
    },
    start=FileState.MADE,
)


class AnswerKind(StrEnum):
    """What a file of a channel tells."""

    ANSWERED = "answered"
    """What the orders of a debit file brought."""
    RETURNED = "returned"
    """Which payments the bank took back."""


def answer(amount_minor: int, collected_minor: int) -> OrderMove:
    """What a collected amount makes of an order."""
    if collected_minor <= 0:
        return OrderMove.FAIL
    return OrderMove.COLLECT if collected_minor >= amount_minor else OrderMove.COLLECT_PART


def digest(lines: Iterable[tuple[str, str, int]]) -> str:
    """The SHA-256 of what a file asks for: order, account, minor units of each line, in order."""
    text = "\n".join(f"{order}|{account}|{amount_minor}" for order, account, amount_minor in lines)
    return hashlib.sha256(text.encode()).hexdigest()
