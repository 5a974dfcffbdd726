"""Documents and checklists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import permissions
from loanops.origination.applications.domain.documents import (
    DOCUMENT_LIFECYCLE,
    KINDS,
    REASONS,
    DocumentState,
    missing_kinds,
)
from loanops.origination.applications.models import Application, ChecklistItem, Document
from loanops.origination.applications.queries.cards import find_row, sees
from loanops.platform.files import queries as files


@dataclass(frozen=True)
class DocumentCard:
    """One document; ``moves`` is what a reviewer can still say of it."""

    number: str
    application: str
    kind: str
    file: str
    state: str
    reason: str
    added_by: str
    added_at: datetime
    judged_by: str
    judged_at: datetime | None
    moves: tuple[str, ...]


@dataclass(frozen=True)
class ChecklistLine:
    """One line of an application's checklist: what is asked for and whether it is there."""

    kind: str
    name: Mapping[str, str]
    mandatory: bool
    is_there: bool


def document_kinds() -> Mapping[str, Mapping[str, str]]:
    """Every kind of document with its names."""
    return KINDS


def document_reasons() -> Mapping[str, Mapping[str, str]]:
    """Every reason for which a document is rejected or sent back, with its words."""
    return REASONS


def document_card(row: Document, application: str) -> DocumentCard:
    """A row as a card."""
    state = DocumentState(row.state)
    return DocumentCard(
        number=row.number,
        application=application,
        kind=row.kind,
        file=row.file,
        state=state.value,
        reason=row.reason,
        added_by=row.added_by,
        added_at=row.added_at,
        judged_by=row.judged_by,
        judged_at=row.judged_at,
        moves=tuple(move.value for move in DOCUMENT_LIFECYCLE.moves(state)),
    )


def list_documents(number: str, *, viewer: Viewer) -> list[DocumentCard]:
    """The documents of an application, oldest first.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: there is no such application in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    row = find_row(number, viewer)
    found = Document.objects.filter(application=row).order_by("id")
    return [document_card(document, number) for document in found]


def read_document(number: str, *, viewer: Viewer) -> tuple[files.FileCard, bytes]:
    """The file of a document.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: there is no such document in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    found = find_document(number, viewer)
    return files.get_file(found.file), files.read(found.file)


def find_document(number: str, viewer: Viewer) -> Document:
    """The row behind a document's number, with its application; for the room's own use.

    :raises NotFound: there is none in the viewer's scope.
    """
    known = Document.objects.select_related("application")
    # PostgreSQL refuses a NUL, so what cannot be a number never reaches it.
    found = known.filter(number=number).first() if number.isprintable() else None
    # The application's own refusal would tell a stranger its number.
    if found is None or not sees(found.application, viewer):
        raise NotFound(kind="document", number=number)
    return found


def get_checklist(number: str, *, viewer: Viewer) -> list[ChecklistLine]:
    """What an application still needs, in the order of the product's checklist.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: there is no such application in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    row = find_row(number, viewer)
    items = ChecklistItem.objects.filter(book_id=row.book_id, product=row.product).order_by("id")
    documents = Document.objects.filter(application=row).values_list("kind", "state")
    known = [(kind, DocumentState(state)) for kind, state in documents]
    return [
        ChecklistLine(
            kind=item.kind,
            name=KINDS.get(item.kind, {}),
            mandatory=item.mandatory,
            is_there=not missing_kinds([item.kind], known),
        )
        for item in items
    ]


def lacking_documents(numbers: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Which mandatory kinds each of these applications lacks; those that lack none are left out."""
    found = Application.objects.filter(number__in=sorted(set(numbers)))
    return missing_documents(found.only("number", "book_id", "product"))


def missing_documents(rows: Iterable[Application]) -> dict[str, tuple[str, ...]]:
    """Which mandatory kinds each application lacks; two queries whatever the length."""
    applications = {row.pk: row for row in rows}
    asked: dict[tuple[str, str], list[str]] = {}
    books = {row.book_id for row in applications.values()}
    for item in ChecklistItem.objects.filter(book_id__in=books, mandatory=True).order_by("id"):
        asked.setdefault((item.book_id, item.product), []).append(item.kind)
    wanted = {
        pk: asked[row.book_id, row.product]
        for pk, row in applications.items()
        if (row.book_id, row.product) in asked
    }
    if not wanted:
        return {}
    there: dict[int, list[tuple[str, DocumentState]]] = {}
    for pk, kind, state in Document.objects.filter(application_id__in=list(wanted)).values_list(
        "application_id", "kind", "state"
    ):
        there.setdefault(pk, []).append((kind, DocumentState(state)))
    missing = {
        applications[pk].number: missing_kinds(kinds, there.get(pk, ()))
        for pk, kinds in wanted.items()
    }
    return {number: kinds for number, kinds in missing.items() if kinds}
