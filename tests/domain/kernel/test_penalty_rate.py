"""Penalty that follows the rate of its loan: each day at the multiple of the rate then in force."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    Accelerated,
    AccountState,
    Repaid,
    Restructured,
    Reversed,
    Treatment,
)
from loanops.kernel.account.many import is_plain
from loanops.kernel.money import Rounding, to_minor
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method, Penalty, PenaltyFollows, PenaltyStart, Terms
from tests.domain.kernel.late import FIRST_DUE, after, changed, seen
from tests.domain.kernel.loans import plain

HALF_MORE = Decimal("1.5")
FOLLOWS = PenaltyFollows.CURRENT_RATE


def following(**values: object) -> Terms:
    """1,000.00 of principal due each month, at 12 %, penalty at half more of the rate in force."""
    rule = Penalty(multiplier=HALF_MORE, follows=FOLLOWS, **values)  # type: ignore[arg-type]
    return plain(method=Method.EQUAL_PRINCIPAL, principal_minor=1_200_000, penalty=rule)


def first(account: AccountState) -> int:
    return account.instalments[0].due.penalty_minor


class TestARateChange:
    def test_leaves_the_days_before_it_and_counts_those_from_it_on_at_the_new_rate(self) -> None:
        # 1,000.00 x 0.18 / 360 = 0.50 a day for 10 days, then x 0.36 / 360 = 1.00 for 10 days.
        account = seen(following(), 20, changed(10, "0.24"))

        assert first(account) == 500 + 1_000
        assert account.instalments[0].penalty_rate == Decimal("0.24")

    def test_changes_nothing_where_penalty_is_of_the_agreed_rate(self) -> None:
        terms = following()
        rule = terms.penalty
        assert rule is not None
        agreed = replace(terms, penalty=replace(rule, follows=PenaltyFollows.AGREED_RATE))

        assert first(seen(agreed, 20, changed(10, "0.24"))) == 1_000

    def test_rounds_what_ran_at_each_rate_by_itself(self) -> None:
        # 7 days at 0.50 x 1.1 % are 3.85; 1,000.00 x 1.5 x 0.07 / 360 x 3 are 0.875.
        terms = replace(following(), annual_rate=Decimal("0.132"), rounding=Rounding.HALF_UP)

        assert first(seen(terms, 10, changed(7, "0.07"))) == 385 + 88

    def test_that_counts_for_an_earlier_day_has_the_days_since_counted_anew(self) -> None:
        paid = Repaid(key="p", on=after(25), amount_minor=1)
        late = (changed(20, "0.24"), paid, changed(10, "0.06", "earlier"))

        assert first(seen(following(), 30, *late)) == 500 + 250 + 1_000

    def test_is_forgotten_once_it_is_undone(self) -> None:
        undone = Reversed(key="r", on=after(15), of="rate")

        account = seen(following(), 20, changed(10, "0.24"), undone)

        assert account == seen(following(), 20)

    @pytest.mark.parametrize(
        ("start", "expected"),
        [(PenaltyStart.DUE_DATE, 2 * 50 + 3 * 100), (PenaltyStart.GRACE_END, 100)],
    )
    def test_within_the_grace_splits_the_days_once_that_has_passed(
        self, start: PenaltyStart, expected: int
    ) -> None:
        terms = following(grace_days=4, runs_from=start)
        change = changed(2, "0.24")

        assert first(seen(terms, 4, change)) == 0
        assert first(seen(terms, 5, change)) == expected

    def test_goes_no_further_than_the_days_after_which_penalty_stops(self) -> None:
        terms = following(stop_days=12)

        assert first(seen(terms, 40, changed(10, "0.24"))) == 500 + 200
        assert first(seen(terms, 40, changed(20, "0.24"))) == 600

    def test_to_nothing_and_back_bears_for_the_days_that_have_a_rate(self) -> None:
        events = changed(10, "0", "off"), changed(15, "0.12", "on")

        account = seen(following(), 20, *events)

        assert first(account) == 500 + 0 + 250
        assert account.instalments[0].penalty_rate is None

    @given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 300)), max_size=4), st.booleans())
    def test_bears_each_day_at_the_rate_in_force_on_it(
        self, changes: list[tuple[int, int]], grace: bool
    ) -> None:
        terms = following(grace_days=5 if grace else 0)
        events = [
            changed(days, str(Decimal(rate).scaleb(-3)), f"rate-{place}")
            for place, (days, rate) in enumerate(changes)
        ]

        account = seen(terms, 60, *events)

        marks = [(0, Decimal("0.12"))]
        by_day = sorted(events, key=lambda event: event.on)
        marks += [((event.on - FIRST_DUE).days, event.annual_rate) for event in by_day]
        wanted = 0
        for place, (since, rate) in enumerate(marks):
            until = marks[place + 1][0] if place + 1 < len(marks) else 60
            bears = terms.penalty.daily(rate) if terms.penalty else 0
            wanted += to_minor(100_000 * bears * (until - since), terms.rounding)
        assert first(account) == wanted


class TestARestructuring:
    def test_has_what_is_agreed_anew_bear_its_own_rate(self) -> None:
        anew = Restructured(
            key="n", on=after(10), method=Method.EQUAL_PRINCIPAL, annual_rate=Decimal("0.24"),
            instalments=11, penalty=Treatment.CARRY,
        )  # fmt: skip

        account = seen(following(), 120, anew)

        old, new = account.instalments[0], account.instalments[2]
        assert old.due.penalty_minor == 500
        assert new.penalty_rate == Decimal("0.24")
        days = (account.on - new.due_date).days
        exact = new.due.principal_minor * Decimal("0.36") / 360 * days
        assert new.due.penalty_minor == to_minor(exact, Rounding.HALF_UP)

    def test_begins_anew_after_the_loan_was_called_in(self) -> None:
        called = Accelerated(key="a", on=after(5))
        anew = Restructured(
            key="n", on=after(10), method=Method.EQUAL_PRINCIPAL, annual_rate=Decimal("0.06"),
            instalments=2,
        )  # fmt: skip

        account = seen(following(stops_at_acceleration=True), 90, called, anew)

        assert account.instalments[-1].penalty_rate == Decimal("0.06")
        assert account.instalments[-1].due.penalty_minor > 0


class TestTheRule:
    def test_is_written_only_where_it_says_something(self) -> None:
        rule = Penalty(multiplier=HALF_MORE, follows=FOLLOWS)

        assert rule.to_dict()["follows"] == "current_rate"
        assert Penalty.from_dict(rule.to_dict()) == rule
        assert "follows" not in replace(rule, follows=PenaltyFollows.AGREED_RATE).to_dict()

    def test_is_counted_with_many_while_only_money_comes(self) -> None:
        assert is_plain(following())

    def test_needs_a_multiple(self) -> None:
        with pytest.raises(BadField, match="needs a multiplier"):
            Penalty(annual_rate=Decimal("0.2"), follows=FOLLOWS)
