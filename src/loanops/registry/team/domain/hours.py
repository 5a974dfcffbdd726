"""Working hours: minutes that pass only while somebody is at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from loanops.kernel.refusals import Refusal

_WEEKEND: Final = (5, 6)
_DAY: Final = timedelta(days=1)
_IDLE_DAYS_MAX: Final = 366


class NobodyWorks(Refusal):
    """A year without a working day: the calendar or the hours are set wrongly."""

    code = "team_nobody_works"
    sentence = "No day is worked for a year after {day}; mend the calendar or the working hours."


@dataclass(frozen=True)
class WorkingHours:
    """The hours worked in a zone, on which weekdays not, and on which days of weekends."""

    zone: str
    opens: time
    closes: time
    closed: frozenset[date] = frozenset()
    exchanged: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Whether anybody works on a day."""
        if day.weekday() in _WEEKEND:
            return day in self.exchanged
        return day not in self.closed

    def after(self, moment: datetime, minutes: int) -> datetime:
        """The moment at which so many working minutes have passed.

        :raises NobodyWorks: no day is worked for a year.
        """
        left = timedelta(minutes=minutes)
        day, idle = self._day_of(moment), 0
        while idle < _IDLE_DAYS_MAX:
            begins, ends = self._bounds(day)
            open_ = ends - max(begins, moment) if self.is_worked(day) else timedelta(0)
            if open_ > timedelta(0):
                if left <= open_:
                    return max(begins, moment) + left
                left -= open_
                idle = 0
            day, idle = day + _DAY, idle + 1
        raise NobodyWorks(day=self._day_of(moment))

    def between(self, begun: datetime, ended: datetime) -> int:
        """How many working minutes lie between two moments."""
        worked = timedelta(0)
        day = self._day_of(begun)
        while day <= self._day_of(ended):
            if self.is_worked(day):
                begins, ends = self._bounds(day)
                worked += max(min(ends, ended) - max(begins, begun), timedelta(0))
            day += _DAY
        return worked // timedelta(minutes=1)

    def _day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def _bounds(self, day: date) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        return (
            datetime.combine(day, self.opens, tzinfo=zone),
            datetime.combine(day, self.closes, tzinfo=zone),
        )
