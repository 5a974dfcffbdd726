"""Changes of loans: what one would do, ordering it, and the second person who approves."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from loanops.kernel.money import parse_amount
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.operations import ChangeIn
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.endpoints.receipts import check_channel
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_loan, seen_book
from loanops.surfaces.api.shapes import (
    Day,
    Note,
    Strict,
    Text,
    Whole,
    Word,
    listed,
    published,
    shape,
    shown,
)

router = Router(tags=["loans"])

Effect = published(operations.EffectCard)
Request = published(queries.RequestCard, name="ChangeRequest")
RequestMade = shape("RequestMade", "A change that waits for a second person.", request=str)
Value = Annotated[str, StringConstraints(max_length=64)] | StrictBool | Whole
Digest = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]


class ChangeAsked(Strict):
    """A change of a loan: its kind, its day, and what that kind says beside it.

    Amounts are decimal strings (`amount`, `price`, `principal_waived`, the `fee` of an extension);
    money that comes with it is named by `channel` and `pay_no`.
    """

    kind: Word
    on: Day
    values: Annotated[dict[Word, Value], Field(max_length=12)] = {}
    channel: Note = ""
    pay_no: Note = ""


class ChangeOrdered(ChangeAsked):
    """A change as it was shown: `digest` is that of the effect, `reason` says why."""

    digest: Digest
    reason: Text


class RequestsWanted(BaseModel):
    """Which requests."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word
    loan: Note = ""
    waiting: bool = True


class RefusalNoted(Strict):
    """Why a request is refused."""

    note: Text


def _asked(number: str, body: ChangeAsked, request: Asked) -> tuple[ChangeIn, str]:
    """The change that is asked for, and the currency of its loan."""
    card = own_loan(number, actor_of(request))
    currency = books.get_book(card.book).currency
    event = operations.ORDERS.get(body.kind)
    says = event.event.__dataclass_fields__ if event else {}
    values: dict[str, Any] = {}
    for name, value in body.values.items():
        is_amount = f"{name}_minor" in says
        values[f"{name}_minor" if is_amount else name] = (
            parse_amount(value, currency) if is_amount and isinstance(value, str) else value
        )
    if body.channel:
        check_channel(body.channel, request)
    change = ChangeIn(
        loan=number,
        kind=body.kind,
        on=body.on,
        values=values,
        channel=body.channel,
        pay_no=body.pay_no,
    )
    return change, currency


@router.post(
    "/loans/{number}/changes/preview",
    response=Effect,
    auth=Key(permissions.VIEW, asks_only=True),
    openapi_extra={"x-changes": False},
)
def preview_change(request: Asked, number: str, body: ChangeAsked) -> dict[str, Any]:
    """What a change of a loan would do to schedule, balances, cost and postings."""
    asked, currency = _asked(number, body, request)
    card = operations.preview_change(asked=asked, viewer=actor_of(request))
    return shown(card, currency)


@router.post("/loans/{number}/changes", response={201: Effect}, auth=Key(permissions.VIEW))
def change_loan(request: Asked, number: str, body: ChangeOrdered) -> HttpResponse:
    """Order a change of a loan exactly as it was shown."""
    asked, currency = _asked(number, body, request)

    def do(at: datetime) -> dict[str, Any]:
        card = operations.change(
            asked=asked, seen=body.digest, reason=body.reason, actor=actor_of(request), at=at
        )
        return shown(card, currency)

    return once(request, do, status=201)


@router.post(
    "/loans/{number}/change-requests", response={201: RequestMade}, auth=Key(permissions.VIEW)
)
def ask_change(request: Asked, number: str, body: ChangeOrdered) -> HttpResponse:
    """Ask for a change that takes a second person."""
    asked, _ = _asked(number, body, request)

    def do(at: datetime) -> dict[str, Any]:
        made = operations.ask_change(
            asked=asked, seen=body.digest, reason=body.reason, actor=actor_of(request), at=at
        )
        return {"request": made}

    return once(request, do, status=201)


@router.get("/change-requests", response=listed(Request, paged=False), auth=Key(permissions.VIEW))
def list_change_requests(request: Asked, wanted: Query[RequestsWanted]) -> dict[str, Any]:
    """Changes that wait for a second person, or all that were asked for."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_requests(
        book=book.code, viewer=actor, loan=wanted.loan, waiting=wanted.waiting
    )
    return {"items": [shown(card, book.currency) for card in found]}


@router.post("/change-requests/{number}/approval", response=Effect, auth=Key(permissions.APPROVE))
def approve_change(request: Asked, number: str) -> HttpResponse:
    """Book a change that a colleague asked for."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        card = operations.approve_change(request=number, actor=actor, at=at)
        return shown(card, books.get_book(own_loan(card.loan, actor).book).currency)

    return once(request, do)


@router.post(
    "/change-requests/{number}/refusal", response={204: None}, auth=Key(permissions.APPROVE)
)
def refuse_change(request: Asked, number: str, body: RefusalNoted) -> HttpResponse:
    """Refuse a change that a colleague asked for."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        operations.refuse_change(request=number, note=body.note, actor=actor, at=at)
        return {}

    return once(request, do, status=204)
