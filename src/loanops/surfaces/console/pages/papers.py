"""Papers of a loan: payoff quote, statement, settlement certificate, repayment calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language

from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.queries import PaperDays, Reading
from loanops.platform.vault import permissions as vault
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.pages.naming import partner_names
from loanops.surfaces.console.pages.portfolio import readings
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


def _after(last: date) -> date:
    """The day at which a period ends whose last day a person names."""
    return last + timedelta(days=1) if last < date.max else last


def _reading(request: ConsoleRequest) -> Reading:
    """With which knowledge a statement is asked for; what is known now where nobody says."""
    then = request.GET.get("reading") == Reading.THEN.value
    return Reading.THEN if then else Reading.NOW


@page(permissions.VIEW, needs_book=True)
def papers(request: ConsoleRequest, number: str) -> HttpResponse:
    """The papers that a loan can be given, each with its days and what it says."""
    loan = queries.get_loan(number=number, viewer=request.actor)
    asked = request.GET
    context: dict[str, Any] = {
        "loan": loan,
        "currency": next(each.currency for each in request.desk.books if each.code == loan.book),
        "partners": partner_names(request),
        "may_unmask": request.actor.may(vault.UNMASK),
        "on": read_day(asked.get("on", "")) or loan.on,
        "since": read_day(asked.get("since", "")) or loan.disbursed_on,
        # People name the last day.
        "last": read_day(asked.get("last", "")) or loan.on,
        "reading": _reading(request).value,
        "readings": readings(),
    }
    answers: dict[str, Callable[[], Any]] = {
        "payoff": lambda: queries.get_payoff(number=number, on=context["on"], viewer=request.actor),
        "statement": lambda: queries.get_statement(
            number=number,
            since=context["since"],
            until=_after(context["last"]),
            reading=_reading(request),
            viewer=request.actor,
        ),
        "certificate": lambda: queries.get_certificate(number=number, viewer=request.actor),
    }
    for name, answer in answers.items():
        try:
            context[name] = answer()
        except Refusal as refusal:
            context[f"{name}_problem"] = words_of(refusal)
    statement = context.get("statement")
    if statement is not None:
        context["statement_lines"] = [
            (line, statement.shown_line(line)) for line in statement.lines
        ]
    return render(request, "console/servicing/papers.html", context)


@page(permissions.VIEW, needs_book=True)
def read_paper(request: ConsoleRequest, number: str, paper: str) -> HttpResponse:
    """One paper as a file."""
    on, since, last = (read_day(request.GET.get(name, "")) for name in ("on", "since", "last"))
    made = operations.issue_paper(
        number=number,
        paper=paper,
        days=PaperDays(on, since, last and _after(last), _reading(request)),
        form=request.GET.get("form", "pdf"),
        chinese=(get_language() or "zh").startswith("zh"),
        actor=request.actor,
        at=clock.now(),
    )
    return HttpResponse(
        made.content,
        content_type=made.kind,
        headers={"Content-Disposition": f'attachment; filename="{made.name}"'},
    )
