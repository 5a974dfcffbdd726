"""What may follow what, for offers and for contracts: two tables."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from loanops.kernel.lifecycle import Lifecycle


class OfferState(StrEnum):
    """How an offer stands."""

    MADE = "made"
    CONFIRMED = "confirmed"
    """The borrower has read and confirmed the disclosure statement."""
    DRAWN_UP = "drawn_up"
    SIGNED = "signed"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class OfferMove(StrEnum):
    """What may be done with an offer."""

    CONFIRM = "confirm"
    DRAW_UP = "draw_up"
    SIGN = "sign"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"


OFFERS: Final = Lifecycle(
    {
        (OfferState.MADE, OfferMove.CONFIRM): OfferState.CONFIRMED,
        (OfferState.CONFIRMED, OfferMove.DRAW_UP): OfferState.DRAWN_UP,
        (OfferState.DRAWN_UP, OfferMove.SIGN): OfferState.SIGNED,
        (OfferState.MADE, OfferMove.EXPIRE): OfferState.EXPIRED,
        (OfferState.CONFIRMED, OfferMove.EXPIRE): OfferState.EXPIRED,
        (OfferState.DRAWN_UP, OfferMove.EXPIRE): OfferState.EXPIRED,
        (OfferState.MADE, OfferMove.WITHDRAW): OfferState.WITHDRAWN,
        (OfferState.CONFIRMED, OfferMove.WITHDRAW): OfferState.WITHDRAWN,
        (OfferState.DRAWN_UP, OfferMove.WITHDRAW): OfferState.WITHDRAWN,
    },
    start=OfferState.MADE,
)
OPEN_OFFERS: Final = OFFERS.states() - OFFERS.ends()
"""Offers that may still become a contract."""


class ContractState(StrEnum):
    """How a contract stands."""

    DRAWN_UP = "drawn_up"
    SIGNED = "signed"
    VOID = "void"
    """Its offer lapsed or another one was taken before anybody signed."""


class ContractMove(StrEnum):
    """What may be done with a contract."""

    SIGN = "sign"
    LAPSE = "lapse"


CONTRACTS: Final = Lifecycle(
    {
        (ContractState.DRAWN_UP, ContractMove.SIGN): ContractState.SIGNED,
        (ContractState.DRAWN_UP, ContractMove.LAPSE): ContractState.VOID,
    },
    start=ContractState.DRAWN_UP,
)
