"""Pages of the ledger: the trial balance, now or as known at the end of a day."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from loanops.money.ledger import permissions, queries
from loanops.platform.web.templatetags import in_language
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


def account_name(line: queries.ChartLine) -> str:
    """An account's name in the reader's language."""
    return in_language({"zh-hans": line.name.get("zh", ""), **line.name})


@page(permissions.VIEW, needs_book=True)
def trial_balance(request: ConsoleRequest) -> HttpResponse:
    """Every account of the book; both totals are equal, or something is badly wrong."""
    on: date | None = read_day(request.GET.get("on", ""))
    balance = queries.trial_balance(book=request.book.code, on=on, viewer=request.actor)
    chart = queries.chart()
    rows = []
    for card in balance.rows:
        head, _, channel = card.code.partition(":")
        line = chart.get(head)
        name = account_name(line) if line else head
        rows.append((card, name, line.kind if line else "", channel or card.dimension))
    context = {"balance": balance, "rows": rows, "on": on}
    return render(request, "console/ledger/trial_balance.html", context)
