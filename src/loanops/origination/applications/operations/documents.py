"""Checklists and documents: what a product asks for, and the judgement of each paper by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.origination.applications import events, permissions, queries
from loanops.origination.applications.domain.documents import (
    DOCUMENT_LIFECYCLE,
    KINDS,
    REASONS,
    DocumentState,
    ItemIn,
    Judgement,
)
from loanops.origination.applications.domain.lifecycle import Right, Stage, permits
from loanops.origination.applications.domain.refusals import (
    DocumentKindUnknown,
    StagePermitsNot,
)
from loanops.origination.applications.models import Application, ChecklistItem, Document
from loanops.origination.applications.operations._moves import work_on
from loanops.origination.applications.queries.cards import sees
from loanops.origination.applications.queries.documents import find_document
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.files import operations as files
from loanops.platform.sheets.refusals import NotAChoice
from loanops.platform.work import Work, unit_of_work

_CODES = {
    Judgement.ACCEPT: "applications.document_accepted",
    Judgement.REJECT: "applications.document_rejected",
    Judgement.SEND_BACK: "applications.document_sent_back",
}


def set_checklist(
    *, book: str, product: str, items: Sequence[ItemIn], actor: Actor, at: datetime
) -> None:
    """Say which documents a product asks for; this replaces what it asked for before.

    :raises NotPermitted: the actor may not set checklists.
    :raises NotFound: there is no such book in the actor's scope.
    :raises DocumentKindUnknown: an item is none of the known kinds.
    """
    require(actor, permissions.SET_CHECKLIST)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    for item in items:
        _refuse_unknown(item.kind)
    wanted = {item.kind: item.mandatory for item in items}
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        ChecklistItem.objects.filter(book_id=book, product=product).delete()
        ChecklistItem.objects.bulk_create(
            ChecklistItem(book_id=book, product=product, kind=kind, mandatory=mandatory)
            for kind, mandatory in wanted.items()
        )

        work.record("applications.checklist_set", subject=product, kinds=wanted)
        work.announce(events.ChecklistSet(subject=product))


def add_document(
    *, number: str, kind: str, name: str, content: bytes, actor: Actor, at: datetime
) -> queries.DocumentCard:
    """Keep a document of an application; the last mandatory one lets the decision begin.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such application in the actor's scope.
    :raises DocumentKindUnknown: the kind is none of the known ones.
    :raises StagePermitsNot: the stage takes no more documents.
    :raises BadField: the file is empty, too large, or not of a kind we keep.
    """
    require(actor, permissions.SUBMIT)
    _refuse_unknown(kind)
    with work_on([number], actor=actor, at=at) as (work, rows):
        row = rows[number]
        _permit(row, actor, Right.ADD_DOCUMENTS)
        was_missing = queries.missing_documents([row])
        kept = files.store(
            work=work,
            kind=f"document:{kind}",
            name=f"{kind}{_ending(name)}",
            content=content,
            actor=actor,
            at=at,
        )
        made = Document.objects.create(
            number=new_number("DC", at),
            application=row,
            kind=kind,
            file=kept.number,
            state=DOCUMENT_LIFECYCLE.start.value,
            added_by=actor.person,
            added_at=at,
        )

        work.record("applications.document_added", subject=number, kind=kind, document=made.number)
        work.announce(events.DocumentAdded(subject=number, document=made.number, kind=kind))
        _announce_complete(work, row, was_missing=bool(was_missing))
    return queries.document_card(made, number)


def _ending(name: str) -> str:
    """All that is kept of a file's name: telephones name a scan after the person on it."""
    ending = PurePath(name).suffix.lower()
    plain = ending[1:].isascii() and ending[1:].isalpha() and len(ending) <= 5
    return ending if plain else ""


def _announce_complete(work: Work, row: Application, *, was_missing: bool) -> None:
    decidable = permits(Stage(row.stage), Right.DECIDE)
    if was_missing and decidable and not queries.missing_documents([row]):
        work.announce(events.DocumentsComplete(subject=row.number))


def accept_document(*, document: str, actor: Actor, at: datetime) -> queries.DocumentCard:
    """Accept one document; the others keep what was said of them.

    :raises NotPermitted: the actor may not review documents.
    :raises NotFound: there is no such document in the actor's scope.
    :raises MoveNotAllowed: it was accepted, rejected or sent back already.
    :raises StagePermitsNot: the application has ended.
    """
    return _judge(document, Judgement.ACCEPT, "", actor=actor, at=at)


def reject_document(
    *, document: str, reason: str, actor: Actor, at: datetime
) -> queries.DocumentCard:
    """Reject one document for good, with a reason (a word of ``domain.documents.REASONS``).

    :raises NotPermitted: the actor may not review documents.
    :raises NotFound: there is no such document in the actor's scope.
    :raises NotAChoice: the reason is none of the known ones.
    :raises MoveNotAllowed: it was rejected or sent back already.
    :raises StagePermitsNot: the application has ended.
    """
    return _judge(document, Judgement.REJECT, reason, actor=actor, at=at)


def send_back_document(
    *, document: str, reason: str, actor: Actor, at: datetime
) -> queries.DocumentCard:
    """Ask for one document again, with a reason; a new one takes its place.

    :raises NotPermitted: the actor may not review documents.
    :raises NotFound: there is no such document in the actor's scope.
    :raises NotAChoice: the reason is none of the known ones.
    :raises MoveNotAllowed: it was rejected or sent back already.
    :raises StagePermitsNot: the application has ended.
    """
    return _judge(document, Judgement.SEND_BACK, reason, actor=actor, at=at)


def _judge(
    document: str, judgement: Judgement, reason: str, *, actor: Actor, at: datetime
) -> queries.DocumentCard:
    require(actor, permissions.REVIEW_DOCUMENTS)
    found = find_document(document, actor)
    number = found.application.number
    if judgement is not Judgement.ACCEPT and reason not in REASONS:
        raise NotAChoice(field="reason", found=reason[:40], choices=", ".join(REASONS))
    with work_on([number], actor=actor, at=at) as (work, rows):
        _permit(rows[number], actor, Right.JUDGE_DOCUMENTS)
        found.refresh_from_db()
        found.state = DOCUMENT_LIFECYCLE.after(DocumentState(found.state), judgement).value
        found.reason, found.judged_by, found.judged_at = reason, actor.person, at
        found.save(update_fields=["state", "reason", "judged_by", "judged_at"])

        work.record(
            _CODES[judgement], subject=number, kind=found.kind, document=document, reason=reason
        )
        work.announce(
            events.DocumentJudged(
                subject=number, document=document, kind=found.kind, state=found.state, reason=reason
            )
        )
    return queries.document_card(found, number)


def _permit(row: Application, actor: Actor, right: Right) -> None:
    if not sees(row, actor):
        raise NotFound(kind="application", number=row.number)
    if not permits(Stage(row.stage), right):
        raise StagePermitsNot(number=row.number, stage=row.stage, right=right)


def _refuse_unknown(kind: str) -> None:
    if kind not in KINDS:
        raise DocumentKindUnknown(field="kind", kind=kind[:40], kinds=", ".join(KINDS))
