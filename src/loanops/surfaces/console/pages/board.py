"""The day board: the figures of the day, each leading to its rows."""

from __future__ import annotations

from django.http import HttpResponse

from loanops.platform.books import permissions
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page(permissions.VIEW, needs_book=True)
def board(request: ConsoleRequest) -> HttpResponse:
    """What happened today in the chosen book, and how the book stands."""
    return render(request, "console/board/board.html", {"book": request.book})
