"""Classing by people: a judgement that lowers a loan's class, and a pause of its ageing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from loanops.kernel.access import Actor, require
from loanops.kernel.aging import dpd
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.classing import (
    NORMAL,
    ORDER,
    Cause,
    Classed,
    Move,
    OrderKind,
)
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState
from loanops.loanbook.servicing.domain.reasons import reason_given
from loanops.loanbook.servicing.models import ClassChange, ClassOrder, Loan, LoanClass
from loanops.loanbook.servicing.operations.loading import as_date_or_none
from loanops.loanbook.servicing.queries.classing import ClassCard, class_rules, get_class
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch, for_change, insert_many, upsert_many
from loanops.platform.work import Work, unit_of_work

_CLASS = LoanClass._meta.db_table
_LOAN = Loan._meta.db_table
CLASS_COLUMNS = (
    "c.days_tier, c.judged_tier, c.judged_until, c.paused, c.paused_until, "
    "c.observed_tier, c.observed_until"
)


class LoanEnded(Refusal):
    """A loan that is settled or written off has no class any more."""

    code = "servicing_loan_ended"
    sentence = "Loan {number} has ended; it is not classed any more."
    status = 409


class OrderStands(Refusal):
    """One judgement and one pause stand at a time."""

    code = "servicing_class_order_stands"
    sentence = "Such an order about loan {number} stands already; end it first."
    status = 409


class NoOrderStands(Refusal):
    """Only what stands can be ended."""

    code = "servicing_no_class_order"
    sentence = "No such order about loan {number} stands."
    status = 409


class Reclassed(NamedTuple):
    """A loan whose class, judgement or pause is to be written, before and after."""

    loan_id: int
    was: Classed
    now: Classed
    move: Move | None


@dataclass(frozen=True, slots=True)
class _Held:
    id: int
    number: str
    book: str
    oldest_due_on: date | None
    classed: Classed


def reclassify(
    *, loan: str, tier: str, reason: str, until: date | None, actor: Actor, at: datetime
) -> ClassCard:
    """Judge a loan to be in a lower class than its days past due mean, up to a day or for good.

    :raises NotPermitted: the actor may not classify loans.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: the tier is not below the one in force, ``until`` is over, or no reason.
    :raises LoanEnded: the loan is settled or written off.
    :raises OrderStands: a judgement stands already.
    """
    require(actor, permissions.CLASSIFY)
    book = _seen(loan, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        held = _hold(loan)
        wanted = next((place for place, each in enumerate(ORDER) if each.value == tier), NORMAL)
        reason = _checked(reason, until, work.on)
        if held.classed.judged is not None:
            raise OrderStands(number=loan)
        if wanted <= held.classed.by_days:
            raise BadField(field="tier", problem="must be lower than what days past due mean")
        if wanted <= (held.classed.observed or NORMAL):
            raise BadField(field="tier", problem="must be lower than the loan is held at anyway")

        now = held.classed._replace(judged=wanted, judged_until=until)
        _change(work, held, now, Cause.JUDGED)
        _begin(work, held, OrderKind.JUDGEMENT, wanted, reason, until)

        work.record(
            "servicing.reclassified", subject=loan, from_tier=held.classed.tier, to_tier=wanted
        )
    return get_class(number=loan, viewer=Actor.house("servicing"))


def withdraw_judgement(*, loan: str, reason: str, actor: Actor, at: datetime) -> ClassCard:
    """End the judgement of a loan: its class is that of its days past due again.

    :raises NotPermitted: the actor may not classify loans.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: there is no reason.
    :raises LoanEnded: the loan is settled or written off.
    :raises NoOrderStands: no judgement stands.
    """
    require(actor, permissions.CLASSIFY)
    book = _seen(loan, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        held = _hold(loan)
        reason = _checked(reason, None, work.on)
        _end(work, held, OrderKind.JUDGEMENT, reason)
        now = held.classed._replace(judged=None, judged_until=None)
        _change(work, held, now, Cause.WITHDRAWN)

        work.record("servicing.judgement_withdrawn", subject=loan, to_tier=now.tier)
    return get_class(number=loan, viewer=Actor.house("servicing"))


def pause_ageing(
    *, loan: str, reason: str, until: date | None, actor: Actor, at: datetime
) -> ClassCard:
    """Pause the ageing of a loan: its days past due go on, its class does not worsen with them.

    :raises NotPermitted: the actor may not pause loans.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: ``until`` is over, or there is no reason.
    :raises LoanEnded: the loan is settled or written off.
    :raises OrderStands: a pause stands already.
    """
    require(actor, permissions.PAUSE)
    book = _seen(loan, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        held = _hold(loan)
        reason = _checked(reason, until, work.on)
        if held.classed.paused:
            raise OrderStands(number=loan)
        now = held.classed._replace(paused=True, paused_until=until)
        _change(work, held, now, Cause.RESUMED)
        _begin(work, held, OrderKind.PAUSE, None, reason, until)

        work.record("servicing.ageing_paused", subject=loan, until=until)
    return get_class(number=loan, viewer=Actor.house("servicing"))


def resume_ageing(*, loan: str, reason: str, actor: Actor, at: datetime) -> ClassCard:
    """End the pause of a loan: its class follows its days past due again, from now on.

    :raises NotPermitted: the actor may not pause loans.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: there is no reason.
    :raises LoanEnded: the loan is settled or written off.
    :raises NoOrderStands: no pause stands.
    """
    require(actor, permissions.PAUSE)
    book = _seen(loan, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        held = _hold(loan)
        reason = _checked(reason, None, work.on)
        _end(work, held, OrderKind.PAUSE, reason)
        by_days = class_rules(book=book, on=work.on).by_days(
            dpd(held.oldest_due_on, work.on), work.on
        )
        now = held.classed._replace(paused=False, paused_until=None, by_days=by_days)
        _change(work, held, now, Cause.RESUMED)

        work.record("servicing.ageing_resumed", subject=loan, to_tier=now.tier)
    return get_class(number=loan, viewer=Actor.house("servicing"))


def _seen(number: str, actor: Actor) -> str:
    row = Loan.objects.filter(number=number).first()
    if row is None or not seen([row], actor):
        raise NotFound(kind="loan", number=number)
    return str(row.book_id)


def _checked(reason: str, until: date | None, on: date) -> str:
    """The reason as it is kept."""
    if until is not None and until <= on:
        raise BadField(field="until", problem="must lie after the business day")
    return reason_given(reason)


def _hold(number: str) -> _Held:
    """The loan with its class, locked.

    :raises LoanEnded:
    """
    [row] = fetch(
        f"SELECT id, book_id, state, oldest_due_on FROM {_LOAN} l WHERE number = %s "  # noqa: S608
        f"{for_change('l')}",
        [number],
    )
    if LoanState(row[2]) not in LIVE:
        raise LoanEnded(number=number)
    classed = fetch(
        f"SELECT {CLASS_COLUMNS} FROM {_CLASS} c WHERE loan_id = %s",  # noqa: S608
        [row[0]],
    )
    return _Held(
        row[0],
        number,
        row[1],
        as_date_or_none(row[3]),
        classed_of(classed[0]) if classed else Classed(),
    )


def classed_of(values: Sequence[Any]) -> Classed:
    """A loan's class from ``CLASS_COLUMNS``; all empty where it has no row."""
    days, judged, judged_until, paused, paused_until, observed, observed_until = values
    return Classed(
        by_days=days or NORMAL,
        judged=judged,
        judged_until=as_date_or_none(judged_until),
        paused=bool(paused),
        paused_until=as_date_or_none(paused_until),
        observed=observed,
        observed_until=as_date_or_none(observed_until),
    )


def _change(work: Work, held: _Held, now: Classed, cause: Cause) -> None:
    was = held.classed
    move = Move(cause, was.tier, now.tier) if was.tier != now.tier else None
    put_classes(work, [Reclassed(held.id, was, now, move)])


def put_classes(work: Work, changed: Sequence[Reclassed]) -> None:
    """Write classes and their log; the only code that does."""
    columns = (
        "tier",
        "days_tier",
        "judged_tier",
        "judged_until",
        "paused",
        "paused_until",
        "observed_tier",
        "observed_until",
    )
    upsert_many(
        _CLASS,
        ("loan_id", "book_id", *columns),
        [(each.loan_id, work.book, each.now.tier, *each.now) for each in changed],
        conflict=("loan_id",),
        update=columns,
    )
    insert_many(
        ClassChange._meta.db_table,
        ("loan_id", "book_id", "changed_on", "at", "cause", "from_tier", "to_tier"),
        [
            (each.loan_id, work.book, work.on, work.at, *each.move)
            for each in changed
            if each.move is not None
        ],
    )


def _begin(
    work: Work, held: _Held, kind: OrderKind, tier: int | None, reason: str, until: date | None
) -> None:
    ClassOrder.objects.create(
        loan_id=held.id,
        book_id=held.book,
        kind=kind.value,
        tier=tier,
        reason=reason.strip(),
        by=work.actor.person,
        at=work.at,
        begins_on=work.on,
        until=until,
    )


def _end(work: Work, held: _Held, kind: OrderKind, reason: str) -> None:
    ended = ClassOrder.objects.filter(loan_id=held.id, kind=kind.value, ended_on__isnull=True)
    if not ended.update(
        ended_on=work.on, ended_at=work.at, ended_by=work.actor.person, ended_reason=reason.strip()
    ):
        raise NoOrderStands(number=held.number)


def end_lapsed(work: Work, changed: Sequence[Reclassed]) -> None:
    """Note that the orders which the close found to be over have ended."""
    for kind, loans in (
        (
            OrderKind.JUDGEMENT,
            [e.loan_id for e in changed if e.was.judged is not None and e.now.judged is None],
        ),
        (OrderKind.PAUSE, [e.loan_id for e in changed if e.was.paused and not e.now.paused]),
        (
            OrderKind.OBSERVATION,
            [e.loan_id for e in changed if e.was.observed is not None and e.now.observed is None],
        ),
    ):
        ClassOrder.objects.filter(loan_id__in=loans, kind=kind.value, ended_on__isnull=True).update(
            ended_on=work.on, ended_at=work.at, ended_by=work.actor.person
        )
