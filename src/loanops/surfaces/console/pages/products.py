"""Pages of products: versions in force, their terms, and what a loan would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from loanops.registry.compliance import queries as compliance
from loanops.registry.products import permissions, queries
from loanops.registry.products.queries import Preview, ProductVersionCard
from loanops.surfaces.console.forms.products import TrialForm
from loanops.surfaces.console.pages import charts
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
    form = TrialForm(request.GET or None, card=card)
    context = {
        "product": card,
        "versions": [each for each in every if each.product == card.product],
        "form": form,
        **_trial(request, card, form),
    }
    return render(request, "console/products/product.html", context)


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


def _stacked(trial: Preview, currency: str) -> dict[str, Any]:
    rows = trial.schedule.rows
    return charts.schedule(
        labels=[row.due_date.isoformat() for row in rows],
        principal=[row.principal_minor for row in rows],
        interest=[row.interest_minor for row in rows],
        fees=[row.fees_minor for row in rows],
        currency=currency,
    )
