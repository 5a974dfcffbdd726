"""Days past due that stand still: the bucket follows what counts, what is owed does not change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    AccountState,
    CountingPaused,
    CountingResumed,
    Disbursed,
    Event,
    NoPauseStands,
    PauseCause,
    PauseStands,
    Reversed,
    event_from_dict,
    event_to_dict,
    state,
)
from loanops.kernel.aging import Pause, counted_dpd, counted_from, dpd
from loanops.kernel.refusals import BadField
from tests.domain.kernel.loans import JANUARY_15, plain

TERMS = plain()
PAID_OUT = Disbursed(key="out", on=JANUARY_15, amount_minor=1_000_000)
DUE = date(2026, 2, 15)
ON = date(2026, 3, 1)
"""Fourteen days after the first instalment fell due."""


def paused(on: date = ON, until: date | None = None, key: str = "pause") -> CountingPaused:
    return CountingPaused(key=key, on=on, cause=PauseCause.DISPUTE, until=until)


def after(*events: Event, on: date) -> AccountState:
    return state(TERMS, [PAID_OUT, *events], on)


def days(count: int) -> timedelta:
    return timedelta(days=count)


class TestCounting:
    def test_stands_still_in_a_pause_and_goes_on_after_it(self) -> None:
        until = ON + days(20)
        seen = [after(paused(until=until), on=ON + days(n)).counted_dpd for n in (0, 7, 20, 21)]

        assert seen == [14, 14, 14, 15]
        assert after(paused(until=until), on=ON + days(21)).dpd == 35
        assert after(paused(until=until), on=ON + days(21)).bucket == 1
        assert after(on=ON + days(21)).bucket == 2

    def test_leaves_everything_that_is_owed_as_it_was(self) -> None:
        on = ON + days(40)

        still = after(paused(), on=on)

        assert replace(still, pauses=()) == after(on=on)

    def test_ends_on_the_day_somebody_says(self) -> None:
        resumed = CountingResumed(key="on", on=ON + days(5))

        account = after(paused(), resumed, on=ON + days(10))

        assert account.pauses == (Pause(ON, ON + days(5)),)
        assert account.counted_dpd == 14 + 5

    def test_of_a_pause_that_was_undone_is_as_if_it_had_not_been(self) -> None:
        undone = Reversed(key="undo", on=ON + days(3), of="pause")

        assert after(paused(), undone, on=ON + days(10)) == after(on=ON + days(10))

    def test_of_two_pauses_over_each_other_is_refused(self) -> None:
        with pytest.raises(PauseStands):
            after(paused(), paused(ON + days(5), key="again"), on=ON + days(9))
        short = paused(until=ON + days(5))
        assert len(after(short, paused(ON + days(5), key="again"), on=ON + days(9)).pauses) == 2

    def test_is_not_resumed_where_it_does_not_stand_still(self) -> None:
        resumed = CountingResumed(key="on", on=ON + days(5))
        with pytest.raises(NoPauseStands):
            after(resumed, on=ON + days(9))
        with pytest.raises(NoPauseStands):
            after(paused(until=ON + days(5)), resumed, on=ON + days(9))

    def test_ends_after_it_begins(self) -> None:
        with pytest.raises(BadField, match="until"):
            paused(until=ON)

    def test_is_written_and_read_back(self) -> None:
        for event in (paused(until=ON + days(9)), paused()):
            assert event_from_dict(event_to_dict(event)) == event


@st.composite
def pauses(draw: st.DrawFn) -> list[Pause]:
    marks = sorted(draw(st.sets(st.integers(0, 120), max_size=6)))
    made = [Pause(DUE + days(a - 40), DUE + days(b - 40)) for a, b in list(pairwise(marks))[::2]]
    if made and draw(st.booleans()):
        made[-1] = Pause(made[-1].since, None)
    return made


class TestArithmetic:
    @given(pauses(), st.integers(0, 120))
    def test_counts_the_days_one_by_one(self, found: list[Pause], later: int) -> None:
        on = DUE + days(later)
        one_by_one = sum(
            not any(p.since < day and (p.until is None or day <= p.until) for p in found)
            for day in (DUE + days(n + 1) for n in range(later))
        )

        assert counted_dpd(DUE, on, found) == one_by_one

    @given(pauses(), st.integers(0, 120))
    def test_counts_from_a_later_day_once_the_pauses_are_over(
        self, found: list[Pause], later: int
    ) -> None:
        on = DUE + days(later)
        since = counted_from(DUE, found) or DUE

        assert dpd(since, on) <= counted_dpd(DUE, on, found)
        if all(each.until is not None and each.until <= on for each in found):
            assert dpd(since, on) == counted_dpd(DUE, on, found)
