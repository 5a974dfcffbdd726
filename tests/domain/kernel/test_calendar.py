"""Calendar: dates counted from one anchor, stubs, and working days from a table."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.calendar import (
    Frequency,
    MonthEnd,
    Roll,
    Unit,
    WorkingDays,
    add_months,
    due_dates,
    first_due_on_day,
    rolled,
)

DATES = st.dates(date(1990, 1, 1), date(2090, 12, 31))


def iso(dates: list[date]) -> list[str]:
    return [day.isoformat() for day in dates]


class TestAddMonths:
    @pytest.mark.parametrize(
        ("anchor", "months", "rule", "expected"),
        [
            ("2025-01-31", 1, MonthEnd.LAST_DAY, "2025-02-28"),
            ("2024-01-31", 1, MonthEnd.LAST_DAY, "2024-02-29"),
            ("2025-01-31", 1, MonthEnd.NEXT_MONTH_FIRST, "2025-03-01"),
            ("2025-01-31", 3, MonthEnd.NEXT_MONTH_FIRST, "2025-05-01"),
            ("2025-01-31", 12, MonthEnd.LAST_DAY, "2026-01-31"),
            ("2025-03-31", -1, MonthEnd.LAST_DAY, "2025-02-28"),
            ("2025-12-15", 1, MonthEnd.LAST_DAY, "2026-01-15"),
        ],
    )
    def test_keeps_the_day_or_mends_it(
        self, anchor: str, months: int, rule: MonthEnd, expected: str
    ) -> None:
        assert add_months(date.fromisoformat(anchor), months, rule).isoformat() == expected

    @given(DATES, st.integers(-600, 600))
    def test_lands_in_the_month_it_counts_to(self, anchor: date, months: int) -> None:
        reached = add_months(anchor, months)

        assert 12 * (reached.year - anchor.year) + reached.month - anchor.month == months
        assert reached.day <= anchor.day


class TestDueDates:
    def test_never_drifts_from_the_anchor_day(self) -> None:
        dates = due_dates(date(2025, 1, 31), 4)

        assert iso(dates) == ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]

    def test_counts_weeks_and_days(self) -> None:
        fortnights = due_dates(date(2024, 1, 1), 2, Frequency(2, Unit.WEEKS))
        tens = due_dates(date(2024, 1, 1), 2, Frequency(10, Unit.DAYS), first=date(2024, 1, 5))

        assert iso(fortnights) == ["2024-01-15", "2024-01-29"]
        assert iso(tens) == ["2024-01-05", "2024-01-15"]

    def test_follows_a_given_first_date(self) -> None:
        dates = due_dates(date(2026, 1, 10), 3, first=date(2026, 2, 28))

        assert iso(dates) == ["2026-02-28", "2026-03-28", "2026-04-28"]

    def test_returns_to_the_fixed_day_after_a_short_month(self) -> None:
        dates = due_dates(date(2026, 1, 10), 3, first=date(2026, 2, 28), due_day=31)

        assert iso(dates) == ["2026-02-28", "2026-03-31", "2026-04-30"]

    @pytest.mark.parametrize("rule", MonthEnd)
    def test_agrees_with_counting_from_the_start_for_a_31st(self, rule: MonthEnd) -> None:
        start = date(2025, 1, 31)
        counted = due_dates(start, 14, month_end=rule)

        named = due_dates(start, 14, first=counted[0], due_day=31, month_end=rule)

        assert named == counted

    @given(DATES, st.integers(1, 31), st.integers(0, 40), st.sampled_from(MonthEnd))
    def test_leaves_the_first_period_the_days_it_needs(
        self, start: date, due_day: int, days_min: int, rule: MonthEnd
    ) -> None:
        first = first_due_on_day(start, due_day, days_min=days_min, month_end=rule)

        assert max(days_min, 1) <= (first - start).days <= max(days_min, 1) + 62


class TestWorkingDays:
    # National Day 2026 as published: 1 to 7 October off, Saturday 10 October worked in exchange.
    TABLE = WorkingDays(
        holidays=frozenset(date(2026, 10, day) for day in range(1, 8)),
        exchanged=frozenset({date(2026, 10, 10)}),
    )

    @pytest.mark.parametrize(
        ("day", "working"),
        [("2026-09-30", True), ("2026-10-05", False), ("2026-10-10", True), ("2026-10-11", False)],
    )
    def test_knows_holidays_and_exchanged_days(self, day: str, working: bool) -> None:
        assert self.TABLE.is_working(date.fromisoformat(day)) is working

    @pytest.mark.parametrize(
        ("day", "rule", "expected"),
        [
            ("2026-10-03", Roll.FOLLOWING, "2026-10-08"),
            ("2026-10-03", Roll.PRECEDING, "2026-09-30"),
            ("2026-10-03", Roll.NONE, "2026-10-03"),
            ("2026-01-31", Roll.MODIFIED_FOLLOWING, "2026-01-30"),
            ("2026-01-31", Roll.FOLLOWING, "2026-02-02"),
            ("2026-10-09", Roll.FOLLOWING, "2026-10-09"),
        ],
    )
    def test_rolls_off_holidays_by_rule(self, day: str, rule: Roll, expected: str) -> None:
        assert self.TABLE.roll(date.fromisoformat(day), rule).isoformat() == expected

    def test_counts_t_plus_n_in_working_days(self) -> None:
        assert self.TABLE.add(date(2026, 9, 30), 2) == date(2026, 10, 9)
        assert self.TABLE.add(date(2026, 10, 8), -1) == date(2026, 9, 30)

    def test_moves_a_list_of_dates_only_with_a_table_and_a_rule(self) -> None:
        holiday = [date(2026, 10, 3)]

        assert rolled(holiday, None, Roll.FOLLOWING) == holiday
        assert rolled(holiday, self.TABLE, Roll.FOLLOWING) == [date(2026, 10, 8)]
