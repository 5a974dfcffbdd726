"""Day counts: how long a stretch of days is, in days and in years, exactly.

Every result is a ``Fraction``, so interest on it is rounded once and by one rule. The first day
counts and the last does not (算头不算尾). Definitions: 2006 ISDA Definitions 4.16, ICMA rule 251,
AFB master agreement 1994.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

from loanops.kernel.calendar import add_months
from loanops.kernel.refusals import BadField

_FEBRUARY: Final = 2


class DayCount(StrEnum):
    """The day-count conventions, under their usual names."""

    MONTHS_30_360 = "30/360"
    """Equal months: a month is 30 days of 360 whatever its length; inside a month, actual days
    share those 30. Periods of weeks or days count actual days over 360."""
    BOND_30_360 = "30/360_BOND"
    EUROPEAN_30_360 = "30E/360"
    EUROPEAN_PLUS_30_360 = "30E+/360"
    US_30_360 = "30/360_US"
    ISDA_30_360 = "30E/360_ISDA"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_365 = "ACT/365F"
    ACT_365_25 = "ACT/365.25"
    NO_LEAP_360 = "NL/360"
    NO_LEAP_365 = "NL/365"
    ACT_ACT_ISDA = "ACT/ACT_ISDA"
    ACT_ACT_DEC31 = "ACT/ACT_DEC31"
    """As ISDA, but the night from 31 December belongs to the new year."""
    ACT_ACT_AFB = "ACT/ACT_AFB"
    ACT_ACT_ICMA = "ACT/ACT_ICMA"


_ALIASES: Final[Mapping[str, DayCount]] = MappingProxyType(
    {
        "ACT/365": DayCount.ACT_365,
        "ACTUAL/365": DayCount.ACT_365,
        "ACTUAL/360": DayCount.ACT_360,
        "ACTUAL/364": DayCount.ACT_364,
        "ACT/ACT": DayCount.ACT_ACT_ISDA,
        "ACTUAL/ACTUAL": DayCount.ACT_ACT_ISDA,
        "ACT/ACT_ISMA": DayCount.ACT_ACT_ICMA,
        "30U/360": DayCount.US_30_360,
        "30/360_ISDA": DayCount.BOND_30_360,
        "30A/360": DayCount.BOND_30_360,
        "30/360_EUROPEAN": DayCount.EUROPEAN_30_360,
        "30/360_EUROBOND": DayCount.EUROPEAN_30_360,
        "30/360_USA": DayCount.US_30_360,
        "30/360_NASD": DayCount.US_30_360,
    }
)


def parse(text: str, *, field: str = "day_count") -> DayCount:
    """The convention of this name; case and blanks do not matter, common aliases are known.

    :raises BadField: no convention has this name.
    """
    name = text.strip().upper().replace(" ", "_")
    try:
        return _ALIASES.get(name) or DayCount(name)
    except ValueError:
        known = ", ".join(convention.value for convention in DayCount)
        raise BadField(
            field=field,
            problem="{text} is not a day count; use one of {known}",
            text=text,
            known=known,
        ) from None


@dataclass(frozen=True, slots=True)
class Reference:
    """What some conventions need beside the two dates."""

    start: date | None = None
    """Start of the regular coupon period (ICMA)."""
    end: date | None = None
    """End of the regular coupon period (ICMA)."""
    termination: date | None = None
    """The end of the whole agreement (30E/360 ISDA)."""


_NO_REFERENCE: Final = Reference()


def days(convention: DayCount, start: date, end: date, reference: Reference = _NO_REFERENCE) -> int:
    """How many days the convention counts from ``start`` to ``end``."""
    thirty = _THIRTY.get(convention)
    if thirty is not None:
        return thirty(start, end, reference)
    if convention in _NO_LEAP:
        return (end - start).days - _leap_days(start, end)
    return (end - start).days


def year_fraction(
    convention: DayCount, start: date, end: date, reference: Reference = _NO_REFERENCE
) -> Fraction:
    """The stretch in years, exactly; negative when ``end`` lies before ``start``."""
    if end < start:
        return -year_fraction(convention, end, start, reference)
    if convention in _DAYS_IN_YEAR:
        return days(convention, start, end, reference) / _DAYS_IN_YEAR[convention]
    if convention is DayCount.ACT_ACT_AFB:
        return _act_act_afb(start, end)
    if convention is DayCount.ACT_ACT_ICMA:
        return _act_act_icma(start, end, reference)
    first_night = 1 if convention is DayCount.ACT_ACT_DEC31 else 0
    return _by_calendar_year(start, end, timedelta(days=first_night))


def is_month_end(day: date) -> bool:
    """Whether the day is the last of its month."""
    return day.day == calendar.monthrange(day.year, day.month)[1]


def _thirty(start: date, end: date, start_day: int, end_day: int) -> int:
    months = 12 * (end.year - start.year) + end.month - start.month
    return 30 * months + end_day - start_day


def _bond(start: date, end: date, _: Reference) -> int:
    start_day = min(start.day, 30)
    end_day = 30 if end.day == 31 and start_day == 30 else end.day
    return _thirty(start, end, start_day, end_day)


def _european(start: date, end: date, _: Reference) -> int:
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _european_plus(start: date, end: date, _: Reference) -> int:
    """A 31st at the end becomes the first of the next month; a day to itself is still none."""
    if start == end:
        return 0
    return _thirty(start, end, min(start.day, 30), end.day if end.day <= 30 else 31)


def _us(start: date, end: date, _: Reference) -> int:
    start_day, end_day = start.day, end.day
    if _is_february_end(start):
        if _is_february_end(end):
            end_day = 30
        start_day = 30
    if end_day == 31 and start_day >= 30:
        end_day = 30
    return _thirty(start, end, min(start_day, 30), end_day)


def _isda(start: date, end: date, reference: Reference) -> int:
    start_day = 30 if is_month_end(start) else min(start.day, 30)
    february_kept = _is_february_end(end) and end == reference.termination
    end_day = 30 if is_month_end(end) and not february_kept else min(end.day, 30)
    return _thirty(start, end, start_day, end_day)


_THIRTY: Final[Mapping[DayCount, Callable[[date, date, Reference], int]]] = MappingProxyType(
    {
        DayCount.MONTHS_30_360: _bond,
        DayCount.BOND_30_360: _bond,
        DayCount.EUROPEAN_30_360: _european,
        DayCount.EUROPEAN_PLUS_30_360: _european_plus,
        DayCount.US_30_360: _us,
        DayCount.ISDA_30_360: _isda,
    }
)
_NO_LEAP: Final = frozenset({DayCount.NO_LEAP_360, DayCount.NO_LEAP_365})
_DAYS_IN_YEAR: Final[Mapping[DayCount, Fraction]] = MappingProxyType(
    {
        **dict.fromkeys(_THIRTY, Fraction(360)),
        DayCount.ACT_360: Fraction(360),
        DayCount.NO_LEAP_360: Fraction(360),
        DayCount.ACT_364: Fraction(364),
        DayCount.ACT_365: Fraction(365),
        DayCount.NO_LEAP_365: Fraction(365),
        DayCount.ACT_365_25: Fraction(1461, 4),
    }
)


def _is_february_end(day: date) -> bool:
    return day.month == _FEBRUARY and is_month_end(day)


def _leap_days(start: date, end: date) -> int:
    """The 29ths of February after ``start`` and up to ``end``."""
    years = range(start.year, end.year + 1)
    return sum(start < date(y, _FEBRUARY, 29) <= end for y in years if calendar.isleap(y))


def _length(year: int) -> int:
    return 366 if calendar.isleap(year) else 365


def _by_calendar_year(start: date, end: date, night: timedelta) -> Fraction:
    """The days of each calendar year over its length; ``night`` moves the cut back."""
    start, end = start + night, end + night
    if start.year == end.year:
        return Fraction((end - start).days, _length(start.year))
    head = Fraction((date(start.year + 1, 1, 1) - start).days, _length(start.year))
    tail = Fraction((end - date(end.year, 1, 1)).days, _length(end.year))
    return head + (end.year - start.year - 1) + tail


def _act_act_afb(start: date, end: date) -> Fraction:
    """Whole years counted back from the end; the rest over 366 if it holds a 29 February."""
    years = 0
    while _years_back(end, years + 1) >= start:
        years += 1
    rest_end = _years_back(end, years)
    rest_days = (rest_end - start).days
    holds_leap_day = any(
        start <= date(year, _FEBRUARY, 29) < rest_end
        for year in {start.year, rest_end.year}
        if calendar.isleap(year)
    )
    return years + Fraction(rest_days, 366 if holds_leap_day else 365)


def _years_back(end: date, years: int) -> date:
    """The same day years earlier; an end of February stays one."""
    earlier = add_months(end, -12 * years)
    if _is_february_end(end):
        last = calendar.monthrange(earlier.year, earlier.month)[1]
        return earlier.replace(day=last)
    return earlier


def _act_act_icma(start: date, end: date, reference: Reference) -> Fraction:
    """Days over the days of the regular period they fall in, times its length in years."""
    if reference.start is None or reference.end is None:
        regular_start, months = start, 12
    else:
        regular_start = reference.start
        months = round(12 * (reference.end - reference.start).days / 365) or 12
    total = Fraction(0)
    index = 0
    while add_months(regular_start, index * months) > start:
        index -= 1
    while True:
        period_start, period_end = _regular(regular_start, index, months, reference)
        if period_start >= end:
            return total
        inside = (min(end, period_end) - max(start, period_start)).days
        if inside > 0:
            total += Fraction(inside * months, (period_end - period_start).days * 12)
        index += 1


def _regular(start: date, index: int, months: int, reference: Reference) -> tuple[date, date]:
    """The regular period ``index`` steps away; the given one keeps its given end."""
    given_end = reference.end
    if given_end is None:
        return add_months(start, index * months), add_months(start, (index + 1) * months)
    if index <= 0:
        ending = given_end if index == 0 else add_months(start, (index + 1) * months)
        return add_months(start, index * months), ending
    return add_months(given_end, (index - 1) * months), add_months(given_end, index * months)
