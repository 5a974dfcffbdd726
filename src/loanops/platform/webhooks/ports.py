"""What the webhooks ask of the rooms above: whose the thing is that an event is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, Protocol

from loanops.kernel.sockets import Socket


class Owners(Protocol):
    """Says of numbers which partners' they are."""

    def __call__(self, numbers: Collection[str]) -> Mapping[str, frozenset[str]]:
        """The codes of the partners of each number; what belongs to none may be left out."""
        ...


OWNERS: Final[Socket[Owners]] = Socket("webhooks.owners")
"""``config/wiring`` plugs one in under ``HOUSE``."""
HOUSE: Final = "house"
