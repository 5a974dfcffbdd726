"""Schedules: the figures of each method, and what holds for every schedule there is."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings

from loanops.kernel.calendar import MonthEnd, Roll, WorkingDays
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.schedule import (
    CustomRow,
    Fee,
    FeeBase,
    FeeTiming,
    Method,
    Residue,
    Row,
    Schedule,
    Stub,
    Terms,
    schedule,
)
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain


def totals(plan: Schedule) -> list[int]:
    return [row.total_minor for row in plan.rows]


def interests(plan: Schedule) -> list[int]:
    return [row.interest_minor for row in plan.rows]


class TestEverySchedule:
    @settings(max_examples=150)
    @given(loans.terms())
    def test_returns_the_principal_and_nothing_below_zero(self, terms: Terms) -> None:
        plan = schedule(terms)

        assert plan.principal_minor == terms.principal_minor
        assert plan.rows[-1].balance_minor == 0
        assert all(
            min(r.principal_minor, r.interest_minor, r.fees_minor, r.balance_minor) >= 0
            for r in plan.rows
        )

    @settings(max_examples=80)
    @given(loans.terms())
    def test_lets_each_balance_follow_from_the_one_before(self, terms: Terms) -> None:
        balance_minor = terms.principal_minor

        for row in schedule(terms).rows:
            balance_minor -= row.principal_minor
            assert row.balance_minor == balance_minor

    @settings(max_examples=80)
    @given(loans.terms())
    def test_numbers_rows_from_one_on_rising_dates(self, terms: Terms) -> None:
        rows = schedule(terms).rows

        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert all(row.start_date < row.due_date for row in rows)
        assert all(a.due_date < b.due_date for a, b in pairwise(rows))
        days = terms.working_days
        if days is None:
            assert all(a.due_date == b.start_date for a, b in pairwise(rows))
        else:
            assert all(days.is_working(row.due_date) for row in rows)
            assert all(abs((a.due_date - b.start_date).days) < 14 for a, b in pairwise(rows))

    @settings(max_examples=80)
    @given(loans.terms())
    def test_accounts_for_every_fee_by_charging_party(self, terms: Terms) -> None:
        plan = schedule(terms)

        assert sum(charge.amount_minor for charge in plan.charges) == plan.fees_minor
        assert plan.total_minor == sum(totals(plan)) + plan.upfront_fees_minor

    @settings(max_examples=80)
    @given(loans.terms())
    def test_is_the_same_after_its_terms_were_stored(self, terms: Terms) -> None:
        stored = json.loads(json.dumps(terms.to_dict()))

        assert Terms.from_dict(stored) == terms


class TestEqualInstalment:
    def test_gives_the_textbook_loan(self) -> None:
        plan = schedule(plain())

        assert totals(plan) == [88849] * 11 + [88847]
        assert plan.interest_minor == 66186

    def test_rounds_the_instalment_up_where_agreed(self) -> None:
        plan = schedule(plain(instalment_rounding=Rounding.UP))

        assert totals(plan)[:2] == [88849, 88849]
        assert totals(schedule(plain(instalment_rounding=Rounding.DOWN)))[0] == 88848

    def test_rounds_to_whole_yuan_and_leaves_the_rest_to_the_last(self) -> None:
        plan = schedule(plain(instalment_multiple_minor=100))

        assert totals(plan)[:11] == [88800] * 11
        assert totals(plan)[11] == 89_418

    def test_takes_a_given_instalment_and_ends_when_repaid(self) -> None:
        plan = schedule(plain(instalment_minor=300_000))

        assert [r.total_minor for r in plan.rows] == [300_000, 300_000, 300_000, 122_484]

    def test_pays_only_interest_in_the_periods_of_grace(self) -> None:
        plan = schedule(plain(principal_grace=2))

        assert totals(plan)[:2] == [10_000, 10_000]
        assert {row.principal_minor for row in plan.rows[:2]} == {0}
        assert len(set(totals(plan)[2:-1])) == 1

    def test_collects_the_interest_of_grace_with_the_period_after_it(self) -> None:
        plain_plan, later = schedule(plain()), schedule(plain(interest_grace=2))

        assert interests(later)[:2] == [0, 0]
        assert interests(later)[2] == sum(interests(plain_plan)[:3])
        assert later.interest_minor == plain_plan.interest_minor

    def test_shares_the_principal_when_there_is_no_interest(self) -> None:
        plan = schedule(plain(annual_rate=Decimal(0), instalments=7, principal_minor=1000))

        assert totals(plan) == [143, 143, 143, 143, 143, 143, 142]

    def test_refits_once_to_bring_the_last_instalment_closer(self) -> None:
        # 75.00 at 12.3 % over five months: 15.46 refits to 15.47 (Apache Fineract C3165).
        small = {"principal_minor": 7500, "annual_rate": Decimal("0.123"), "instalments": 5}

        kept = schedule(plain(**small, rounding=Rounding.HALF_EVEN))
        refitted = schedule(plain(**small, rounding=Rounding.HALF_EVEN, residue=Residue.REFIT_ONCE))

        assert totals(kept) == [1546, 1546, 1546, 1546, 1549]
        assert totals(refitted) == [1547, 1547, 1547, 1547, 1545]

    def test_refits_by_the_size_of_the_residue_in_whole_units_of_the_currency(self) -> None:
        # Half of seven is three: a residue of 0.004 dinars is left alone, one of 0.04 yuan is not.
        loan = {"instalments": 7, "residue": Residue.REFIT_ONCE, "principal_minor": 9006}

        dinars, yuan = (schedule(plain(**loan, currency=code)) for code in ("KWD", "CNY"))

        assert totals(dinars) == [1339] * 6 + [1335]
        assert totals(yuan) == [1338] * 6 + [1341]


class TestOtherMethods:
    def test_equal_principal_falls_by_its_interest(self) -> None:
        # 12,000.00 at 12 % over twelve months: interest 120.00, 110.00 … 10.00.
        plan = schedule(plain(method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000))

        assert {row.principal_minor for row in plan.rows} == {100_000}
        assert interests(plan) == [1000 * k for k in range(12, 0, -1)]

    def test_interest_only_repays_at_the_end(self) -> None:
        plan = schedule(plain(method=Method.INTEREST_ONLY, instalments=3))

        assert totals(plan) == [10_000, 10_000, 1_010_000]

    @pytest.mark.parametrize(
        ("day_count", "interest"),
        [(DayCount.ACT_360, 45_000), (DayCount.ACT_365, 44_384), (DayCount.MONTHS_30_360, 45_000)],
    )
    def test_bullet_pays_once(self, day_count: DayCount, interest: int) -> None:
        # 10,000.00 at 18 % from 5 January to 5 April 2026, ninety days.
        plan = schedule(
            plain(
                method=Method.BULLET,
                annual_rate=Decimal("0.18"),
                instalments=3,
                start_date=date(2026, 1, 5),
                day_count=day_count,
            )
        )

        assert plan.rows == (Row(1, date(2026, 1, 5), date(2026, 4, 5), 1_000_000, interest, 0, 0),)

    def test_flat_charges_the_original_principal_every_period(self) -> None:
        # 12,000.00 at 0.6 % a month flat: 1,072.00 twelve times.
        plan = schedule(
            plain(method=Method.FLAT, principal_minor=1_200_000, annual_rate=Decimal("0.072"))
        )

        assert totals(plan) == [107_200] * 12
        assert set(interests(plan)) == {7200}

    def test_daily_line_counts_actual_days(self) -> None:
        plan = schedule(
            plain(method=Method.REVOLVING_DAILY, instalments=2, day_count=DayCount.ACT_360)
        )

        assert interests(plan) == [10_333, 9_333]
        assert totals(plan)[1] == 1_009_333

    def test_custom_rows_are_kept_as_given(self) -> None:
        given_rows = (
            CustomRow(due_date=date(2026, 2, 20), principal_minor=400_000, interest_minor=12_345),
            CustomRow(
                due_date=date(2026, 4, 1),
                principal_minor=600_000,
                interest_minor=6_789,
                fees_minor=100,
            ),
        )

        plan = schedule(plain(method=Method.CUSTOM, instalments=2, rows=given_rows))

        assert [
            (r.due_date, r.principal_minor, r.interest_minor, r.fees_minor) for r in plan.rows
        ] == [
            (date(2026, 2, 20), 400_000, 12_345, 0),
            (date(2026, 4, 1), 600_000, 6_789, 100),
        ]
        assert plan.charges[0].charging_party == "funder"


class TestDates:
    def test_equal_months_do_not_care_about_their_length(self) -> None:
        plan = schedule(plain(start_date=date(2026, 1, 31), instalments=3))

        assert [row.due_date for row in plan.rows] == [
            date(2026, 2, 28),
            date(2026, 3, 31),
            date(2026, 4, 30),
        ]
        assert interests(plan) == [10_000, 6_700, 3_367]

    def test_a_stub_is_measured_in_months_and_parts_of_the_month(self) -> None:
        # 15 January to 20 March: two months and five thirty-firsts of the third.
        plan = schedule(plain(instalments=2, first_due_date=date(2026, 3, 20), stub=Stub.REGULAR))

        assert interests(plan)[0] == round(1_000_000 * 0.01 * (2 + 5 / 31))

    def test_exact_stub_keeps_instalments_level_to_the_end(self) -> None:
        plan = schedule(plain(due_day=5, day_count=DayCount.ACT_365))

        assert plan.rows[0].due_date == date(2026, 2, 5)
        assert abs(totals(plan)[-1] - totals(plan)[0]) <= 12

    def test_regular_stub_keeps_the_ordinary_instalment(self) -> None:
        plan = schedule(plain(due_day=5, stub=Stub.REGULAR))

        assert totals(plan)[0] == 88_849
        assert totals(plan)[-1] < 88_849

    def test_added_stub_puts_the_extra_interest_on_top_of_the_first(self) -> None:
        plan = schedule(plain(first_due_date=date(2026, 2, 25), stub=Stub.ADDED))

        extra = interests(plan)[0] - 10_000
        assert extra == round(1_000_000 * 0.01 * 10 / 28)
        assert totals(plan) == [88_849 + extra] + [88_849] * 10 + [88_847]

    def test_a_due_day_too_near_moves_to_the_next_month(self) -> None:
        near = schedule(plain(due_day=20))
        soon = schedule(plain(due_day=20, first_period_days_min=3))

        assert near.rows[0].due_date == date(2026, 2, 20)
        assert soon.rows[0].due_date == date(2026, 1, 20)

    def test_moving_off_holidays_leaves_interest_alone(self) -> None:
        table = WorkingDays()

        unmoved = schedule(plain())
        moved = schedule(plain(roll=Roll.FOLLOWING), working_days=table)

        assert unmoved.rows[0].due_date == date(2026, 2, 15)
        assert moved.rows[0].due_date == date(2026, 2, 16)
        assert interests(moved) == interests(unmoved)

    def test_a_31st_may_roll_to_the_first(self) -> None:
        plan = schedule(
            plain(start_date=date(2026, 1, 31), month_end=MonthEnd.NEXT_MONTH_FIRST, instalments=2)
        )

        assert [row.due_date for row in plan.rows] == [date(2026, 3, 1), date(2026, 3, 31)]


class TestFees:
    def test_upfront_fees_stand_in_no_row(self) -> None:
        fee = Fee(
            name="service",
            charging_party="platform",
            timing=FeeTiming.UPFRONT,
            rate=Decimal("0.01"),
        )

        plan = schedule(plain(fees=(fee,)))

        assert plan.upfront_fees_minor == 10_000
        assert {row.fees_minor for row in plan.rows} == {0}
        assert plan.total_minor == sum(totals(plan)) + 10_000

    @pytest.mark.parametrize(
        ("base", "annual", "first", "second"),
        [
            (FeeBase.PRINCIPAL, False, 10_000, 10_000),
            (FeeBase.PRINCIPAL, True, 833, 833),
            (FeeBase.BALANCE, False, 10_000, 9_212),
            (FeeBase.INSTALMENT, False, 888, 888),
        ],
    )
    def test_instalment_fees_follow_their_base(
        self, base: FeeBase, annual: bool, first: int, second: int
    ) -> None:
        fee = Fee(
            name="guarantee",
            charging_party="guarantor",
            timing=FeeTiming.PER_INSTALMENT,
            rate=Decimal("0.01"),
            base=base,
            annual=annual,
        )

        rows = schedule(plain(fees=(fee,))).rows

        assert [row.fees_minor for row in rows[:2]] == [first, second]

    def test_guarantee_on_the_original_principal_adds_up(self) -> None:
        # 10,000.00 at 18 % and 6 % guarantee on the original principal: 11,601.60 in all.
        fee = Fee(
            name="guarantee",
            charging_party="guarantor",
            timing=FeeTiming.PER_INSTALMENT,
            rate=Decimal("0.06"),
            annual=True,
        )

        plan = schedule(plain(annual_rate=Decimal("0.18"), fees=(fee,)))

        assert plan.fees_minor == 60_000
        assert plan.total_minor == 1_160_160 + (totals(plan)[-1] - totals(plan)[0])
