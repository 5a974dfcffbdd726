"""Subscriptions: which events are posted where, and what became of each posting."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from loanops.platform.webhooks import operations, permissions, queries
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, place_of, whole_place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import Strict, Text, Wanted, listed, published, shape, shown

router = Router(tags=["webhooks"])

Subscription = published(queries.SubscriptionCard)
Posting = published(queries.PostingCard)


class NewSubscription(Strict):
    """What is wanted where."""

    url: Annotated[str, Field(max_length=500, examples=["https://partner.example/hooks"])]
    events: Annotated[list[Text], Field(min_length=1, max_length=50, examples=[["*"]])]


class NewSecret(Strict):
    """Nothing is asked of the caller but the order itself."""


Subscribed = shape(
    "Subscribed",
    "A subscription; its secret is there in the first answer and never again.",
    subscription=Subscription,
    secret=str | None,
)


@router.get("", response=listed(Subscription), auth=Key(permissions.VIEW))
def list_webhooks(request: Asked, wanted: Query[Wanted]) -> dict[str, Any]:
    """Every subscription of the key."""
    after = place_of(wanted.cursor, of="webhooks")
    rows = queries.list_subscriptions(viewer=actor_of(request), after=after, limit=wanted.limit + 1)
    items = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return {
        "items": [shown(row, "") for row in items],
        "next_cursor": cursor_at(items[-1].number, of="webhooks") if more else None,
    }


@router.post("", response={201: Subscribed}, auth=Key(permissions.MANAGE))
def create_webhook(request: Asked, body: NewSubscription) -> HttpResponse:
    """Have events posted to an address, signed as Standard Webhooks."""
    made: list[operations.Subscribed] = []

    def do(at: datetime) -> dict[str, Any]:
        made.append(
            operations.subscribe(
                url=body.url,
                events=tuple(body.events),
                partner=request.auth.partner,
                actor=actor_of(request),
                at=at,
            )
        )
        return {"subscription": shown(made[0].card, ""), "secret": None}

    return once(request, do, status=201, shown_once=lambda: {"secret": made[0].secret})


@router.get("/{number}", response=Subscription, auth=Key(permissions.VIEW))
def get_webhook(request: Asked, number: str) -> dict[str, Any]:
    """One subscription."""
    return shown(queries.get_subscription(number, viewer=actor_of(request)), "")


@router.delete("/{number}", response=Subscription, auth=Key(permissions.MANAGE))
def disable_webhook(request: Asked, number: str) -> HttpResponse:
    """Post nothing more to this subscription; what was posted stays readable."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.disable(number=number, reason="by hand", actor=actor_of(request), at=at)
        return shown(card, "")

    return once(request, do)


@router.post("/{number}/secret", response=Subscribed, auth=Key(permissions.MANAGE))
def rotate_webhook_secret(request: Asked, number: str, body: NewSecret) -> HttpResponse:
    """Make a new secret; the one before signs beside it for a day."""
    del body
    made: list[operations.Subscribed] = []

    def do(at: datetime) -> dict[str, Any]:
        made.append(operations.rotate_secret(number=number, actor=actor_of(request), at=at))
        return {"subscription": shown(made[0].card, ""), "secret": None}

    return once(request, do, shown_once=lambda: {"secret": made[0].secret})


@router.get("/{number}/postings", response=listed(Posting), auth=Key(permissions.VIEW))
def list_webhook_postings(request: Asked, number: str, wanted: Query[Wanted]) -> dict[str, Any]:
    """What was posted to a subscription, by sequence."""
    place = f"postings:{number}"
    rows = queries.list_postings(
        number,
        viewer=actor_of(request),
        after=whole_place_of(wanted.cursor, of=place),
        limit=wanted.limit + 1,
    )
    items = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return {
        "items": [shown(row, "") for row in items],
        "next_cursor": cursor_at(items[-1].sequence, of=place) if more else None,
    }
