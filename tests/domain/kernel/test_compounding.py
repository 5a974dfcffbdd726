"""Penalty that bears penalty: what is unpaid of it is taken in on set days, to the fen."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import Event, RateChanged, Repaid
from loanops.kernel.account.many import is_plain
from loanops.kernel.allocation import Component, Order
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import (
    CustomRow,
    Method,
    Penalty,
    PenaltyFollows,
    PenaltyStart,
    Terms,
)
from tests.domain.kernel.late import FIRST_DUE, after, seen
from tests.domain.kernel.loans import plain

PENALTY_FIRST = Order(
    due=(Component.PENALTY, Component.FEE, Component.INTEREST, Component.PRINCIPAL)
)


def due_at_once(**values: object) -> Terms:
    """1,000.00 due on 15 February, whose penalty is 10.00 a day and taken in every ten days."""
    given = {"annual_rate": Decimal("3.6"), "compounds_days": 10, **values}
    return plain(
        method=Method.CUSTOM, principal_minor=100_000, instalments=1, annual_rate=Decimal("0.24"),
        rows=(CustomRow(due_date=FIRST_DUE, principal_minor=100_000, interest_minor=0),),
        penalty=Penalty(**given), allocation=PENALTY_FIRST,  # type: ignore[arg-type]
    )  # fmt: skip


def penalty(terms: Terms, days: int, *events: Event) -> int:
    return seen(terms, days, *events).due.penalty_minor


def paid(days: int, minor: int, key: str = "p") -> Repaid:
    return Repaid(key=key, on=after(days), amount_minor=minor)


class TestUnpaidPenalty:
    @pytest.mark.parametrize(
        ("days", "expected"),
        [(9, 9_000), (10, 10_000), (11, 11_100), (20, 21_000), (21, 22_210), (30, 33_100)],
    )
    def test_bears_penalty_from_the_days_on_which_it_is_taken_in(
        self, days: int, expected: int
    ) -> None:
        assert penalty(due_at_once(), days) == expected

    def test_bears_none_where_nothing_says_so(self) -> None:
        assert penalty(due_at_once(compounds_days=None), 30) == 30_000

    def test_counts_the_days_from_where_penalty_does(self) -> None:
        late = due_at_once(grace_days=4, runs_from=PenaltyStart.GRACE_END)

        assert penalty(late, 14) == 10_000
        assert penalty(late, 15) == 11_100
        assert penalty(due_at_once(grace_days=4), 11) == 11_100

    def test_that_is_paid_bears_none_from_its_day_on_whatever_runs_up_later(self) -> None:
        at_fifteen = 10_000 + 5 * 1_100
        events = paid(15, 12_000)

        # Of 155.00 are 35.00 left, which bear on, and are all that does until the twentieth day.
        at_twenty = at_fifteen + 5 * (1_000 + 35)
        assert penalty(due_at_once(), 20, events) == at_twenty
        left = at_twenty - 12_000
        assert penalty(due_at_once(), 21, events) == at_twenty + 1_000 + round(left / 100)

    def test_bears_none_once_the_instalment_itself_is_paid(self) -> None:
        terms = due_at_once()
        order = Order(
            due=(Component.PRINCIPAL, Component.PENALTY, Component.INTEREST, Component.FEE)
        )
        first = plain(
            method=Method.CUSTOM, principal_minor=100_000, instalments=1, rows=terms.rows,
            penalty=terms.penalty, allocation=order,
        )  # fmt: skip

        assert penalty(first, 60, paid(15, 100_000)) == 10_000 + 5 * 1_100

    def test_is_the_same_in_two_payments_of_a_day(self) -> None:
        whole = seen(due_at_once(), 33, paid(12, 5_000))
        halves = seen(due_at_once(), 33, paid(12, 2_000), paid(12, 3_000, "q"))

        assert whole.instalments == halves.instalments

    @given(st.integers(1, 60), st.integers(0, 60), st.integers(1, 120_000))
    def test_is_never_more_for_money_that_came(self, days: int, on: int, minor: int) -> None:
        terms = due_at_once()

        once = seen(terms, 90, paid(days, minor))
        often = seen(terms, 90, paid(days, minor), paid(on, 1, "one"))
        less = seen(terms, 90, paid(days, minor), paid(on, 1, "one"), paid(on, 1, "two"))

        assert less.due.penalty_minor <= often.due.penalty_minor <= once.due.penalty_minor

    def test_goes_on_at_the_rate_that_penalty_follows(self) -> None:
        rule = Penalty(
            multiplier=Decimal("1.5"), follows=PenaltyFollows.CURRENT_RATE, compounds_days=10
        )
        terms = plain(method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule)
        change = RateChanged(key="r", on=after(15), annual_rate=Decimal("0.24"))

        item = seen(terms, 25, change).instalments[0]

        # 5.00 by the tenth day, then 5 x 0.5025; at twice the rate 5 x 1.005, and 5 x 1.01255.
        assert item.due.penalty_minor == 500 + 251 + 503 + 506
        assert item.compounded_minor == 1_254


class TestCap:
    def test_holds_with_what_is_taken_in(self) -> None:
        # 21 % by the twentieth day, and 1.21 % each day after it: seven more are 29.47 %.
        terms = due_at_once(cap=Decimal("0.3"))

        assert penalty(terms, 27) == penalty(terms, 90) == 29_470

    def test_at_a_day_on_which_it_is_taken_in_is_held_to_the_day(self) -> None:
        assert penalty(due_at_once(cap=Decimal("0.21")), 90) == 21_000
        assert penalty(due_at_once(cap=Decimal("0.2099")), 90) == 19_900

    @given(st.integers(1, 60), st.decimals("0.02", "1", places=3), st.integers(0, 30))
    def test_is_never_passed(self, every: int, cap: Decimal, days: int) -> None:
        terms = due_at_once(cap=cap, compounds_days=every)

        assert penalty(terms, 400) <= cap * 100_000 + 60
        assert penalty(terms, days) <= penalty(terms, days + 1)


class TestRule:
    def test_is_written_only_where_it_says_something(self) -> None:
        rule = Penalty(multiplier=Decimal("1.5"), compounds_days=30)

        assert Penalty.from_dict(rule.to_dict()) == rule
        assert "compounds_days" not in Penalty(multiplier=Decimal("1.5")).to_dict()
        assert not is_plain(due_at_once())

    @pytest.mark.parametrize(("every", "grace"), [(0, 0), (367, 0), (3, 3), (-5, 0)])
    def test_takes_it_in_after_the_grace_and_within_a_year(self, every: int, grace: int) -> None:
        with pytest.raises(BadField, match="above grace_days"):
            Penalty(multiplier=Decimal("1.5"), compounds_days=every, grace_days=grace)
