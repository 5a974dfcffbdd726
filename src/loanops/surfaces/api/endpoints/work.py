"""The work list: what waits for a person, taken and given; service levels and how they are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from loanops.kernel.money import parse_amount
from loanops.platform.books import queries as books
from loanops.platform.web.clock import now
from loanops.registry.team import operations, permissions, queries
from loanops.registry.team.operations import Level
from loanops.registry.team.queries import ItemCard, ItemFilter, View
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import (
    Amount,
    Day,
    Strict,
    Text,
    Wanted,
    Word,
    listed,
    published,
    shown,
)

router = Router(tags=["work"])

WorkItem = published(ItemCard, name="WorkItem")
WorkRun = published(queries.RunCard, name="WorkRun")
WorkBoard = published(queries.Board, name="WorkBoard")
ServiceLevel = published(queries.LevelCard, name="ServiceLevel")
Team = published(queries.TeamCard, name="Team")
Kind = Literal[
    "", "review", "document", "supplement", "change", "reread", "undo", "aside", "refund",
    "exception",
]  # fmt: skip
Minutes = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class OfBook(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class ItemsWanted(Wanted):
    """Which items: a view, narrowed; ``text`` is the number of an item or of its subject."""

    book: Word
    view: Literal["my", "team", "unassigned", "overdue", "all", "done"] = "all"
    kind: Kind = ""
    standing: Literal["", "late", "at_risk", "in_time"] = ""
    holder: str = Field(default="", max_length=80, pattern=r"^[^\x00]*$")
    text: str = Field(default="", max_length=40, pattern=r"^[^\x00]*$")
    since: Day | None = None


class BoardWanted(OfBook):
    """Of which book, with what was done in how many days."""

    days: int = Field(default=30, ge=1, le=366)


class NextWanted(Strict):
    """Of which book, and of which kind where it matters."""

    book: Word
    kind: Kind = ""


class ItemGiven(Strict):
    """To whom an item goes: the name under which somebody signs in."""

    to: Text


class HandedOver(Strict):
    """Whose items go to whom (empty: to whoever of the team has the fewest), and why."""

    book: Word
    holder: Text
    to: str = Field(default="", max_length=80, pattern=r"^[^\x00]*$")
    reason: Text


class LevelSet(Strict):
    """How soon work of a kind is to be done from a day on, in working minutes."""

    book: Word
    kind: Word
    effective_from: Day
    target_minutes: Minutes
    risk_percent: Minutes = 75
    large_from: Amount | None = None
    head_start_minutes: Minutes = 0
    reason: Text


def _item(card: ItemCard) -> dict[str, Any]:
    return shown(card, books.get_book(card.book).currency)


@router.get("/work-items", response=listed(WorkItem), auth=Key(permissions.VIEW))
def list_work_items(request: Asked, wanted: Query[ItemsWanted]) -> dict[str, Any]:
    """What waits for a person, as it is to be done next; what is done, the last first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"work:{book.code}:{wanted.view}"
    where = ItemFilter(
        book=book.code,
        view=View(wanted.view),
        kind=wanted.kind,
        holder=wanted.holder,
        text=wanted.text,
        standing=wanted.standing,
        since=wanted.since,
        after=place_of(wanted.cursor, of=place),
        limit=wanted.limit,
    )
    found = queries.list_items(where, viewer=actor, at=now())
    return {
        "items": [shown(card, book.currency) for card in found.cards],
        "next_cursor": cursor_at(found.next_after, of=place) if found.next_after else None,
    }


@router.post("/work-items/next", response=WorkItem, auth=Key(permissions.TAKE))
def claim_next_work_item(request: Asked, body: NextWanted) -> HttpResponse:
    """Take what is next of what waits for the caller; two who ask at once get two items."""
    actor = actor_of(request)
    book = seen_book(body.book, actor).code

    def do(at: datetime) -> dict[str, Any]:
        return _item(operations.claim_next(book=book, kind=body.kind, actor=actor, at=at))

    return once(request, do)


@router.get("/work-items/{number}", response=WorkItem, auth=Key(permissions.VIEW))
def get_work_item(request: Asked, number: str) -> dict[str, Any]:
    """One item."""
    return _item(queries.get_item(number, viewer=actor_of(request), at=now()))


@router.post("/work-items/{number}/claim", response=WorkItem, auth=Key(permissions.TAKE))
def claim_work_item(request: Asked, number: str) -> HttpResponse:
    """Take one item that nobody has."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        return _item(operations.claim(number=number, actor=actor, at=at))

    return once(request, do)


@router.post("/work-items/{number}/release", response=WorkItem, auth=Key(permissions.TAKE))
def release_work_item(request: Asked, number: str) -> HttpResponse:
    """Give one item back to the queue."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        return _item(operations.release(number=number, actor=actor, at=at))

    return once(request, do)


@router.post("/work-items/{number}/assignment", response=WorkItem, auth=Key(permissions.DISTRIBUTE))
def assign_work_item(request: Asked, number: str, body: ItemGiven) -> HttpResponse:
    """Give one item to somebody, whoever had it."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        return _item(operations.assign(number=number, to=body.to, actor=actor, at=at))

    return once(request, do)


@router.post("/work-handovers", response={201: WorkRun}, auth=Key(permissions.DISTRIBUTE))
def hand_over_work_items(request: Asked, body: HandedOver) -> HttpResponse:
    """Hand over all that somebody has, by a run that is carried out beside."""
    actor = actor_of(request)
    book = seen_book(body.book, actor)

    def do(at: datetime) -> dict[str, Any]:
        run = operations.hand_over(
            book=book.code,
            holder=body.holder,
            to=body.to,
            reason=body.reason,
            actor=actor,
            at=at,
        )
        return shown(run, book.currency)

    return once(request, do, status=201)


@router.get("/work-runs/{number}", response=WorkRun, auth=Key(permissions.VIEW))
def get_work_run(request: Asked, number: str) -> dict[str, Any]:
    """How far a run over many items is, and the first that it refused."""
    card = queries.get_run(number, viewer=actor_of(request))
    return shown(card, books.get_book(card.book).currency)


@router.get("/work-board", response=WorkBoard, auth=Key(permissions.VIEW))
def get_work_board(request: Asked, wanted: Query[BoardWanted]) -> dict[str, Any]:
    """By kind of work what is in time, at risk and late, how long it took, and who has how much."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    board = queries.get_board(book=book.code, days=wanted.days, viewer=actor, at=now())
    return shown(board, book.currency)


@router.get(
    "/service-levels", response=listed(ServiceLevel, paged=False), auth=Key(permissions.VIEW)
)
def list_service_levels(request: Asked, wanted: Query[OfBook]) -> dict[str, Any]:
    """The service levels of every kind of work, of each the newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    levels = queries.list_levels(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for cards in levels.values() for card in cards]}


@router.post(
    "/service-levels",
    response={201: listed(ServiceLevel, paged=False)},
    auth=Key(permissions.SET_LEVEL),
)
def set_service_level(request: Asked, body: LevelSet) -> HttpResponse:
    """Say how soon work of a kind is to be done from a day on; answers the levels of the kind."""
    actor = actor_of(request)
    book = seen_book(body.book, actor)
    large = None if body.large_from is None else parse_amount(body.large_from, book.currency)
    level = Level(body.target_minutes, body.risk_percent, large, body.head_start_minutes)
    effective_from: date = body.effective_from

    def do(at: datetime) -> dict[str, Any]:
        operations.set_level(
            book=book.code,
            kind=body.kind,
            effective_from=effective_from,
            level=level,
            reason=body.reason,
            actor=actor,
            at=at,
        )
        cards = queries.list_levels(book=book.code, viewer=actor)[body.kind]
        return {"items": [shown(card, book.currency) for card in cards]}

    return once(request, do, status=201)


@router.get("/teams", response=listed(Team, paged=False), auth=Key(permissions.VIEW))
def list_teams(request: Asked, wanted: Query[OfBook]) -> dict[str, Any]:
    """The teams of a book: who is in each, and which work it takes."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_teams(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}
