"""An offer: where each yuan goes, the disclosure statement and its reading time, and signing.

Signing stands where the funder's agreement says: on the funder's own page, one hop from here and
back, its result proven by asking the funder; or here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from loanops.kernel.refusals import Refusal
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.queries import ContractCard, OfferCard
from loanops.origination.routing import operations as routing
from loanops.origination.routing import permissions as routing_grants
from loanops.origination.routing import queries as routes
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.partners import queries as partners
from loanops.surfaces.portal.pages.shell import (
    PortalRequest,
    done,
    evidence_of,
    order,
    page,
    render,
    seeing,
)

FUNDER_PAGE: Final = "funder_page"


@dataclass(frozen=True)
class Yuan:
    """Where a part of everything the borrower pays goes: what for, to whom, how much."""

    name: str
    party: str
    party_name: str
    total_minor: int


def yuan_of(offer: OfferCard) -> list[Yuan]:
    """All that is paid, part by part: the money that comes back to the lender, then its price."""
    lender = next(item for item in offer.statement["items"] if item["kind"] == "interest")
    parts = [Yuan("principal", lender["party"], lender["party_name"], offer.principal_minor)]
    parts += [
        Yuan(item["name"], item["party"], item["party_name"], int(item["total_minor"]))
        for item in offer.statement["items"]
    ]
    return [each for each in parts if each.total_minor]


@page()
def offer(request: PortalRequest, number: str) -> HttpResponse:
    """One offer: its cost in one picture, its schedule, and the way to the statement."""
    card = queries.get_offer(number, viewer=request.actor)
    return _shown(request, card)


def _shown(
    request: PortalRequest, card: OfferCard, *, problem: str = "", status: int = 200
) -> HttpResponse:
    shown = card.disclosure
    wait = 0
    if shown is not None and shown.confirmed_at is None:
        read = int((clock.now() - shown.shown_at).total_seconds())
        wait = max(shown.read_seconds_min - read, 0)
    context: dict[str, Any] = {
        "offer": card,
        "yuan": yuan_of(card),
        "paid_minor": card.principal_minor + sum(y.total_minor for y in yuan_of(card)[1:]),
        "early": queries.early_savings(card),
        "partners": partners.list_names(book=card.book, viewer=request.actor),
        "wait": wait,
        "may_confirm": "confirm" in card.moves,
        "may_sign": card.state in {"confirmed", "drawn_up"},
        "problem": problem,
    }
    return render(request, "portal/offer.html", context, status=status)


@order()
def read_statement(request: PortalRequest, number: str) -> HttpResponse:
    """The statement is before the borrower's eyes from now on."""
    operations.show_disclosure(offer=number, actor=request.actor, at=clock.now())
    return done(request, "", "portal:offer", number)


@order()
def confirm(request: PortalRequest, number: str) -> HttpResponse:
    """The borrower has read and confirms; the contract is drawn up and the way to sign opened."""
    card = queries.get_offer(number, viewer=request.actor)
    try:
        if card.state == "made":
            now = clock.now()
            began = card.disclosure.shown_at if card.disclosure else now
            operations.confirm_disclosure(
                offer=number,
                read_seconds=int((now - began).total_seconds()),
                evidence=evidence_of(request),
                actor=request.actor,
                at=now,
            )
        drawn = card.contract
        if drawn is None:
            made = operations.draw_up(offer=number, actor=request.actor, at=clock.now())
            drawn = made.number
    except Refusal as refusal:
        fresh = queries.get_offer(number, viewer=request.actor)
        return _shown(request, fresh, problem=words_of(refusal), status=refusal.status)
    return _to_signing(request, queries.get_contract(drawn, viewer=request.actor))


def _to_signing(request: PortalRequest, card: ContractCard) -> HttpResponse:
    if card.signing_mode == FUNDER_PAGE and "sign" in card.moves:
        back = request.build_absolute_uri(reverse("portal:signed_back", args=[card.number]))
        try:
            routing.start_signing(
                contract=card.number, return_url=back, actor=request.actor, at=clock.now()
            )
        except Refusal as refusal:
            words = words_of(refusal)
            return _shown_contract(request, card, problem=words, status=refusal.status)
    return done(request, "", "portal:contract", card.number)


@page()
def contract(request: PortalRequest, number: str) -> HttpResponse:
    """One contract: where to sign it, and what became of that."""
    card = queries.get_contract(number, viewer=request.actor)
    return _shown_contract(request, card)


def _shown_contract(
    request: PortalRequest, card: ContractCard, *, problem: str = "", status: int = 200
) -> HttpResponse:
    sessions = routes.list_signings(
        application=card.application, viewer=seeing(request, routing_grants.VIEW)
    )
    mine = [each for each in sessions if each.contract == card.number]
    context = {
        "contract": card,
        "session": mine[-1] if mine else None,
        "there": card.signing_mode == FUNDER_PAGE,
        "may_sign": "sign" in card.moves,
        "partners": partners.list_names(book=card.book, viewer=request.actor),
        "problem": problem,
    }
    return render(request, "portal/contract.html", context, status=status)


@order()
def open_signing(request: PortalRequest, number: str) -> HttpResponse:
    """Open the funder's page (again): the same session, or a new one where the last has ended."""
    return _to_signing(request, queries.get_contract(number, viewer=request.actor))


@page()
def signed_back(request: PortalRequest, number: str) -> HttpResponse:
    """Back from the funder's page: that proves nothing, so the funder is asked."""
    card = queries.get_contract(number, viewer=request.actor)
    if "sign" not in card.moves:
        return done(request, "", "portal:application", card.application)
    session = routing.settle_signing(contract=number, actor=request.actor, at=clock.now())
    if session.state == "signed":
        words = _("Signed. The money is on its way.")
        return done(request, words, "portal:application", card.application)
    return done(request, "", "portal:contract", number)


@order()
def sign(request: PortalRequest, number: str) -> HttpResponse:
    """Sign here, where the funder's agreement lets borrowers sign with us."""
    card = queries.get_contract(number, viewer=request.actor)
    if not request.POST.get("agreed"):
        words = _("Read the contract and tick the box first.")
        return _shown_contract(request, card, problem=words, status=422)
    now = clock.now()
    operations.record_signature(
        contract=number,
        mode="ours",
        evidence={"signer": card.party, "witness": card.witness, **evidence_of(request)},
        signed_at=now,
        actor=request.actor,
        at=now,
    )
    words = _("Signed. The money is on its way.")
    return done(request, words, "portal:application", card.application)


@page()
def contract_file(request: PortalRequest, number: str) -> HttpResponse:
    """The contract as a file, or (with ``copy``) the funder's signed copy."""
    signed = request.GET.get("copy") == "signed"
    name, content = queries.read_document(number, signed=signed, viewer=request.actor)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
