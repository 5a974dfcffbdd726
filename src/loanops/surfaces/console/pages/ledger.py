"""Pages of the ledger: the trial balance, now or as known at the end of a day."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse

from loanops.money.ledger import permissions, queries
from loanops.platform.web.templatetags import in_language, percent
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.pages.naming import channel_name, partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


def account_name(line: queries.ChartLine) -> str:
    """An account's name in the reader's language."""
    return in_language({"zh-hans": line.name.get("zh", ""), **line.name})


def kept_apart_for(request: ConsoleRequest, dimension: str) -> str:
    """What a line is kept apart for: product, funder and rate of a pool, or another code."""
    product, *rest = dimension.split("/")
    if len(rest) < len(("funder", "rate", "terms")):
        return dimension
    names, partners = product_names(request), partner_names(request)
    funder, rate = rest[:2]
    shown = (
        in_language(names.get(product)) or product,
        in_language(partners.get(funder)) or funder,
    )
    return " · ".join((*shown, percent(rate)))


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
        of = channel_name(request, channel) if channel else kept_apart_for(request, card.dimension)
        rows.append((card, name, line.kind if line else "", of))
    context = {"balance": balance, "rows": rows, "on": on}
    return render(request, "console/ledger/trial_balance.html", context)
