"""Guarantees in words: what the guarantor of a loan pays for, and when."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel import wire
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import (
    ClaimCard,
    CompensationPage,
    CompensationsDue,
    LoanCard,
)
from loanops.platform.web.templatetags import day, in_language, money
from loanops.surfaces.console.forms.changing import Choices
from loanops.surfaces.console.pages import sheets
from loanops.surfaces.console.pages.naming import partner_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render
from loanops.surfaces.console.pages.telling import guarantee_in_words

_PAGE, _FILE = 50, 5_000
_HEAD = (
    "loan", "instalment", "funder", "guarantor", "agreement", "due_on", "dpd", "first_on",
    "principal", "interest", "fee", "penalty", "price", "currency",
)  # fmt: skip


@page(permissions.VIEW, needs_book=True)
def compensations(request: ConsoleRequest) -> HttpResponse:
    """What guarantors are to pay for by their agreements today, each leading to its effect."""
    listed = _due(request, _PAGE)
    context = {
        "lines": listed.lines,
        "loans": len({line.loan for line in listed.lines}),
        "next": listed.next,
        "on": listed.on,
        "partners": partner_names(request),
        "price_minor": sum(line.price_minor for line in listed.lines),
        "may_book": request.actor.may(permissions.CHANGES["compensated"]),
        "guarantor": request.GET.get("guarantor", ""),
    }
    return render(request, "console/servicing/compensations.html", context)


@page(permissions.VIEW, needs_book=True)
def export_compensations(request: ConsoleRequest) -> HttpResponse:
    """The same as a CSV file, of the first loans from where the page stands."""
    listed, currency = _due(request, _FILE), request.book.currency
    rows = [
        (
            line.loan, line.number, line.funder, line.guarantor, line.agreement, line.due_on,
            line.dpd, line.first_on, sheets.amount(line.principal_minor, currency),
            sheets.amount(line.interest_minor, currency), sheets.amount(line.fee_minor, currency),
            sheets.amount(line.penalty_minor, currency), sheets.amount(line.price_minor, currency),
            currency,
        )
        for line in listed.lines
    ]  # fmt: skip
    return sheets.answer(f"compensations-{request.book.code}-{listed.on}.csv", _HEAD, rows)


def _due(request: ConsoleRequest, limit: int) -> CompensationPage:
    wanted = CompensationsDue(
        book=request.book.code,
        guarantor=request.GET.get("guarantor", ""),
        funder=request.GET.get("funder", ""),
        after=request.GET.get("before", ""),
        limit=limit,
    )
    return queries.list_compensations_due(wanted=wanted, viewer=request.actor)


def why_not_compensated(request: ConsoleRequest, loan: LoanCard) -> str:
    """Why the guarantor of a loan pays for nothing today; empty where they do."""
    if not loan.guarantor:
        return _("Nobody guarantees this loan.")
    card = queries.get_guarantee(number=loan.number, viewer=request.actor)
    if card.guarantee is None or any(claim.is_due for claim in card.claims):
        return ""
    if not card.claims:
        return _("Nothing is open that the guarantor pays for.")
    first_on = min(claim.first_on for claim in card.claims)
    return _("The guarantor pays from %(day)s at the earliest.") % {"day": day(first_on)}


def agreed_in_words(request: ConsoleRequest, loan: LoanCard) -> str:
    """What the agreement of a loan says of its guarantor, as one line."""
    card = queries.get_guarantee(number=loan.number, viewer=request.actor)
    if not card.guarantor:
        return ""
    name = in_language(partner_names(request).get(card.guarantor)) or card.guarantor
    if card.compensation_days is None and card.guarantee is None:
        return _("%(guarantor)s pays as agreed from case to case.") % {"guarantor": name}
    said = [
        _("%(guarantor)s pays from %(days)s days past due (agreement %(agreement)s).")
        % {"guarantor": name, "days": card.compensation_days, "agreement": card.agreement}
    ]
    if card.guarantee is not None:
        said.append(guarantee_in_words(wire.write_row(card.guarantee), request.book.currency))
    return " ".join(said)


def claims_to_choose(request: ConsoleRequest, loan: LoanCard, currency: str) -> Choices | None:
    """What the guarantor pays for by agreement, the oldest first; none where none is agreed."""
    if not loan.guarantor:
        return None
    card = queries.get_guarantee(number=loan.number, viewer=request.actor)
    if card.guarantee is None:
        return None
    due = [claim for claim in card.claims if claim.is_due]
    return [_choice(claim, currency) for claim in due or card.claims[:1]]


def _choice(claim: ClaimCard, currency: str) -> tuple[str, str]:
    if claim.number is None:
        return "", f"{_('the whole claim')} · {money(claim.price_minor, currency)}"
    told = f"{claim.number} · {day(claim.due_on)} · {money(claim.price_minor, currency)}"
    return str(claim.number), told
