"""Outlook and hindsight of a loan: what a payment would do, and how it stood on a past day."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import BadField, NotFound
from loanops.loanbook.servicing import permissions, queries
from loanops.platform.books import queries as books
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_loan
from loanops.surfaces.api.shapes import Amount, Day, published, shown

router = Router(tags=["loans"])

Outlook = published(queries.Outlook)
_KNOWN = frozenset({"known_at"})
Past = published(queries.PastCard, leave_out=_KNOWN)
FloatingRate = published(queries.FloatingCard, name="FloatingRate")


class OutlookWanted(BaseModel):
    """An amount and the day it would be paid on, the open business day where none is given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    amount: Amount
    on: Day | None = None


class PastWanted(BaseModel):
    """Which past business day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Day


@router.get("/loans/{number}/outlook", response=Outlook, auth=Key(permissions.VIEW))
def get_loan_outlook(request: Asked, number: str, wanted: Query[OutlookWanted]) -> dict[str, Any]:
    """What paying an amount on a day, today or later, would do; nothing is booked."""
    actor = actor_of(request)
    card = own_loan(number, actor)
    currency = books.get_book(card.book).currency
    found = queries.get_outlook(
        number=number,
        on=wanted.on or card.on,
        amount_minor=parse_amount(wanted.amount, currency),
        viewer=actor,
    )
    return shown(found, currency)


@router.get("/loans/{number}/past", response=Past, auth=Key(permissions.VIEW))
def get_loan_past(request: Asked, number: str, wanted: Query[PastWanted]) -> dict[str, Any]:
    """A loan at the end of a past day: as it was known then, and as recalculated now."""
    actor = actor_of(request)
    card = own_loan(number, actor)
    if wanted.on > card.on:
        raise BadField(field="on", problem="must not lie after the business date")
    found = queries.get_past(number=number, on=wanted.on, viewer=actor)
    return shown(found, books.get_book(card.book).currency, leave_out=_KNOWN)


@router.get("/loans/{number}/floating-rate", response=FloatingRate, auth=Key(permissions.VIEW))
def get_loan_floating_rate(request: Asked, number: str) -> dict[str, Any]:
    """Which index a loan follows, when it is read next, and the rate of the business day."""
    actor = actor_of(request)
    card = own_loan(number, actor)
    found = queries.find_floating(number=number, viewer=actor)
    if found is None:
        raise NotFound(kind="loan with a floating rate", number=number)
    return shown(found, books.get_book(card.book).currency)
