"""Promotions: launch, end, list; and taking one for an offer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import BadField
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts import permissions as contract_grants
from loanops.origination.contracts.queries import OfferCard
from loanops.platform.books.queries import BookCard
from loanops.registry.products import operations, permissions, queries
from loanops.registry.products.queries import PromotionEffect, Rule
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.endpoints.contracts import OFFER_UNSAID, Offer
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_offer, seen_book
from loanops.surfaces.api.shapes import (
    Amount,
    Day,
    Rate,
    Strict,
    Text,
    Whole,
    Word,
    listed,
    published,
    shown,
)

router = Router(tags=["products"])

Promotion = published(queries.PromotionCard)
Redemption = published(contracts.Redemption, leave_out=frozenset({"offer"}))
Code = Annotated[str, StringConstraints(min_length=3, max_length=24)]


class PromotionsWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class PromotionLaunched(Strict):
    """A promotion: a fee's share (`fraction`) or amount (`less`), or points of the rate."""

    book: Word
    code: Code
    name: Annotated[dict[Word, Text], Field(max_length=4)]
    effect: PromotionEffect
    fraction: Rate | None = None
    less: Amount | None = None
    charging_party: Word | None = None
    products: Annotated[list[Word], Field(max_length=50)] = []
    funders: Annotated[list[Word], Field(max_length=50)] = []
    amount_min: Amount = "0"
    uses_max: Whole | None = None
    effective_from: Day
    effective_to: Day | None = None


class PromotionEnded(Strict):
    """From which day on it is over, and why."""

    effective_to: Day
    reason: Text


class CodeBrought(Strict):
    """The code that the borrower brings."""

    code: Code


@router.get("/promotions", response=listed(Promotion, paged=False), auth=Key(permissions.VIEW))
def list_promotions(request: Asked, wanted: Query[PromotionsWanted]) -> dict[str, Any]:
    """The promotions of a book, the newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_promotions(book=book.code, viewer=actor)
    return {"items": [shown(card, card.currency) for card in found]}


@router.post("/promotions", response={201: Promotion}, auth=Key(permissions.PROMOTE))
def launch_promotion(request: Asked, body: PromotionLaunched) -> HttpResponse:
    """Launch a promotion: a code that lowers what a loan costs, once for each person."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        book = seen_book(body.book, actor)
        card = operations.launch_promotion(
            book=book.code,
            code=body.code,
            name=body.name,
            rule=_rule(body, book),
            effective_from=body.effective_from,
            effective_to=body.effective_to,
            uses_max=body.uses_max,
            actor=actor,
            at=at,
        )
        return shown(card, card.currency)

    return once(request, do, status=201)


def _rule(body: PromotionLaunched, book: BookCard) -> Rule:
    wanted = "less" if body.effect is PromotionEffect.FEE_AMOUNT else "fraction"
    said = getattr(body, wanted)
    if said is None:
        raise BadField(field=wanted, problem="must be given")
    value = parse_amount(said, book.currency) if wanted == "less" else said
    return Rule(
        effect=body.effect,
        value=Decimal(value),
        charging_party=body.charging_party or "",
        products=tuple(body.products),
        funders=tuple(body.funders),
        amount_min_minor=parse_amount(body.amount_min, book.currency),
    )


@router.post("/promotions/{number}/end", response=Promotion, auth=Key(permissions.PROMOTE))
def end_promotion(request: Asked, number: str, body: PromotionEnded) -> HttpResponse:
    """End a promotion before its day; whoever holds it keeps it."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        card = operations.end_promotion(
            number=number,
            effective_to=body.effective_to,
            reason=body.reason,
            actor=actor,
            at=at,
        )
        return shown(card, card.currency)

    return once(request, do)


@router.post(
    "/offers/{number}/promotion/preview",
    response=Redemption,
    auth=Key(contract_grants.CONFIRM, asks_only=True),
    openapi_extra={"x-changes": False},
)
def preview_promotion(request: Asked, number: str, body: CodeBrought) -> dict[str, Any]:
    """What an offer would become under a promotion; it changes nothing."""
    actor = actor_of(request)
    own_offer(number, actor)
    found = contracts.preview_promotion(offer=number, code=body.code, viewer=actor)
    return shown(found, found.offer.currency, leave_out=frozenset({"offer"}))


@router.post("/offers/{number}/promotion", response={201: Offer}, auth=Key(contract_grants.CONFIRM))
def redeem_promotion(request: Asked, number: str, body: CodeBrought) -> HttpResponse:
    """Replace an offer by one that a promotion lowers; its statement is to be confirmed anew."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        own_offer(number, actor)
        card: OfferCard = contracts.redeem_promotion(
            offer=number, code=body.code, actor=actor, at=at
        )
        return shown(card, card.currency, leave_out=OFFER_UNSAID)

    return once(request, do, status=201)
