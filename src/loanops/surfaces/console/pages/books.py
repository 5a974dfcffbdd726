"""Pages of the books: choosing one, and the close of its day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from loanops.kernel.refusals import BadField, NotFound
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import permissions, queries
from loanops.platform.web import clock
from loanops.surfaces.console.forms.servicing import CloseForm
from loanops.surfaces.console.pages.shell import (
    ConsoleRequest,
    done,
    order,
    page,
    render,
    safe_next,
)

# A close of many days runs by the command line, where it shows its progress.
DAYS_MAX = 5


@order()
def choose_book(request: ConsoleRequest) -> HttpResponse:
    """The book that pages show from now on, for this session."""
    code = request.POST.get("book", "")
    if code not in {book.code for book in request.desk.books}:
        raise NotFound(kind="book", number=code)
    request.session["book"] = code
    return HttpResponseRedirect(safe_next(request))


def _by_day(steps: list[queries.StepCard]) -> Iterator[tuple[date, list[queries.StepCard]]]:
    for on, day in groupby(steps, key=lambda step: step.on):
        yield on, list(reversed(list(day)))


@page(permissions.VIEW, needs_book=True)
def day_close(request: ConsoleRequest) -> HttpResponse:
    """The open day, and the steps of the days before."""
    steps = queries.list_steps(book=request.book.code)
    upcoming = request.book.business_date + timedelta(days=1)
    context = {
        "book": request.book,
        "days": list(_by_day(steps)),
        "plan": [step.name for step in CLOSE],
        "may_close": request.actor.may(loan_grants.CLOSE_DAY),
        "form": CloseForm(initial={"until": upcoming}),
        "upcoming": upcoming,
    }
    return render(request, "console/books/day_close.html", context)


@order(loan_grants.CLOSE_DAY, needs_book=True)
def close_day(request: ConsoleRequest) -> HttpResponse:
    """Close the open business day, or a few of them."""
    until: date = CloseForm(request.POST).read()["until"]
    if (until - request.book.business_date).days > DAYS_MAX:
        raise BadField(
            field=_("Business date after the close"),
            problem="close at most five days here; for more use the command line",
        )
    closed = servicing.close_day(
        book=request.book.code, until=until, actor=request.actor, at=clock.now()
    )
    words = _("Closed days: %(count)s. The book now stands at %(day)s.") % {
        "count": len(closed),
        "day": closed[-1].business_date.isoformat() if closed else until.isoformat(),
    }
    return done(request, words, "console:day_close")
