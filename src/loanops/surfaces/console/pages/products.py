"""Pages of products: versions in force, their terms, and what a loan would cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import FirstRead
from loanops.platform.web.words import words_of
from loanops.registry.compliance import queries as compliance
from loanops.registry.products import permissions, queries
from loanops.registry.products.queries import Preview, ProductVersionCard
from loanops.surfaces.console.forms.products import TrialForm
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render


@page(permissions.VIEW, needs_book=True)
def products(request: ConsoleRequest) -> HttpResponse:
    """The products offered today, and every version there was."""
    book, on = request.book.code, request.book.business_date
    every = queries.list_versions(book=book, viewer=request.actor)
    live = {card.number for card in queries.list_versions(book=book, on=on, viewer=request.actor)}
    context = {
        "live": [card for card in every if card.number in live],
        "others": [card for card in every if card.number not in live],
        "on": on,
    }
    return render(request, "console/products/products.html", context)


@page(permissions.VIEW, needs_book=True)
def product(request: ConsoleRequest, number: str) -> HttpResponse:
    """One version with its terms and a trial calculation."""
    card = queries.get_version_by_number(number, viewer=request.actor)
    every = queries.list_versions(book=card.book, viewer=request.actor)
    first, index_unknown = _first(card, request.book.business_date)
    said = request.GET.copy()
    said.pop("chart", None)
    form = TrialForm(said or None, card=card, first=first)
    trial = _trial(request, card, form)
    context = {
        "product": card,
        "first": first,
        "index_unknown": index_unknown,
        "versions": [each for each in every if each.product == card.product],
        "form": form,
        **trial,
    }
    drawn = [trial["chart"]] if trial else []
    return charts.asked(request, *drawn) or render(
        request, "console/products/product.html", context
    )


def _first(card: ProductVersionCard, on: date) -> tuple[FirstRead | None, str]:
    """What the first rate of a product is read as today, and why it cannot be."""
    series = compliance.reference_series(book=card.book)
    try:
        return queries.first_rate(card, series=series, on=on), ""
    except Refusal as refusal:
        return None, words_of(refusal)


def _trial(request: ConsoleRequest, card: ProductVersionCard, form: TrialForm) -> dict[str, Any]:
    asked = form.read() if form.is_bound else form.defaults()
    rate: Decimal | None = asked["annual_rate"]
    if rate is None:
        return {}
    on = request.book.business_date
    trial = queries.preview(
        card,
        principal_minor=asked["amount_minor"],
        instalments=asked["instalments"],
        annual_rate=rate,
        start_date=on,
    )
    answer = compliance.may_offer(
        book=card.book, lender_kind=asked["lender_kind"], cost=trial.cost, on=on
    )
    return {
        "trial": trial,
        "answer": answer,
        "principal_minor": asked["amount_minor"],
        "paid_minor": sum(row.total_minor for row in trial.schedule.rows),
        "chart": _stacked(trial, card.currency),
    }


def _stacked(trial: Preview, currency: str) -> Chart:
    rows = trial.schedule.rows
    return charts.schedule(
        "trial",
        labels=[row.due_date.isoformat() for row in rows],
        principal=[row.principal_minor for row in rows],
        interest=[row.interest_minor for row in rows],
        fees=[row.fees_minor for row in rows],
        currency=currency,
    )
