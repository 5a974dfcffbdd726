"""Imports on a page: which versions of which files brought loans in, and what was taken back."""

from __future__ import annotations

from django.http import HttpResponse

from loanops.loanbook.servicing import permissions, queries
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page(permissions.VIEW, needs_book=True)
def imports(request: ConsoleRequest) -> HttpResponse:
    """The imports of the book, the newest first."""
    cards = queries.list_imports(book=request.book.code, viewer=request.actor)
    return render(request, "console/migration/imports.html", {"cards": cards})
