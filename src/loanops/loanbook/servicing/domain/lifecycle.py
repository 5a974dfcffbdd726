"""What may follow what in the life of a loan."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class LoanState(StrEnum):
    """Where a loan stands."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    SETTLED = "settled"
    WRITTEN_OFF = "written_off"
    WITHDRAWN = "withdrawn"
    """It came with a file that was taken back: the loan was never this book's."""


class LoanMove(StrEnum):
    """What can happen to the state of a loan."""

    FALL_OVERDUE = "fall_overdue"
    AGE = "age"
    """From one bucket of days past due to another."""
    CURE = "cure"
    SETTLE = "settle"
    WRITE_OFF = "write_off"
    REOPEN = "reopen"
    """What settled or wrote off the loan was undone, or more is owed since."""
    WITHDRAW = "withdraw"
    """The file that brought it in was taken back."""


LOANS: Final[Lifecycle[LoanState, LoanMove]] = Lifecycle(
    {
        (LoanState.ACTIVE, LoanMove.FALL_OVERDUE): LoanState.OVERDUE,
        (LoanState.OVERDUE, LoanMove.AGE): LoanState.OVERDUE,
        (LoanState.OVERDUE, LoanMove.CURE): LoanState.ACTIVE,
        (LoanState.ACTIVE, LoanMove.SETTLE): LoanState.SETTLED,
        (LoanState.OVERDUE, LoanMove.SETTLE): LoanState.SETTLED,
        (LoanState.WRITTEN_OFF, LoanMove.SETTLE): LoanState.SETTLED,
        (LoanState.ACTIVE, LoanMove.WRITE_OFF): LoanState.WRITTEN_OFF,
        (LoanState.OVERDUE, LoanMove.WRITE_OFF): LoanState.WRITTEN_OFF,
        (LoanState.SETTLED, LoanMove.REOPEN): LoanState.ACTIVE,
        (LoanState.WRITTEN_OFF, LoanMove.REOPEN): LoanState.ACTIVE,
        (LoanState.ACTIVE, LoanMove.WITHDRAW): LoanState.WITHDRAWN,
        (LoanState.OVERDUE, LoanMove.WITHDRAW): LoanState.WITHDRAWN,
        (LoanState.SETTLED, LoanMove.WITHDRAW): LoanState.WITHDRAWN,
        (LoanState.WRITTEN_OFF, LoanMove.WITHDRAW): LoanState.WITHDRAWN,
    },
    start=LoanState.ACTIVE,
)

LIVE: Final = (LoanState.ACTIVE, LoanState.OVERDUE)

_TOWARDS: Final = {
    LoanState.ACTIVE: LoanMove.CURE,
    LoanState.SETTLED: LoanMove.SETTLE,
    LoanState.WRITTEN_OFF: LoanMove.WRITE_OFF,
}


def moves_between(before: LoanState, after: LoanState) -> Iterator[LoanMove]:
    """The moves that lead from one state (or bucket of it) to another."""
    if before not in LIVE and after not in (before, LoanState.SETTLED):
        yield LoanMove.REOPEN
        if after is LoanState.ACTIVE:
            return
        before = LoanState.ACTIVE
    if after is LoanState.OVERDUE:
        yield LoanMove.AGE if before is LoanState.OVERDUE else LoanMove.FALL_OVERDUE
    else:
        yield _TOWARDS[after]
