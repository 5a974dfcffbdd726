"""Asking that an import be taken back: one person asks, another lets it, a job does it.

What is done is to the last posting what both were shown; where loans moved on since, nothing is.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import models

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.importing.undoing import (
    UNDO_OPEN,
    UNDOS,
    LoansMovedOn,
    UndoDiffers,
    UndoMove,
    UndoState,
)
from loanops.loanbook.servicing.domain.reasons import note_given, reason_given
from loanops.loanbook.servicing.models import BookImport, ImportUndo
from loanops.loanbook.servicing.operations.asking import OwnRequest, RequestDecided, tell_moved
from loanops.loanbook.servicing.operations.undoing import (
    Worked,
    refuse_moved,
    undo_all,
    work_out,
)
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.brought import find_import
from loanops.platform.books.operations import hold_date
from loanops.platform.db import lock, new_number
from loanops.platform.work import Work, unit_of_work

JOB: Final = "servicing.undo_import"


class ImportUndone(Refusal):
    """There is nothing left to take back."""

    code = "servicing_import_undone"
    sentence = "{file} was taken back already."


class UndoUnderWay(Refusal):
    """Two requests for one import would do the same twice."""

    code = "servicing_undo_under_way"
    sentence = "It was asked already that {file} be taken back: {number}; let that be decided."


def ask_undo(*, number: str, seen: str, reason: str, actor: Actor, at: datetime) -> str:
    """Ask that an import be taken back; ``seen`` is the ``effect`` that was shown.

    Returns the number of the request.

    :raises NotPermitted: the actor may not ask for it.
    :raises NotFound: there is no such import in the actor's books.
    :raises BadField: no reason is given, or one that is too long.
    :raises ImportUndone: it was taken back already.
    :raises UndoUnderWay: it was asked for already.
    :raises LoansMovedOn: something happened to a loan since it came.
    :raises UndoDiffers: the loans changed since the effect was shown.
    """
    require(actor, permissions.ASK_UNDO_IMPORT)
    reason = reason_given(reason)
    known = find_import(number, actor)
    with unit_of_work(actor=actor, at=at, book=known.book_id, on=hold_date) as work:
        row = _hold(number, actor)
        open_ = _open(row).first()
        if open_ is not None:
            raise UndoUnderWay(file=row.file, number=open_.number)
        _worked_as_shown(work, row, seen)
        request = ImportUndo.objects.create(
            number=new_number("UR", at),
            brought=row,
            reason=reason,
            effect=seen,
            asked_on=work.on,
            asked_by=actor.person,
            asked_at=at,
        )
        work.record(
            "servicing.import_undo_asked", subject=number, request=request.number, effect=seen
        )
        tell_moved(work, number, request.number, "import_undo", UNDOS.start)
    return request.number


def approve_undo(*, number: str, seen: str, actor: Actor, at: datetime) -> None:
    """Let an import be taken back as a colleague asked; a job does it.

    ``seen`` is the ``effect`` that was shown to who approves.

    :raises NotPermitted: the actor may not approve.
    :raises NotFound: there is no such import in the actor's books, or nobody asked.
    :raises OwnRequest: the actor asked for it.
    :raises RequestDecided: it was decided before.
    :raises LoansMovedOn, UndoDiffers: the loans moved on, or the day was closed, since.
    """
    require(actor, permissions.APPROVE)
    known = find_import(number, actor)
    with unit_of_work(actor=actor, at=at, book=known.book_id, on=hold_date) as work:
        row = _hold(number, actor)
        request = _last(row)
        if request.asked_by == actor.person:
            raise OwnRequest
        _move(work, request, UndoMove.APPROVE, decided_by=actor.person, decided_at=at)
        if request.effect != seen:
            raise UndoDiffers(file=row.file)
        _worked_as_shown(work, row, seen)
        work.enqueue(JOB, key=f"{JOB}:{request.number}", payload={"request": request.number})
        work.record("servicing.import_undo_approved", subject=number, request=request.number)


def refuse_undo(*, number: str, note: str, actor: Actor, at: datetime) -> None:
    """Refuse that an import be taken back; the one who asked may take it back so.

    :raises NotPermitted: the actor may neither approve nor asked for it.
    :raises NotFound: there is no such import in the actor's books, or nobody asked.
    :raises BadField: the note is too long.
    :raises RequestDecided: it was decided before.
    """
    require(actor, permissions.VIEW)
    note = note_given(note)
    known = find_import(number, actor)
    with unit_of_work(actor=actor, at=at, book=known.book_id, on=hold_date) as work:
        request = _last(_hold(number, actor))
        if request.asked_by != actor.person:
            require(actor, permissions.APPROVE)
        _move(
            work,
            request,
            UndoMove.REFUSE,
            decided_by=actor.person,
            decided_at=at,
            note=note,
        )
        work.record("servicing.import_undo_refused", subject=number, request=request.number)


def go_on_undoing(*, request: str, actor: Actor, at: datetime) -> None:
    """Take an import back as it was approved; where its loans moved on since, the request lapses.

    Done twice, the second time changes nothing.

    :raises NotPermitted: the actor may not take imports back.
    """
    require(actor, permissions.UNDO_IMPORT)
    asked = ImportUndo.objects.select_related("brought").get(number=request)
    number, book = asked.brought.number, asked.brought.book_id
    try:
        with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
            row = _hold(number, actor)
            asked.refresh_from_db()
            if asked.state != UndoState.APPROVED.value:
                work.unchanged()
                return
            worked = _worked_as_shown(work, row, asked.effect)
            _move(work, asked, UndoMove.FINISH)
            undo_all(work, row, worked, asked.reason, by=asked.decided_by)
    except (LoansMovedOn, UndoDiffers):
        with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
            _move(work, asked, UndoMove.LAPSE)
            work.record("servicing.import_undo_lapsed", subject=number, request=request)


def lapse_undos(work: Work, closing: Closing) -> None:
    """End the requests of days that are closed: an effect is that of its business day."""
    lapsed = ImportUndo.objects.filter(
        brought__book_id=closing.book,
        state=UndoState.ASKED.value,
        asked_on__lte=closing.closed_on,
    ).select_related("brought")
    for asked in lapsed:
        _move(work, asked, UndoMove.LAPSE, decided_at=work.at)
        work.record(
            "servicing.import_undo_lapsed", subject=asked.brought.number, request=asked.number
        )


def _hold(number: str, actor: Actor) -> BookImport:
    """An import that nobody else asks for or takes back until the unit of work ends."""
    lock(BookImport._meta.db_table, [find_import(number, actor).pk])
    return find_import(number, actor)


def _worked_as_shown(work: Work, row: BookImport, seen: str) -> Worked:
    if row.undone_at is not None:
        raise ImportUndone(file=row.file)
    worked = work_out(row, work.on, locked=True)
    refuse_moved(worked.card)
    if worked.card.effect != seen:
        raise UndoDiffers(file=row.file)
    return worked


def _open(row: BookImport) -> models.QuerySet[ImportUndo]:
    return ImportUndo.objects.filter(brought=row, state__in=[each.value for each in UNDO_OPEN])


def _last(row: BookImport) -> ImportUndo:
    found = ImportUndo.objects.filter(brought=row).order_by("-id").first()
    if found is None:
        raise NotFound(kind="request", number=row.number)
    return found


def _move(work: Work, request: ImportUndo, move: UndoMove, **said: object) -> None:
    """Let a request move on, and tell.

    :raises RequestDecided: it stands elsewhere.
    """
    state = UndoState(request.state)
    if move not in UNDOS.moves(state):
        raise RequestDecided(number=request.number, state=request.state)
    after = UNDOS.after(state, move)
    ImportUndo.objects.filter(pk=request.pk).update(state=after.value, **said)
    tell_moved(work, request.brought.number, request.number, "import_undo", after)
