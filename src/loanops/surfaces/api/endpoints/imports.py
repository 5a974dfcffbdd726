"""Files of running loans that were brought in, and how one is taken back by two people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, StringConstraints

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import Strict, Text, Word, listed, published, shape, shown

router = Router(tags=["loans"])

Import = published(queries.BroughtCard, name="Import")
ImportUndo = published(operations.UndoCard, name="ImportUndo")
UndoRequest = published(queries.UndoRequestCard, name="ImportUndoRequest")
UndoRequestMade = shape(
    "ImportUndoRequestMade", "A request that waits for a second person.", request=str
)
Effect = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ImportsWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class ImportUndoAsked(Strict):
    """That an import be taken back as it was shown, and why."""

    effect: Effect
    reason: Text


class ImportUndoApproved(Strict):
    """What was shown to who approves."""

    effect: Effect


class ImportUndoRefused(Strict):
    """Why an import is not taken back."""

    note: Text


def _shown(card: queries.BroughtCard) -> dict[str, Any]:
    return shown(card, books.get_book(card.book).currency)


@router.get("/imports", response=listed(Import, paged=False), auth=Key(permissions.VIEW))
def list_imports(request: Asked, wanted: Query[ImportsWanted]) -> dict[str, Any]:
    """The newest 200 imports of a book; none to who sees a part of its loans."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_imports(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}


@router.get("/imports/{number}", response=Import, auth=Key(permissions.VIEW))
def get_import(request: Asked, number: str) -> dict[str, Any]:
    """One import: what it held, and whether it was taken back."""
    return _shown(queries.get_import(number=number, viewer=actor_of(request)))


@router.get("/imports/{number}/undo", response=ImportUndo, auth=Key(permissions.VIEW))
def preview_import_undo(request: Asked, number: str) -> dict[str, Any]:
    """What taking an import back would do, and which loans stand in its way; nothing is written."""
    card = operations.preview_undo(number=number, viewer=actor_of(request))
    return shown(card, books.get_book(card.book).currency)


@router.get(
    "/imports/{number}/undo/requests",
    response=listed(UndoRequest, paged=False),
    auth=Key(permissions.VIEW),
)
def list_import_undo_requests(request: Asked, number: str) -> dict[str, Any]:
    """Every request that an import be taken back, the newest first."""
    actor = actor_of(request)
    currency = books.get_book(queries.get_import(number=number, viewer=actor).book).currency
    found = queries.list_undo_requests(number=number, viewer=actor)
    return {"items": [shown(card, currency) for card in found]}


@router.post(
    "/imports/{number}/undo",
    response={201: UndoRequestMade},
    auth=Key(permissions.ASK_UNDO_IMPORT),
)
def ask_import_undo(request: Asked, number: str, body: ImportUndoAsked) -> HttpResponse:
    """Ask that an import be taken back as it was shown; a second person has to approve it."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        made = operations.ask_undo(
            number=number, seen=body.effect, reason=body.reason, actor=actor, at=at
        )
        return {"request": made}

    return once(request, do, status=201)


@router.post("/imports/{number}/undo/approval", response=Import, auth=Key(permissions.APPROVE))
def approve_import_undo(request: Asked, number: str, body: ImportUndoApproved) -> HttpResponse:
    """Let an import be taken back as a colleague asked and as it was shown; it is done beside."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        operations.approve_undo(number=number, seen=body.effect, actor=actor, at=at)
        return _shown(queries.get_import(number=number, viewer=actor))

    return once(request, do)


@router.post("/imports/{number}/undo/refusal", response={204: None}, auth=Key(permissions.APPROVE))
def refuse_import_undo(request: Asked, number: str, body: ImportUndoRefused) -> HttpResponse:
    """Refuse that an import be taken back."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        operations.refuse_undo(number=number, note=body.note, actor=actor, at=at)
        return {}

    return once(request, do, status=204)
