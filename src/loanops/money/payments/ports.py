"""What a payment channel must be able to do. Adapters satisfy it; wiring plugs them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from loanops.kernel.sockets import Socket


@dataclass(frozen=True)
class DebitLine:
    """One order as the channel gets it: our number is the key it must answer with.

    ``account`` is how the channel knows the debtor (at a bank, the serial of the drawdown).
    """

    order: str
    account: str
    amount_minor: int


@dataclass(frozen=True)
class DebitResult:
    """One order as the channel answered it.

    ``pay_no`` is the channel's own number of the payment, empty where nothing was collected.
    """

    order: str
    pay_no: str
    collected_minor: int
    collected_on: date
    reason: str = ""


@dataclass(frozen=True)
class DebitFileOut:
    """A debit file to send. Sending the same ``number`` again must not collect twice.

    ``part_min_minor`` is the least part of an order that may be taken where not all of it is
    there; None lets nothing but the whole be taken.
    """

    number: str
    party: str
    currency: str
    due_on: date
    lines: Sequence[DebitLine]
    part_min_minor: int | None = 1


class DebitChannel(Protocol):
    """A bank or payment company that debits accounts by file."""

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        """Hand a file over; returns the channel's reference. Safe to repeat.

        :raises OSError: the channel could not be reached; the job tries again.
        """

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult] | None:
        """The answer to a file, or ``None`` while there is none.

        :raises OSError: the channel could not be reached; the job tries again.
        """


class Keeper(Protocol):
    """Whoever lays receipts on what is owed, and so has a say in their rest."""

    def __call__(self, *, receipts: Sequence[tuple[str, str]]) -> frozenset[str]:
        """Which of these receipts (number and subject) it has laid and not taken back."""


KEEPERS: Socket[Keeper] = Socket("payments.keeper")
"""Who lays receipts, by room; a room that stands above plugs itself in by wiring."""


def kept_of(receipts: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Which of these receipts (number and subject) somebody has laid and not taken back."""
    return frozenset().union(*(KEEPERS[name](receipts=receipts) for name in KEEPERS))


CHANNELS: Socket[DebitChannel] = Socket("payments.debit_channel")
"""Debit channels by gateway name. A channel's code is ``gateway:party`` (``open_bank:harbour``)."""
