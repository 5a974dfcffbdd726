"""Pages of the books: choosing one, and the close of its day."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from django.http import HttpResponse, HttpResponseRedirect

from loanops.kernel.refusals import NotFound
from loanops.platform.books import permissions, queries
from loanops.surfaces.console.pages.shell import ConsoleRequest, order, page, render, safe_next


@order()
def choose_book(request: ConsoleRequest) -> HttpResponse:
    """The book that pages show from now on, for this session."""
    code = request.POST.get("book", "")
    if code not in {book.code for book in request.desk.books}:
        raise NotFound(kind="book", number=code)
    request.session["book"] = code
    return HttpResponseRedirect(safe_next(request))


def _by_day(steps: list[queries.StepCard]) -> Iterator[tuple[object, list[queries.StepCard]]]:
    for on, day in groupby(steps, key=lambda step: step.on):
        yield on, list(reversed(list(day)))


@page(permissions.VIEW, needs_book=True)
def day_close(request: ConsoleRequest) -> HttpResponse:
    """The open day, and the steps of the days before."""
    steps = queries.list_steps(book=request.book.code)
    context = {"book": request.book, "days": list(_by_day(steps))}
    return render(request, "console/books/day_close.html", context)
