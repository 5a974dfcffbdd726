"""Asking for a run, and the second person who decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.reasons import note_given, reason_given
from loanops.loanbook.servicing.domain.rereading import (
    OPEN,
    REREADS,
    RereadMove,
    RereadState,
    Standing,
)
from loanops.loanbook.servicing.models import Reread, RereadLoan
from loanops.loanbook.servicing.operations.asking import OwnRequest, RequestDecided, tell_moved
from loanops.loanbook.servicing.operations.rereading.finding import name_of, values_of
from loanops.loanbook.servicing.queries.rereading import sees_whole
from loanops.platform.books.operations import hold_date
from loanops.platform.db import new_number
from loanops.platform.work import Work, once_more, unit_of_work
from loanops.registry.compliance import queries as compliance

JOB: Final = "servicing.reread"


class FigureMissing(Refusal):
    """Nothing can be read again where there is nothing to read."""

    code = "servicing_reread_figure_missing"
    sentence = "{index} has no figure that holds from {since}; record it first."
    status = 422


class RereadUnderWay(Refusal):
    """Two runs of one index would book the same twice."""

    code = "servicing_reread_under_way"
    sentence = "Run {number} of {index} is not decided or done yet."


class FiguresMoved(Refusal):
    """What would be booked is not what was shown."""

    code = "servicing_reread_figures_moved"
    sentence = "The figures of {index} changed since this was worked out; refuse it and begin anew."


def ask_reread(
    *, book: str, index: str, since: date, reason: str, actor: Actor, at: datetime
) -> str:
    """Begin a run: loans that follow an index read it again for each day of reset from a day on.

    ``since`` is the day from which the figure that came late holds; it must be recorded. The run
    is worked out by a job and then waits for a second person. Returns its number.

    :raises NotPermitted: the actor may not change terms.
    :raises NotFound: there is no such book that the actor sees as a whole.
    :raises BadField: no reason is given, or the day lies after the business day.
    :raises FigureMissing: no figure of the index holds from that day.
    :raises RereadUnderWay: another run of the index is open.
    """
    require(actor, permissions.CHANGE_TERMS)
    if not sees_whole(actor, book):
        raise NotFound(kind="book", number=book)
    given = reason_given(reason)
    return once_more(lambda: _ask(book, index, since, given, actor, at))


def _ask(book: str, index: str, since: date, reason: str, actor: Actor, at: datetime) -> str:
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        if since > work.on:
            raise BadField(field="since", problem="must not lie after the business date")
        values = compliance.reference_series(book=book).get(index, [])
        if since not in {value.effective_from for value in values}:
            raise FigureMissing(index=index, since=since)
        _refuse_open(book, index)
        number = new_number("RR", at)
        Reread.objects.create(
            number=number,
            book_id=book,
            reference=index,
            since=since,
            figures_sha256=name_of(values, since),
            reason=reason,
            asked_on=work.on,
            asked_by=actor.person,
            asked_at=at,
        )
        _enqueue(work, number, "plan")
        work.record("servicing.reread_asked", subject=number, index=index, since=since)
    return number


def approve_reread(*, run: str, actor: Actor, at: datetime) -> None:
    """Let a run that a colleague asked for be booked, as it was shown, by a job.

    :raises NotPermitted: the actor may not approve.
    :raises NotFound: there is no such run in a book that the actor sees as a whole.
    :raises OwnRequest: the actor asked for it.
    :raises RequestDecided: it is not worked out yet, or was decided before.
    :raises FiguresMoved: the index has other figures than those by which it was worked out.
    """
    require(actor, permissions.APPROVE)
    row = _find(run, actor)
    if row.asked_by == actor.person:
        raise OwnRequest
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        row = Reread.objects.select_for_update().get(pk=row.pk)
        move(work, row, RereadMove.APPROVE, decided_by=actor.person, decided_at=at)
        if name_of(values_of(row), row.since) != row.figures_sha256:
            raise FiguresMoved(index=row.reference)
        _enqueue(work, run, "book")
        count = RereadLoan.objects.filter(run=row, standing=Standing.FOUND.value).count()
        work.record("servicing.reread_approved", subject=run, count=count)


def refuse_reread(*, run: str, note: str, actor: Actor, at: datetime) -> None:
    """Refuse a run that is not booked yet; the one who asked may take it back so.

    :raises NotPermitted: the actor may neither approve nor asked for it.
    :raises NotFound: there is no such run in a book that the actor sees as a whole.
    :raises BadField: the note is too long.
    :raises RequestDecided: it was decided before.
    """
    row = _find(run, actor)
    if row.asked_by != actor.person:
        require(actor, permissions.APPROVE)
    note = note_given(note)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        row = Reread.objects.select_for_update().get(pk=row.pk)
        move(work, row, RereadMove.REFUSE, decided_by=actor.person, decided_at=at, note=note)
        work.record("servicing.reread_refused", subject=run)


def _find(number: str, actor: Actor) -> Reread:
    require(actor, permissions.VIEW)
    row = Reread.objects.filter(number=number).first()
    if row is None or not sees_whole(actor, row.book_id):
        raise NotFound(kind="run", number=number)
    return row


def _refuse_open(book: str, index: str) -> None:
    open_ = Reread.objects.filter(
        book_id=book, reference=index, state__in=[state.value for state in OPEN]
    ).first()
    if open_ is not None:
        raise RereadUnderWay(number=open_.number, index=index)


def move(work: Work, row: Reread, what: RereadMove, **said: object) -> None:
    """Let a run move on, and tell.

    :raises RequestDecided: it stands elsewhere.
    """
    state = RereadState(row.state)
    if what not in REREADS.moves(state):
        raise RequestDecided(number=row.number, state=row.state)
    after = REREADS.after(state, what)
    Reread.objects.filter(pk=row.pk).update(state=after.value, **said)
    tell_moved(work, row.number, row.number, "reread", after)


def _enqueue(work: Work, run: str, part: str) -> None:
    work.enqueue(JOB, key=f"{JOB}:{run}:{part}", payload={"run": run})
