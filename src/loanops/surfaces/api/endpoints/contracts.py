"""Offers with their disclosure, and contracts with their documents."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router
from pydantic import Field, StrictInt

from loanops.origination.contracts import operations, permissions, queries
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_contract, own_offer
from loanops.surfaces.api.shapes import Strict, Text, published, shown

router = Router(tags=["contracts"])

OFFER_UNSAID = frozenset({"answer"})
# The canonical data names the borrower in clear; they are in the document, which is asked for.
CONTRACT_UNSAID = frozenset({"data"})
Offer = published(queries.OfferCard, leave_out=OFFER_UNSAID)
Contract = published(queries.ContractCard, leave_out=CONTRACT_UNSAID)
_PDF: dict[str, Any] = {
    "responses": {
        200: {
            "description": "the document",
            "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}


class Nothing(Strict):
    """Nothing is asked of the caller but the order itself."""


class Confirmation(Strict):
    """How long the borrower had the statement open, and with what evidence it was confirmed."""

    read_seconds: Annotated[StrictInt, Field(ge=0, le=86_400)]
    evidence: Annotated[dict[Text, Text], Field(max_length=20)]


@router.get("/offers/{number}", response=Offer, auth=Key(permissions.VIEW))
def get_offer(request: Asked, number: str) -> dict[str, Any]:
    """An offer with its schedule, its all-in cost and its disclosure statement."""
    card = own_offer(number, actor_of(request))
    return shown(card, card.currency, leave_out=OFFER_UNSAID)


@router.post("/offers/{number}/disclosure", response=Offer, auth=Key(permissions.CONFIRM))
def show_disclosure(request: Asked, number: str, body: Nothing) -> HttpResponse:
    """The statement is before the borrower's eyes: the reading time begins."""
    del body
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        own_offer(number, actor)
        card = operations.show_disclosure(offer=number, actor=actor, at=at)
        return shown(card, card.currency, leave_out=OFFER_UNSAID)

    return once(request, do)


@router.post("/offers/{number}/confirmation", response=Offer, auth=Key(permissions.CONFIRM))
def confirm_disclosure(request: Asked, number: str, body: Confirmation) -> HttpResponse:
    """The borrower has read the statement and confirms it."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        own_offer(number, actor)
        card = operations.confirm_disclosure(
            offer=number,
            read_seconds=body.read_seconds,
            evidence=body.evidence,
            actor=actor,
            at=at,
        )
        return shown(card, card.currency, leave_out=OFFER_UNSAID)

    return once(request, do)


@router.get("/contracts/{number}", response=Contract, auth=Key(permissions.VIEW))
def get_contract(request: Asked, number: str) -> dict[str, Any]:
    """A contract."""
    card = own_contract(number, actor_of(request))
    return shown(card, card.currency, leave_out=CONTRACT_UNSAID)


@router.get("/contracts/{number}/document", auth=Key(permissions.VIEW), openapi_extra=_PDF)
def read_contract_document(request: Asked, number: str, signed: bool = False) -> HttpResponse:
    """The contract as PDF, or the funder's signed copy of it."""
    actor = actor_of(request)
    own_contract(number, actor)
    name, content = queries.read_document(number, signed=signed, viewer=actor)
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
