"""Which level holds on a day, and what is next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from loanops.kernel.refusals import BadField
from loanops.registry.team.domain.hours import WorkingHours
from loanops.registry.team.domain.kinds import KINDS, subjects_of
from loanops.registry.team.domain.levels import Dated, Level, checked, clock, in_force

HOURS = WorkingHours(zone="UTC", opens=time(0), closes=time(23, 59))
MONDAY = datetime(2026, 11, 2, 8, tzinfo=UTC)
DEFAULT = Level(target_minutes=240)
SHORT, LONG = Level(target_minutes=60), Level(target_minutes=480)


class TestInForce:
    def test_is_the_default_until_one_is_set(self) -> None:
        dated = [Dated(date(2026, 11, 5), SHORT)]

        assert in_force(dated, date(2026, 11, 4), DEFAULT) is DEFAULT
        assert in_force(dated, date(2026, 11, 5), DEFAULT) is SHORT

    def test_is_the_latest_day_and_of_one_day_the_last_word(self) -> None:
        dated = [
            Dated(date(2026, 11, 1), LONG),
            Dated(date(2026, 11, 3), LONG),
            Dated(date(2026, 11, 3), SHORT),
        ]

        assert in_force(dated, date(2026, 12, 1), DEFAULT) is SHORT


class TestClock:
    def test_puts_what_much_money_hangs_on_forward(self) -> None:
        level = Level(target_minutes=240, large_from_minor=100, head_start_minutes=90)

        small = clock(level, HOURS, MONDAY, 99)
        large = clock(level, HOURS, MONDAY, 100)
        unknown = clock(level, HOURS, MONDAY, None)

        assert small.due_at == large.due_at == MONDAY + timedelta(hours=4)
        assert large.next_at == large.due_at - timedelta(minutes=90)
        assert small.next_at == unknown.next_at == small.due_at

    def test_is_at_risk_after_a_share_of_the_time(self) -> None:
        moments = clock(Level(target_minutes=200, risk_percent=50), HOURS, MONDAY, None)

        assert moments.risk_at == MONDAY + timedelta(minutes=100)


class TestChecked:
    @pytest.mark.parametrize(
        ("level", "field"),
        [
            (Level(target_minutes=0), "target_minutes"),
            (Level(target_minutes=10**6), "target_minutes"),
            (Level(target_minutes=60, risk_percent=0), "risk_percent"),
            (Level(target_minutes=60, risk_percent=100), "risk_percent"),
            (Level(target_minutes=60, large_from_minor=0, head_start_minutes=1), "large_from"),
            (Level(target_minutes=60, head_start_minutes=-1), "head_start_minutes"),
            (Level(target_minutes=60, head_start_minutes=5), "head_start_minutes"),
            (Level(target_minutes=60, large_from_minor=5), "head_start_minutes"),
        ],
    )
    def test_names_the_figure_that_is_wrong(self, level: Level, field: str) -> None:
        with pytest.raises(BadField) as refused:
            checked(level)

        assert refused.value.field == field

    def test_takes_every_level_that_holds_by_itself(self) -> None:
        assert all(checked(work.level) is work.level for work in KINDS.values())


class TestSubjects:
    def test_are_those_of_the_rows_of_a_batch(self) -> None:
        payload = {"rows": [{"application": "AP-1"}, {"application": "AP-2"}, {"loan": "LN-1"}]}

        assert subjects_of(payload, "AP-0", "application") == ["AP-1", "AP-2", "AP-0"]

    def test_are_the_field_that_names_them_or_the_subject(self) -> None:
        assert subjects_of({"request": "CR-1"}, "LN-1", "request") == ["CR-1"]
        assert subjects_of({}, "AP-1", "application") == ["AP-1"]
