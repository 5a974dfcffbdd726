"""Days past due, buckets and tiers, each on both sides of its boundary."""

from __future__ import annotations

from datetime import date

import pytest

from loanops.kernel.aging import (
    Tier,
    TierFloor,
    bucket,
    bucket_name,
    dpd,
    five_tier,
    months_on_book,
)

DUE = date(2026, 3, 8)
# Order No. 1 of 2023 of the banking regulator and the central bank of China, in force 2023-07-01.
FLOORS = [
    TierFloor(Tier.SPECIAL_MENTION, 0, date(2023, 7, 1)),
    TierFloor(Tier.SUBSTANDARD, 90, date(2023, 7, 1)),
    TierFloor(Tier.DOUBTFUL, 270, date(2023, 7, 1)),
    TierFloor(Tier.LOSS, 360, date(2023, 7, 1)),
]


class TestDpd:
    @pytest.mark.parametrize(
        ("on", "days"), [("2026-03-07", 0), ("2026-03-08", 0), ("2026-03-09", 1), ("2026-03-10", 2)]
    )
    def test_counts_from_the_day_after_the_due_date(self, on: str, days: int) -> None:
        assert dpd(DUE, date.fromisoformat(on)) == days

    def test_is_nothing_when_nothing_is_unpaid(self) -> None:
        assert dpd(None, DUE) == 0


class TestBucket:
    @pytest.mark.parametrize(
        ("days", "name"),
        [
            (0, "M0"), (1, "M1"), (30, "M1"), (31, "M2"), (60, "M2"), (61, "M3"), (90, "M3"),
            (91, "M4"), (150, "M5"), (180, "M6"), (181, "M7+"), (9999, "M7+"),
        ],
    )  # fmt: skip
    def test_is_thirty_days_wide(self, days: int, name: str) -> None:
        assert bucket_name(bucket(days)) == name


class TestFiveTier:
    @pytest.mark.parametrize(
        ("days", "tier"),
        [
            (0, Tier.NORMAL),
            (1, Tier.SPECIAL_MENTION),
            (90, Tier.SPECIAL_MENTION),
            (91, Tier.SUBSTANDARD),
            (270, Tier.SUBSTANDARD),
            (271, Tier.DOUBTFUL),
            (360, Tier.DOUBTFUL),
            (361, Tier.LOSS),
        ],
    )
    def test_follows_the_floors_in_force(self, days: int, tier: Tier) -> None:
        assert five_tier(days, FLOORS, date(2026, 1, 1)) is tier

    def test_knows_no_floor_before_it_took_effect(self) -> None:
        assert five_tier(500, FLOORS, date(2023, 6, 30)) is Tier.NORMAL

    def test_takes_the_latest_floor_that_is_effective(self) -> None:
        stricter = [*FLOORS, TierFloor(Tier.SUBSTANDARD, 60, date(2027, 1, 1))]

        assert five_tier(61, stricter, date(2026, 12, 31)) is Tier.SPECIAL_MENTION
        assert five_tier(61, stricter, date(2027, 1, 1)) is Tier.SUBSTANDARD

    def test_counts_the_last_three_as_non_performing(self) -> None:
        assert [tier for tier in Tier if tier.is_non_performing] == [
            Tier.SUBSTANDARD,
            Tier.DOUBTFUL,
            Tier.LOSS,
        ]


class TestMonthsOnBook:
    def test_is_nothing_in_the_month_of_disbursement(self) -> None:
        assert months_on_book(date(2019, 11, 13), date(2019, 11, 30)) == 0
        assert months_on_book(date(2019, 11, 13), date(2019, 12, 1)) == 1
        assert months_on_book(date(2019, 11, 13), date(2021, 1, 1)) == 14
