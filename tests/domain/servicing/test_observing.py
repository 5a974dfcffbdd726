"""The observation of a restructured loan: from when, begun again by what, and until when."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.calendar import add_months
from loanops.loanbook.servicing.domain.observing import (
    Kept,
    Observation,
    ObservationRules,
    observe,
)

AGREED = date(2026, 1, 20)
FIRST = date(2026, 2, 15)
RULES = ObservationRules(months_min=12, periods_min=2)


def dues(count: int, *, every: int = 1, late: int | None = None) -> list[Kept]:
    """Due days from the first, each paid on its day but for one, paid ten days late."""
    found = []
    for place in range(count):
        due_on = add_months(FIRST, every * place)
        paid_on = due_on + timedelta(days=10) if place == late else due_on
        found.append(Kept(due_on, paid_on))
    return found


def observed(kept: list[Kept], on: date, grace_days: int = 0) -> Observation | None:
    return observe(key="r", agreed_on=AGREED, dues=kept, grace_days=grace_days, rules=RULES, on=on)


class TestObserve:
    def test_runs_a_year_from_the_first_due_day_agreed_anew(self) -> None:
        before = Kept(date(2026, 1, 15), None)

        seen = observed([before, *dues(24)], FIRST)

        assert seen == Observation("r", AGREED, FIRST, None, date(2027, 2, 15))

    def test_holds_two_periods_where_they_are_longer(self) -> None:
        seen = observed(dues(6, every=9), FIRST)

        assert seen is not None
        assert seen.until == add_months(FIRST, 18)

    def test_begins_again_on_the_due_day_that_was_missed(self) -> None:
        seen = observed(dues(30, late=4), date(2026, 12, 1))

        missed = add_months(FIRST, 4)
        assert seen == Observation("r", AGREED, missed, missed, add_months(missed, 12))

    @pytest.mark.parametrize(("grace_days", "is_missed"), [(0, True), (9, True), (10, False)])
    def test_lets_the_grace_of_the_loan_pass(self, grace_days: int, is_missed: bool) -> None:
        seen = observed(dues(30, late=4), date(2026, 12, 1), grace_days)

        assert seen is not None
        assert (seen.missed_on is not None) is is_missed

    def test_knows_of_a_day_only_what_was_paid_by_it(self) -> None:
        kept = dues(30, late=4)
        due_on = add_months(FIRST, 4)

        on_it, after = (observed(kept, due_on + timedelta(days=days)) for days in (0, 1))

        assert on_it is not None
        assert after is not None
        assert (on_it.missed_on, after.missed_on) == (None, due_on)

    def test_is_none_where_nothing_falls_due_any_more(self) -> None:
        assert observed([Kept(AGREED, None)], FIRST) is None

    @given(st.lists(st.integers(0, 40), min_size=1, max_size=36), st.integers(0, 800))
    def test_never_ends_sooner_by_paying_later(self, delays: list[int], days: int) -> None:
        on = FIRST + timedelta(days=days)
        days_due = [add_months(FIRST, place) for place in range(len(delays))]
        paid = [
            Kept(due, due + timedelta(days=late))
            for due, late in zip(days_due, delays, strict=True)
        ]
        later = [Kept(each.due_on, None) for each in paid]

        one, other = observed(paid, on), observed(later, on)

        assert one is not None
        assert other is not None
        assert AGREED < one.begins_on < one.until <= other.until
