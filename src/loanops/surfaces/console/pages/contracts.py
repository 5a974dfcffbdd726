"""Pages of contracts: an offer with its disclosure statement, a contract, and the list."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loanops.origination.contracts import operations, permissions, queries
from loanops.origination.contracts.queries import Filter, OfferCard
from loanops.origination.contracts.queries.asking import PAGE
from loanops.origination.routing import permissions as routing_grants
from loanops.origination.routing import queries as routing
from loanops.origination.routing.queries import SigningCard
from loanops.platform.web import clock
from loanops.registry.products import queries as products
from loanops.surfaces.console.forms.partners import ReasonForm
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.naming import partner_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words.origination import CONTRACT_STATES

CHANNEL = "counter"
DEVICE = "staff console"


@page(permissions.VIEW, needs_book=True)
def contracts(request: ConsoleRequest) -> HttpResponse:
    """The contracts of the book, newest first."""
    state = request.GET.get("state", "")
    wanted = Filter(
        book=request.book.code,
        state=state if state in CONTRACT_STATES else "",
        before=request.GET.get("before", "")[:32],
    )
    listed = queries.list_contracts(where=wanted, viewer=request.actor)
    context = {
        "contracts": listed,
        "partners": partner_names(request),
        "states": CONTRACT_STATES,
        "state": state,
        "next": listed[-1].number if len(listed) == PAGE else None,
    }
    return render(request, "console/contracts/contracts.html", context)


@page(permissions.VIEW, needs_book=True)
def offer(request: ConsoleRequest, number: str) -> HttpResponse:
    """One offer: the disclosure statement as the borrower sees it, the schedule, the next step."""
    card = queries.get_offer(number, viewer=request.actor)
    chart = _stacked(card)
    context = {
        "offer": card,
        "chart": chart,
        "reason_form": ReasonForm(),
        "promotion": products.find_promotions([card.promotion]).get(card.promotion)
        if card.promotion
        else None,
        "may_redeem": card.state in ("made", "confirmed")
        and not card.promotion
        and request.actor.may(permissions.CONFIRM),
        "may_confirm": "confirm" in card.moves and request.actor.may(permissions.CONFIRM),
        "may_draw_up": "draw_up" in card.moves and request.actor.may(permissions.SIGN),
        "may_take_back": "withdraw" in card.moves and request.actor.may(permissions.OFFER),
        "read_seconds": _read_seconds(card),
    }
    return charts.asked(request, chart) or render(request, "console/contracts/offer.html", context)


def _stacked(card: OfferCard) -> Chart:
    return charts.schedule(
        "schedule",
        labels=[row.due_date.isoformat() for row in card.schedule],
        principal=[row.principal_minor for row in card.schedule],
        interest=[row.interest_minor for row in card.schedule],
        fees=[row.fees_minor for row in card.schedule],
        currency=card.currency,
    )


def _read_seconds(card: OfferCard) -> int:
    if card.disclosure is None:
        return 0
    return max(int((clock.now() - card.disclosure.shown_at).total_seconds()), 0)


def address_of(request: HttpRequest) -> str:
    """Where a confirmation came from."""
    return str(request.META.get("REMOTE_ADDR", "")) or "127.0.0.1"


@order(permissions.CONFIRM)
def show_disclosure(request: ConsoleRequest, number: str) -> HttpResponse:
    """The statement is now before the borrower's eyes."""
    operations.show_disclosure(offer=number, actor=request.actor, at=clock.now())
    words = _("The statement is shown; the reading time runs.")
    return done(request, words, "console:offer", number)


@order(permissions.CONFIRM)
def confirm_disclosure(request: ConsoleRequest, number: str) -> HttpResponse:
    """The borrower confirms, at the counter."""
    card = queries.get_offer(number, viewer=request.actor)
    operations.confirm_disclosure(
        offer=number,
        read_seconds=_read_seconds(card),
        evidence={
            "channel": CHANNEL,
            "device": DEVICE,
            "ip": address_of(request),
            "witnessed_by": request.actor.person,
        },
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The confirmation is kept."), "console:offer", number)


@order(permissions.SIGN)
def draw_up(request: ConsoleRequest, number: str) -> HttpResponse:
    """Draw the contract up."""
    card = operations.draw_up(offer=number, actor=request.actor, at=clock.now())
    return done(request, _("The contract is drawn up."), "console:contract", card.number)


@order(permissions.OFFER)
def withdraw_offer(request: ConsoleRequest, number: str) -> HttpResponse:
    """Take an offer back."""
    reason = ReasonForm(request.POST).read()["reason"]
    operations.withdraw_offer(number=number, reason=reason, actor=request.actor, at=clock.now())
    return done(request, _("The offer was taken back."), "console:offer", number)


@page(permissions.VIEW, needs_book=True)
def contract(request: ConsoleRequest, number: str) -> HttpResponse:
    """One contract: what its witness covers, its file, its signature."""
    card = queries.get_contract(number, viewer=request.actor)
    sessions = _sessions(request, card)
    context = {
        "contract": card,
        "partners": partner_names(request),
        "signings": sessions,
        "signing": sessions[-1] if sessions else None,
        "signing_waits": ("opening", "unknown"),
        "signs_there": card.signing_mode == "funder_page"
        and "sign" in card.moves
        and request.actor.may(routing_grants.ROUTE),
        "signs_here": card.signing_mode == "ours"
        and "sign" in card.moves
        and request.actor.may(permissions.SIGN),
    }
    return render(request, "console/contracts/contract.html", context)


def _sessions(request: ConsoleRequest, card: queries.ContractCard) -> list[SigningCard]:
    if not request.actor.may(routing_grants.VIEW):
        return []
    listed = routing.list_signings(application=card.application, viewer=request.actor)
    return [each for each in listed if each.contract == card.number]


@order(permissions.SIGN)
def sign(request: ConsoleRequest, number: str) -> HttpResponse:
    """The borrower signs here, before a member of the staff."""
    card = queries.get_contract(number, viewer=request.actor)
    now = clock.now()
    operations.record_signature(
        contract=number,
        mode="ours",
        evidence={
            "signer": card.party,
            "ip": address_of(request),
            "device": DEVICE,
            "witness": card.witness,
            "witnessed_by": request.actor.person,
        },
        signed_at=now,
        actor=request.actor,
        at=now,
    )
    return done(request, _("The contract is signed."), "console:contract", number)


@page(permissions.VIEW)
def contract_file(request: ConsoleRequest, number: str) -> HttpResponse:
    """The PDF of a contract, or (with ``copy``) the funder's signed copy."""
    name, content = queries.read_document(
        number, signed=request.GET.get("copy") == "signed", viewer=request.actor
    )
    answer = HttpResponse(content, content_type="application/pdf")
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "-_.") or number
    answer["Content-Disposition"] = f'attachment; filename="{safe}"'
    answer["Cache-Control"] = "no-store"
    return answer
