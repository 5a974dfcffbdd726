"""Asking: what may follow what where a change of a loan takes a second person."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class AskState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    LAPSED = "lapsed"
    """The loan moved on, or the day was closed, before anybody decided."""


class AskMove(StrEnum):
    """What can happen to a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    LAPSE = "lapse"


ASKED: Final[Lifecycle[AskState, AskMove]] = Lifecycle(
    {
        (AskState.ASKED, AskMove.APPROVE): AskState.APPROVED,
        (AskState.ASKED, AskMove.REFUSE): AskState.REFUSED,
        (AskState.ASKED, AskMove.LAPSE): AskState.LAPSED,
    },
    start=AskState.ASKED,
)
