"""What may become of a partner and of an agreement: two tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class Standing(StrEnum):
    """How a partner or an agreement stands."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Step(StrEnum):
    """What may be done with it."""

    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


STANDING: Final = Lifecycle(
    {
        (Standing.ACTIVE, Step.SUSPEND): Standing.SUSPENDED,
        (Standing.SUSPENDED, Step.RESUME): Standing.ACTIVE,
        (Standing.ACTIVE, Step.END): Standing.ENDED,
        (Standing.SUSPENDED, Step.END): Standing.ENDED,
    },
    start=Standing.ACTIVE,
)
"""The same table for both: an ended one never comes back, a new one is signed instead."""
