"""Rates and all-in cost against published figures; failures are errors, never "not a number"."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.calendar import Frequency, Unit
from loanops.kernel.daycount import DayCount
from loanops.kernel.pricing import (
    AllInCost,
    Measure,
    UnitFlow,
    all_in_cost,
    appendix_j,
    dated_cost,
    display,
    eu_rate,
    periodic_cost,
    within_cap,
)
from loanops.kernel.rates import Flow, RateNotFound, effective, irr, nominal, xirr
from loanops.kernel.schedule import CustomRow, Fee, FeeTiming, Method, Terms, schedule
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain

MORE_THAN_FEES = 20_000


def cost_of(terms: Terms) -> AllInCost:
    return all_in_cost(terms, schedule(terms))


class TestAllInCost:
    def test_gives_the_example_of_the_central_bank(self) -> None:
        # 中国人民银行公告〔2021〕第3号, annex: 100,000 less 1,000 upfront, 12 x 8,833.30.
        cost = periodic_cost([-9_900_000] + [883_330] * 12, 12)

        assert display(cost.simple) == "12.80"
        assert display(cost.effective) == "13.58"

    def test_is_the_rate_of_the_loan_when_there_are_no_fees(self) -> None:
        cost = cost_of(plain(principal_minor=100_000_000_00))

        assert cost.simple == pytest.approx(Decimal("0.12"), abs=Decimal("1e-9"))
        assert cost.effective == pytest.approx(Decimal("0.126825"), abs=Decimal("1e-6"))

    def test_tells_a_flat_rate_by_its_true_cost(self) -> None:
        cost = cost_of(
            plain(method=Method.FLAT, principal_minor=1_200_000, annual_rate=Decimal("0.072"))
        )

        assert (display(cost.simple), display(cost.effective)) == ("13.03", "13.84")

    def test_counts_every_fee_whoever_charges_it(self) -> None:
        upfront = Fee(
            name="service", charging_party="platform", timing=FeeTiming.UPFRONT, amount_minor=10_000
        )
        monthly = Fee(
            name="guarantee",
            charging_party="guarantor",
            timing=FeeTiming.PER_INSTALMENT,
            amount_minor=500,
        )

        figures = [
            cost_of(plain(fees=charged)).simple
            for charged in ((), (upfront,), (monthly,), (upfront, monthly))
        ]

        none, with_upfront, with_monthly, with_both = figures
        assert none < with_monthly < with_upfront < with_both

    def test_of_a_single_repayment_is_its_simple_yearly_rate(self) -> None:
        cost = cost_of(plain(method=Method.BULLET, annual_rate=Decimal("0.18"), instalments=3))

        assert cost.simple == Decimal("0.180000000000")

    def test_of_a_single_dated_repayment_counts_actual_days(self) -> None:
        cost = dated_cost([(date(2026, 1, 1), -100_000), (date(2027, 1, 1), 120_000)])

        assert cost.simple == cost.effective == Decimal("0.200000000000")
        assert cost.method == "dated_xirr_act_365"

    def test_is_dated_where_payments_fall_between_periods(self) -> None:
        regular, stub = cost_of(plain()), cost_of(plain(due_day=5, day_count=DayCount.ACT_360))

        assert regular.method == "periodic_irr"
        assert stub.method == "dated_xirr_act_365"
        assert stub.effective == pytest.approx(Decimal("0.1285"), abs=Decimal("5e-4"))

    def test_of_a_loan_without_interest_or_fees_is_nothing(self) -> None:
        cost = cost_of(plain(annual_rate=Decimal(0)))

        assert cost.simple == cost.effective == 0

    @settings(max_examples=60)
    @given(loans.terms().filter(lambda terms: terms.principal_minor > MORE_THAN_FEES))
    def test_is_found_for_every_loan_that_returns_its_principal(self, terms: Terms) -> None:
        cost = cost_of(terms)

        year_end = terms.start_date + timedelta(days=365)
        within_a_year = any(
            row.total_minor and row.due_date <= year_end for row in schedule(terms).rows
        )
        assert cost.simple.is_finite()
        if cost.method == "periodic_irr":
            assert cost.simple >= 0
            assert cost.effective >= 0
            # A period longer than a year has less than one compounding a year: see below.
            assert cost.effective >= cost.simple or not within_a_year

    def test_compounds_below_the_simple_rate_where_periods_are_longer_than_a_year(self) -> None:
        cost = cost_of(plain(frequency=Frequency(every=15, unit=Unit.MONTHS), instalments=3))

        per_period = cost.simple / Decimal("0.8")
        assert cost.effective < cost.simple
        assert float(cost.effective) == pytest.approx(float(1 + per_period) ** 0.8 - 1, abs=1e-11)

    def test_is_an_error_where_money_flows_one_way(self) -> None:
        rows = (CustomRow(due_date=date(2026, 2, 15), principal_minor=100, interest_minor=0),)
        fee = Fee(name="all", charging_party="x", timing=FeeTiming.UPFRONT, amount_minor=100)

        with pytest.raises(RateNotFound):
            cost_of(
                plain(
                    method=Method.CUSTOM, principal_minor=100, instalments=1, rows=rows, fees=(fee,)
                )
            )


class TestWithinCap:
    def test_holds_the_unrounded_figure_against_the_cap(self) -> None:
        shown_as_24 = AllInCost(Decimal("0.240000000001"), Decimal("0.2682"), "periodic_irr")
        exactly_24 = AllInCost(Decimal("0.240000000000"), Decimal("0.2682"), "periodic_irr")

        assert display(shown_as_24.simple) == "24.00"
        assert not within_cap(shown_as_24, Decimal("0.24"), Measure.SIMPLE)
        assert within_cap(exactly_24, Decimal("0.24"), Measure.SIMPLE)

    def test_depends_on_the_measure(self) -> None:
        # 10,000.00 in twelve instalments of 945.60: 24 % simple is 26.82 % effective.
        cost = periodic_cost([-1_000_000] + [94_559] * 12, 12)

        assert within_cap(cost, Decimal("0.24"), "simple")
        assert not within_cap(cost, Decimal("0.24"), "effective")
        assert display(cost.effective) == "26.82"

    def test_passes_a_loan_at_exactly_the_cap(self) -> None:
        cost = cost_of(plain(method=Method.INTEREST_ONLY, annual_rate=Decimal("0.24")))

        assert within_cap(cost, Decimal("0.24"), Measure.SIMPLE)


class TestRates:
    def test_finds_the_root_that_spreadsheets_find(self) -> None:
        flows = [Decimal(x) for x in ("-5", "10.5", "1", "-8", "1")]

        assert float(irr(flows)) == pytest.approx(0.0885983, abs=1e-6)
        assert float(irr([-100, 100, 0, -7])) == pytest.approx(-0.0833, abs=1e-4)

    @pytest.mark.parametrize("flows", [[], [0, 0], [5, 5], [-5], [-1, 0, 0]])
    def test_refuses_flows_without_a_rate(self, flows: list[int]) -> None:
        with pytest.raises(RateNotFound):
            irr(flows)
        with pytest.raises(RateNotFound):
            xirr([(date(2026, 1, 1 + place), amount) for place, amount in enumerate(flows)])

    def test_reaches_the_enormous_rates_of_very_short_loans(self) -> None:
        # Five per cent for one day.
        rate = xirr([(date(2026, 1, 1), -100), (date(2026, 1, 2), 105)])

        assert rate == pytest.approx(Decimal("1.05") ** 365 - 1)

    def test_refuses_flows_that_never_balance(self) -> None:
        with pytest.raises(RateNotFound):
            irr([10, -10, 10])

    @given(st.decimals("0.0001", "3", places=4), st.integers(1, 365))
    def test_goes_from_nominal_to_effective_and_back(self, rate: Decimal, periods: int) -> None:
        there = effective(rate, periods)

        assert abs(nominal(there, periods) - rate) < Decimal("1e-28")
        assert there >= rate

    @given(
        st.decimals("-0.5", "2", places=6),
        st.lists(st.integers(1, 10_000), min_size=1, max_size=20),
    )
    def test_recovers_the_rate_that_flows_were_made_with(
        self, rate: Decimal, later: list[int]
    ) -> None:
        worth = sum(Decimal(a) / (1 + rate) ** k for k, a in enumerate(later, start=1))

        found = irr([-worth, *[Decimal(a) for a in later]])

        assert abs(found - rate) < Decimal("1e-20")


class TestRegulations:
    def test_appendix_j_takes_odd_days_at_simple_interest(self) -> None:
        # 12 CFR 1026 Appendix J (c)(1)(iii): 24 semimonthly payments, first after 6/15.
        rate = appendix_j(
            [UnitFlow(Decimal(5000), 0)],
            [UnitFlow(Decimal("219.17"), k, Fraction(6, 15)) for k in range(24)],
            24,
        )

        assert display(rate) == "10.34"

    def test_european_rate_takes_equal_months_as_parts_of_a_year(self) -> None:
        # 1,000 repaid as 1,200 after 18 equal months instead of 546 days.
        flows = [Flow(Fraction(0), Decimal(1000)), Flow(Fraction(18, 12), Decimal(-1200))]

        assert display(eu_rate(flows)) == "12.92"


class TestDisplay:
    @pytest.mark.parametrize(
        ("rate", "shown"),
        [("0.128038", "12.80"), ("0.12345", "12.35"), ("0", "0.00"), ("1.5", "150.00")],
    )
    def test_rounds_half_up_only_for_people(self, rate: str, shown: str) -> None:
        assert display(Decimal(rate)) == shown
