"""Floating loans: on which days their rate is read anew, and what event a reset is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from loanops.kernel.account import BroughtIn, Event, RateChanged, Restructured, live
from loanops.kernel.schedule import Floating, IndexValue, Reset, Terms, index_changes

_NIGHT: Final = timedelta(days=1)


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
    """The rate of a day as events have it; nothing once the loan was agreed anew."""
    rate = terms.annual_rate
    for event in sorted(live(events, on), key=lambda event: event.on):
        if isinstance(event, Restructured):
            return None
        if isinstance(event, RateChanged):
            rate = event.annual_rate
    return rate


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

    A rate that people agreed in between holds until the next reset; a loan that was agreed anew
    floats no more.
    """
    floating: Floating | None = terms.floating
    keys = {event.key for event in events}
    made: list[RateChanged] = []
    for day in days:
        key = f"reset-{day.isoformat()}"
        was = rate_in_force(terms, [*events, *made], day)
        rate = rate_read(terms, events, values, day)
        if floating is None or None in (was, rate) or was == rate or key in keys:
            continue
        made.append(
            RateChanged(key=key, on=day, annual_rate=rate or Decimal(0), index=floating.index)
        )
    return made
