"""Terms: what they refuse, and which key they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.calendar import Frequency, Roll
from loanops.kernel.money import UnknownCurrency
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import (
    CustomRow,
    Fee,
    FeeTiming,
    Method,
    Penalty,
    Terms,
    schedule,
)
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain


class TestTerms:
    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"principal_minor": 0}, "principal_minor"),
            ({"instalments": 0}, "instalments"),
            ({"instalments": 1201}, "instalments"),
            ({"annual_rate": Decimal("-0.01")}, "annual_rate"),
            ({"annual_rate": Decimal(101)}, "annual_rate"),
            ({"frequency": Frequency(0)}, "frequency.every"),
            ({"frequency": Frequency(366), "instalments": 1200}, "frequency.every"),
            ({"start_date": date(1800, 1, 1)}, "start_date"),
            ({"first_due_date": loans.JANUARY_15}, "first_due_date"),
            ({"due_day": 32}, "due_day"),
            ({"principal_grace": 12}, "principal_grace"),
            ({"interest_grace": -1}, "interest_grace"),
            ({"down_payment_rate": Decimal(1)}, "down_payment_rate"),
            ({"instalment_multiple_minor": 0}, "instalment_multiple_minor"),
            ({"instalment_minor": 0}, "instalment_minor"),
            ({"method": "balloon"}, "method"),
            ({"method": Method.CUSTOM}, "rows"),
        ],
    )
    def test_refuse_what_no_schedule_can_be_made_of(
        self, changed: dict[str, object], field: str
    ) -> None:
        with pytest.raises(BadField) as refused:
            plain(**changed)

        assert refused.value.field == field

    def test_refuse_a_currency_they_do_not_know(self) -> None:
        with pytest.raises(UnknownCurrency):
            plain(currency="XYZ")

    def test_read_plain_words_as_members(self) -> None:
        assert plain(method="flat", rounding="half_even").method is Method.FLAT

    @pytest.mark.parametrize(
        ("key", "value", "named"),
        [
            ("annual_rate", "twelve", "annual_rate"),
            ("annual_rate", 0.12, "annual_rate"),
            ("annual_rate", "NaN", "annual_rate"),
            ("start_date", "2026-02-30", "start_date"),
            ("instalments", True, "instalments"),
            ("fees", "none", "fees"),
            ("fees", [{"name": "x"}], "fees[0].charging_party"),
            ("frequency", {"every": 1, "unit": "years"}, "frequency.unit"),
            ("allocation", {"due": ["fee"]}, "allocation.due"),
            ("penalty", {}, "penalty.multiplier"),
            ("colour", "red", "colour"),
        ],
    )
    def test_name_the_key_that_cannot_be_read(self, key: str, value: object, named: str) -> None:
        row = {**plain().to_dict(), key: value}

        with pytest.raises(BadField) as refused:
            Terms.from_dict(row)

        assert refused.value.field == named

    @pytest.mark.parametrize("second", [date(2026, 2, 22), date(2026, 2, 23)])
    def test_refuse_rows_that_holidays_would_move_onto_one_day(self, second: date) -> None:
        saturday = date(2026, 2, 21)
        rows = tuple(
            CustomRow(due_date=due, principal_minor=500_000, interest_minor=0)
            for due in (saturday, second)
        )
        apart = plain(method=Method.CUSTOM, instalments=2, rows=rows)

        with pytest.raises(BadField, match="still rise") as refused:
            replace(apart, calendar="cn", roll=Roll.FOLLOWING)

        assert refused.value.field == "rows"
        assert replace(apart, calendar="cn", roll=Roll.NONE).working_days is None

    def test_take_rows_that_holidays_leave_apart(self) -> None:
        rows = tuple(
            CustomRow(due_date=due, principal_minor=500_000, interest_minor=0)
            for due in (date(2026, 2, 21), date(2026, 2, 24))
        )

        terms = plain(
            method=Method.CUSTOM, instalments=2, rows=rows, calendar="cn", roll=Roll.FOLLOWING
        )

        assert [row.due_date.day for row in schedule(terms).rows] == [23, 24]

    def test_say_which_key_is_missing(self) -> None:
        row = plain().to_dict()
        del row["start_date"]

        with pytest.raises(BadField, match="start_date: is missing"):
            Terms.from_dict(row)

    @given(st.sampled_from(["amount_minor", "rate"]))
    def test_a_fee_is_an_amount_or_a_rate_and_never_both(self, left_out: str) -> None:
        both = {"amount_minor": 1, "rate": Decimal("0.1")}
        kind = {"name": "x", "charging_party": "y", "timing": FeeTiming.UPFRONT}

        with pytest.raises(BadField):
            Fee(**kind, **both)  # type: ignore[arg-type]
        with pytest.raises(BadField):
            Fee(**kind)  # type: ignore[arg-type]
        Fee(**kind, **{k: v for k, v in both.items() if k != left_out})  # type: ignore[arg-type]

    def test_a_penalty_has_one_rate(self) -> None:
        with pytest.raises(BadField):
            Penalty(multiplier=Decimal("1.5"), annual_rate=Decimal("0.2"))
