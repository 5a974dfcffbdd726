"""Offers and contracts, asked for by number, application or book.

Windows pass their viewer; without one the asker is a room of the house.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.contracts import permissions
from loanops.origination.contracts.domain.lifecycle import OPEN_OFFERS, ContractState, OfferState
from loanops.origination.contracts.domain.refusals import NotRendered, NotSigned
from loanops.origination.contracts.models import Contract, Disclosure, Offer, Signature
from loanops.origination.contracts.queries.cards import (
    ContractCard,
    OfferCard,
    contract_card,
    offer_card,
)
from loanops.origination.contracts.queries.scoping import seen
from loanops.platform.files import queries as files

_HOUSE: Final = Viewer.house("contracts")
_CHUNK: Final = 1_000
_STANDING: Final = sorted({*OPEN_OFFERS, OfferState.SIGNED})
PAGE: Final = 50


@dataclass(frozen=True)
class Filter:
    """Which contracts a list shows; ``before`` is the cursor: the number the last page ended on."""

    book: str = ""
    state: str = ""
    funder: str = ""
    before: str = ""


@dataclass(frozen=True)
class OfferLine:
    """How an offer stands, without its figures; ``contract`` is empty until one is drawn up."""

    number: str
    application: str
    state: str
    signing_mode: str
    contract: str
    witness: str


def get_offer(number: str, *, viewer: Viewer = _HOUSE) -> OfferCard:
    """The offer with this number, with its schedule, cost, answer and statement.

    :raises NotPermitted: the viewer may not see contracts.
    :raises NotFound: there is none within the viewer's books and funders.
    """
    require(viewer, permissions.VIEW)
    row = Offer.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not seen([row], viewer):
        raise NotFound(kind="offer", number=number)
    return _offer_cards([row])[0]


def find_offers(numbers: Iterable[str]) -> dict[str, OfferCard]:
    """Offers by number; unknown numbers are left out."""
    found: dict[str, OfferCard] = {}
    for chunk in _chunks(sorted(set(numbers))):
        rows = list(Offer.objects.filter(number__in=chunk).order_by("id"))
        found |= {card.number: card for card in _offer_cards(rows)}
    return found


def standing_offers(applications: Iterable[str]) -> list[OfferLine]:
    """The offers of many applications that are open or signed, oldest first."""
    found: list[OfferLine] = []
    for chunk in _chunks(sorted(set(applications))):
        offers = Offer.objects.filter(application__in=chunk, state__in=_STANDING).order_by("id")
        drawn = {
            offer: (number, witness)
            for offer, number, witness in Contract.objects.filter(
                application__in=chunk, offer__state__in=_STANDING
            ).values_list("offer__number", "number", "witness")
        }
        for row in offers.values_list("number", "application", "state", "signing_mode"):
            found.append(OfferLine(*row, *drawn.get(row[0], ("", ""))))
    return found


def list_offers(*, application: str, viewer: Viewer = _HOUSE) -> list[OfferCard]:
    """Every offer of an application side by side, the cheapest by its own measure first.

    :raises NotPermitted: the viewer may not see contracts.
    """
    require(viewer, permissions.VIEW)
    rows = Offer.objects.filter(application=application).order_by("id")
    cards = _offer_cards(seen(rows, viewer))
    return sorted(cards, key=lambda card: (card.cost.effective, card.number))


def get_contract(number: str, *, viewer: Viewer = _HOUSE) -> ContractCard:
    """The contract with this number.

    :raises NotPermitted: the viewer may not see contracts.
    :raises NotFound: there is none within the viewer's books and funders.
    """
    require(viewer, permissions.VIEW)
    row = _contracts().filter(number=number).first() if number.isprintable() else None
    if row is None or not seen([row], viewer):
        raise NotFound(kind="contract", number=number)
    return _contract_cards([row])[0]


def get_signed_contract(number: str) -> ContractCard:
    """The contract with this number, signed: what must be there before money moves.

    :raises NotFound: there is no such contract.
    :raises NotSigned: nobody has signed it.
    """
    card = get_contract(number)
    if card.state != ContractState.SIGNED.value:
        raise NotSigned(contract=number, state=card.state)
    return card


def find_contracts(numbers: Iterable[str]) -> dict[str, ContractCard]:
    """Contracts by number; unknown numbers are left out."""
    found: dict[str, ContractCard] = {}
    for chunk in _chunks(sorted(set(numbers))):
        rows = list(_contracts().filter(number__in=chunk).order_by("id"))
        found |= {card.number: card for card in _contract_cards(rows)}
    return found


def find_signed_contracts(numbers: Iterable[str]) -> dict[str, ContractCard]:
    """Signed contracts by number; whatever is missing here is not signed."""
    found = find_contracts(numbers)
    signed = ContractState.SIGNED.value
    return {number: card for number, card in found.items() if card.state == signed}


def contracts_of(*, application: str, viewer: Viewer = _HOUSE) -> list[ContractCard]:
    """Every contract of an application, newest first.

    :raises NotPermitted: the viewer may not see contracts.
    """
    require(viewer, permissions.VIEW)
    rows = _contracts().filter(application=application).order_by("-id")
    return _contract_cards(seen(rows, viewer))


def list_contracts(*, where: Filter, viewer: Viewer) -> list[ContractCard]:
    """One page of contracts, newest first, within the viewer's books, funders and channels.

    :raises NotPermitted: the viewer may not see contracts.
    """
    require(viewer, permissions.VIEW)
    rows = _contracts().order_by("-id")
    for column, value in (
        ("book_id", where.book),
        ("state", where.state),
        ("funder", where.funder),
    ):
        if value:
            rows = rows.filter(**{column: value})
    if viewer.scopes.books is not None:
        rows = rows.filter(book_id__in=viewer.scopes.books)
    if viewer.scopes.funders is not None:
        rows = rows.filter(funder__in=viewer.scopes.funders)
    if viewer.scopes.parties is not None:
        rows = rows.filter(party__in=viewer.scopes.parties)
    if where.before:
        last = Contract.objects.filter(number=where.before).values_list("id", flat=True).first()
        rows = rows.filter(id__lt=last or 0)
    return _contract_cards(seen(rows[:PAGE], viewer))


def read_document(contract: str, *, signed: bool = False, viewer: Viewer) -> tuple[str, bytes]:
    """File name and bytes of a contract's PDF, or of the funder's signed copy.

    :raises NotPermitted: the viewer may not see contracts.
    :raises NotFound: there is no such contract for the viewer, or no signed copy of it.
    :raises NotRendered: the PDF is not there yet.
    """
    card = get_contract(contract, viewer=viewer)
    number = card.signed_copy if signed else card.file
    if not number and signed:
        raise NotFound(kind="signed copy", number=contract)
    if not number:
        raise NotRendered(contract=contract)
    return f"{contract}{'-signed' if signed else ''}.pdf", files.read(number)


def _contracts() -> QuerySet[Contract]:
    return Contract.objects.select_related("offer")


def _offer_cards(rows: Sequence[Offer]) -> list[OfferCard]:
    numbers = [row.number for row in rows]
    disclosures = {row.offer_id: row for row in Disclosure.objects.filter(offer_id__in=numbers)}
    contracts = dict(
        Contract.objects.filter(offer_id__in=numbers).values_list("offer__number", "number")
    )
    return [offer_card(row, disclosures.get(row.number), contracts.get(row.number)) for row in rows]


def _contract_cards(rows: Sequence[Contract]) -> list[ContractCard]:
    numbers = [row.number for row in rows]
    signatures = {row.contract_id: row for row in Signature.objects.filter(contract_id__in=numbers)}
    return [contract_card(row, signatures.get(row.number)) for row in rows]


def _chunks(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(numbers), _CHUNK):
        yield numbers[start : start + _CHUNK]
