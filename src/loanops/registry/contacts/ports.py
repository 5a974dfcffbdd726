"""What a carrier of short messages must be able to do. Adapters satisfy it; wiring plugs one in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Protocol

from loanops.kernel.sockets import Socket


class Standing(StrEnum):
    """What a carrier says of a message."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    REFUSED = "refused"
    """It will not be carried, or could not be delivered: final."""
    MISSING = "missing"
    """Asked for by its serial, it is not there."""
    NOT_REACHED = "not_reached"
    """Nothing left this machine."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class MessageOut:
    """A message as the carrier gets it. The same serial again must not be delivered twice."""

    serial: str
    to: str
    text: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Says nothing personal, so that a traceback or a log line cannot either."""
        return f"MessageOut({self.serial})"


@dataclass(frozen=True)
class Answer:
    """What became of a message; ``reason`` is the carrier's word, ``problem`` ours about doubt."""

    standing: Standing
    reason: str = ""
    problem: str = ""


class Carrier(Protocol):
    """A company that carries short messages. Doubt is an answer, never an exception."""

    def send(self, message: MessageOut) -> Answer:
        """Hand a message over; safe to repeat."""

    def find(self, serial: str) -> Answer:
        """What became of a message that was handed over, or is believed to have been."""

    def keep(self, introduction: Mapping[str, Any]) -> str:
        """Keep what the carrier handed to us (address, account, secret); its name."""


SHORT_MESSAGES: Final = "short_messages"
CARRIERS: Socket[Carrier] = Socket("contacts.carrier")
"""Carriers by what they carry."""
