"""Imports: which versions of which files brought loans in, and which were taken back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.importing.undoing import UNDO_OPEN, UndoState
from loanops.loanbook.servicing.models import BookImport, ImportUndo

LIST_MAX: Final = 200
_DIGEST: Final = re.compile("[0-9a-f]{8,64}")


class SeveralImports(Refusal):
    """A digest, or its beginning, is that of several imports."""

    code = "servicing_import_several"
    sentence = "{count} imports have the digest {digest}; name one by its number, such as {number}."


@dataclass(frozen=True)
class BroughtCard:
    """A version of a file that brought loans in: what it held, who took it in, and whether it
    was taken back since. ``by`` is empty where it was not kept yet; ``asked`` is the state of an
    open request that it be taken back, else empty."""

    number: str
    book: str
    source: str
    file: str
    digest: str
    cut_off: date
    imported_on: date
    at: datetime
    by: str
    loans: int
    skipped: int
    outstanding_minor: int
    undone_on: date | None
    undone_at: datetime | None
    undone_by: str
    reason: str
    asked: str


@dataclass(frozen=True)
class UndoRequestCard:
    """That an import be taken back, as somebody asked; ``effect`` names what was shown to them."""

    number: str
    of: str
    reason: str
    effect: str
    asked_on: date
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    note: str


def list_imports(*, book: str, viewer: Viewer) -> list[BroughtCard]:
    """The imports of a book, the newest first; none for who sees some funders or channels.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    if not _sees_files(viewer):
        return []
    rows = BookImport.objects.filter(book_id=book).order_by("-id")[:LIST_MAX]
    return _cards(rows)


def get_import(*, number: str, viewer: Viewer) -> BroughtCard:
    """One import.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none in the viewer's books.
    """
    require(viewer, permissions.VIEW)
    [card] = _cards([find_import(number, viewer)])
    return card


def list_undo_requests(*, number: str, viewer: Viewer) -> list[UndoRequestCard]:
    """Every request that an import be taken back, the newest first.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such import in the viewer's books.
    """
    require(viewer, permissions.VIEW)
    rows = ImportUndo.objects.filter(brought=find_import(number, viewer)).order_by("-id")
    return [
        UndoRequestCard(
            number=row.number,
            of=number,
            reason=row.reason,
            effect=row.effect,
            asked_on=row.asked_on,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=row.state,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            note=row.note,
        )
        for row in rows[:LIST_MAX]
    ]


def count_undo_requests(*, book: str, viewer: Viewer) -> int:
    """How many imports wait for a second person to be taken back; none where they are not seen."""
    if not viewer.may(permissions.VIEW) or not viewer.sees_book(book) or not _sees_files(viewer):
        return 0
    return ImportUndo.objects.filter(brought__book_id=book, state=UndoState.ASKED.value).count()


def search_import(*, digest: str, book: str = "", viewer: Viewer) -> BroughtCard:
    """The import of a number, or of a digest or its first letters; one that stands goes first.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none in the viewer's books.
    :raises SeveralImports: several stand that have it.
    """
    require(viewer, permissions.VIEW)
    rows = BookImport.objects.filter(number=digest)
    if _DIGEST.fullmatch(digest):
        rows = BookImport.objects.filter(sha256__startswith=digest)
    if book:
        rows = rows.filter(book_id=book)
    mine = _sees_files(viewer)
    found = [row for row in rows.order_by("-id") if mine and viewer.sees_book(row.book_id)]
    stand = [row for row in found if row.undone_at is None]
    if not found:
        raise NotFound(kind="import", number=digest[:64])
    if len(stand) > 1:
        raise SeveralImports(count=len(stand), digest=digest, number=stand[0].number)
    [card] = _cards([(stand or found)[0]])
    return card


def find_import(number: str, viewer: Viewer) -> BookImport:
    """The row of an import within the viewer's books, for the orders of this room.

    :raises NotFound:
    """
    row = BookImport.objects.filter(number=number).first()
    if row is None or not viewer.sees_book(row.book_id) or not _sees_files(viewer):
        raise NotFound(kind="import", number=number)
    return row


def _sees_files(viewer: Viewer) -> bool:
    """A file holds loans of all funders and channels: who sees some of them sees no file."""
    return viewer.scopes.funders is None and not viewer.scopes.by_application


def _cards(rows: Iterable[BookImport]) -> list[BroughtCard]:
    found = list(rows)
    open_ = ImportUndo.objects.filter(
        brought__in=found, state__in=[state.value for state in UNDO_OPEN]
    )
    asked = dict(open_.values_list("brought_id", "state"))
    return [_card(row, asked.get(row.pk, "")) for row in found]


def _card(row: BookImport, asked: str) -> BroughtCard:
    return BroughtCard(
        number=row.number,
        book=row.book_id,
        source=row.source,
        file=row.file,
        digest=row.sha256,
        cut_off=row.cut_off,
        imported_on=row.imported_on,
        at=row.at,
        by=row.by,
        loans=row.loan_count,
        skipped=row.skipped_count,
        outstanding_minor=row.outstanding_minor,
        undone_on=row.undone_on,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        reason=row.undone_reason,
        asked=asked,
    )
