"""Pages of runs in which floating loans read their index again."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.platform.web import clock
from loanops.registry.products import queries as products
from loanops.surfaces.console.forms.compliance import RereadForm
from loanops.surfaces.console.pages.naming import actor_name, partner_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render

_STANDINGS = ("found", "booked", "left", "aside")


@page(permissions.VIEW, needs_book=True)
def rereads(request: ConsoleRequest) -> HttpResponse:
    """The runs of the book, and how one is begun."""
    cards = queries.list_rereads(book=request.book.code, viewer=request.actor)
    asked = {name: request.GET[name] for name in ("key", "since") if name in request.GET}
    context = {
        "runs": [(card, actor_name(request, card.asked_by)) for card in cards],
        "form": RereadForm(initial={"since": request.book.business_date, **asked}),
        "may_ask": request.actor.may(permissions.CHANGE_TERMS),
    }
    return render(request, "console/rereading/rereads.html", context)


@order(permissions.CHANGE_TERMS, needs_book=True)
def ask_reread(request: ConsoleRequest) -> HttpResponse:
    """Begin a run: it is worked out by a job and shown."""
    typed = RereadForm(request.POST).read()
    run = operations.ask_reread(
        book=request.book.code,
        index=typed["key"],
        since=typed["since"],
        reason=typed["reason"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("Run %(number)s is being worked out.") % {"number": run}, _RUN, run)


_RUN = "console:reread"


@page(permissions.VIEW, needs_book=True)
def reread(request: ConsoleRequest, number: str) -> HttpResponse:
    """One run: what it comes to, its loans, and what is left to decide."""
    card = queries.get_reread(run=number, viewer=request.actor)
    standing = request.GET.get("standing", "")
    standing = standing if standing in _STANDINGS else ""
    after = request.GET.get("after", "")
    loans = queries.list_reread_loans(
        run=number,
        viewer=request.actor,
        standing=standing,
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0,
        limit=queries.LOANS_A_PAGE + 1,
    )
    mine = card.asked_by == request.actor.person
    may_decide = request.actor.may(permissions.APPROVE)
    undecided = card.state in {"planning", "asked"}
    counts = {"found": card.found, "booked": card.booked, "left": card.left, "aside": card.aside}
    more = len(loans) > queries.LOANS_A_PAGE
    shown = loans[: queries.LOANS_A_PAGE]
    context = {
        "card": card,
        "asked_by": actor_name(request, card.asked_by),
        "decided_by": actor_name(request, card.decided_by) if card.decided_by else "",
        "mine": mine,
        "may_approve": card.state == "asked" and may_decide and not mine,
        "may_refuse": undecided and (may_decide or mine),
        "is_working": card.state in {"planning", "booking"},
        "counts": counts,
        "every": sum(counts.values()),
        "standing": standing,
        "loans": shown,
        "next": shown[-1].place if more else None,
        "names": products.list_names(book=card.book, viewer=request.actor),
        "partners": partner_names(request),
        "currency": request.book.currency,
    }
    return render(request, "console/rereading/reread.html", context)


@order(permissions.APPROVE, needs_book=True)
def approve_reread(request: ConsoleRequest, number: str) -> HttpResponse:
    """Let a run be booked, as it was shown."""
    operations.approve_reread(run=number, actor=request.actor, at=clock.now())
    return done(request, _("The loans are being booked."), _RUN, number)


@order(permissions.VIEW, needs_book=True)
def refuse_reread(request: ConsoleRequest, number: str) -> HttpResponse:
    """Refuse a run, or take an own one back."""
    operations.refuse_reread(
        run=number, note=request.POST.get("reason", ""), actor=request.actor, at=clock.now()
    )
    return done(request, _("The run is refused."), _RUN, number)
