"""Pages of applications: the list, and one application with all that happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter, LoanLine
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.queries import ApplicationCard, Filter, PassageCard
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import permissions as routing_grants
from loanops.origination.routing.queries import PayoutCard
from loanops.platform.audit import queries as audit
from loanops.platform.audit.queries import EntryCard
from loanops.platform.web import clock
from loanops.registry.parties import permissions as party_grants
from loanops.registry.parties import queries as parties
from loanops.surfaces.console.forms.applications import (
    DocumentForm,
    FilterForm,
    WithdrawForm,
)
from loanops.surfaces.console.pages.decisioning import decision_of
from loanops.surfaces.console.pages.funding import funding_of
from loanops.surfaces.console.pages.naming import intake_channels, partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words.origination import DOCUMENT_REASONS, STAGES

# What stands in the head of the page, or in a card of its own.
SHOWN_APART = ("identity_check", "amount_minor", "term_months", "channel", "region", "purpose")
# Entries that say no more than the move itself, which stands in the story already.
MOVES_TOLD = frozenset(
    f"applications.{move}"
    for move in (
        "submitted",
        "referred",
        "approved",
        "declined",
        "offered",
        "signed",
        "disbursed",
        "withdrawn",
        "funding_refused",
    )
)


@page(permissions.VIEW, needs_book=True)
def applications(request: ConsoleRequest) -> HttpResponse:
    """Every application of the book, narrowed by what stands in the address."""
    stage = request.GET.get("stage", "")
    listed = _listed(request, (stage,) if stage in STAGES else ())
    names = product_names(request)
    context = {
        "applications": listed.cards,
        "next": listed.next_before,
        "form": FilterForm(request.GET, products=names, channels=intake_channels(request)),
        "names": names,
    }
    return render(request, "console/applications/applications.html", context)


def _listed(request: ConsoleRequest, stages: tuple[str, ...]) -> queries.Page:
    asked = FilterForm(request.GET, products={}, channels={}).narrowed()
    wanted = Filter(
        book=request.book.code,
        stages=stages,
        product=asked["product"],
        channel=asked["channel"],
        text=asked["text"],
        since=asked["since"],
        until=asked["until"],
        before=asked["before"],
    )
    return queries.list_applications(wanted, viewer=request.actor)


@page(permissions.VIEW, needs_book=True)
def application(request: ConsoleRequest, number: str) -> HttpResponse:
    """One application: facts, decision, documents, funders, offers, and what was done."""
    card = queries.get_application(number, viewer=request.actor)
    products = product_names(request)
    context: dict[str, Any] = {
        "application": card,
        "currency": _currency(request, card.book),
        "name": products.get(card.product, card.product),
        "party": _party(request, card),
        "facts": [
            (name, value)
            for name, value in card.facts.items()
            if value is not None and name not in SHOWN_APART
        ],
        "not_given": [name for name, value in card.facts.items() if value is None],
        "documents": queries.list_documents(number, viewer=request.actor),
        "checklist": queries.get_checklist(number, viewer=request.actor),
        "kinds": queries.document_kinds(),
        "document_reasons": DOCUMENT_REASONS,
        "document_form": DocumentForm(kinds=queries.document_kinds()),
        "partners": partner_names(request),
        "may_withdraw": "withdraw" in card.moves and request.actor.may(permissions.WITHDRAW),
        "withdraw_form": WithdrawForm(initial={"version": card.version}),
    }
    offers = _offers(request, number)
    held = [each.contract for each in offers if each.contract]
    context["offers"] = offers
    context["loans"] = _loans(request, number) if card.stage == "disbursed" else ()
    context |= decision_of(request, card, context["currency"])
    context |= funding_of(request, number, currency=context["currency"], products=products)
    context |= _next_steps(request, card, context.get("payouts", []), held)
    subjects = (number, *(each.number for each in offers), *held)
    context["story"] = _story(
        queries.timeline(number, viewer=request.actor),
        audit.timeline(subjects=subjects, viewer=request.actor),
    )
    return render(request, "console/applications/application.html", context)


def _story(
    passages: list[PassageCard], entries: list[EntryCard]
) -> list[tuple[datetime, PassageCard | None, EntryCard | None]]:
    """Moves and what was recorded of them as one story, newest first."""
    told: list[tuple[datetime, PassageCard | None, EntryCard | None]] = [
        *((each.at, each, None) for each in passages),
        *((each.at, None, each) for each in entries if each.code not in MOVES_TOLD),
    ]
    return sorted(told, key=lambda each: each[0])[::-1]


def _next_steps(
    request: ConsoleRequest, card: ApplicationCard, payouts: list[PayoutCard], held: list[str]
) -> dict[str, Any]:
    """What routing can do next for an application, for those who may."""
    live = any(each.state != "failed" for each in payouts)
    draws = card.stage == "signed" and held and not live
    return {
        "may_route": card.stage == "approved" and request.actor.may(routing_grants.ROUTE),
        "may_draw": held[-1] if draws and request.actor.may(routing_grants.DRAW_DOWN) else "",
        "may_give_up": payouts and draws and request.actor.may(routing_grants.RESOLVE),
    }


def _offers(request: ConsoleRequest, number: str) -> list[contracts.OfferCard]:
    if not request.actor.may(contract_grants.VIEW):
        return []
    return contracts.list_offers(application=number, viewer=request.actor)


def _loans(request: ConsoleRequest, number: str) -> tuple[LoanLine, ...]:
    if not request.actor.may(loan_grants.VIEW):
        return ()
    wanted = LoanFilter(application=number)
    return loans.list_loans(wanted=wanted, viewer=request.actor).lines


def _currency(request: ConsoleRequest, book: str) -> str:
    return next(each.currency for each in request.desk.books if each.code == book)


def _party(request: ConsoleRequest, card: ApplicationCard) -> parties.PartyCard | None:
    if card.party is None or not request.actor.may(party_grants.VIEW):
        return None
    return parties.get_party(card.party, viewer=request.actor)


@order(permissions.WITHDRAW)
def withdraw(request: ConsoleRequest, number: str) -> HttpResponse:
    """Withdraw an application for its applicant."""
    typed = WithdrawForm(request.POST).read()
    operations.withdraw(
        number=number,
        reason=typed["reason"],
        version=typed["version"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The application was withdrawn."), "console:application", number)


@order(permissions.SUBMIT)
def submit_draft(request: ConsoleRequest, number: str) -> HttpResponse:
    """Submit a draft as it stands."""
    version = request.POST.get("version", "")
    operations.submit_draft(
        number=number,
        version=int(version) if version.isdecimal() else -1,
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The application was submitted."), "console:application", number)
