"""Exceptions: given to a person, closed with a word; and loans that nobody will fund any more."""

from __future__ import annotations

from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.origination.applications import operations as applications
from loanops.origination.applications import permissions as application_grants
from loanops.origination.routing import events, permissions
from loanops.origination.routing.domain.lifecycle import LIVE_PAYOUTS, AttemptState
from loanops.origination.routing.domain.refusals import AlreadyClosed, NoApprovedFunder, PayoutLive
from loanops.origination.routing.models import Attempt, ExceptionCase, PayoutIntent
from loanops.origination.routing.operations._asking import lend
from loanops.origination.routing.operations._crediting import lapse_rows
from loanops.origination.routing.queries.cards import ExceptionCard, exception_card
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work

_LIVE = [state.value for state in LIVE_PAYOUTS]


def assign_exception(*, number: str, owner: str, actor: Actor, at: datetime) -> ExceptionCard:
    """Give an exception to a person.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such exception in the actor's scope.
    :raises BadField: nobody is named.
    :raises AlreadyClosed: it is closed.
    """
    require(actor, permissions.RESOLVE)
    row = _find(number, actor)
    if not owner.strip():
        raise BadField(field="owner", problem="name who looks after it")
    on = books.business_date(row.book_id)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=on) as work:
        open_ = ExceptionCase.objects.filter(pk=row.pk, closed_at__isnull=True)
        if not open_.update(owner=owner):
            raise AlreadyClosed(number=number)

        work.record("routing.exception_assigned", subject=number, owner=owner)
    return exception_card(_find(number, actor))


def close_exception(*, number: str, note: str, actor: Actor, at: datetime) -> ExceptionCard:
    """Close an exception with what was found and done; it moves no payout.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such exception in the actor's scope.
    :raises BadField: nothing is noted.
    :raises AlreadyClosed: it is closed.
    """
    require(actor, permissions.RESOLVE)
    row = _find(number, actor)
    if not note.strip():
        raise BadField(field="note", problem="write down what was found and done")
    on = books.business_date(row.book_id)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=on) as work:
        closed = ExceptionCase.objects.filter(pk=row.pk, closed_at__isnull=True).update(
            closed_at=at, closed_by=actor.person, note=note
        )
        if not closed:
            raise AlreadyClosed(number=number)

        work.record("routing.exception_closed", subject=number, note=note)
        work.announce(
            events.ExceptionClosed(
                subject=number, application=row.application, funder=row.funder, kind=row.kind
            )
        )
    return exception_card(_find(number, actor))


def _find(number: str, actor: Actor) -> ExceptionCase:
    row = ExceptionCase.objects.filter(number=number).first()
    if row is None or not actor.sees_book(row.book_id) or not actor.sees_funder(row.funder):
        raise NotFound(kind="exception", number=number)
    return row


def give_up(*, application: str, reason: str, actor: Actor, at: datetime) -> None:
    """End an application whose payout failed for certain and will not be ordered anew.

    What was reserved is free again.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: no funder was asked for it within the actor's scope.
    :raises BadField: no reason is given.
    :raises PayoutLive: a payout is open or paid.
    :raises NoApprovedFunder: no funder's credit stands for it.
    """
    require(actor, permissions.RESOLVE)
    if not reason.strip():
        raise BadField(field="reason", problem="write down why")
    attempt = Attempt.objects.filter(application=application).order_by("-id").first()
    if attempt is None or not actor.sees_book(attempt.book_id):
        raise NotFound(kind="application", number=application)
    on = books.business_date(attempt.book_id)
    with unit_of_work(actor=actor, at=at, book=attempt.book_id, on=on) as work:
        live = PayoutIntent.objects.filter(application=application, state__in=_LIVE).first()
        if live is not None:
            raise PayoutLive(contract=live.contract, serial=live.serial, state=live.state)
        if attempt.state != AttemptState.APPROVED.value:
            raise NoApprovedFunder(application=application)
        lapse_rows(work, [(attempt, "given_up")])
        applications.refuse_funding(
            number=application,
            reasons=("payout_failed",),
            actor=lend(actor, application_grants.ADVANCE),
            at=at,
        )

        work.record("routing.refused", subject=application, reasons=reason)
        work.announce(
            events.FundingRefused(
                subject=application, application=application, reasons=("payout_failed",)
            )
        )
