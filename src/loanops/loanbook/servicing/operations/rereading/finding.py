"""Finding: which loans a run treats, and what each of them should have read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Final, NamedTuple

from loanops.kernel.account import AccountState
from loanops.kernel.schedule import IndexValue
from loanops.loanbook.servicing.domain.effects import total_cost_minor
from loanops.loanbook.servicing.domain.floating import rate_in_force
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.rereading import Standing, rereads, reset_days
from loanops.loanbook.servicing.models import Reread
from loanops.loanbook.servicing.operations.aside import FAULTS, reason_of
from loanops.loanbook.servicing.operations.floating import RESET
from loanops.loanbook.servicing.operations.loading import (
    LOAN,
    Held,
    History,
    as_date_or_none,
    histories,
    hold,
    marks,
)
from loanops.loanbook.servicing.operations.resetting import Done, Read, turned_by
from loanops.platform.db import fetch
from loanops.registry.compliance import queries as compliance

UNREADABLE: Final = (*FAULTS, LookupError, ValueError)
ROW: Final = (
    "standing", "reads_json", "rate_before", "rate_after", "instalment_before_minor",
    "instalment_after_minor", "saving_minor", "problem",
)  # fmt: skip
"""What is kept of a loan of a run."""
_YEAR: Final = timedelta(days=365)
CANDIDATES: Final = f"""
    SELECT loan_id, next_on FROM (
        SELECT r.loan_id, r.next_on FROM {RESET} r
        WHERE r.book_id = %s AND r.next_on >= %s AND r.reference = %s
        UNION ALL
        SELECT r.loan_id, r.next_on FROM {RESET} r
        WHERE r.book_id = %s AND r.next_on IS NULL AND r.reference = %s
    ) followers WHERE loan_id > %s ORDER BY loan_id LIMIT %s
    """  # noqa: S608 - names come from the models
"""Loans that read an index on a day of theirs since a day, or whenever it changes.

Days of theirs lie a year apart: one that was read since then has its next a year later.
"""


def candidates(row: Reread, most: int) -> dict[int, date | None]:
    """The next loans that may have read otherwise, each with its own next day of reset."""
    since = row.since + _YEAR
    asked = [row.book_id, since, row.reference, row.book_id, row.reference, row.planned_to, most]
    return {loan_id: as_date_or_none(next_on) for loan_id, next_on in fetch(CANDIDATES, asked)}


def looks_of(ids: Sequence[int]) -> dict[int, date | None]:
    """Floating loans, each with its own next day of reset."""
    rows = fetch(f"SELECT loan_id, next_on FROM {RESET} WHERE loan_id IN ({marks(ids)})", ids)  # noqa: S608
    return {loan_id: as_date_or_none(next_on) for loan_id, next_on in rows}


def values_of(row: Reread) -> list[IndexValue]:
    """The figures of the index of a run as they are recorded now, the oldest first."""
    return compliance.reference_series(book=row.book_id).get(row.reference, [])


def name_of(values: Sequence[IndexValue], since: date) -> str:
    """The name of the figures that count from a day on, and of the one before."""
    earlier = [value for value in values if value.effective_from < since][-1:]
    later = [value for value in values if value.effective_from >= since]
    said = [f"{value.effective_from}={value.rate.normalize():f}" for value in earlier + later]
    return sha256("\n".join(said).encode()).hexdigest()


class Found(NamedTuple):
    """What a run makes of one loan."""

    loan_id: int
    product: str
    funder: str
    standing: Standing
    done: Done | None = None
    problem: str = ""
    before: Decimal | None = None
    after: Decimal | None = None

    def row(self, standing: Standing | None = None) -> tuple[object, ...]:
        """The columns of ``ROW``."""
        reads = self.done.reset.made if self.done else ()
        text = json.dumps([[each.on.isoformat(), format(each.annual_rate, "f")] for each in reads])
        was, now = (self.done.before, self.done.after) if self.done else (None, None)
        return (
            (standing or self.standing).value,
            text,
            self.before,
            self.after,
            _next_minor(was),
            _next_minor(now),
            total_cost_minor(was) - total_cost_minor(now) if was and now else 0,
            self.problem,
        )


def _next_minor(account: AccountState | None) -> int:
    """What falls due next and is not paid, in minor units."""
    if account is None:
        return 0
    return next(
        (
            item.due.total_minor
            for item in account.instalments
            if item.due_date >= account.on and item.open.total_minor
        ),
        0,
    )


def work_out(
    row: Reread,
    looks: Mapping[int, date | None],
    *,
    locked: bool,
    on: date,
    values: Sequence[IndexValue],
) -> list[Found]:
    """What the loans should have read, each by itself; those that read right are left out."""
    if not looks:
        return []
    told, broken = _told(list(looks))
    held = {each.id: each for each in hold(list(looks), whole=True, locked=locked)}
    known = _known(list(looks))
    found: list[Found] = []
    for loan_id in sorted(looks):
        named = (loan_id, *known[loan_id])
        if loan_id in broken:
            found.append(Found(*named, Standing.ASIDE, problem=broken[loan_id]))
            continue
        try:
            one = _one(row, held[loan_id], told[loan_id], looks[loan_id], on, values, named)
        except UNREADABLE as fault:
            one = Found(*named, Standing.ASIDE, problem=reason_of(fault))
        if one is not None:
            found.append(one)
    return found


def _one(
    row: Reread,
    held: Held,
    history: History,
    next_on: date | None,
    on: date,
    values: Sequence[IndexValue],
    named: tuple[int, str, str],
) -> Found | None:
    terms, events = history.terms, history.events
    ended_on = held.figures.settled_on
    until = on if ended_on is None else min(on, ended_on)
    days = reset_days(terms, events, values, since=row.since, until=until, next_on=next_on)
    made = rereads(terms, events, values, days, run=row.number)
    if not made:
        return None
    if held.set_aside:
        return Found(*named, Standing.ASIDE, problem="set_aside")
    if held.figures.state not in LIVE:
        return Found(*named, Standing.LEFT, problem="ended")
    done = turned_by(Read(held, history, tuple(made)), on)
    if done is None:
        return Found(*named, Standing.LEFT, problem="nothing_due")
    return Found(
        *named,
        Standing.FOUND,
        done,
        before=rate_in_force(terms, events, on),
        after=rate_in_force(terms, (*events, *made), on),
    )


def _told(ids: Sequence[int]) -> tuple[dict[int, History], dict[int, str]]:
    """The histories of loans, and why those cannot be read that cannot."""
    try:
        return histories(ids), {}
    except UNREADABLE:
        told: dict[int, History] = {}
        broken: dict[int, str] = {}
        for loan_id in ids:
            try:
                told |= histories([loan_id])
            except UNREADABLE as fault:
                broken[loan_id] = reason_of(fault)
        return told, broken


def _known(ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    rows = fetch(f"SELECT id, product, funder FROM {LOAN} WHERE id IN ({marks(ids)})", ids)  # noqa: S608
    return {loan_id: (product, funder) for loan_id, product, funder in rows}
