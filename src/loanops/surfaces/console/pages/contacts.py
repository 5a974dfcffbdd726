"""The page of contacts: what was sent to whom (masked), and how it went."""

from __future__ import annotations

from django.http import HttpResponse

from loanops.registry.contacts import permissions, queries
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page(permissions.VIEW, needs_book=True)
def messages(request: ConsoleRequest) -> HttpResponse:
    """The messages of the book, newest first; no text is kept."""
    before = request.GET.get("before", "")[:32]
    listed = queries.list_messages(
        book=request.book.code,
        before=before if before.isprintable() else "",
        viewer=request.actor,
    )
    context = {
        "listed": listed,
        "next": listed[-1].number if len(listed) == queries.PAGE else None,
    }
    return render(request, "console/contacts/messages.html", context)
