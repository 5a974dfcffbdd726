"""The account: what holds for every history a loan can have."""

from __future__ import annotations

import json
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.account import (
    AccountState,
    Disbursed,
    Event,
    FeeCharged,
    Repaid,
    Reversed,
    event_from_dict,
    event_to_dict,
    state,
)
from loanops.kernel.allocation import Component, Order, Parts, Sweep
from loanops.kernel.daycount import DayCount
from loanops.kernel.schedule import (
    Method,
    Terms,
)
from tests.domain.kernel import loans
from tests.domain.kernel.loans import JANUARY_15, plain


def paid_out(terms: Terms) -> Disbursed:
    return Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)


def repaid(on: date, amount_minor: int, key: str = "in") -> Repaid:
    return Repaid(key=key, on=on, amount_minor=amount_minor)


def seen(terms: Terms, on: date, *events: Event) -> AccountState:
    return state(terms, [paid_out(terms), *events], on)


def after(days: int) -> date:
    return JANUARY_15 + timedelta(days=days)


@st.composite
def accounts(draw: st.DrawFn) -> Terms:
    return plain(
        method=draw(st.sampled_from([m for m in Method if m is not Method.CUSTOM])),
        day_count=draw(st.sampled_from([DayCount.MONTHS_30_360, DayCount.ACT_360])),
        annual_rate=draw(loans.RATES),
        instalments=draw(st.integers(1, 6)),
        fees=tuple(draw(st.lists(loans.fees() | loans.late_fees(), max_size=2))),
        penalty=draw(st.one_of(st.none(), loans.penalties())),
        allocation=Order(
            due=tuple(draw(st.permutations(list(Component)))),
            in_advance=draw(st.sampled_from([(), Order().in_advance])),
            sweep=draw(st.sampled_from(Sweep)),
        ),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    days = draw(st.lists(st.integers(0, 250), max_size=6))
    events: list[Event] = []
    for place, day in enumerate(days):
        amount_minor = draw(st.integers(1, 400_000))
        if draw(st.integers(0, 4)):
            events.append(repaid(after(day), amount_minor, f"in-{place}"))
        else:
            component = draw(st.sampled_from([Component.FEE, Component.PENALTY]))
            events.append(
                FeeCharged(key=f"fee-{place}", on=after(day), amount_minor=500, component=component)
            )
    return events


DAYS = st.integers(0, 300).map(after)


def figures(account: AccountState) -> tuple[object, ...]:
    """What an account says, leaving out which payment paid it."""
    return (
        account.instalments,
        account.owed,
        account.overdue,
        account.unapplied_minor,
        account.accrued_interest_minor,
    )


class TestEveryHistory:
    @settings(max_examples=120)
    @given(accounts(), histories(), DAYS)
    def test_accounts_for_every_unit_received(
        self, terms: Terms, events: list[Event], on: date
    ) -> None:
        account = seen(terms, on, *events)

        received = sum(e.amount_minor for e in events if isinstance(e, Repaid) and e.on <= on)
        assert account.paid.total_minor + account.unapplied_minor == received
        assert sum((r.parts for r in account.repayments), Parts()) == account.paid

    @settings(max_examples=120)
    @given(accounts(), histories(), DAYS)
    def test_lets_no_part_fall_below_zero(
        self, terms: Terms, events: list[Event], on: date
    ) -> None:
        account = seen(terms, on, *events)

        for item in account.instalments:
            for component in Component:
                assert 0 <= item.paid.of(component) <= item.due.of(component)
        assert 0 <= account.principal_outstanding_minor <= terms.principal_minor
        assert account.unapplied_minor >= 0
        assert account.overdue.total_minor <= account.owed.total_minor

    @settings(max_examples=80)
    @given(accounts(), histories(), DAYS)
    def test_does_not_depend_on_the_order_events_arrive_in(
        self, terms: Terms, events: list[Event], on: date
    ) -> None:
        by_day = sorted(events, key=lambda event: event.on)

        assert seen(terms, on, *by_day) == state(terms, [*by_day, paid_out(terms)], on)

    @settings(max_examples=80)
    @given(accounts(), histories(), DAYS, st.integers(0, 300))
    def test_is_restored_by_a_reversal(
        self, terms: Terms, events: list[Event], on: date, day: int
    ) -> None:
        mistake = repaid(after(day), 70_000, "mistake")
        undone = Reversed(key="undo", on=after(day), of="mistake")

        assert seen(terms, on, *events, mistake, undone) == seen(terms, on, *events)

    @settings(max_examples=80)
    @given(accounts(), histories(), DAYS, st.integers(1, 399_999), st.integers(0, 250))
    def test_takes_a_payment_in_two_parts_as_one(
        self, terms: Terms, events: list[Event], on: date, first: int, day: int
    ) -> None:
        whole = repaid(after(day), 400_000, "whole")
        halves = [
            repaid(after(day), first, "one"),
            repaid(after(day), 400_000 - first, "two"),
        ]

        in_one = seen(terms, on, *events, whole)
        in_two = seen(terms, on, *events, *halves)

        assert figures(in_one) == figures(in_two)

    @settings(max_examples=60)
    @given(accounts(), histories())
    def test_is_settled_by_paying_all_that_is_owed_at_the_end(
        self, terms: Terms, events: list[Event]
    ) -> None:
        end = after(400)
        left_minor = seen(terms, end, *events).owed.total_minor

        account = seen(terms, end, *events, *([repaid(end, left_minor, "z")] if left_minor else []))

        assert account.is_settled
        assert account.principal_outstanding_minor == 0
        assert account.dpd == 0

    @settings(max_examples=60)
    @given(accounts(), histories(), DAYS)
    def test_grows_no_better_by_waiting(self, terms: Terms, events: list[Event], on: date) -> None:
        so_far = [event for event in events if event.on <= on]

        now, later = (seen(terms, day, *so_far) for day in (on, on + timedelta(days=9)))

        assert later.due.penalty_minor >= now.due.penalty_minor
        assert later.paid.total_minor >= now.paid.total_minor

    @given(histories())
    def test_is_stored_and_read_back(self, events: list[Event]) -> None:
        stored = json.loads(json.dumps([event_to_dict(event) for event in events]))

        assert [event_from_dict(row) for row in stored] == events
