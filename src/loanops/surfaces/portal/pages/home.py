"""The front page: what is offered, and for whoever is signed in, what is under way."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.refusals import NotFound
from loanops.loanbook.servicing import queries as servicing
from loanops.loanbook.servicing.queries import LoanFilter
from loanops.origination.applications import queries as applications
from loanops.platform.web import clock
from loanops.registry.borrowers import queries as accounts
from loanops.registry.compliance import operations as orders
from loanops.registry.compliance import queries as compliance
from loanops.registry.compliance.queries import ConsentCard
from loanops.registry.partners import queries as partners
from loanops.registry.products import permissions as product_grants
from loanops.registry.products import queries as products
from loanops.surfaces.portal.pages.shell import (
    PortalRequest,
    anyone,
    done,
    order,
    page,
    render,
    seeing,
)
from loanops.surfaces.portal.pages.words import STAGES

OWN_MAX = 20


@anyone()
def home(request: PortalRequest) -> HttpResponse:
    """The products for everybody; one's own applications and loans first."""
    listed = products.list_versions(
        book=request.book.code,
        on=request.book.business_date,
        viewer=seeing(request, product_grants.VIEW),
    )
    context: dict[str, Any] = {
        "products": [each for each in listed if each.terms["method"] != "custom"],
        "names": {each.product: each.name for each in listed},
    }
    if request.frame.borrower is not None:
        context |= _own(request)
    return render(request, "portal/home.html", context)


def _own(request: PortalRequest) -> dict[str, Any]:
    who = request.borrower
    draft = accounts.find_draft(who.account, viewer=request.actor)
    if who.party is None:
        return {"draft": draft, "must_prove": who.must_prove}
    asked = applications.Filter(book=request.book.code, limit=OWN_MAX)
    found = applications.list_applications(asked, viewer=request.actor)
    loans = servicing.list_loans(
        wanted=LoanFilter(party=who.party, limit=OWN_MAX), viewer=request.actor
    )
    shown = [servicing.get_loan(number=line.number, viewer=request.actor) for line in loans.lines]
    return {
        "draft": draft,
        "applications": [
            (card, STAGES[card.stage]) for card in found.cards if card.stage != "disbursed"
        ],
        "loans": shown,
    }


@page()
def account(request: PortalRequest) -> HttpResponse:
    """The account: its mobile, its devices, its consents."""
    who = request.borrower
    once = {(each.purpose, each.recipient): each for each in _given(request)}
    context = {
        "sessions": accounts.list_sessions(who.account, at=clock.now(), viewer=request.actor),
        "consents": list(once.values()),
        "partners": partners.list_names(book=request.book.code, viewer=request.actor),
        "kinds": {each.purpose: each.name for each in _kinds(request)},
    }
    return render(request, "portal/account.html", context)


def _given(request: PortalRequest) -> list[ConsentCard]:
    """The consents of the account, and those that went with an application to the person."""
    who = request.borrower
    subjects = [who.account, *([who.party] if who.party else [])]
    return compliance.list_given(subjects=subjects, viewer=request.actor)


@order()
def take_back(request: PortalRequest) -> HttpResponse:
    """Take a consent back, wherever it went; from today on it holds no more."""
    wanted = (request.POST.get("purpose"), request.POST.get("recipient"))
    found = [each for each in _given(request) if (each.purpose, each.recipient) == wanted]
    if not found:
        raise NotFound(kind="consent", number=str(wanted[0])[:40])
    for each in found:
        orders.withdraw_consent(
            number=each.number, reason="portal", actor=request.actor, at=clock.now()
        )
    return done(request, _("Your consent was taken back."), "portal:account")


def _kinds(request: PortalRequest) -> Any:
    return compliance.get_pack(request.book.pack).consents
