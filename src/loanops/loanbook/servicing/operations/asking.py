"""Asking: a change that takes two people is asked for by one and approved by another.

The second person sees the effect worked out anew; only where it is to the last posting the one
that was asked for is it booked.
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.domain.asking import ASKED, AskMove, AskState
from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.domain.reasons import note_given, reason_given
from loanops.loanbook.servicing.models import ChangeRequest
from loanops.loanbook.servicing.operations.changing import (
    EffectDiffers,
    book_change,
    find,
    require_change,
    work_out,
)
from loanops.loanbook.servicing.operations.loading import histories, hold
from loanops.loanbook.servicing.operations.ordering import ChangeIn
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.books import queries as books
from loanops.platform.books.operations import hold_date
from loanops.platform.db import new_numbers
from loanops.platform.work import Work, once_more, unit_of_work


class RequestDecided(Refusal):
    """Somebody decided it before."""

    code = "servicing_request_decided"
    sentence = "Request {number} was decided already: {state}."


class OwnRequest(Refusal):
    """Nobody approves what they asked for."""

    code = "servicing_own_request"
    sentence = "You asked for this change yourself; a colleague has to approve it."
    status = 403


def ask_change(*, asked: ChangeIn, seen: str, reason: str, actor: Actor, at: datetime) -> str:
    """Ask for a change of a loan; ``seen`` is the digest of the effect that was shown.

    Returns the number of the request.

    :raises NotPermitted, NotFound, BadField, EffectDiffers: as ``change`` does.
    :raises Refusal: the change does not fit the loan.
    """
    require_change(asked.kind, actor)
    loan_id, book = find(asked.loan, actor)
    reason = reason_given(reason)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        [held] = hold([loan_id], whole=True)
        card = work_out(asked, held, histories([loan_id])[loan_id], work.on).card
        if card.digest != seen:
            raise EffectDiffers(loan=asked.loan)
        [number] = new_numbers("CR", at, 1)
        values = json.dumps(dict(asked.values), default=str)
        ChangeRequest.objects.create(
            number=number,
            book_id=book,
            loan_id=loan_id,
            kind=asked.kind,
            counts_on=asked.on,
            values_json=values,
            channel=asked.channel,
            pay_no=asked.pay_no,
            reason=reason.strip(),
            digest=card.digest,
            asked_on=work.on,
            asked_by=actor.person,
            asked_at=at,
        )
        work.record(
            "servicing.change_asked",
            subject=asked.loan,
            request=number,
            kind=asked.kind,
            values_sha256=sha256(values.encode()).hexdigest(),
        )
        tell_moved(work, asked.loan, number, "change", AskState.ASKED)
    return number


def preview_request(*, request: str, viewer: Viewer) -> EffectCard:
    """The effect of a change that was asked for, worked out anew; nothing is written.

    Where its digest is not that of the request, the loan moved on since and it cannot be approved.

    :raises NotPermitted: the viewer may neither approve nor asked for it.
    :raises NotFound: there is no such request in the viewer's books.
    :raises Refusal: the change no longer fits the loan.
    """
    row = _find(request, viewer)
    [held] = hold([row.loan_id], whole=True, locked=False)
    history = histories([row.loan_id])[row.loan_id]
    return work_out(asked_of(row), held, history, books.business_date(row.book_id)).card


def approve_change(*, request: str, actor: Actor, at: datetime) -> EffectCard:
    """Book a change that a colleague asked for.

    :raises NotPermitted: the actor may not approve.
    :raises NotFound: there is no such request in the actor's books.
    :raises OwnRequest: the actor asked for it.
    :raises RequestDecided: it was decided before.
    :raises EffectDiffers: the loan moved on, or the day was closed, since it was asked for.
    """
    row = _find(request, actor)
    if row.asked_by == actor.person:
        raise OwnRequest

    def unit() -> EffectCard:
        with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
            _decide(row, AskMove.APPROVE, actor, at)
            card = book_change(
                work, asked_of(row), row.loan_id, row.digest, row.reason, asked_by=row.asked_by
            )
            work.record("servicing.change_approved", subject=card.loan, request=row.number)
            tell_moved(work, card.loan, row.number, "change", AskState.APPROVED)
        return card

    return once_more(unit)


def refuse_change(*, request: str, note: str, actor: Actor, at: datetime) -> None:
    """Refuse a change that was asked for; the one who asked may take it back so.

    :raises NotPermitted: the actor may neither approve nor asked for it.
    :raises NotFound: there is no such request in the actor's books.
    :raises BadField: the note is too long.
    :raises RequestDecided: it was decided before.
    """
    row = _find(request, actor)
    note = note_given(note)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        _decide(row, AskMove.REFUSE, actor, at, note)
        work.record("servicing.change_refused", subject=row.loan.number, request=row.number)
        tell_moved(work, row.loan.number, row.number, "change", AskState.REFUSED)


def lapse_requests(work: Work, closing: Closing) -> int:
    """End the requests of days that are closed: an effect is that of its business day."""
    lapsed = ASKED.after(AskState.ASKED, AskMove.LAPSE)
    rows = ChangeRequest.objects.filter(
        book_id=closing.book, state=AskState.ASKED.value, asked_on__lte=closing.closed_on
    )
    lapsing = list(rows.select_related("loan").order_by("id"))
    if not lapsing:
        return 0
    count = rows.filter(id__in=[row.pk for row in lapsing]).update(
        state=lapsed.value, decided_at=work.at
    )
    work.record("servicing.changes_lapsed", subject=closing.book, count=count)
    told = tuple(
        {
            "loan": row.loan.number,
            "request": row.number,
            "about": "change",
            "state": lapsed.value,
        }
        for row in lapsing
    )
    work.announce(events.RequestsMoved(subject=lapsing[0].loan.number, rows=told))
    return count


def tell_moved(work: Work, subject: str, request: str, about: str, state: StrEnum) -> None:
    """Announce how a request stands now."""
    work.announce(
        events.RequestMoved(subject=subject, request=request, about=about, state=state.value)
    )


def asked_of(row: ChangeRequest) -> ChangeIn:
    """The change as it was asked for."""
    return ChangeIn(
        loan=row.loan.number,
        kind=row.kind,
        on=row.counts_on,
        values=json.loads(row.values_json),
        channel=row.channel,
        pay_no=row.pay_no,
    )


def _find(number: str, actor: Viewer) -> ChangeRequest:
    row = ChangeRequest.objects.select_related("loan").filter(number=number).first()
    if row is None or row.asked_by != actor.person:
        require(actor, permissions.APPROVE)
    if row is None or not seen([row.loan], actor):
        raise NotFound(kind="request", number=number)
    return row


def _decide(row: ChangeRequest, move: AskMove, actor: Actor, at: datetime, note: str = "") -> None:
    """Compare and set: of two who decide at once one is told that it was decided."""
    after = ASKED.after(AskState.ASKED, move)
    done = ChangeRequest.objects.filter(pk=row.pk, state=AskState.ASKED.value).update(
        state=after.value, decided_by=actor.person, decided_at=at, note=note
    )
    if not done:
        state = ChangeRequest.objects.values_list("state", flat=True).get(pk=row.pk)
        raise RequestDecided(number=row.number, state=state)
