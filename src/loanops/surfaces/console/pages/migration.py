"""Imports on pages: which files brought loans in, and how one is taken back by two people."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.money.ledger import queries as ledger
from loanops.platform.web import clock
from loanops.surfaces.console.pages.ledger import account_name
from loanops.surfaces.console.pages.naming import actor_name, partner_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render

_IMPORT = "console:brought"


@page(permissions.VIEW, needs_book=True)
def imports(request: ConsoleRequest) -> HttpResponse:
    """The imports of the book, the newest first."""
    cards = queries.list_imports(book=request.book.code, viewer=request.actor)
    return render(request, "console/migration/imports.html", {"cards": cards})


@page(permissions.VIEW, needs_book=True)
def brought(request: ConsoleRequest, number: str) -> HttpResponse:
    """One import: what it held, and every request that it be taken back."""
    card = queries.get_import(number=number, viewer=request.actor)
    asked = queries.list_undo_requests(number=number, viewer=request.actor)
    context = {
        "card": card,
        "requests": [
            (
                each,
                actor_name(request, each.asked_by),
                actor_name(request, each.decided_by) if each.decided_by else "",
            )
            for each in asked
        ],
        "may_look": _may_look(request) and card.undone_on is None,
        "is_working": card.asked == "approved",
    }
    return render(request, "console/migration/import.html", context)


@page(permissions.VIEW, needs_book=True)
def undo(request: ConsoleRequest, number: str) -> HttpResponse:
    """What taking an import back would do, what stands in its way, and what was asked."""
    card = queries.get_import(number=number, viewer=request.actor)
    effect = operations.preview_undo(number=number, viewer=request.actor)
    asked = next(iter(queries.list_undo_requests(number=number, viewer=request.actor)), None)
    asked = asked if asked is not None and asked.state == "asked" else None
    is_same = asked is not None and asked.effect == effect.effect
    mine = asked is not None and asked.asked_by == request.actor.person
    may_decide = request.actor.may(permissions.APPROVE)
    is_open = not effect.happened_count and card.undone_on is None and not card.asked
    context = {
        "card": card,
        "effect": effect,
        "asked": asked,
        "asked_by": actor_name(request, asked.asked_by) if asked else "",
        "is_same": is_same,
        "mine": mine,
        "may_ask": is_open and request.actor.may(permissions.ASK_UNDO_IMPORT),
        "may_approve": is_same and may_decide and not mine,
        "may_refuse": asked is not None and (may_decide or mine),
        "partners": partner_names(request),
        "accounts": {code: account_name(line) for code, line in ledger.chart().items()},
        "currency": request.book.currency,
    }
    return render(request, "console/migration/undo.html", context)


def _may_look(request: ConsoleRequest) -> bool:
    may = request.actor.may
    return may(permissions.ASK_UNDO_IMPORT) or may(permissions.APPROVE)


@order(permissions.ASK_UNDO_IMPORT, needs_book=True)
def ask_undo(request: ConsoleRequest, number: str) -> HttpResponse:
    """Ask a colleague that an import be taken back exactly as it was shown."""
    asked = operations.ask_undo(
        number=number,
        seen=request.POST.get("effect", ""),
        reason=request.POST.get("reason", ""),
        actor=request.actor,
        at=clock.now(),
    )
    words = _("Request %(number)s waits for a colleague.") % {"number": asked}
    return done(request, words, _IMPORT, number)


@order(permissions.APPROVE, needs_book=True)
def approve_undo(request: ConsoleRequest, number: str) -> HttpResponse:
    """Let an import be taken back, as it was shown."""
    operations.approve_undo(
        number=number,
        seen=request.POST.get("effect", ""),
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The loans are being taken back."), _IMPORT, number)


@order(permissions.VIEW, needs_book=True)
def refuse_undo(request: ConsoleRequest, number: str) -> HttpResponse:
    """Refuse that an import be taken back, or take an own request back."""
    operations.refuse_undo(
        number=number,
        note=request.POST.get("reason", ""),
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The request is refused."), _IMPORT, number)
