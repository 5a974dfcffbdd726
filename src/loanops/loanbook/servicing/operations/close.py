"""The close of a business day: ordered steps, each exactly once, each in its own transaction.

The first step moves the business date: it is the cut-off, after which online money counts for the
new day. The other steps work on what the days up to the cut-off left. A close that dies goes on at
the step it died in; a second close running beside it finds each step taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import DataError, IntegrityError, OperationalError

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.operations.aside import set_culprits_aside
from loanops.loanbook.servicing.operations.loading import see_book
from loanops.loanbook.servicing.ports import CLOSE, CloseStep, Closing
from loanops.platform.books import operations as book_operations
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work

TRIES_MAX = 3
CULPRITS_MAX = 20
"""A step in which more loans than this fail is at fault itself, and stops the close."""


class NoSteps(RuntimeError):
    """A close without steps would call days closed that are not: a bug of whoever starts it."""


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a close as this run left it: ``touched`` is empty where it was done before."""

    step: str
    touched: int | None


@dataclass(frozen=True, slots=True)
class DayClosed:
    """A day that is closed, step by step."""

    book: str
    closed_on: date
    business_date: date
    steps: tuple[StepDone, ...]


def close_day(
    *, book: str, until: date | None = None, actor: Actor, at: datetime
) -> list[DayClosed]:
    """Close the open business day, or every day until the book stands at ``until``.

    A close that was interrupted is finished first; that alone does not count as the day asked for.

    :raises NotPermitted: the actor may not close a day.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: ``until`` lies before the business date.
    :raises NoSteps: the process was started without its wiring.
    """
    require(actor, permissions.CLOSE_DAY)
    see_book(actor, book)
    if not tuple(CLOSE):
        raise NoSteps("the close has no steps: loanops.config.wiring.wire() plugs them in")
    open_on = books.business_date(book)
    if until is not None and until < open_on:
        raise BadField(field="until", problem=f"the book stands at {open_on} already")
    days: list[DayClosed] = []
    before = open_on - timedelta(days=1)
    done = books.finished_steps(book=book, on=before)
    if done and not CLOSE.is_finished(done):
        days.append(_close_one(book, before, actor, at))
    target = until or open_on + timedelta(days=1)
    for offset in range((target - open_on).days):
        days.append(_close_one(book, open_on + timedelta(days=offset), actor, at))
    return days


def _close_one(book: str, closed_on: date, actor: Actor, at: datetime) -> DayClosed:
    closing = Closing(book, closed_on, closed_on + timedelta(days=1))
    done = books.finished_steps(book=book, on=closed_on)
    steps = tuple(
        StepDone(step.name, None if step.name in done else _run(step, closing, actor, at))
        for step in CLOSE
    )
    return DayClosed(book, closed_on, closing.opens_on, steps)


def _run(step: CloseStep, closing: Closing, actor: Actor, at: datetime) -> int | None:
    """One step; what it touched, or nothing where another run had taken it.

    A database that is busy is tried again as a whole. A loan that makes the step fail is set
    aside, and the step goes on without it.
    """
    tries = 0
    while True:
        try:
            return _run_once(step, closing, actor, at)
        except OperationalError:
            tries += 1
            if tries >= TRIES_MAX:
                raise
        except (IntegrityError, DataError, ArithmeticError, Refusal) as fault:
            found = set_culprits_aside(
                step=step, closing=closing, fault=fault, most=CULPRITS_MAX, actor=actor, at=at
            )
            if not found:
                raise


def _run_once(step: CloseStep, closing: Closing, actor: Actor, at: datetime) -> int | None:
    on = closing.opens_on if step.on_new_day else closing.closed_on
    with unit_of_work(actor=actor, at=at, book=closing.book, on=on) as work:
        if not book_operations.begin_step(work=work, step=step.name, on=closing.closed_on):
            work.unchanged()
            return None
        touched = step.run(work, closing)
        book_operations.finish_step(
            work=work, step=step.name, on=closing.closed_on, touched=touched
        )
        work.record(
            "servicing.close_step_done",
            subject=closing.book,
            step=step.name,
            closed_on=closing.closed_on,
            touched=touched,
        )
    return touched
