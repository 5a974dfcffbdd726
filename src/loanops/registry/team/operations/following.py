"""Items come and go with what waits: one operation, whatever happened."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from django.db.models import Q

from loanops.kernel.access import Actor, require
from loanops.platform.db import insert_many, new_numbers, update_many
from loanops.platform.work import Work, unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.domain import levels
from loanops.registry.team.domain.kinds import KINDS, Kind
from loanops.registry.team.domain.lifecycle import LIFECYCLE, Move, State
from loanops.registry.team.models import Item
from loanops.registry.team.ports import WAITING, Waiting
from loanops.registry.team.queries.items import BAR

_CHUNK: Final = 5_000
_TABLE: Final = Item._meta.db_table
_OPENED: Final = (
    "number", "book_id", "kind", "subject", "topic", "amount_minor", "channel", "funder", "not_by",
    "state", "holder", "since", "opened_on", "due_at", "risk_at", "next_at", "late",
)  # fmt: skip
_DONE: Final = ("state", "done_at", "done_on", "late", "took_minutes")


def settle(
    *,
    book: str,
    kind: Kind,
    subjects: Collection[str] | None,
    may_open: bool,
    on: date,
    actor: Actor,
    at: datetime,
) -> int:
    """Open items of what waits now and end those of what does not; returns how many moved.

    Looks at these subjects, or at all of the kind where none is named; without ``may_open`` only
    at those that have an item. Done twice, the second time changes nothing.

    :raises NotPermitted: the actor may not settle.
    """
    require(actor, permissions.SETTLE)
    moved = 0
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        work.unchanged()
        for part in _chunks(subjects):
            moved += _settle(work, kind, part, may_open=may_open)
    return moved


def rebuild(*, book: str, actor: Actor, at: datetime, on: date) -> int:
    """Look at everything of every kind anew; returns how many items came or went.

    :raises NotPermitted: the actor may not settle.
    """
    require(actor, permissions.SETTLE)
    return sum(
        settle(book=book, kind=kind, subjects=None, may_open=True, on=on, actor=actor, at=at)
        for kind in KINDS
    )


def _chunks(subjects: Collection[str] | None) -> Iterator[list[str] | None]:
    if subjects is None:
        yield None
        return
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]


def _settle(work: Work, kind: Kind, subjects: list[str] | None, *, may_open: bool) -> int:
    named = Q(book_id=work.book) if subjects is None else Q(subject__in=subjects)
    rows = Item.objects.filter(named, kind=kind.value).exclude(state=State.DONE.value)
    known = {row.subject: row for row in rows.order_by("id").select_for_update()}
    asked = subjects if may_open else list(known)
    waiting: dict[str, Waiting] = {}
    if asked is None or asked:
        found = WAITING[kind.value](subjects=asked)
        waiting = {each.subject: each for each in found if each.book == work.book}
    gone = [row for subject, row in known.items() if subject not in waiting]
    fresh = [each for subject, each in waiting.items() if subject not in known]
    _end(work, kind, gone)
    _open(work, kind, fresh)
    return len(gone) + len(fresh)


def _end(work: Work, kind: Kind, rows: Sequence[Item]) -> None:
    if not rows:
        return
    hours = queries.working_hours(book=work.book, since=min(row.since for row in rows).date())
    update_many(
        _TABLE,
        ("id",),
        _DONE,
        [
            (
                row.pk,
                LIFECYCLE.after(State(row.state), Move.FINISH).value,
                work.at,
                work.on,
                work.at > row.due_at,
                hours.between(row.since, max(row.since, work.at)),
            )
            for row in rows
        ],
    )
    work.record_batch("team.items_done", subjects=[row.number for row in rows], kind=kind.value)


def _open(work: Work, kind: Kind, fresh: Sequence[Waiting]) -> None:
    if not fresh:
        return
    hours = queries.working_hours(book=work.book, since=min(each.since for each in fresh).date())
    dated = queries.dated_levels(book=work.book, kind=kind)
    level = levels.in_force(dated, work.on, KINDS[kind].level)
    numbers = new_numbers("WI", work.at, len(fresh))
    rows = []
    for number, each in zip(numbers, fresh, strict=True):
        clock = levels.clock(level, hours, each.since, each.amount_minor)
        rows.append(
            (
                number, work.book, kind.value, each.subject, each.topic, each.amount_minor,
                each.channel, each.funder, _between_bars(each.not_by), LIFECYCLE.start.value, "",
                each.since, work.on, clock.due_at, clock.risk_at, clock.next_at, False,
            )
        )  # fmt: skip
    insert_many(_TABLE, _OPENED, rows)
    work.record_batch("team.items_opened", subjects=numbers, kind=kind.value)


def _between_bars(names: Collection[str]) -> str:
    return f"{BAR}{BAR.join(sorted(names))}{BAR}" if names else ""
