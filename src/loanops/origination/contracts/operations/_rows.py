"""Rows of a batch, held for the change: in the actor's scope and the state the move needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, Refusal
from loanops.origination.contracts.domain.lifecycle import OFFERS, OfferMove, OfferState
from loanops.origination.contracts.domain.refusals import OfferExpired
from loanops.origination.contracts.models import Contract, Offer
from loanops.origination.contracts.operations._telling import Refused
from loanops.origination.contracts.queries.scoping import seen
from loanops.platform.db import update_many

_CHUNK = 5_000


def book_of_offer(number: str, actor: Actor) -> str:
    """The book of an offer within the actor's scope.

    :raises NotFound: there is no such offer.
    """
    row = Offer.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not seen([row], actor):
        raise NotFound(kind="offer", number=number)
    return row.book_id


def book_of_contract(number: str, actor: Actor) -> str:
    """The book of a contract within the actor's scope.

    :raises NotFound: there is no such contract.
    """
    row = Contract.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not seen([row], actor):
        raise NotFound(kind="contract", number=number)
    return row.book_id


def hold_offers(numbers: Sequence[str], *, book: str, actor: Actor) -> dict[str, Offer]:
    """Offers of a book by number, each held until the unit of work ends."""
    found: dict[str, Offer] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _CHUNK):
        rows = Offer.objects.select_for_update().filter(
            book_id=book, number__in=wanted[start : start + _CHUNK]
        )
        found |= {row.number: row for row in seen(rows.order_by("id"), actor)}
    return found


def hold_contracts(numbers: Sequence[str], *, book: str, actor: Actor) -> dict[str, Contract]:
    """Contracts of a book by number with their offers, each held until the unit of work ends."""
    found: dict[str, Contract] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _CHUNK):
        rows = (
            Contract.objects.select_related("offer")
            .select_for_update()
            .filter(book_id=book, number__in=wanted[start : start + _CHUNK])
        )
        found |= {row.number: row for row in seen(rows.order_by("id"), actor)}
    return found


def ready(
    numbers: Sequence[str], offers: dict[str, Offer], move: OfferMove, on: date
) -> tuple[list[Offer], list[Refused]]:
    """The offers on which the move is possible today, once each, and why the others are not."""
    fit: list[Offer] = []
    refused: list[Refused] = []
    for number in dict.fromkeys(numbers):
        try:
            fit.append(_ready(number, offers.get(number), move, on))
        except Refusal as refusal:
            refused.append(Refused(number, refusal))
    return fit, refused


def _ready(number: str, offer: Offer | None, move: OfferMove, on: date) -> Offer:
    if offer is None:
        raise NotFound(kind="offer", number=number)
    OFFERS.after(OfferState(offer.state), move)
    if on >= offer.expires_on:
        raise OfferExpired(offer=number, expires_on=offer.expires_on)
    return offer


def move_offers(offers: Sequence[Offer], move: OfferMove) -> None:
    """Move held offers; a row that is held cannot have changed."""
    rows = [
        (offer.number, OFFERS.after(OfferState(offer.state), move).value, offer.version + 1)
        for offer in offers
    ]
    update_many(Offer._meta.db_table, ("number",), ("state", "version"), rows)
