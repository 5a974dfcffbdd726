"""Floating loans: on which days their rate is read anew, and what event a reset is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from loanops.kernel.account import BroughtIn, Event, RateChanged, Restructured, live, turn_of
from loanops.kernel.schedule import Floating, IndexValue, Reset, Terms, index_changes

_NIGHT: Final = timedelta(days=1)
REREAD: Final = "reread-"

RESET_KEY: Final = "reset-"
"""How the key begins of a rate that the close read from an index."""


def first_look(terms: Terms, begins: date, opened_on: date) -> date | None:
    """The day on which a new loan is to be looked at; nothing where its index alone says when.

    A loan that is opened after it began is looked at at once, for what happened between.
    """
    if terms.floating is None:
        return None
    if terms.floating.reset is Reset.EACH_CHANGE:
        return begins + _NIGHT if begins < opened_on else None
    return terms.floating.next_reset(start=terms.start_date, after=begins)


def days_of_reset(
    terms: Terms, values: Sequence[IndexValue], *, since: date, until: date
) -> list[date]:
    """The days between two days, and of both, on which the rate of a loan is read anew."""
    floating = terms.floating
    if floating is None:
        return []
    if floating.reset is Reset.EACH_CHANGE:
        days = index_changes(values, since=since, until=until)
        return [day for day in days if day > terms.start_date]
    found: list[date] = []
    day = floating.next_reset(start=terms.start_date, after=since - _NIGHT)
    while day is not None and day <= until:
        found.append(day)
        day = floating.next_reset(start=terms.start_date, after=day)
    return found


def rate_in_force(terms: Terms, events: Sequence[Event], on: date) -> Decimal | None:
    """The rate of a day as events have it; nothing once it was fixed when all was agreed anew."""
    rate, is_fixed = terms.annual_rate, False
    for event in sorted(live(events, on), key=turn_of):
        if isinstance(event, Restructured):
            rate, is_fixed = event.annual_rate, not event.floats
        if isinstance(event, RateChanged):
            rate = event.annual_rate
    return None if is_fixed else rate


def fixed_on(terms: Terms, events: Sequence[Event], on: date) -> date | None:
    """The day from which a floating loan has a fixed rate, because it was agreed anew."""
    anew = [each for each in live(events, on) if isinstance(each, Restructured)]
    if terms.floating is None or not anew:
        return None
    newest = sorted(anew, key=turn_of)[-1]
    return None if newest.floats else newest.on


def floats_on(terms: Terms, events: Sequence[Event], on: date) -> bool:
    """Whether the rate of a loan follows an index, seen on a day."""
    return terms.floating is not None and fixed_on(terms, events, on) is None


def first_missed(terms: Terms, events: Sequence[Event], undone: str) -> date | None:
    """The first day from which a loan may have read its index but for an event, now undone.

    That is one by which people fixed the rate, or agreed one: a reading that made no other rate
    than the agreed one was not booked, and is missing without it. Nothing of other events.
    """
    if terms.floating is None:
        return None
    for event in events:
        if event.key != undone:
            continue
        if isinstance(event, Restructured):
            return event.on if event.floats else first_look(terms, event.on, date.max)
        if isinstance(event, RateChanged) and not is_reset(event):
            return event.on
    return None


def is_reset(event: RateChanged) -> bool:
    """Whether this rate was read from an index; people may order one of their own."""
    is_late = event.key.startswith(REREAD) and event.key.endswith(f"-{event.on.isoformat()}")
    return is_late or event.key == _reset_key(event.on)


def reread_key(run: str, day: date) -> str:
    """The key of a rate that is read for a day long after it, under the number of its run."""
    return f"{REREAD}{run}-{day.isoformat()}"


def _reset_key(day: date) -> str:
    return f"{RESET_KEY}{day.isoformat()}"


def rate_read(
    terms: Terms, events: Sequence[Event], values: Sequence[IndexValue], on: date
) -> Decimal | None:
    """The rate that a reset on a day makes; nothing where the index has no value for it."""
    floating = terms.floating
    if floating is None:
        return None
    brought = next((event for event in events if isinstance(event, BroughtIn)), None)
    read_on = terms.start_date
    if brought is not None:
        read_on = floating.last_reset(start=terms.start_date, until=brought.on)
    return floating.rate(values, read_on=read_on, agreed=terms.annual_rate, on=on)


def resets(
    terms: Terms, events: Sequence[Event], values: Sequence[IndexValue], days: Sequence[date]
) -> list[RateChanged]:
    """What happens to a loan on its days of reset: an event where the rate becomes another.

    A rate that people agreed in between holds until the next reset, also one of a loan that was
    agreed anew and floats on; where that fixed the rate, it floats no more.
    """
    floating: Floating | None = terms.floating
    keys = {event.key for event in events}
    anew = {each.on for each in live(events, date.max) if isinstance(each, Restructured)}
    made: list[RateChanged] = []
    for day in days:
        key = _reset_key(day)
        was = rate_in_force(terms, [*events, *made], day)
        rate = rate_read(terms, events, values, day)
        if floating is None or None in (was, rate) or was == rate or key in keys or day in anew:
            continue
        made.append(
            RateChanged(key=key, on=day, annual_rate=rate or Decimal(0), index=floating.index)
        )
    return made
