"""Reference rates: what published indices are from which day on."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.loanbook.servicing import permissions as servicing_permissions
from loanops.loanbook.servicing import queries as servicing
from loanops.registry.compliance import operations, permissions, queries
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import Day, Rate, Strict, Text, Word, listed, published, shown

router = Router(tags=["products"])

ReferenceRate = published(queries.ReferenceRateCard)
IndexEffects = published(servicing.IndexEffects)


class RatesWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class EffectsWanted(BaseModel):
    """Of which book, and what the rate would be from which day on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word
    effective_from: Day
    rate_annual: Rate


class NewReferenceRate(Strict):
    """What a published rate is from a day on, and the publication it stands in."""

    book: Word
    key: Word
    rate_annual: Rate
    effective_from: Day
    document: Text


@router.get(
    "/reference-rates", response=listed(ReferenceRate, paged=False), auth=Key(permissions.VIEW)
)
def list_reference_rates(request: Asked, wanted: Query[RatesWanted]) -> dict[str, Any]:
    """The reference rates of a book, each with its figures, the newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_reference_rates(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}


@router.post(
    "/reference-rates",
    response={201: listed(ReferenceRate, paged=False)},
    auth=Key(permissions.SET_RATE),
)
def record_reference_rate(request: Asked, body: NewReferenceRate) -> HttpResponse:
    """Record what a published rate is from a day on; the answer is all of its figures."""
    actor = actor_of(request)
    book = seen_book(body.book, actor)

    def do(at: datetime) -> dict[str, Any]:
        operations.record_reference_rate(
            book=book.code,
            key=body.key,
            rate_annual=Decimal(body.rate_annual),
            effective_from=body.effective_from,
            document=body.document,
            actor=actor,
            at=at,
        )
        found = queries.list_reference_rates(book=book.code, viewer=actor)
        return {"items": [shown(card, book.currency) for card in found if card.key == body.key]}

    return once(request, do, status=201)


@router.get(
    "/reference-rates/{key}/effects",
    response=IndexEffects,
    auth=Key(servicing_permissions.VIEW),
)
def get_reference_rate_effects(
    request: Asked, key: str, wanted: Query[EffectsWanted]
) -> dict[str, Any]:
    """The loans that read this rate otherwise than they would with a figure; nothing is booked."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = servicing.index_effects(
        book=book.code,
        key=key,
        effective_from=wanted.effective_from,
        rate_annual=Decimal(wanted.rate_annual),
        viewer=actor,
    )
    return shown(found, book.currency)
