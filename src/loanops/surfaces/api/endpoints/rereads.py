"""Runs in which floating loans read their index again, where a figure of it came late."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import (
    Day,
    Strict,
    Text,
    Wanted,
    Word,
    listed,
    published,
    shape,
    shown,
)

router = Router(tags=["loans"])

Reread = published(queries.RereadCard, name="Reread")
_PLACE = frozenset({"place"})
RereadLoan = published(queries.RereadLoanCard, name="RereadLoan", leave_out=_PLACE)
RereadMade = shape("RereadMade", "A run that is being worked out.", run=str)


class RereadsWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class RereadLoansWanted(Wanted):
    """Which loans of a run."""

    standing: Literal["", "found", "booked", "left", "aside"] = ""


class RereadAsked(Strict):
    """Which index is read again, from the day of which figure on, and why."""

    book: Word
    index: Word
    since: Day
    reason: Text


class RereadRefused(Strict):
    """Why a run is refused."""

    note: Text


def _currency(book: str) -> str:
    return books.get_book(book).currency


@router.get("/rereads", response=listed(Reread, paged=False), auth=Key(permissions.VIEW))
def list_rereads(request: Asked, wanted: Query[RereadsWanted]) -> dict[str, Any]:
    """The runs of a book, the newest first; none to who sees a part of its loans."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_rereads(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}


@router.post("/rereads", response={201: RereadMade}, auth=Key(permissions.CHANGE_TERMS))
def ask_reread(request: Asked, body: RereadAsked) -> HttpResponse:
    """Begin a run: it is worked out beside, and then waits for a second person."""
    actor = actor_of(request)
    book = seen_book(body.book, actor)

    def do(at: datetime) -> dict[str, Any]:
        run = operations.ask_reread(
            book=book.code,
            index=body.index,
            since=body.since,
            reason=body.reason,
            actor=actor,
            at=at,
        )
        return {"run": run}

    return once(request, do, status=201)


@router.get("/rereads/{number}", response=Reread, auth=Key(permissions.VIEW))
def get_reread(request: Asked, number: str) -> dict[str, Any]:
    """One run: what it comes to by product and funder, and how many loans are booked."""
    card = queries.get_reread(run=number, viewer=actor_of(request))
    return shown(card, _currency(card.book))


@router.get("/rereads/{number}/loans", response=listed(RereadLoan), auth=Key(permissions.VIEW))
def list_reread_loans(
    request: Asked, number: str, wanted: Query[RereadLoansWanted]
) -> dict[str, Any]:
    """Loans of a run with what they pay before and after, and why some are not booked."""
    actor = actor_of(request)
    currency = _currency(queries.get_reread(run=number, viewer=actor).book)
    place = f"rereads:{number}:{wanted.standing}"
    found = queries.list_reread_loans(
        run=number,
        viewer=actor,
        standing=wanted.standing,
        after=int(place_of(wanted.cursor, of=place) or 0),
        limit=wanted.limit + 1,
    )
    cards = found[: wanted.limit]
    more = len(found) > wanted.limit
    return {
        "items": [shown(card, currency, leave_out=_PLACE) for card in cards],
        "next_cursor": cursor_at(str(cards[-1].place), of=place) if more else None,
    }


@router.post("/rereads/{number}/approval", response=Reread, auth=Key(permissions.APPROVE))
def approve_reread(request: Asked, number: str) -> HttpResponse:
    """Let a run that a colleague asked for be booked, as it was shown."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        operations.approve_reread(run=number, actor=actor, at=at)
        card = queries.get_reread(run=number, viewer=actor)
        return shown(card, _currency(card.book))

    return once(request, do)


@router.post("/rereads/{number}/refusal", response={204: None}, auth=Key(permissions.APPROVE))
def refuse_reread(request: Asked, number: str, body: RereadRefused) -> HttpResponse:
    """Refuse a run that is not booked yet."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        operations.refuse_reread(run=number, note=body.note, actor=actor, at=at)
        return {}

    return once(request, do, status=204)
