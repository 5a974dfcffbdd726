"""The one door through which an application changes its stage: table, compare-and-set, log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor
from loanops.kernel.refusals import ChangedMeanwhile, NotFound
from loanops.origination.applications.domain.lifecycle import LIFECYCLE, Move, Stage
from loanops.origination.applications.models import Application, Passage
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, lock, update_many
from loanops.platform.work import Work, unit_of_work

PASSAGE_COLUMNS = ("application_id", "place", "move", "from_stage", "to_stage", "actor", "at", "on")
_TABLE = Application._meta.db_table


@dataclass(frozen=True)
class Step:
    """One application about to move, and the columns that change with it."""

    row: Application
    move: Move
    changes: dict[str, Any] = field(default_factory=dict)


@contextmanager
def work_on(
    numbers: Sequence[str], *, actor: Actor, at: datetime
) -> Iterator[tuple[Work, dict[str, Application]]]:
    """A unit of work over applications of one book, each row held until it ends.

    :raises NotFound: one of them does not exist, is outside the actor's scope, or is in another
        book than the first.
    """
    first = Application.objects.filter(number__in=numbers[:1]).first() if numbers else None
    if first is None or not actor.sees_book(first.book_id):
        raise NotFound(kind="application", number=numbers[0] if numbers else "")
    on = books.business_date(first.book_id)
    with unit_of_work(actor=actor, at=at, book=first.book_id, on=on) as work:
        found = Application.objects.filter(book_id=first.book_id, number__in=numbers)
        lock(_TABLE, found.values_list("pk", flat=True))
        rows = {row.number: row for row in found.order_by("pk")}
        for number in numbers:
            if number not in rows:
                raise NotFound(kind="application", number=number)
        yield work, rows


def move_many(work: Work, steps: Sequence[Step]) -> None:
    """Move applications by the table and write each move into the log.

    All steps change the same columns. Rows passed in are brought up to date.

    :raises MoveNotAllowed: the table has no such move; nothing is changed.
    :raises ChangedMeanwhile: a row was changed since it was read.
    """
    if not steps:
        return
    targets = [LIFECYCLE.after(Stage(step.row.stage), step.move).value for step in steps]
    columns = tuple(steps[0].changes)
    changed = update_many(
        _TABLE,
        ("id", "version"),
        ("stage", "version", "moved_on", *columns),
        [
            (
                *(step.row.pk, step.row.version),
                *(to, step.row.version + 1, work.on),
                *(step.changes[column] for column in columns),
            )
            for step, to in zip(steps, targets, strict=True)
        ],
    )
    if changed != len(steps):
        raise ChangedMeanwhile(number=steps[0].row.number)
    log_many(work, [(step.row, step.move, to) for step, to in zip(steps, targets, strict=True)])
    for step, to in zip(steps, targets, strict=True):
        step.row.stage, step.row.moved_on = to, work.on
        step.row.version += 1
        for column, value in step.changes.items():
            setattr(step.row, column, value)


def log_many(work: Work, moved: Sequence[tuple[Application, Move, str]]) -> None:
    """Write moves into the log; the place of a move is the row's version before it."""
    insert_many(
        Passage._meta.db_table,
        PASSAGE_COLUMNS,
        [
            (row.pk, row.version, move.value, row.stage, to, work.actor.person, work.at, work.on)
            for row, move, to in moved
        ],
    )
