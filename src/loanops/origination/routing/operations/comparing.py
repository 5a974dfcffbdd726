"""The funder's legal schedule held against ours, once for each loan it paid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import zip_longest
from typing import Any, Final

from django.db.models import Q

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.kernel.schedule import Row, Terms, schedule
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.judging import Source, Trouble
from loanops.origination.routing.domain.lifecycle import PayoutState
from loanops.origination.routing.models import PayoutIntent
from loanops.origination.routing.operations._asking import Reach, ask_all, committed, doubting
from loanops.origination.routing.operations._crediting import reach_of
from loanops.origination.routing.operations._noting import Heard, Opening, observe, open_exceptions
from loanops.origination.routing.ports import ScheduleAnswer, ScheduleRow, Standing
from loanops.platform.books import queries as books
from loanops.platform.db import new_numbers, update_many
from loanops.platform.work import Work, unit_of_work

AT_ONCE: Final = 500
ASK_AGAIN: Final = timedelta(hours=1)
SAME, DIFFERS = "same", "differs"


@dataclass(frozen=True)
class Compared:
    """Payout serials by what came of the comparison; ``waiting`` ones are asked for again."""

    same: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Told:
    intent: PayoutIntent
    answer: ScheduleAnswer
    differing: dict[str, Any] | None

    @property
    def state(self) -> str:
        if self.answer.standing is not Standing.SUCCESS:
            return ""
        return DIFFERS if self.differing else SAME


def compare_schedules(*, book: str, actor: Actor, at: datetime) -> Compared:
    """Fetch the legal schedules of paid loans not compared yet, and hold them against ours.

    A schedule that differs in any instalment becomes an exception with both figures; the loan
    goes on by ours until a person has cleared it up. What a funder does not tell is asked for
    again after an hour.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.RESOLVE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    due = Q(schedule_asked_at__isnull=True) | Q(schedule_asked_at__lte=at - ASK_AGAIN)
    rows = PayoutIntent.objects.filter(
        due, book_id=book, state=PayoutState.SUCCESS.value, schedule_state=""
    )
    intents = list(rows.select_related("attempt").order_by("id")[:AT_ONCE])
    if not intents:
        return Compared()
    told = [_held_against(intent, answer) for intent, answer in _fetch(intents)]
    on = books.business_date(book)
    with committed(), unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        _write(work, told)
    return Compared(
        same=tuple(each.intent.serial for each in told if each.state == SAME),
        differing=tuple(each.intent.serial for each in told if each.state == DIFFERS),
        waiting=tuple(each.intent.serial for each in told if not each.state),
    )


def _fetch(intents: Sequence[PayoutIntent]) -> list[tuple[PayoutIntent, ScheduleAnswer]]:
    reaches = reach_of(each.attempt for each in intents)
    numbers = new_numbers("RQ", intents[0].moved_at, len(intents))
    calls: list[Callable[[], ScheduleAnswer]] = [
        partial(_ask, reaches[each.attempt.agreement, each.attempt.agreement_version], each, number)
        for each, number in zip(intents, numbers, strict=True)
    ]
    return list(zip(intents, ask_all(calls), strict=True))


def _ask(reach: Reach, intent: PayoutIntent, number: str) -> ScheduleAnswer:
    return doubting(
        ScheduleAnswer,
        number,
        lambda: reach.open().fetch_schedule(intent.serial, request_number=number),
    )


def _held_against(intent: PayoutIntent, answer: ScheduleAnswer) -> _Told:
    if answer.standing is not Standing.SUCCESS:
        return _Told(intent, answer, None)
    ours = schedule(Terms.from_dict(intent.terms)).rows
    for mine, theirs in zip_longest(ours, answer.rows):
        here = _figures(mine) if mine else {}
        there = _figures(theirs) if theirs else {}
        if here != there:
            return _Told(intent, answer, {"ours": here, "theirs": there})
    return _Told(intent, answer, None)


def _figures(row: Row | ScheduleRow) -> dict[str, Any]:
    """What both sides say of an instalment."""
    return {
        "number": row.number,
        "due_date": row.due_date.isoformat(),
        "principal_minor": row.principal_minor,
        "interest_minor": row.interest_minor,
        "fees_minor": row.fees_minor,
    }


def _write(work: Work, told: Sequence[_Told]) -> None:
    observe([Heard(each.intent.serial, Source.QUERY, each.answer) for each in told], work.at)
    update_many(
        PayoutIntent._meta.db_table,
        ("id",),
        ("schedule_state", "schedule_asked_at"),
        [(each.intent.pk, each.state, work.at) for each in told],
    )
    differing = [each for each in told if each.differing]
    open_exceptions(
        work,
        [
            Opening(
                kind=Trouble.SCHEDULE_DIFFERS,
                serial=each.intent.serial,
                application=each.intent.application,
                funder=each.intent.funder,
                detail=each.differing or {},
            )
            for each in differing
        ],
    )

    work.record_batch(
        "routing.schedules_compared",
        subjects=[each.intent.serial for each in told],
        differing=len(differing),
    )
