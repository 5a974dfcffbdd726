"""Refunds (退款): what may follow what, and what exactly was asked for."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class RefundState(StrEnum):
    """Where a refund stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    """Let go: the money is no longer unapplied, and on its way."""
    REFUSED = "refused"
    SENT = "sent"
    FAILED = "failed"
    """The bank did not take it: the money is unapplied again."""


class RefundMove(StrEnum):
    """What can happen to a refund."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm"
    FAIL = "fail"


REFUNDS: Final[Lifecycle[RefundState, RefundMove]] = Lifecycle(
    {
        (RefundState.REQUESTED, RefundMove.APPROVE): RefundState.APPROVED,
        (RefundState.REQUESTED, RefundMove.REFUSE): RefundState.REFUSED,
        (RefundState.APPROVED, RefundMove.CONFIRM): RefundState.SENT,
        (RefundState.APPROVED, RefundMove.FAIL): RefundState.FAILED,
    },
    start=RefundState.REQUESTED,
)


def digest(*, receipt: str, amount_minor: int, reason: str) -> str:
    """What was asked for as one text: an approval counts for exactly this."""
    return hashlib.sha256(f"{receipt}|{amount_minor}|{reason}".encode()).hexdigest()
