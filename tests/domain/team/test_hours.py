"""Working minutes pass while somebody is at work, and at no other time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.registry.team.domain.hours import NobodyWorks, WorkingHours

HOURS = WorkingHours(
    zone="Asia/Shanghai",
    opens=time(9),
    closes=time(18),
    closed=frozenset({date(2026, 10, 1), date(2026, 10, 2)}),
    exchanged=frozenset({date(2026, 9, 27)}),
)
ZONE = ZoneInfo("Asia/Shanghai")


def shanghai(day: str, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day), time(hour, minute), tzinfo=ZONE)


class TestAfter:
    @pytest.mark.parametrize(
        ("begins", "minutes", "ends"),
        [
            (shanghai("2026-11-02", 10), 60, shanghai("2026-11-02", 11)),
            (shanghai("2026-11-02", 7), 60, shanghai("2026-11-02", 10)),
            (shanghai("2026-11-02", 17), 60, shanghai("2026-11-02", 18)),
            (shanghai("2026-11-02", 17), 61, shanghai("2026-11-03", 9, 1)),
            (shanghai("2026-11-02", 20), 30, shanghai("2026-11-03", 9, 30)),
            # Friday evening to Monday, over a weekend.
            (shanghai("2026-11-06", 17), 120, shanghai("2026-11-09", 10)),
            # Over the holiday, which the 27th of September was worked in exchange for.
            (shanghai("2026-09-30", 17), 120, shanghai("2026-10-05", 10)),
            (shanghai("2026-09-26", 12), 30, shanghai("2026-09-27", 9, 30)),
        ],
    )
    def test_skips_nights_weekends_and_holidays(
        self, begins: datetime, minutes: int, ends: datetime
    ) -> None:
        assert HOURS.after(begins, minutes) == ends

    def test_says_that_nobody_works(self) -> None:
        idle = WorkingHours(zone="Asia/Shanghai", opens=time(9), closes=time(9))

        with pytest.raises(NobodyWorks, match="2026-11-02"):
            idle.after(shanghai("2026-11-02", 10), 1)


class TestBetween:
    def test_counts_what_was_worked(self) -> None:
        # An hour on Friday, nine on Monday, half of one on Tuesday.
        minutes = HOURS.between(shanghai("2026-11-06", 17), shanghai("2026-11-10", 9, 30))

        assert minutes == 60 + 9 * 60 + 30

    @given(
        passed=st.integers(0, 90 * 24 * 60),
        minutes=st.integers(1, 5_000),
    )
    def test_undoes_after(self, passed: int, minutes: int) -> None:
        moment = datetime(2026, 9, 1, tzinfo=UTC) + timedelta(minutes=passed)

        ends = HOURS.after(moment, minutes)

        assert HOURS.between(moment, ends) == minutes
        assert HOURS.between(moment, ends - timedelta(minutes=1)) == minutes - 1
