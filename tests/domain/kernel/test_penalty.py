"""Penalty by its rule: up to how much it runs, to the fen, and with what it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    Accelerated,
    AccountState,
    Disbursed,
    Event,
    Repaid,
    Restructured,
    Reversed,
    state,
)
from loanops.kernel.account.many import is_plain
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import CustomRow, Method, Penalty, PenaltyStart, Terms
from tests.domain.kernel.loans import plain

FIRST_DUE = date(2026, 2, 15)


def only(penalty: Penalty, **changed: object) -> Terms:
    """1,000.00 due at once on 15 February, interest free, at a contract rate of 18 %."""
    row = CustomRow(due_date=FIRST_DUE, principal_minor=100_000, interest_minor=0)
    return plain(
        method=Method.CUSTOM,
        principal_minor=100_000,
        instalments=1,
        annual_rate=Decimal("0.18"),
        rows=(row,),
        penalty=penalty,
        **changed,
    )


def overdue_by(terms: Terms, days: int, *events: Event) -> AccountState:
    out = Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)
    return state(terms, [out, *events], FIRST_DUE + timedelta(days=days))


class TestEnds:
    def called_in(self, **values: object) -> Terms:
        return plain(penalty=Penalty(annual_rate=Decimal("0.36"), **values))  # type: ignore[arg-type]

    def test_with_acceleration_where_the_product_says_so(self) -> None:
        event = Accelerated(key="a", on=FIRST_DUE + timedelta(days=10))
        ending, running = self.called_in(stops_at_acceleration=True), self.called_in()

        at_once = overdue_by(ending, 10, event).due.penalty_minor

        assert at_once == overdue_by(running, 10, event).due.penalty_minor > 0
        assert overdue_by(ending, 90, event).due.penalty_minor == at_once
        assert overdue_by(running, 90, event).due.penalty_minor > at_once

    def test_not_before_it_and_not_once_it_is_undone(self) -> None:
        event = Accelerated(key="a", on=FIRST_DUE + timedelta(days=10))
        undone = Reversed(key="r", on=FIRST_DUE + timedelta(days=20), of="a")
        ending = self.called_in(stops_at_acceleration=True)

        assert overdue_by(ending, 20, event, undone).due == overdue_by(ending, 20).due

    def test_begins_anew_with_what_is_agreed_anew(self) -> None:
        ending = self.called_in(stops_at_acceleration=True)
        on = FIRST_DUE + timedelta(days=20)
        events = (
            Accelerated(key="a", on=FIRST_DUE + timedelta(days=10)),
            Restructured(
                key="n", on=on, method=Method.EQUAL_PRINCIPAL, annual_rate=Decimal(0), instalments=2
            ),
        )

        before = overdue_by(ending, 20, *events).due.penalty_minor
        later = overdue_by(ending, 90, *events)

        assert later.penalty_ended_on is None
        assert later.due.penalty_minor > before

    def test_is_written_only_where_it_says_something(self) -> None:
        rule = Penalty(annual_rate=Decimal("0.36"), stops_at_acceleration=True)

        assert Penalty.from_dict(rule.to_dict()) == rule
        assert "stops_at_acceleration" not in replace(rule, stops_at_acceleration=False).to_dict()
        assert not is_plain(only(rule))


class TestCap:
    @pytest.mark.parametrize(
        ("days", "expected"), [(9, 900), (10, 1_000), (11, 1_000), (99, 1_000)]
    )
    def test_is_never_above_its_cap(self, days: int, expected: int) -> None:
        # 1.00 a day of 1,000.00; a hundredth of it is reached after ten days.
        terms = only(Penalty(annual_rate=Decimal("0.36"), cap=Decimal("0.01")))

        assert overdue_by(terms, days).due.penalty_minor == expected

    def test_runs_for_the_whole_days_that_its_cap_leaves(self) -> None:
        # 1.50 a day of 1,000.00: after six days 9.00, after seven 10.50, above the cap of 10.00.
        terms = only(Penalty(annual_rate=Decimal("0.54"), cap=Decimal("0.01")))

        assert overdue_by(terms, 99).due.penalty_minor == 900

    def test_is_capped_for_what_is_still_overdue_after_a_payment_too(self) -> None:
        # 5 days of 1,000.00, and 5 more of the 500.00 that are left: 5.00 and 2.50.
        terms = only(Penalty(annual_rate=Decimal("0.36"), cap=Decimal("0.01")))
        paid = Repaid(key="r", on=FIRST_DUE + timedelta(days=5), amount_minor=50_500)

        assert overdue_by(terms, 99, paid).due.penalty_minor == 750

    def test_counts_the_days_of_its_cap_from_where_it_begins(self) -> None:
        rule = Penalty(annual_rate=Decimal("0.36"), grace_days=3, cap=Decimal("0.01"))
        later = replace(rule, runs_from=PenaltyStart.GRACE_END)

        assert rule.days_to_end(Decimal(0)) == 10
        assert later.days_to_end(Decimal(0)) == 13
        assert overdue_by(only(later), 99).due.penalty_minor == 1_000

    def test_ends_by_its_cap_or_its_days_whichever_comes_first(self) -> None:
        rule = Penalty(annual_rate=Decimal("0.36"), cap=Decimal("0.01"), stop_days=5)

        assert rule.days_to_end(Decimal(0)) == 5
        assert replace(rule, stop_days=50).days_to_end(Decimal(0)) == 10
        assert replace(rule, annual_rate=Decimal(0)).days_to_end(Decimal(0)) == 5

    @given(
        st.decimals("0.01", "0.72", places=6),
        st.decimals("0.05", "1", places=4),
        st.integers(1, 10**9),
        st.integers(0, 4_000),
    )
    def test_stays_within_its_cap_and_a_day_of_it(
        self, rate: Decimal, cap: Decimal, base_minor: int, days: int
    ) -> None:
        rule = Penalty(annual_rate=rate, cap=cap)
        lasts = rule.days_to_end(Decimal(0))
        assert lasts is not None

        most, daily = Fraction(cap) * base_minor, rule.daily(Decimal(0)) * base_minor

        assert daily * min(days, lasts) <= most
        assert daily * (lasts + 1) > most

    @pytest.mark.parametrize(
        ("cap", "grace_days", "field"),
        [("0", 0, "cap"), ("-0.1", 0, "cap"), ("10.1", 0, "cap"), ("0.002", 3, "penalty.cap")],
    )
    def test_refuses_a_cap_that_leaves_no_penalty_or_is_out_of_range(
        self, cap: str, grace_days: int, field: str
    ) -> None:
        with pytest.raises(BadField) as refused:
            only(Penalty(annual_rate=Decimal("0.36"), grace_days=grace_days, cap=Decimal(cap)))

        assert refused.value.field == field
