"""Working days of a book, by the calendar of its rule pack.

The days are those of the library ``holidays``, which follows the yearly notices of governments (for
China those of the State Council, with days worked in exchange). Of years without a notice it knows
the holidays that the law fixes; a loan keeps what was known when it was agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays

from loanops.platform.books import queries as books
from loanops.registry.compliance.queries.packs import get_pack

_WEEKEND = (5, 6)


@dataclass(frozen=True)
class DaysOff:
    """Weekdays that are not worked between two days, and days of weekends that are."""

    calendar: str
    closed: tuple[date, ...]
    exchanged: tuple[date, ...]


def has_calendar(*, book: str) -> bool:
    """Whether the rule pack of a book says which days are worked.

    :raises NotFound: there is no such book or pack.
    """
    return bool(get_pack(books.get_book(book).pack).calendar)


def days_off(*, book: str, since: date, until: date) -> DaysOff | None:
    """Which days between two are not worked otherwise than the week has it; nothing unsaid.

    :raises NotFound: there is no such book or pack.
    """
    calendar = get_pack(books.get_book(book).pack).calendar
    return _days_off(calendar, since, until) if calendar else None


@lru_cache(maxsize=256)
def _days_off(calendar: str, since: date, until: date) -> DaysOff:
    table = holidays.country_holidays(calendar, years=range(since.year, until.year + 1))
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    return DaysOff(
        calendar=calendar,
        closed=tuple(day for day in days if day.weekday() not in _WEEKEND and day in table),
        exchanged=tuple(
            day for day in days if day.weekday() in _WEEKEND and table.is_working_day(day)
        ),
    )
