"""Pages of routing: funders sought, signing on the funder's page, payouts, exceptions."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _

from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import operations, permissions, queries
from loanops.origination.routing.queries import PayoutFilter
from loanops.platform.identity import queries as identity
from loanops.platform.identity.roles import roles
from loanops.platform.web import clock
from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.partners import ReasonForm
from loanops.surfaces.console.forms.routing import NoteForm, OwnerForm
from loanops.surfaces.console.pages.naming import partner_names
from loanops.surfaces.console.pages.shell import (
    ConsoleRequest,
    Undo,
    done,
    order,
    page,
    render,
    today,
)
from loanops.surfaces.console.pages.words.funding import PAYOUT_STATES

OPEN_PAYOUTS = ("submitted", "processing", "unknown")
ROLE = "role:"


@order(permissions.ROUTE)
def route(request: ConsoleRequest, number: str) -> HttpResponse:
    """Seek a funder for an approved application, now."""
    outcome = operations.route(number=number, actor=request.actor, at=clock.now())
    if outcome.approved:
        words = _("A funder granted the credit.")
    elif outcome.refused:
        words = _("No funder takes it; why is written below.")
    else:
        words = _("A funder has it and has not decided; it will be asked again.")
    return done(request, words, "console:application", number)


@order(permissions.ROUTE)
def start_signing(request: ConsoleRequest, number: str) -> HttpResponse:
    """Open a session on the funder's page for the borrower."""
    back = request.build_absolute_uri(reverse("console:contract", args=[number]))
    card = operations.start_signing(
        contract=number, return_url=back, actor=request.actor, at=clock.now()
    )
    if card.page_url:
        words = _("The funder's page is open for the borrower.")
    else:
        words = _("The funder has not answered; ask again, the serial stays the same.")
    return done(request, words, "console:contract", number)


@order(permissions.ROUTE)
def settle_signing(request: ConsoleRequest, number: str) -> HttpResponse:
    """Ask the funder whether the borrower has signed; only its answer counts."""
    card = operations.settle_signing(contract=number, actor=request.actor, at=clock.now())
    words = {
        "signed": _("The funder has proven the signature; the contract is signed."),
        "open": _("The borrower has not signed yet."),
        "ended": _("The session has ended without a signature."),
    }.get(card.state, _("The funder has not answered; ask again, the serial stays the same."))
    return done(request, words, "console:contract", number)


@order(permissions.DRAW_DOWN)
def draw_down(request: ConsoleRequest, number: str) -> HttpResponse:
    """Order the payout of a signed contract."""
    card = contracts.get_contract(number, viewer=request.actor)
    outcome = operations.draw_down(contract=number, actor=request.actor, at=clock.now())
    return done(request, _became(outcome), "console:application", card.application)


@order(permissions.RESOLVE)
def resolve(request: ConsoleRequest, serial: str) -> HttpResponse:
    """Ask the funder what became of a payout."""
    outcome = operations.resolve(serial=serial, actor=request.actor, at=clock.now())
    return done(request, _became(outcome), "console:payout", serial)


def _became(outcome: operations.DrawOutcome) -> str:
    if outcome.paid:
        return _("The funder has proven the payout.")
    if outcome.failed:
        return _("The payout failed for certain; it may be ordered anew.")
    return _("It is not known yet whether it was paid; nothing is sent twice.")


@order(permissions.RESOLVE)
def give_up(request: ConsoleRequest, number: str) -> HttpResponse:
    """End an application whose payout failed for certain."""
    reason = ReasonForm(request.POST).read()["reason"]
    operations.give_up(application=number, reason=reason, actor=request.actor, at=clock.now())
    return done(
        request, _("The application has ended without a loan."), "console:application", number
    )


@page(permissions.VIEW, needs_book=True)
def payouts(request: ConsoleRequest) -> HttpResponse:
    """The payout intents of the book; first those whose end is not known."""
    asked = request.GET.get("state", "open")
    states = OPEN_PAYOUTS if asked == "open" else (asked,) if asked in PAYOUT_STATES else ()
    before = request.GET.get("before", "")[:32]
    wanted = PayoutFilter(
        book=request.book.code,
        states=states,
        before=before if before.isprintable() else "",
    )
    listed = queries.list_payouts(where=wanted, viewer=request.actor)
    context = {
        "payouts": listed,
        "next": listed[-1].number if len(listed) == queries.PAGE else None,
        "state": asked if states else "",
        "open_count": queries.count_open_payouts(book=request.book.code, viewer=request.actor),
        "partners": partner_names(request),
    }
    return render(request, "console/routing/payouts.html", context)


@page(permissions.VIEW, needs_book=True)
def payout(request: ConsoleRequest, serial: str) -> HttpResponse:
    """One payout intent with every word of the funder about it."""
    card = queries.get_payout(serial, viewer=request.actor)
    about = queries.exceptions_of(application=card.application, viewer=request.actor)
    context = {
        "payout": card,
        "words": queries.words_of(serial=serial, viewer=request.actor),
        "exceptions": [each for each in about if each.serial == serial],
        "partners": partner_names(request),
        "may_resolve": request.actor.may(permissions.RESOLVE) and card.state in OPEN_PAYOUTS,
    }
    return render(request, "console/routing/payout.html", context)


@page(permissions.VIEW, needs_book=True)
def exceptions(request: ConsoleRequest) -> HttpResponse:
    """What only a person can clear up, each with its owner."""
    closed = request.GET.get("state") == "closed"
    context = {
        "exceptions": queries.list_exceptions(
            book=request.book.code, closed=closed, viewer=request.actor
        ),
        "closed": closed,
        "open_count": queries.count_exceptions(book=request.book.code, viewer=request.actor),
        "partners": partner_names(request),
        "roles": roles(),
        "may_resolve": request.actor.may(permissions.RESOLVE),
        "note_form": NoteForm(),
        "owner_form": OwnerForm(owners=_owners(request)),
    }
    return render(request, "console/routing/exceptions.html", context)


def _owners(request: ConsoleRequest) -> list[tuple[str, str]]:
    """The roles and the people that may clear an exception up."""
    if not request.actor.may(permissions.RESOLVE):
        return []
    people = identity.list_holders(grant=permissions.RESOLVE, on=today(), viewer=request.actor)
    held = {role for person in people for role in person.roles}
    listed = [
        (ROLE + code, in_language(role.name)) for code, role in roles().items() if code in held
    ]
    return [*listed, *((person.login, f"{person.name} · {person.login}") for person in people)]


@order(permissions.RESOLVE, needs_book=True)
def assign_exception(request: ConsoleRequest, number: str) -> HttpResponse:
    """Give an exception to a role or a person."""
    typed = OwnerForm(request.POST, owners=_owners(request)).read()
    listed = queries.list_exceptions(book=request.book.code, viewer=request.actor)
    before = {each.number: each.owner for each in listed}
    operations.assign_exception(
        number=number, owner=typed["owner"], actor=request.actor, at=clock.now()
    )
    undo = (
        Undo(resolve_url("console:assign_exception", number), {"owner": before[number]})
        if number in before
        else None
    )
    words = _("The exception has a new owner.")
    return done(request, words, "console:exceptions", undo=undo)


@order(permissions.RESOLVE, needs_book=True)
def close_exception(request: ConsoleRequest, number: str) -> HttpResponse:
    """Close an exception with what was found and done."""
    note = NoteForm(request.POST).read()["note"]
    operations.close_exception(number=number, note=note, actor=request.actor, at=clock.now())
    return done(request, _("The exception is closed."), "console:exceptions")
