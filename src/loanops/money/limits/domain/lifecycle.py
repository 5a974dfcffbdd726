"""What a hold on a quota may become: one table."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class HoldState(StrEnum):
    """What a key has taken of a quota."""

    RESERVED = "reserved"
    USED = "used"
    RELEASED = "released"
    """Never used; free again."""
    GIVEN_BACK = "given_back"
    """Used and free again: a revolving line repaid."""


class HoldMove(StrEnum):
    """What may be done with a hold."""

    USE = "use"
    RELEASE = "release"
    GIVE_BACK = "give_back"


HOLDS: Final = Lifecycle(
    {
        (HoldState.RESERVED, HoldMove.USE): HoldState.USED,
        (HoldState.RESERVED, HoldMove.RELEASE): HoldState.RELEASED,
        (HoldState.USED, HoldMove.GIVE_BACK): HoldState.GIVEN_BACK,
    },
    start=HoldState.RESERVED,
)

TAKING: Final = frozenset({HoldState.RESERVED, HoldState.USED})
"""States in which a hold counts against its quota."""


class Period(StrEnum):
    """Over what a quota adds up."""

    TOTAL = "total"
    DAY = "day"
    """By the business day on which it was reserved."""
