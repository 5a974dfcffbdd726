"""Working a run out and booking it, part by part: what was done stays done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import partial
from typing import Final

from loanops.kernel.access import Actor, require
from loanops.kernel.account import Restructured
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.rereading import RereadMove, RereadState, Standing
from loanops.loanbook.servicing.models import Reread, RereadLoan
from loanops.loanbook.servicing.operations.aside import reason_of
from loanops.loanbook.servicing.operations.laying import stop_debits_of
from loanops.loanbook.servicing.operations.observing import observe_loans
from loanops.loanbook.servicing.operations.rereading.asking import move
from loanops.loanbook.servicing.operations.rereading.finding import (
    ROW,
    UNREADABLE,
    Found,
    candidates,
    looks_of,
    values_of,
    work_out,
)
from loanops.loanbook.servicing.operations.resetting import Done, write_reads
from loanops.platform.books.operations import hold_date
from loanops.platform.db import insert_many, update_many
from loanops.platform.work import Work, unit_of_work

LOANS_AT_ONCE: Final = 200
Part = Callable[[], AbstractContextManager[Work]]
"""The unit of work of one part of a run."""


def go_on_rereading(*, run: str, actor: Actor, at: datetime, at_once: int = LOANS_AT_ONCE) -> None:
    """Work a run out, or book it, from where it stands to its end; each part is kept by itself.

    :raises NotPermitted: the actor may not change terms.
    """
    require(actor, permissions.CHANGE_TERMS)
    book = Reread.objects.values_list("book_id", flat=True).get(number=run)
    part = partial(unit_of_work, actor=actor, at=at, book=book, on=hold_date)
    while _plan_part(run, at_once, part):
        pass
    while _book_part(run, at_once, part):
        pass


def _plan_part(run: str, most: int, part: Part) -> bool:
    """Work the next loans of a run out; whether there are more."""
    with part() as work:
        row = Reread.objects.select_for_update().get(number=run)
        if row.state != RereadState.PLANNING.value:
            work.unchanged()
            return False
        looks = candidates(row, most)
        found = work_out(row, looks, locked=False, on=work.on, values=values_of(row))
        insert_many(
            RereadLoan._meta.db_table,
            ("run_id", "loan_id", "product", "funder", *ROW),
            [(row.pk, each.loan_id, each.product, each.funder, *each.row()) for each in found],
        )
        Reread.objects.filter(pk=row.pk).update(planned_to=max(looks, default=row.planned_to))
        work.record("servicing.reread_planned", subject=run, count=len(found))
        if len(looks) < most:
            standing = RereadLoan.objects.filter(run=row, standing=Standing.FOUND.value)
            if standing.exists():
                move(work, row, RereadMove.ASK)
            else:
                move(work, row, RereadMove.FIND_NOTHING, finished_at=work.at)
            return False
    return True


def _book_part(run: str, most: int, part: Part) -> bool:
    """Book the next loans of a run, together or, where they fail so, each alone."""
    found = RereadLoan.objects.filter(run__number=run, standing=Standing.FOUND.value)
    ids = list(found.order_by("id").values_list("id", flat=True)[:most])
    if not ids:
        _finish(run, part)
        return False
    try:
        return _book(run, ids, part)
    except UNREADABLE:
        for id_ in ids:
            try:
                if not _book(run, [id_], part):
                    return False
            except UNREADABLE as fault:
                _set_aside(run, id_, fault, part)
    return True


def _book(run: str, ids: Sequence[int], part: Part) -> bool:
    with part() as work:
        row = Reread.objects.select_for_update().get(number=run)
        if row.state != RereadState.BOOKING.value:
            work.unchanged()
            return False
        # A worker that woke up late finds those booked that another has booked meanwhile.
        rows = {
            each.loan_id: each
            for each in RereadLoan.objects.filter(id__in=ids, standing=Standing.FOUND.value)
        }
        if not rows:
            work.unchanged()
            return True
        looks = looks_of(list(rows))
        found = work_out(row, looks, locked=True, on=work.on, values=values_of(row))
        ends = _ends(found, rows)
        done = [each.done for each in found if each.done and ends[each.loan_id] is Standing.BOOKED]
        write_reads(work, done, code="servicing.rates_reread", run=run)
        _follow(work, done)
        _keep(work, run, rows, found, ends)
    return True


def _ends(found: Sequence[Found], rows: Mapping[int, RereadLoan]) -> dict[int, Standing]:
    """What becomes of each loan; one whose reads are not those that were shown is set aside."""
    ends = dict.fromkeys(rows, Standing.LEFT)
    for each in found:
        if each.standing is not Standing.FOUND:
            ends[each.loan_id] = each.standing
            continue
        is_same = each.row()[1] == rows[each.loan_id].reads_json
        ends[each.loan_id] = Standing.BOOKED if is_same else Standing.ASIDE
    return ends


def _follow(work: Work, done: Sequence[Done]) -> None:
    """What hangs on a changed loan: its observation, and debits of what is not due any more."""
    observed = [
        each.reset.held.id
        for each in done
        if any(isinstance(event, Restructured) for event in each.reset.history.events)
    ]
    if observed:
        observe_loans(work, observed, on=work.on)
    stop_debits_of(work, (each.reset.held for each in done))


def _keep(
    work: Work,
    run: str,
    rows: Mapping[int, RereadLoan],
    found: Sequence[Found],
    ends: Mapping[int, Standing],
) -> None:
    told = {each.loan_id: each for each in found}
    kept = []
    for loan_id, row in rows.items():
        end = ends[loan_id]
        if end is Standing.BOOKED:
            kept.append((row.pk, *told[loan_id].row(end)))
            continue
        known = told[loan_id].problem if loan_id in told else "right_already"
        shown = [getattr(row, name) for name in ROW[1:-1]]
        kept.append((row.pk, end.value, *shown, known or "moved_on"))
    update_many(RereadLoan._meta.db_table, ("id",), ROW, kept)
    others = sum(end is not Standing.BOOKED for end in ends.values())
    if others:
        work.record("servicing.reread_left", subject=run, run=run, count=others)


def _set_aside(run: str, id_: int, fault: Exception, part: Part) -> None:
    with part() as work:
        RereadLoan.objects.filter(pk=id_, standing=Standing.FOUND.value).update(
            standing=Standing.ASIDE.value, problem=reason_of(fault)
        )
        work.record("servicing.reread_left", subject=run, run=run, count=1)


def _finish(run: str, part: Part) -> None:
    with part() as work:
        row = Reread.objects.select_for_update().get(number=run)
        if row.state != RereadState.BOOKING.value:
            work.unchanged()
            return
        move(work, row, RereadMove.FINISH, finished_at=work.at)
        count = RereadLoan.objects.filter(run=row, standing=Standing.BOOKED.value).count()
        work.record("servicing.reread_done", subject=run, count=count)
