"""Service levels: how soon an item is to be done, and which item is next.

What is next is one moment: when an item is due, put forward by a head start where much money hangs
on it. So what is late comes first, then what will be, and what is older before what is younger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from loanops.kernel.refusals import BadField
from loanops.registry.team.domain.hours import WorkingHours

MINUTES_MAX = 60 * 9 * 120
"""A hundred and twenty working days."""


@dataclass(frozen=True)
class Level:
    """Working minutes to the end, the share of them after which an item is at risk.

    From ``large_from_minor`` on an item counts as due ``head_start_minutes`` before it is.
    """

    target_minutes: int
    risk_percent: int = 75
    large_from_minor: int | None = None
    head_start_minutes: int = 0


@dataclass(frozen=True)
class Dated:
    """A level from a day on."""

    effective_from: date
    level: Level


@dataclass(frozen=True)
class Clock:
    """The moments of one item."""

    due_at: datetime
    risk_at: datetime
    next_at: datetime


def in_force(levels: Iterable[Dated], on: date, default: Level) -> Level:
    """The level of a day: of those that hold by then the one from the latest day, said last."""
    found = default
    since = date.min
    for each in levels:
        if since <= each.effective_from <= on:
            found, since = each.level, each.effective_from
    return found


def clock(level: Level, hours: WorkingHours, since: datetime, amount_minor: int | None) -> Clock:
    """When an item that waits since a moment is due, at risk, and counted as next."""
    due_at = hours.after(since, level.target_minutes)
    is_large = (
        level.large_from_minor is not None
        and amount_minor is not None
        and amount_minor >= level.large_from_minor
    )
    ahead = timedelta(minutes=level.head_start_minutes if is_large else 0)
    return Clock(
        due_at=due_at,
        risk_at=hours.after(since, level.target_minutes * level.risk_percent // 100),
        next_at=due_at - ahead,
    )


def checked(level: Level) -> Level:
    """The level, where it can be kept.

    :raises BadField: a figure lies outside its range.
    """
    if not 1 <= level.target_minutes <= MINUTES_MAX:
        raise BadField(
            field="target_minutes", problem="enter 1 to {most} working minutes", most=MINUTES_MAX
        )
    if not 1 <= level.risk_percent <= 99:
        raise BadField(field="risk_percent", problem="enter a whole number from 1 to 99")
    if level.large_from_minor is not None and level.large_from_minor < 1:
        raise BadField(field="large_from", problem="must be above zero")
    if not 0 <= level.head_start_minutes <= MINUTES_MAX:
        raise BadField(
            field="head_start_minutes", problem="enter 0 to {most} minutes", most=MINUTES_MAX
        )
    if (level.large_from_minor is None) != (level.head_start_minutes == 0):
        raise BadField(
            field="head_start_minutes", problem="a head start belongs to an amount, and needs one"
        )
    return level
