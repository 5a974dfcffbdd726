"""Penalty with a cap at a rate that changes: each day takes of the cap what its rate is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    Event,
    Repaid,
    Restructured,
    Reversed,
    Treatment,
)
from loanops.kernel.allocation import Component, Order
from loanops.kernel.money import Rounding
from loanops.kernel.schedule import Method, Penalty, PenaltyFollows, PenaltyStart, Terms
from tests.domain.kernel.late import FIRST_DUE, after, changed, seen
from tests.domain.kernel.loans import plain

HALF_MORE = Decimal("1.5")
AGREED = Decimal("0.12")
PENALTY_FIRST = Order(
    due=(Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
)
rates = st.integers(0, 3_000).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
changes = st.lists(st.tuples(st.integers(0, 90), rates), max_size=5)


def capped(cap: str | Decimal, **values: object) -> Terms:
    """1,000.00 of principal due each month, at 12 %: penalty is 0.50 a day at the agreed rate."""
    rounding = values.pop("rounding", Rounding.HALF_UP)
    rule = Penalty(
        multiplier=HALF_MORE,
        follows=PenaltyFollows.CURRENT_RATE,
        cap=Decimal(cap),
        **values,  # type: ignore[arg-type]
    )
    return plain(
        method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule,
        rounding=rounding, allocation=PENALTY_FIRST,
    )  # fmt: skip


def all_changed(made: Sequence[tuple[int, Decimal]]) -> list[Event]:
    return [changed(days, rate, f"rate-{place}") for place, (days, rate) in enumerate(made)]


def first(terms: Terms, days: int, *events: Event) -> int:
    return seen(terms, days, *events).instalments[0].due.penalty_minor


def rate_on(made: Sequence[tuple[int, Decimal]], day: int) -> Decimal:
    """The rate in force on the day after so many."""
    standing = sorted((each for each in made if each[0] <= day), key=lambda each: each[0])
    return standing[-1][1] if standing else AGREED


class TestARateChange:
    def test_has_the_days_before_it_and_after_it_take_of_one_cap(self) -> None:
        # 10 days at 0.50, then 1.00 a day: 5 more reach the 10.00 that a hundredth is.
        terms = capped("0.01")

        for days, expected in ((15, 1_000), (16, 1_000), (90, 1_000), (14, 900)):
            assert first(terms, days, changed(10, "0.24")) == expected
        assert seen(terms, 90, changed(10, "0.24")).instalments[0].capped_on == after(15)

    def test_leaves_out_a_day_that_would_pass_the_cap_by_a_part(self) -> None:
        # 5.00 by the tenth day; of 1.50 a day three more fit within 10.00, not four.
        assert first(capped("0.01"), 90, changed(10, "0.36")) == 950

    def test_after_the_cap_was_spent_begins_none_anew(self) -> None:
        assert first(capped("0.01"), 90, changed(40, "0.06")) == 1_000
        # The fourteenth day does not fit at 36 %, and at 1.2 % only if it bears that itself.
        higher = changed(10, "0.36")
        assert first(capped("0.01"), 90, higher, changed(13, "0.012", "low")) == 950 + 10 * 5
        assert first(capped("0.01"), 90, higher, changed(14, "0.012", "low")) == 950

    def test_that_lowers_it_leaves_more_days(self) -> None:
        account = seen(capped("0.01"), 90, changed(10, "0.06"))

        assert account.instalments[0].due.penalty_minor == 1_000
        assert account.instalments[0].capped_on == after(30)

    def test_to_nothing_leaves_no_end_but_that_by_days(self) -> None:
        assert first(capped("0.01"), 90, changed(10, 0)) == 500
        terms = capped("0.01", stop_days=30)
        assert seen(terms, 90, changed(10, 0)).instalments[0].capped_on == after(30)
        assert first(terms, 90, changed(10, "0.024")) == 500 + 20 * 10

    def test_counts_no_more_once_it_is_undone(self) -> None:
        undone = Reversed(key="r", on=after(40), of="rate")
        terms = capped("0.01")

        assert seen(terms, 90, changed(10, "0.24"), undone) == seen(terms, 90)

    def test_for_an_earlier_day_has_the_cap_counted_anew(self) -> None:
        # 4 days at 0.50, 6 at 0.25, and what is left of 10.00 by 1.00 a day: 6 days.
        late = changed(10, "0.24"), changed(4, "0.06", "earlier")

        assert first(capped("0.01"), 90, *late) == 200 + 150 + 600

    @pytest.mark.parametrize(
        ("start", "expected"), [(PenaltyStart.DUE_DATE, 950), (PenaltyStart.GRACE_END, 900)]
    )
    def test_within_the_grace_takes_of_the_cap_where_the_days_are_counted(
        self, start: PenaltyStart, expected: int
    ) -> None:
        # From the due date 1 day at 0.50 and 6 at 1.50; else 6 at 1.50.
        terms = capped("0.01", grace_days=4, runs_from=start)

        assert first(terms, 90, changed(1, "0.36")) == expected

    def test_that_spends_the_cap_within_the_grace_leaves_what_fits(self) -> None:
        terms = capped("0.01", grace_days=6)

        assert first(terms, 6, changed(1, "0.96")) == 0
        assert first(terms, 7, changed(1, "0.96")) == first(terms, 90, changed(1, "0.96")) == 850

    def test_is_the_end_of_what_is_due_later_too(self) -> None:
        account = seen(capped("0.01"), 90, changed(3, "0.24"))

        due = account.instalments[1].due_date
        assert account.instalments[1].capped_on == due + timedelta(days=10)
        assert account.instalments[1].due.penalty_minor == 1_000


class TestARestructuring:
    def test_gives_what_is_agreed_anew_a_cap_of_its_own(self) -> None:
        anew = Restructured(
            key="n", on=after(10), method=Method.EQUAL_PRINCIPAL, annual_rate=Decimal("0.24"),
            instalments=12, penalty=Treatment.CARRY,
        )  # fmt: skip

        account = seen(capped("0.01"), 200, anew)

        old, new = account.instalments[0], account.instalments[2]
        assert old.due.penalty_minor == 500
        assert new.capped_on == new.due_date + timedelta(days=10)
        assert new.due.penalty_minor == new.due.principal_minor // 100


class TestTheCap:
    @given(
        changes, st.decimals("0.002", "0.2", places=4), st.integers(0, 3), st.sampled_from(Rounding)
    )
    def test_ends_penalty_on_the_day_on_which_a_count_by_days_does(
        self, made: list[tuple[int, Decimal]], cap: Decimal, grace: int, rounding: Rounding
    ) -> None:
        terms = capped(cap, grace_days=grace, rounding=rounding)
        rule = terms.penalty
        assert rule is not None

        taken, minor, part, rate = Fraction(0), 0, Fraction(0), AGREED
        for day in range(95):
            if any(since == day for since, _ in made):
                minor, part = minor + int(part), Fraction(0)
            rate = rate_on(made, day)
            if taken + rule.daily(rate) > cap:
                break
            taken += rule.daily(rate)
            part += 100_000 * rule.daily(rate)

        assert first(terms, 95, *all_changed(made)) == minor + int(part)

    @given(
        changes,
        st.decimals("0.01", "1", places=3),
        st.none() | st.integers(1, 40),
        st.lists(st.tuples(st.integers(0, 95), st.integers(1, 3_000)), max_size=3),
        st.sampled_from(Rounding),
    )
    def test_in_money_is_never_passed_at_whatever_rates_it_ran(
        self,
        made: list[tuple[int, Decimal]],
        cap: Decimal,
        every: int | None,
        paid: list[tuple[int, int]],
        rounding: Rounding,
    ) -> None:
        terms = capped(cap, compounds_days=every, rounding=rounding)
        money: list[Event] = [
            Repaid(key=f"paid-{place}", on=after(days), amount_minor=minor)
            for place, (days, minor) in enumerate(paid)
        ]

        account = seen(terms, 95, *all_changed(made), *money)

        for item in account.instalments:
            assert item.due.penalty_minor <= cap * item.due.principal_minor

    @given(st.decimals("0.01", "1", places=3), st.none() | st.integers(1, 40), rates)
    def test_leaves_the_days_of_a_rate_whether_it_is_followed_or_agreed(
        self, cap: Decimal, every: int | None, rate: Decimal
    ) -> None:
        followed = capped(cap, compounds_days=every).penalty
        assert followed is not None

        days = followed.days_to_end(rate)
        since_ever = followed.capped_on(FIRST_DUE, AGREED, [(date(2025, 1, 1), rate)])
        halfway = followed.capped_on(FIRST_DUE, rate, [(after(7), rate)])

        if days is not None:
            assert since_ever == halfway == after(days)
