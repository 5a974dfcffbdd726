"""Rereading: what floating loans should have read, where a figure of their index came late.

A run is worked out loan by loan, waits for a second person, and is booked loan by loan.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from loanops.kernel.account import Event, RateChanged, Restructured, live, turn_of
from loanops.kernel.lifecycle import Lifecycle
from loanops.kernel.schedule import IndexValue, Reset, Terms
from loanops.loanbook.servicing.domain.floating import (
    days_of_reset,
    is_reset,
    rate_in_force,
    rate_read,
    reread_key,
)

_NIGHT: Final = timedelta(days=1)


class RereadState(StrEnum):
    """Where a run stands."""

    PLANNING = "planning"
    """It is being worked out."""
    ASKED = "asked"
    """It waits for a second person."""
    BOOKING = "booking"
    DONE = "done"
    REFUSED = "refused"


class RereadMove(StrEnum):
    """What can happen to a run."""

    ASK = "ask"
    FIND_NOTHING = "find_nothing"
    APPROVE = "approve"
    FINISH = "finish"
    REFUSE = "refuse"


REREADS: Final[Lifecycle[RereadState, RereadMove]] = Lifecycle(
    {
        (RereadState.PLANNING, RereadMove.ASK): RereadState.ASKED,
        (RereadState.PLANNING, RereadMove.FIND_NOTHING): RereadState.DONE,
        (RereadState.PLANNING, RereadMove.REFUSE): RereadState.REFUSED,
        (RereadState.ASKED, RereadMove.APPROVE): RereadState.BOOKING,
        (RereadState.ASKED, RereadMove.REFUSE): RereadState.REFUSED,
        (RereadState.BOOKING, RereadMove.FINISH): RereadState.DONE,
    },
    start=RereadState.PLANNING,
)
OPEN: Final = (RereadState.PLANNING, RereadState.ASKED, RereadState.BOOKING)
"""States of a run beside which no other of its index is begun."""


class Standing(StrEnum):
    """What becomes of one loan of a run."""

    FOUND = "found"
    """It read another rate than it should have; not booked yet."""
    BOOKED = "booked"
    LEFT = "left"
    """Nothing can be booked of it: it ended, or nothing of it is still to fall due."""
    ASIDE = "aside"
    """It failed, or moved on since it was shown; the others go on."""


def reset_days(
    terms: Terms,
    events: Sequence[Event],
    values: Sequence[IndexValue],
    *,
    since: date,
    until: date,
    next_on: date | None,
) -> list[date]:
    """The days of reset of a loan from a day on that no close will read any more.

    ``until`` is the business day and ``next_on`` the next day on which the loan is read by itself;
    a change of the index on the business day is read by the next close.
    """
    floating = terms.floating
    if floating is None:
        return []
    last = until if next_on is None else min(until, next_on - _NIGHT)
    fixed = last - _NIGHT if floating.reset is Reset.EACH_CHANGE and last == until else last
    days = set(days_of_reset(terms, values, since=since, until=fixed))
    days |= {
        event.on
        for event in live(events, until)
        if isinstance(event, RateChanged) and is_reset(event) and since <= event.on <= last
    }
    return sorted(days)


def rereads(
    terms: Terms,
    events: Sequence[Event],
    values: Sequence[IndexValue],
    days: Sequence[date],
    *,
    run: str,
) -> list[RateChanged]:
    """What a loan should have read on its days of reset, where it read otherwise or not at all.

    What people agreed stays: a rate agreed on the very day of a reset, and one agreed in between
    until the next.
    """
    made: list[RateChanged] = []
    for day in days:
        was = rate_in_force(terms, [*events, *made], day)
        rate = rate_read(terms, events, values, day)
        if None in (was, rate) or was == rate or _is_agreed(events, day):
            continue
        made.append(
            RateChanged(
                key=reread_key(run, day),
                on=day,
                annual_rate=rate or Decimal(0),
                index=terms.floating.index if terms.floating else "",
            )
        )
    return made


def _is_agreed(events: Sequence[Event], day: date) -> bool:
    """Whether the last word about the rate of a day is that of people."""
    said = [
        event
        for event in sorted(live(events, day), key=turn_of)
        if event.on == day and isinstance(event, RateChanged | Restructured)
    ]
    last = said[-1] if said else None
    return last is not None and not (isinstance(last, RateChanged) and is_reset(last))
