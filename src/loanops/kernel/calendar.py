"""Calendar: due dates counted from one anchor day, and working days from a table.

Due dates never drift: the 31st stays the anchor through February. A day that a month does not
have becomes its last day, or rolls to the first of the next month.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class MonthEnd(StrEnum):
    """What becomes of a day that a month does not have."""

    LAST_DAY = "last_day"
    NEXT_MONTH_FIRST = "next_month_first"


class Unit(StrEnum):
    """The unit of a frequency."""

    MONTHS = "months"
    WEEKS = "weeks"
    DAYS = "days"


class Roll(StrEnum):
    """Where a date goes that is not a working day."""

    NONE = "none"
    FOLLOWING = "following"
    MODIFIED_FOLLOWING = "modified_following"
    """The next working day, unless it is in another month: then the one before."""
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often an instalment falls due: every so many months, weeks or days."""

    every: int = 1
    unit: Unit = Unit.MONTHS

    @property
    def days(self) -> int | None:
        """The length in days; ``None`` for months, whose length varies."""
        if self.unit is Unit.MONTHS:
            return None
        return self.every * (7 if self.unit is Unit.WEEKS else 1)


MONTHLY: Final = Frequency()


def add_months(
    anchor: date, months: int, month_end: MonthEnd = MonthEnd.LAST_DAY, *, day: int | None = None
) -> date:
    """The anchor's day (or ``day``), ``months`` later (earlier when negative)."""
    index = anchor.year * 12 + anchor.month - 1 + months
    year, month = divmod(index, 12)
    wanted = anchor.day if day is None else day
    last = monthrange(year, month + 1)[1]
    if wanted <= last:
        return date(year, month + 1, wanted)
    if month_end is MonthEnd.LAST_DAY:
        return date(year, month + 1, last)
    return date(year, month + 1, last) + timedelta(days=1)


def step(
    anchor: date, count: int, frequency: Frequency, month_end: MonthEnd = MonthEnd.LAST_DAY
) -> date:
    """The date ``count`` periods after the anchor."""
    length_days = frequency.days
    if length_days is None:
        return add_months(anchor, count * frequency.every, month_end)
    return anchor + timedelta(days=count * length_days)


def first_due_on_day(start: date, due_day: int, *, days_min: int, month_end: MonthEnd) -> date:
    """The first day numbered ``due_day`` that leaves at least ``days_min`` days after start."""
    earliest = start + timedelta(days=max(days_min, 1))
    months = 0
    while (due := add_months(start.replace(day=1), months, month_end, day=due_day)) < earliest:
        months += 1
    return due


def due_dates(
    start: date,
    count: int,
    frequency: Frequency = MONTHLY,
    *,
    first: date | None = None,
    due_day: int | None = None,
    month_end: MonthEnd = MonthEnd.LAST_DAY,
) -> list[date]:
    """The ``count`` due dates of a loan that starts on ``start``.

    Without ``first`` the first falls one period after the start. Later ones count from the first
    (or, in months, from its month and ``due_day``).
    """
    if first is None:
        return [step(start, k, frequency, month_end) for k in range(1, count + 1)]
    if frequency.unit is not Unit.MONTHS:
        return [step(first, k, frequency) for k in range(count)]
    day = due_day or first.day
    month = first.replace(day=1)
    if due_day is not None and first.day != due_day and month_end is MonthEnd.NEXT_MONTH_FIRST:
        month = add_months(month, -1)
    later = (add_months(month, k * frequency.every, month_end, day=day) for k in range(1, count))
    return [first, *later]


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Which days are worked, as a table: weekends, holidays, and days worked in exchange (调休)."""

    holidays: frozenset[date] = frozenset()
    exchanged: frozenset[date] = frozenset()
    weekend: frozenset[int] = frozenset({5, 6})

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        if day in self.exchanged:
            return True
        return day not in self.holidays and day.weekday() not in self.weekend

    def roll(self, day: date, rule: Roll) -> date:
        """The working day that a date moves to under the rule."""
        if rule is Roll.NONE or self.is_working(day):
            return day
        if rule is Roll.PRECEDING:
            return self._walk(day, -1)
        following = self._walk(day, 1)
        if rule is Roll.MODIFIED_FOLLOWING and following.month != day.month:
            return self._walk(day, -1)
        return following

    def due_day(self, due: date, rule: Roll, *, start: date) -> date:
        """The working day that a period falls due on; never one before the period has begun."""
        moved = self.roll(due, rule)
        return moved if moved > start else self.roll(due, Roll.FOLLOWING)

    def add(self, day: date, working_days: int) -> date:
        """The day that many working days later (T+n); negative goes back."""
        direction = 1 if working_days >= 0 else -1
        for _ in range(abs(working_days)):
            day = self._walk(day, direction)
        return day

    def _walk(self, day: date, direction: int) -> date:
        day += timedelta(days=direction)
        while not self.is_working(day):
            day += timedelta(days=direction)
        return day


def rolled(dates: Sequence[date], working_days: WorkingDays | None, rule: Roll) -> list[date]:
    """The dates, moved off holidays where a table and a rule are given."""
    if working_days is None or rule is Roll.NONE:
        return list(dates)
    return [working_days.roll(day, rule) for day in dates]
