"""Portfolio twins: equal to the single computation, to the last unit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.calendar import due_dates
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.portfolio import (
    BLOCK,
    PortfolioTooLarge,
    RatesNotFound,
    Schedules,
    days_of,
    level_schedules,
    period_days,
    period_rates,
    rates_ppm,
    within_cap_many,
)
from loanops.kernel.pricing import all_in_cost
from loanops.kernel.schedule import Terms, schedule
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain

PRINCIPALS = st.one_of(st.integers(1, 300), st.integers(1, 50_000_000))
LOANS = st.lists(
    st.tuples(PRINCIPALS, st.integers(0, 480_000), loans.STARTS), min_size=1, max_size=6
)
YEARS = {DayCount.ACT_360: 360, DayCount.ACT_365: 365}


def singly(terms: Terms) -> list[tuple[int, int, int]]:
    """Principal, interest and balance by the single computation; a paid-off tail is nothing."""
    rows = [(r.principal_minor, r.interest_minor, r.balance_minor) for r in schedule(terms).rows]
    return rows + [(0, 0, 0)] * (terms.instalments - len(rows))


def jointly(found: Schedules, loan: int) -> list[tuple[int, int, int]]:
    return list(
        zip(
            found.principal_minor[:, loan].tolist(),
            found.interest_minor[:, loan].tolist(),
            found.balance_minor[:, loan].tolist(),
            strict=True,
        )
    )


class TestLevelSchedules:
    @settings(max_examples=150)
    @given(
        LOANS,
        st.integers(1, 36),
        st.sampled_from([DayCount.MONTHS_30_360, *YEARS]),
        st.sampled_from(Rounding),
        st.sampled_from(Rounding),
    )
    def test_equal_the_single_schedule_to_the_last_unit(
        self,
        book: list[tuple[int, int, date]],
        instalments: int,
        day_count: DayCount,
        rounding: Rounding,
        level_rounding: Rounding,
    ) -> None:
        principal, ppm, starts = zip(*book, strict=True)
        days = None
        if day_count in YEARS:
            days = period_days(days_of(starts), instalments)[1]

        found = level_schedules(
            np.array(principal),
            np.array(ppm),
            instalments,
            days=days,
            days_in_year=YEARS.get(day_count, 360),
            rounding=rounding,
            instalment_rounding=level_rounding,
        )

        for loan, (amount, rate, start) in enumerate(book):
            terms = plain(
                principal_minor=amount,
                annual_rate=Decimal(rate) / 1_000_000,
                instalments=instalments,
                start_date=start,
                day_count=day_count,
                rounding=rounding,
                instalment_rounding=level_rounding,
            )
            assert jointly(found, loan) == singly(terms)

    def test_settle_a_level_that_lies_on_the_boundary(self) -> None:
        # 100.00 over 8 and 16 equal parts is exactly half a fen away from a whole one.
        for rounding in Rounding:
            found = level_schedules(
                np.array([10_004, 10_012]), np.array([0, 0]), 8, instalment_rounding=rounding
            )
            for loan, amount in enumerate((10_004, 10_012)):
                terms = plain(
                    principal_minor=amount,
                    annual_rate=Decimal(0),
                    instalments=8,
                    instalment_rounding=rounding,
                )
                assert jointly(found, loan) == singly(terms)

    def test_do_not_depend_on_where_blocks_are_cut(self) -> None:
        count = BLOCK + 3
        principal = np.full(count, 1_000_000)
        ppm = np.full(count, 120_000)

        found = level_schedules(principal, ppm, 12)

        assert set(found.level_minor.tolist()) == {88_849}
        assert jointly(found, 0) == jointly(found, count - 1) == singly(plain())

    def test_may_be_written_into_the_same_room_again(self) -> None:
        room = Schedules.empty(12, 1)

        level_schedules(np.array([500]), np.array([90_000]), 12, into=room)
        again = level_schedules(np.array([1_000_000]), np.array([120_000]), 12, into=room)

        assert again is room
        assert jointly(room, 0) == singly(plain())

    def test_refuse_what_64_bits_cannot_hold(self) -> None:
        with pytest.raises(PortfolioTooLarge):
            level_schedules(np.array([10**15]), np.array([240_000]), 12)

    def test_of_no_loans_are_empty(self) -> None:
        nothing = np.array([], np.int64)

        assert level_schedules(nothing, nothing, 12).principal_minor.shape == (12, 0)


class TestPeriodDays:
    @given(st.lists(loans.STARTS, min_size=1, max_size=5), st.integers(1, 40))
    def test_agree_with_the_calendar(self, starts: list[date], count: int) -> None:
        dues, days = period_days(days_of(starts), count)

        for loan, start in enumerate(starts):
            single = due_dates(start, count)
            assert dues[:, loan].tolist() == single
            assert days[:, loan].sum() == (single[-1] - start).days


class TestPeriodRates:
    @settings(max_examples=60)
    @given(st.integers(10_000, 10_000_000), st.integers(0, 480_000), st.integers(1, 36))
    def test_agree_with_the_single_cost(self, amount: int, ppm: int, instalments: int) -> None:
        terms = plain(
            principal_minor=amount,
            annual_rate=Decimal(ppm) / 1_000_000,
            instalments=instalments,
        )
        plan = schedule(terms)
        flows = np.zeros((instalments + 1, 1))
        flows[0] = -amount
        for row in plan.rows:
            flows[row.number] = row.total_minor

        found = period_rates(flows)[0] * 12

        assert float(all_in_cost(terms, plan).simple) == pytest.approx(found, abs=1e-9)

    def test_name_the_rows_that_have_none(self) -> None:
        flows = np.array([[-100.0, 100.0, -100.0], [60.0, 60.0, 0.0], [60.0, 60.0, 0.0]])

        with pytest.raises(
            RatesNotFound, match="2 rows have no rate of return, the first is row 1"
        ):
            period_rates(flows)


class TestWithinCapMany:
    CAP = Decimal("0.24")

    def test_settles_by_exact_figures_what_floats_cannot_tell(self) -> None:
        figures = np.array([0.2399, 0.24, 0.24, 0.2401])
        exact = [Decimal("0.2399"), self.CAP, Decimal("0.240000000001"), Decimal("0.2401")]

        assert within_cap_many(figures, self.CAP, exact).tolist() == [True, True, False, False]

    def test_does_not_guess_at_the_ceiling(self) -> None:
        assert within_cap_many(np.array([0.2, 0.3]), self.CAP).tolist() == [True, False]
        with pytest.raises(ValueError, match="exact"):
            within_cap_many(np.array([0.24]), self.CAP)


class TestRatesPpm:
    def test_are_exact_or_refused(self) -> None:
        assert rates_ppm([Decimal("0.1407"), Decimal("0.000001")]).tolist() == [140_700, 1]
        with pytest.raises(ValueError, match="part per million"):
            rates_ppm([Decimal("0.0000001")])
