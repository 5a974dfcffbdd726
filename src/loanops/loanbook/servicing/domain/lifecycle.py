"""What may follow what in the life of a loan."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class LoanState(StrEnum):
    """Where a loan stands."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    SETTLED = "settled"


class LoanMove(StrEnum):
    """What can happen to the state of a loan."""

    FALL_OVERDUE = "fall_overdue"
    AGE = "age"
    """From one bucket of days past due to another."""
    CURE = "cure"
    SETTLE = "settle"


LOANS: Final[Lifecycle[LoanState, LoanMove]] = Lifecycle(
    {
        (LoanState.ACTIVE, LoanMove.FALL_OVERDUE): LoanState.OVERDUE,
        (LoanState.OVERDUE, LoanMove.AGE): LoanState.OVERDUE,
        (LoanState.OVERDUE, LoanMove.CURE): LoanState.ACTIVE,
        (LoanState.ACTIVE, LoanMove.SETTLE): LoanState.SETTLED,
        (LoanState.OVERDUE, LoanMove.SETTLE): LoanState.SETTLED,
    },
    start=LoanState.ACTIVE,
)

LIVE: Final = (LoanState.ACTIVE, LoanState.OVERDUE)


def move_between(before: LoanState, after: LoanState) -> LoanMove:
    """The move that leads from one state (or bucket of it) to another."""
    if after is LoanState.SETTLED:
        return LoanMove.SETTLE
    if after is LoanState.ACTIVE:
        return LoanMove.CURE
    return LoanMove.FALL_OVERDUE if before is LoanState.ACTIVE else LoanMove.AGE
