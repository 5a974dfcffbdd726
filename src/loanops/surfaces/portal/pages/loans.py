"""The loan: what is owed next, its calendar, what paying early would save, and its papers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse

from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.queries import LoanCard, PaperDays
from loanops.platform.vault import permissions as vault
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products
from loanops.surfaces.portal.pages.shell import PortalRequest, page, render, seeing

PAPERS = ("statement", "payoff", "certificate", "calendar")


@page()
def loan(request: PortalRequest, number: str) -> HttpResponse:
    """One loan as its borrower needs it: the next payment first."""
    card = queries.get_loan(number=number, viewer=request.actor)
    rows = queries.get_schedule(number=number, viewer=request.actor)
    names = products.list_names(book=card.book, viewer=request.actor)
    owed_minor = sum(row.open_minor for row in rows if row.due_on <= card.on)
    context: dict[str, Any] = {
        "loan": card,
        "rows": rows,
        "product_name": names.get(card.product, {}),
        "partners": partners.list_names(book=card.book, viewer=request.actor),
        "owed_minor": owed_minor,
        "left_minor": sum(row.open_minor for row in rows),
        "paid_count": sum(1 for row in rows if row.standing == "paid"),
        "is_over": card.state == "settled",
    }
    if card.state in {"active", "overdue"}:
        context |= _outlook(request, card, owed_minor or card.next_due_minor)
    if request.headers.get("X-Part") == "outlook":
        return render(request, "portal/parts/outlook.html", context)
    return render(request, "portal/loan.html", context)


def _outlook(request: PortalRequest, card: LoanCard, usual_minor: int) -> dict[str, Any]:
    """What paying an amount on a day would do; at first, what is to be paid next."""
    currency = request.frame.currency
    on = _day(request.GET.get("on", "")) or card.on
    said = request.GET.get("pay", "")[:20].replace(",", "")
    context: dict[str, Any] = {"pay_on": on, "pay": said or format_amount(usual_minor, currency)}
    try:
        context["outlook"] = queries.get_outlook(
            number=card.number,
            on=on,
            amount_minor=parse_amount(context["pay"], currency),
            viewer=request.actor,
        )
    except Refusal as refusal:
        context["outlook_problem"] = words_of(refusal)
    else:
        payoff_minor = context["outlook"].payoff_minor
        context["payoff"] = format_amount(payoff_minor, currency)
        # Whole units for the slider, up to what ends the loan.
        context["pay_most"] = -(-payoff_minor // 100)
    return context


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return None


@page()
def paper(request: PortalRequest, number: str, paper: str) -> HttpResponse:
    """One paper of the loan as a file, with the own name in full."""
    if paper not in PAPERS:
        raise NotFound(kind="paper", number=paper[:20])
    made = operations.issue_paper(
        number=number,
        paper=paper,
        days=PaperDays(),
        form="pdf",
        chinese=request.frame.language.startswith("zh"),
        actor=seeing(request, vault.UNMASK),
        at=clock.now(),
    )
    disposition = f'attachment; filename="{made.name}"'
    return HttpResponse(
        made.content, content_type=made.kind, headers={"Content-Disposition": disposition}
    )
