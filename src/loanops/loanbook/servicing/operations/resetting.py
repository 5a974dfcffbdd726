"""Resetting: floating loans read their index; one event where the rate becomes another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from loanops.kernel.account import AccountState, NothingFallsDue, RateChanged
from loanops.kernel.schedule import IndexValue, Terms
from loanops.loanbook.servicing import events
from loanops.loanbook.servicing.domain.floating import days_of_reset, resets
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.replay import content_of
from loanops.loanbook.servicing.operations.floating import RESET
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    Held,
    History,
    chunks,
    histories,
    hold,
    replayed,
)
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS
from loanops.loanbook.servicing.operations.projecting import Turned, applied, project, shape
from loanops.loanbook.servicing.operations.turning import allocations, growth, turn_to
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import JournalIn
from loanops.money.payments import operations as payments
from loanops.platform.db import insert_many, update_many
from loanops.platform.work import Work

LOANS_AT_ONCE = 1_000
ROWS_PER_EVENT = 1_000


class Look(NamedTuple):
    """A floating loan that is due to read its index: the first day not looked at yet."""

    loan_id: int
    since: date
    is_on_day: bool


class Read(NamedTuple):
    """A loan with the rates that it read, or should have."""

    held: Held
    history: History
    made: tuple[RateChanged, ...]


def reset_many(
    *, work: Work, looks: Sequence[Look], values: Mapping[str, Sequence[IndexValue]], until: date
) -> int:
    """Let floating loans read their index for every day of reset up to a day; how many changed.

    Loans whose index has no value, or another rate nowhere, are left as they are.
    """
    changed = 0
    for part in chunks(looks, LOANS_AT_ONCE):
        changed += _reset_part(work, part, values, until)
    return changed


def _reset_part(
    work: Work, looks: Sequence[Look], values: Mapping[str, Sequence[IndexValue]], until: date
) -> int:
    told = histories([look.loan_id for look in looks])
    since = {look.loan_id: look.since for look in looks}
    wanted: dict[int, tuple[RateChanged, ...]] = {}
    for loan_id, history in told.items():
        floating = history.terms.floating
        series = values.get(floating.index, ()) if floating else ()
        days = days_of_reset(history.terms, series, since=since[loan_id], until=until)
        made = resets(history.terms, history.events, series, days)
        if made:
            wanted[loan_id] = tuple(made)
    found = [
        Read(held, told[held.id], wanted[held.id])
        for held in hold(list(wanted), whole=True)
        if held.figures.state in LIVE
    ]
    done = [each for each in (turned_by(reset, work.on) for reset in found) if each is not None]
    write_reads(work, done, code="servicing.rates_reset")
    _look_again(looks, told, until)
    return len(done)


class Done(NamedTuple):
    """The turn that a loan takes by what it read."""

    reset: Read
    turned: Turned
    allocated: dict[str, int]
    before: AccountState
    after: AccountState


def turned_by(reset: Read, on: date) -> Done | None:
    """The turn of a loan whose rate changes; nothing where nothing of it is still to fall due."""
    held, history, made = reset
    try:
        after = replayed(history, held, made, on)
    except NothingFallsDue:
        return None
    before = replayed(history, held, [], on)
    turn = turn_to(held, before.backing, after, made[-1].on, on)
    held.changed_on = max(held.changed_on or made[-1].on, made[-1].on)
    allocated = allocations(history, after.repayments)
    return Done(reset, Turned(held, turn), allocated, before.account, after.account)


def write_reads(work: Work, done: Sequence[Done], *, code: str, run: str = "") -> None:
    """Write what loans read, post and announce it, and record it under ``code``."""
    if not done:
        return
    effect = json.dumps({"reread": run} if run else {})
    allocated = {number: minor for each in done for number, minor in each.allocated.items()}
    payments.allocate_many(work=work, rows=growth(allocated))
    journals = [
        JournalIn(
            kind=f"servicing.{RateChanged.KIND}",
            subject=each.reset.held.number,
            entries=applied(*each.turned),
        )
        for each in done
    ]
    moving = [journal for journal in journals if journal.entries]
    ledger.post_many(work=work, on=work.on, journals=moving)
    insert_many(
        EVENT,
        (*EVENT_COLUMNS, "content_json"),
        [
            (
                each.reset.held.id,
                event.key,
                event.KIND,
                event.on,
                work.on,
                work.at,
                0,
                "",
                effect,
                content_of(event),
            )
            for each in done
            for event in each.reset.made
        ],
    )
    shape(loans=[each.reset.held for each in done])
    project(work=work, turned=[each.turned for each in done])
    _tell(work, done, code, run)


def _tell(work: Work, done: Sequence[Done], code: str, run: str) -> None:
    rows = [
        {
            "loan": each.reset.held.number,
            "on": event.on.isoformat(),
            "index": event.index,
            "annual_rate": format(event.annual_rate, "f"),
        }
        for each in done
        for event in each.reset.made
    ]
    said = {"run": run} if run else {}
    work.record_batch(code, subjects=[each.reset.held.number for each in done], **said)
    for part in chunks(rows, ROWS_PER_EVENT):
        work.announce(events.RatesReset(subject=work.book, rows=tuple(part)))


def _look_again(looks: Sequence[Look], told: Mapping[int, History], until: date) -> None:
    """Note of loans that were looked at on a day of their own when they are looked at next."""
    update_many(
        RESET,
        ("loan_id",),
        ("next_on",),
        [
            (look.loan_id, _next_on(told[look.loan_id].terms, until))
            for look in looks
            if look.is_on_day
        ],
    )


def _next_on(terms: Terms, after: date) -> date | None:
    if terms.floating is None:
        return None
    return terms.floating.next_reset(start=terms.start_date, after=after)
