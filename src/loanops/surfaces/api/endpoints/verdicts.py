"""Verdicts: what was decided of an application, with the reasons that the applicant is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import get_language
from ninja import Router

from loanops.kernel.money import format_amount
from loanops.origination.applications import permissions
from loanops.origination.applications import queries as applications
from loanops.origination.decisioning import permissions as decisioning_permissions
from loanops.origination.decisioning import queries
from loanops.origination.decisioning.queries import VerdictCard
from loanops.platform.books import queries as books
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seeing
from loanops.surfaces.api.shapes import MoneyText, Shown, listed, plain

router = Router(tags=["applications"])


class Reason(Shown):
    """Why: a stable code, and its sentence in the language of `Accept-Language`."""

    code: str
    sentence: str


class Verdict(Shown):
    """One verdict. Scores and rules stay in the house; what the applicant is told is here.

    `missing` and `wrong` name the facts that kept a strategy from deciding, so that they can be
    sent; `offered` is the amount that may be lent at most.
    """

    number: str
    application: str
    place: int
    outcome: str
    reasons: list[Reason]
    missing: list[str]
    wrong: list[str]
    offered: MoneyText | None
    currency: str
    decided_at: datetime
    decided_on: date


def _said(card: VerdictCard, currency: str) -> dict[str, Any]:
    language = get_language() or "en"
    offered = card.offered_minor
    return {
        "number": card.number,
        "application": card.application,
        "place": card.place,
        "outcome": card.outcome,
        "reasons": [
            {"code": code, "sentence": card.sentences.get(code, {}).get(language, code)}
            for code in card.reasons
        ],
        "missing": list(card.outputs.get("missing", ())),
        "wrong": list(card.outputs.get("wrong", ())),
        "offered": None if offered is None else format_amount(offered, currency),
        "currency": currency,
        "decided_at": plain(card.decided_at, currency),
        "decided_on": card.decided_on,
    }


@router.get("/{number}/verdicts", response=listed(Verdict, paged=False), auth=Key(permissions.VIEW))
def list_application_verdicts(request: Asked, number: str) -> dict[str, Any]:
    """What was decided of an application, in order; a person's verdict follows a referral."""
    actor = actor_of(request)
    currency = books.get_book(applications.get_application(number, viewer=actor).book).currency
    viewer = seeing(actor, decisioning_permissions.VIEW)
    found = queries.verdicts_of(application=number, viewer=viewer)
    return {"items": [_said(card, currency) for card in found]}
