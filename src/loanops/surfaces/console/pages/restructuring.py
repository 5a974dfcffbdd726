"""The restructurings of a loan: before and after of each, as known when it was booked."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse

from loanops.kernel.allocation import Component
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import RestructuringCard, ScheduleLine
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render

_COMPONENTS = (Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY)


@dataclass(frozen=True)
class Shown:
    """A restructuring as the page shows it: by component, and the schedule beside what it was."""

    card: RestructuringCard
    parts: list[tuple[str, list[int]]]
    lines: list[tuple[ScheduleLine, ScheduleLine | None, int]]
    gone: list[tuple[ScheduleLine, int]]


@page(permissions.VIEW, needs_book=True)
def restructurings(request: ConsoleRequest, number: str) -> HttpResponse:
    """What was agreed anew of a loan, the newest first."""
    loan = queries.get_loan(number=number, viewer=request.actor)
    cards = queries.list_restructurings(number=number, viewer=request.actor)
    currency = next(each.currency for each in request.desk.books if each.code == loan.book)
    context = {
        "loan": loan,
        "currency": currency,
        "shown": [_shown(card) for card in reversed(cards)],
    }
    return render(request, "console/servicing/restructurings.html", context)


def _shown(card: RestructuringCard) -> Shown:
    was = {line.number: line for line in card.before.schedule}
    now = {line.number for line in card.after.schedule}
    parts = (card.before.unpaid, card.capitalised, card.carried, card.waived, card.after.unpaid)
    return Shown(
        card=card,
        parts=[
            (component.value, [each.of(component) for each in parts]) for component in _COMPONENTS
        ],
        lines=[
            (line, was.get(line.number), line.fee_minor + line.penalty_minor)
            for line in card.after.schedule
        ],
        gone=[
            (line, line.fee_minor + line.penalty_minor)
            for line in card.before.schedule
            if line.number not in now
        ],
    )
