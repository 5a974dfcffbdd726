"""Signing on the funder's page: a contract drawn up, a session opened, its end found out.

The two calls that reach a funder are not carried out within the keeping of an answer: their serial
is on disk before the first byte leaves, and a repeat asks about that same serial.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router
from pydantic import AnyHttpUrl, Field

from loanops.kernel.refusals import NotFound
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.routing import operations, permissions, queries
from loanops.platform.web.clock import now
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.endpoints.contracts import CONTRACT_UNSAID, Contract, Nothing
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_contract, own_offer, seeing
from loanops.surfaces.api.shapes import Strict, listed, published, shown

router = Router(tags=["contracts"])

Signing = published(queries.SigningCard)
# How we talk with the funder is not told outside; what the funder decided is.
_UNSAID = frozenset({"number", "schedule_digest", "problem", "evidence", "tries"})
Payout = published(queries.PayoutCard, leave_out=_UNSAID)


class NewSigning(Strict):
    """Where the funder's page sends the borrower afterwards; the funder must know the place."""

    return_url: Annotated[AnyHttpUrl, Field(examples=["https://partner.example/back"])]


@router.post("/offers/{number}/contract", response={201: Contract}, auth=Key(contract_grants.SIGN))
def draw_up_contract(request: Asked, number: str, body: Nothing) -> HttpResponse:
    """Draw up the contract of an offer whose disclosure is confirmed."""
    del body
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        own_offer(number, actor)
        card = contracts.draw_up(offer=number, actor=actor, at=at)
        return shown(card, card.currency, leave_out=CONTRACT_UNSAID)

    return once(request, do, status=201)


@router.post("/contracts/{number}/signing", response=Signing, auth=Key(permissions.ROUTE))
def start_signing(request: Asked, number: str, body: NewSigning) -> dict[str, Any]:
    """Open a session on the funder's page; one that is open already is given again.

    Where `page_url` is empty the funder has not answered: ask again, the serial stays the same.
    """
    actor = actor_of(request)
    own_contract(number, actor)
    card = operations.start_signing(
        contract=number, return_url=str(body.return_url), actor=actor, at=now()
    )
    return shown(card, "")


@router.get("/contracts/{number}/signing", response=Signing, auth=Key(contract_grants.VIEW))
def get_signing(request: Asked, number: str) -> dict[str, Any]:
    """The last session on the funder's page, as far as it is known here; nobody is asked."""
    actor = actor_of(request)
    card = own_contract(number, actor)
    viewer = seeing(actor, permissions.VIEW)
    found = queries.list_signings(application=card.application, viewer=viewer)
    for session in reversed(found):
        if session.contract == number:
            return shown(session, "")
    raise NotFound(kind="signing", number=number)


@router.get(
    "/contracts/{number}/payouts",
    response=listed(Payout, paged=False),
    auth=Key(contract_grants.VIEW),
)
def list_contract_payouts(request: Asked, number: str) -> dict[str, Any]:
    """The payouts of a contract, oldest first; `success` is proven by the funder's answer."""
    actor = actor_of(request)
    card = own_contract(number, actor)
    viewer = seeing(actor, permissions.VIEW)
    found = queries.payouts_of(application=card.application, viewer=viewer)
    return {
        "items": [
            shown(payout, payout.currency, leave_out=_UNSAID)
            for payout in found
            if payout.contract == number
        ]
    }


@router.post("/contracts/{number}/signing/result", response=Signing, auth=Key(permissions.ROUTE))
def find_signing_result(request: Asked, number: str, body: Nothing) -> dict[str, Any]:
    """Have the funder asked what became of the session; the borrower's return proves nothing."""
    del body
    actor = actor_of(request)
    own_contract(number, actor)
    return shown(operations.settle_signing(contract=number, actor=actor, at=now()), "")
