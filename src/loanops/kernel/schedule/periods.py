"""Periods: the stretches between due dates, and how long each is in years.

A regular period of months is exactly that many months, whatever its days: 31 January to
28 February is one. Only a stub is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache

from loanops.kernel.calendar import (
    Frequency,
    MonthEnd,
    Unit,
    add_months,
    due_dates,
    first_due_on_day,
    step,
)
from loanops.kernel.daycount import DayCount, Reference, year_fraction
from loanops.kernel.schedule.terms import Method, Terms


@dataclass(frozen=True, slots=True)
class Period:
    """One period: interest runs from ``start`` to ``due``, the due date not counted.

    ``months`` is its length in months; ``None`` where the frequency counts days.
    """

    number: int
    start: date
    due: date
    months: Fraction | None

    @property
    def days(self) -> int:
        """The length in days."""
        return (self.due - self.start).days


def periods(terms: Terms) -> list[Period]:
    """The periods of the terms, before any change."""
    if terms.method is Method.CUSTOM:
        dues = [row.due_date for row in terms.rows]
        return list(_between(terms.start_date, dues, terms.frequency, terms.month_end, True, None))
    spans = _spans(
        terms.start_date,
        terms.instalments,
        terms.frequency,
        first_due(terms),
        terms.due_day,
        terms.month_end,
    )
    if terms.method is not Method.BULLET:
        return list(spans)
    months = None
    if spans[0].months is not None:
        months = sum((span.months or Fraction(0) for span in spans), Fraction(0))
    return [Period(1, terms.start_date, spans[-1].due, months)]


@lru_cache(maxsize=4096)
def _spans(
    start: date,
    instalments: int,
    frequency: Frequency,
    first: date | None,
    due_day: int | None,
    month_end: MonthEnd,
) -> tuple[Period, ...]:
    """Loans of one day and one term fall due alike: a book asks for the same periods often."""
    dues = due_dates(
        start, instalments, frequency, first=first, due_day=due_day, month_end=month_end
    )
    return _between(start, dues, frequency, month_end, False, first)


def first_due(terms: Terms) -> date | None:
    """The first due date where the terms fix it; ``None`` when it is one period after start."""
    if terms.first_due_date is not None or terms.due_day is None:
        return terms.first_due_date
    return first_due_on_day(
        terms.start_date,
        terms.due_day,
        days_min=terms.first_period_days_min,
        month_end=terms.month_end,
    )


def _between(
    start: date,
    dues: list[date],
    frequency: Frequency,
    month_end: MonthEnd,
    measured: bool,
    first: date | None,
) -> tuple[Period, ...]:
    every = Fraction(frequency.every) if frequency.unit is Unit.MONTHS else None
    spans: list[Period] = []
    for number, due in enumerate(dues, start=1):
        opening = dues[number - 2] if number > 1 else start
        months = every
        if every is not None and (measured or (number == 1 and first is not None)):
            months = months_between(opening, due, month_end)
        spans.append(Period(number, opening, due, months))
    return tuple(spans)


def months_between(start: date, end: date, month_end: MonthEnd = MonthEnd.LAST_DAY) -> Fraction:
    """Whole months from the start, and the days left over as a part of the month they fall in."""
    whole = 12 * (end.year - start.year) + end.month - start.month
    while add_months(start, whole, month_end) > end:
        whole -= 1
    reached = add_months(start, whole, month_end)
    length_days = (add_months(start, whole + 1, month_end) - reached).days
    return whole + Fraction((end - reached).days, length_days)


def regular(period: Period, frequency: Frequency, month_end: MonthEnd) -> Period:
    """The period of ordinary length that ends where this one does."""
    months = None if period.months is None else Fraction(frequency.every)
    return Period(period.number, step(period.due, -1, frequency, month_end), period.due, months)


def year_part(day_count: DayCount, period: Period, start: date, end: date) -> Fraction:
    """How long a stretch inside a period is, in years.

    Equal months share the period's months by its actual days; periods that count days take
    actual days over 360; every other convention looks at the two dates alone.
    """
    if day_count is not DayCount.MONTHS_30_360:
        return year_fraction(day_count, start, end, Reference(period.start, period.due))
    if period.months is None:
        return Fraction((end - start).days, 360)
    if (start, end) == (period.start, period.due):
        return period.months / 12
    return period.months * (end - start).days / (12 * period.days)
