"""Floating rates: what an index is on a day, when a loan reads it, and the rate that it makes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import (
    FirstRate,
    Floating,
    IndexValue,
    Method,
    Reset,
    Terms,
    index_changes,
)

START = date(2024, 3, 15)
VALUES = [
    IndexValue(date(2024, 1, 22), Decimal("0.0345")),
    IndexValue(date(2024, 7, 22), Decimal("0.0335")),
    IndexValue(date(2024, 10, 21), Decimal("0.0310")),
]


def rate(floating: Floating, on: date, agreed: str = "0.0465") -> Decimal | None:
    return floating.rate(VALUES, read_on=START, agreed=Decimal(agreed), on=on)


class TestRate:
    @pytest.mark.parametrize(
        ("on", "expected"),
        [
            (date(2024, 7, 21), "0.0465"),
            (date(2024, 7, 22), "0.0455"),
            (date(2025, 1, 1), "0.0430"),
        ],
    )
    def test_keeps_the_points_that_were_agreed_when_the_loan_began(
        self, on: date, expected: str
    ) -> None:
        assert rate(Floating(index="lpr_1y"), on) == Decimal(expected)

    def test_takes_the_points_of_the_terms_where_they_say_some(self) -> None:
        floating = Floating(index="lpr_1y", spread_bp=Decimal("-12.5"))

        assert rate(floating, date(2025, 1, 1)) == Decimal("0.02975")

    def test_stays_between_its_bounds_and_never_falls_below_nothing(self) -> None:
        bounded = Floating(index="x", floor=Decimal("0.044"), cap=Decimal("0.046"))

        assert rate(bounded, date(2024, 4, 1)) == Decimal("0.046")
        assert rate(bounded, date(2025, 1, 1)) == Decimal("0.044")
        assert rate(Floating(index="x", spread_bp=Decimal(-9000)), START) == 0

    def test_is_none_where_the_index_has_no_value_yet(self) -> None:
        assert rate(Floating(index="x"), date(2024, 1, 21)) is None


class TestNextReset:
    @pytest.mark.parametrize(
        ("values", "after", "expected"),
        [
            ({}, START, date(2025, 1, 1)),
            ({}, date(2025, 1, 1), date(2026, 1, 1)),
            ({"month": 7, "day": 1}, START, date(2024, 7, 1)),
            ({"month": 2, "day": 31}, START, date(2025, 2, 28)),
            ({"reset": Reset.ANNIVERSARY}, START, date(2025, 3, 15)),
            ({"reset": Reset.ANNIVERSARY}, date(2025, 3, 14), date(2025, 3, 15)),
            ({"reset": Reset.EACH_CHANGE}, START, None),
        ],
    )
    def test_is_the_first_day_of_the_rule_after_a_day(
        self, values: dict[str, Any], after: date, expected: date | None
    ) -> None:
        assert Floating(index="x", **values).next_reset(start=START, after=after) == expected

    @given(
        st.dates(date(2000, 1, 1), date(2060, 12, 31)),
        st.integers(0, 9000),
        st.sampled_from([Reset.YEARLY, Reset.ANNIVERSARY]),
        st.integers(1, 12),
        st.integers(1, 31),
    )
    def test_comes_once_in_every_year(
        self, start: date, days: int, reset: Reset, month: int, day: int
    ) -> None:
        floating = Floating(index="x", reset=reset, month=month, day=day)
        after = start + timedelta(days=days)

        first = floating.next_reset(start=start, after=after)
        assert first is not None
        second = floating.next_reset(start=start, after=first)

        assert second is not None
        assert after < first <= after + timedelta(days=366)
        assert second.year == first.year + 1
        assert floating.last_reset(start=start, until=first) == first


class TestChanges:
    def test_are_the_days_from_which_the_value_is_another(self) -> None:
        same = IndexValue(date(2024, 8, 20), Decimal("0.0335"))

        days = index_changes([*VALUES, same], since=date(2024, 7, 22), until=date(2024, 10, 21))

        assert days == [date(2024, 7, 22), date(2024, 10, 21)]


class TestTerms:
    @pytest.mark.parametrize(
        "values",
        [
            {"index": ""},
            {"month": 13},
            {"day": 0},
            {"spread_bp": Decimal(10_001)},
            {"floor": Decimal("0.05"), "cap": Decimal("0.04")},
            {"cap": Decimal("-0.01")},
        ],
    )
    def test_refuse_what_nobody_can_reckon_with(self, values: dict[str, Any]) -> None:
        with pytest.raises(BadField):
            Floating(**{"index": "x", **values})

    def test_are_read_as_they_were_written_and_fixed_where_they_say_nothing(self) -> None:
        floating = Floating(index="lpr_5y", spread_bp=Decimal("45"), reset=Reset.ANNIVERSARY)
        terms = Terms(
            method=Method.EQUAL_INSTALMENT, principal_minor=1_000_000, currency="CNY",
            annual_rate=Decimal("0.04"), instalments=12, start_date=START, floating=floating,
        )  # fmt: skip
        row = terms.to_dict()

        assert Terms.from_dict(row) == terms
        row.pop("floating")
        assert Terms.from_dict(row).floating is None


class TestFirstRead:
    def test_is_the_last_figure_up_to_the_day_with_the_points_within_the_bounds(self) -> None:
        rule = Floating(
            index="lpr_1y",
            spread_bp=Decimal(120),
            cap=Decimal("0.046"),
            first_rate=FirstRate.CONTRACT,
        )

        read = rule.first_read(VALUES, date(2024, 8, 1))
        bounded = rule.first_read(VALUES, date(2024, 7, 21))

        assert read is not None
        assert bounded is not None
        assert (read.index_rate, read.effective_from) == (Decimal("0.0335"), date(2024, 7, 22))
        assert read.rate_annual == Decimal("0.0455")
        assert bounded.rate_annual == Decimal("0.046")

    def test_is_none_without_a_figure_up_to_the_day(self) -> None:
        rule = Floating(index="x", spread_bp=Decimal(1), first_rate=FirstRate.OFFER)

        assert rule.first_read(VALUES, date(2024, 1, 21)) is None

    def test_needs_points_of_its_own(self) -> None:
        with pytest.raises(BadField) as refused:
            Floating(index="x", first_rate=FirstRate.OFFER)

        assert refused.value.field == "spread_bp"

    def test_is_left_out_by_terms_of_before(self) -> None:
        assert not Floating(index="x", spread_bp=Decimal(1)).begins_at_index
