"""The account under everything that can happen to a loan: what holds for every history."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from loanops.kernel.account import (
    Accelerated,
    AccountState,
    Assigned,
    BoughtBack,
    Compensated,
    Deferred,
    Disbursed,
    Drawn,
    DueMoved,
    Event,
    Extended,
    FeeCharged,
    Overdue,
    Prepaid,
    RateChanged,
    Refunded,
    Repaid,
    Restructured,
    Reversed,
    SettledEarly,
    Treatment,
    Waived,
    WrittenOff,
    event_from_dict,
    event_to_dict,
    state,
)
from loanops.kernel.allocation import Component, Order, Stage, StageOrder, Sweep
from loanops.kernel.daycount import DayCount
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import (
    InterestUntil,
    Method,
    PrepaymentBase,
    PrepaymentFee,
    PrepaymentTier,
    Terms,
)
from loanops.kernel.schedule.amending import Keep
from tests.domain.kernel import loans
from tests.domain.kernel.loans import JANUARY_15, plain

NOT_INTEREST = [Component.FEE, Component.PENALTY]
NOT_PRINCIPAL = [Component.INTEREST, Component.FEE, Component.PENALTY]


def after(days: int) -> date:
    return JANUARY_15 + timedelta(days=days)


def paid_out(terms: Terms) -> Disbursed:
    return Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)


@st.composite
def accounts(draw: st.DrawFn) -> Terms:
    tiers = st.builds(
        PrepaymentTier,
        rate=st.decimals("0", "0.05", places=3),
        instalments_max=st.none() | st.integers(0, 6),
    )
    return plain(
        method=draw(st.sampled_from([m for m in Method if m is not Method.CUSTOM])),
        day_count=draw(st.sampled_from([DayCount.MONTHS_30_360, DayCount.ACT_360])),
        annual_rate=draw(loans.RATES),
        instalments=draw(st.integers(1, 6)),
        fees=tuple(draw(st.lists(loans.fees() | loans.late_fees(), max_size=2))),
        penalty=draw(st.none() | loans.penalties()),
        allocation=Order(
            in_advance=draw(st.sampled_from([(), Order().in_advance])),
            sweep=draw(st.sampled_from(Sweep)),
        ),
        stage_orders=tuple(
            StageOrder(stage=stage, order=Order(due=tuple(draw(st.permutations(list(Component))))))
            for stage in draw(st.lists(st.sampled_from(Stage), unique=True, max_size=2))
        ),
        prepayment_fee=draw(
            st.none()
            | st.builds(
                PrepaymentFee,
                tiers=st.lists(tiers, max_size=2).map(tuple),
                base=st.sampled_from(PrepaymentBase),
            )
        ),
        settlement_interest=draw(st.sampled_from(InterestUntil)),
    )


AMOUNTS = st.integers(1, 600_000)
DAYS = st.integers(0, 260).map(after)
OWNERS = st.sampled_from(["guarantor", "buyer", "bank"])
INSTALMENT = st.none() | st.integers(1, 4)
KINDS: list[Any] = [
    st.builds(Repaid, key=st.just(""), on=DAYS, amount_minor=AMOUNTS),
    st.builds(Prepaid, key=st.just(""), on=DAYS, amount_minor=AMOUNTS, keep=st.sampled_from(Keep)),
    st.builds(SettledEarly, key=st.just(""), on=DAYS, amount_minor=st.integers(1, 1_300_000)),
    st.builds(
        FeeCharged,
        key=st.just(""),
        on=DAYS,
        amount_minor=st.integers(1, 9_000),
        component=st.sampled_from(NOT_INTEREST),
    ),
    st.builds(
        Waived,
        key=st.just(""),
        on=DAYS,
        amount_minor=st.integers(1, 9_000),
        component=st.sampled_from(NOT_PRINCIPAL),
    ),
    st.builds(Drawn, key=st.just(""), on=DAYS, amount_minor=AMOUNTS),
    st.builds(RateChanged, key=st.just(""), on=DAYS, annual_rate=loans.RATES),
    st.builds(DueMoved, key=st.just(""), on=DAYS, due=DAYS, to=DAYS),
    st.builds(
        Deferred,
        key=st.just(""),
        on=DAYS,
        due=DAYS,
        periods=st.integers(1, 3),
        extends=st.booleans(),
        interest_free=st.booleans(),
    ),
    st.builds(
        Extended,
        key=st.just(""),
        on=DAYS,
        periods=st.integers(1, 3),
        fee_minor=st.integers(0, 500),
    ),
    st.builds(
        Restructured,
        key=st.just(""),
        on=DAYS,
        instalments=st.integers(1, 4),
        annual_rate=loans.RATES,
        method=st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.FLAT]),
        interest=st.sampled_from(Treatment),
        fee=st.sampled_from(Treatment),
        penalty=st.sampled_from(Treatment),
        principal=st.sampled_from(Overdue),
        principal_waived_minor=st.integers(0, 200_000),
    ),
    st.builds(Accelerated, key=st.just(""), on=DAYS),
    st.builds(
        Compensated,
        key=st.just(""),
        on=DAYS,
        owner=OWNERS,
        price_minor=AMOUNTS,
        number=INSTALMENT,
    ),
    st.builds(Assigned, key=st.just(""), on=DAYS, owner=OWNERS, price_minor=AMOUNTS),
    st.builds(BoughtBack, key=st.just(""), on=DAYS, owner=OWNERS, price_minor=AMOUNTS),
    st.builds(WrittenOff, key=st.just(""), on=DAYS),
    st.builds(Refunded, key=st.just(""), on=DAYS, of=st.just(""), amount_minor=AMOUNTS),
]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Terms, list[Event]]:
    """A loan and a history that fits it: what does not fit is left out.

    Changes of a due date are led to one of the loan, so that most of them fit.
    """
    terms = draw(accounts())
    events: list[Event] = [paid_out(terms)]
    for place in range(draw(st.integers(0, 7))):
        event = draw(st.one_of(*KINDS))
        row = {**event_to_dict(event), "key": f"e{place}"}
        if isinstance(event, DueMoved | Deferred):
            dues = [
                item.due_date
                for item in state(terms, events, after(400)).instalments
                if item.due_date >= event.on
            ]
            due = draw(st.sampled_from(dues)) if dues else event.due
            row["due"] = due
            if isinstance(event, DueMoved):
                row["to"] = due + timedelta(days=draw(st.integers(-10, 20)))
        if isinstance(event, Refunded):
            left = [
                paid
                for paid in state(terms, events, event.on).repayments
                if paid.unapplied_minor and not paid.is_capital
            ]
            if left:
                row["of"] = left[-1].key
                row["amount_minor"] = min(event.amount_minor, left[-1].unapplied_minor)
        fitting = [*events, event_from_dict(row)]
        try:
            state(terms, fitting, after(400))
        except Refusal:
            continue
        events = fitting
    return terms, events


def principal_asked(account: AccountState) -> int:
    return account.due.principal_minor


class TestEveryStory:
    @settings(max_examples=150)
    @given(stories(), st.integers(0, 300).map(after))
    def test_asks_all_principal_that_was_advanced_and_no_more(
        self, story: tuple[Terms, list[Event]], on: date
    ) -> None:
        account = state(*story, on)

        assert principal_asked(account) == account.advanced_minor
        assert account.principal_outstanding_minor >= 0

    @settings(max_examples=80)
    @given(stories(), st.integers(0, 300).map(after))
    def test_accounts_for_every_unit_received(
        self, story: tuple[Terms, list[Event]], on: date
    ) -> None:
        terms, events = story
        account = state(terms, events, on)

        received = sum(e.amount_minor for e in events if isinstance(e, Repaid) and e.on <= on)
        to_owners = sum((parts.total_minor for _, parts in account.received), 0)
        refunded = sum(e.amount_minor for e in events if isinstance(e, Refunded) and e.on <= on)
        assert to_owners + account.unapplied_minor + refunded == received
        assert to_owners + account.capitalised_minor == account.paid.total_minor

    @settings(max_examples=80)
    @given(stories(), st.integers(0, 300).map(after))
    def test_lets_no_part_fall_below_zero(self, story: tuple[Terms, list[Event]], on: date) -> None:
        account = state(*story, on)

        for item in account.instalments:
            for component in Component:
                assert 0 <= item.paid.of(component) <= item.due.of(component), item
        assert all(repayment.unapplied_minor >= 0 for repayment in account.repayments)

    @settings(max_examples=80)
    @given(stories(), st.integers(0, 300).map(after))
    def test_numbers_instalments_in_the_order_of_their_dates(
        self, story: tuple[Terms, list[Event]], on: date
    ) -> None:
        account = state(*story, on)

        dues = [item.due_date for item in account.instalments]
        assert [item.number for item in account.instalments] == list(range(1, len(dues) + 1))
        assert dues == sorted(set(dues))
        assert all(item.start_date <= item.due_date for item in account.instalments)

    @settings(max_examples=80)
    @given(stories(), st.integers(0, 300).map(after), st.randoms(use_true_random=False))
    def test_does_not_depend_on_when_events_of_different_kinds_arrive(
        self, story: tuple[Terms, list[Event]], on: date, random: Any
    ) -> None:
        terms, events = story
        by_kind: dict[str, int] = {}
        for event in events:
            by_kind[f"{event.on} {event.KIND}"] = by_kind.get(f"{event.on} {event.KIND}", 0) + 1
        assume(max(by_kind.values()) == 1)

        shuffled = list(events)
        random.shuffle(shuffled)

        assert state(terms, shuffled, on) == state(terms, events, on)

    @settings(max_examples=80)
    @given(stories(), st.data(), st.integers(0, 300).map(after))
    def test_is_as_if_an_undone_event_had_never_been(
        self, story: tuple[Terms, list[Event]], data: st.DataObject, on: date
    ) -> None:
        terms, events = story
        assume(len(events) > 1)
        undone = data.draw(st.sampled_from(events[1:]))
        rest = [event for event in events if event is not undone]
        try:
            expected = state(terms, rest, on)
        except Refusal:
            return

        undo = Reversed(key="undo", on=undone.on, of=undone.key)
        again = Reversed(key="again", on=undone.on, of="undo")

        assert state(terms, [*events, undo], on) == expected
        assert state(terms, [*events, undo, again], on) == state(terms, events, on)

    @settings(max_examples=80)
    @given(stories())
    def test_is_stored_and_read_back(self, story: tuple[Terms, list[Event]]) -> None:
        terms, events = story
        stored = json.loads(json.dumps([event_to_dict(event) for event in events]))

        assert [event_from_dict(row) for row in stored] == events
        assert Terms.from_dict(json.loads(json.dumps(terms.to_dict()))) == terms
