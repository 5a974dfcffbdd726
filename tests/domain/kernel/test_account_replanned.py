"""The account when its schedule is written anew: what was paid stays paid, and with whom it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from loanops.kernel.account import (
    AccountState,
    Assigned,
    BoughtBack,
    Deferred,
    Disbursed,
    DueMoved,
    Event,
    Extended,
    Prepaid,
    RateChanged,
    Repaid,
    Restructured,
    Treatment,
    state,
)
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.calendar import Roll
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method, Terms
from loanops.kernel.schedule.amending import Keep
from tests.domain.kernel.loans import JANUARY_15, plain

FEBRUARY, MARCH, APRIL = date(2026, 2, 15), date(2026, 3, 15), date(2026, 4, 15)


def seen(on: date, *events: Event) -> AccountState:
    out = Disbursed(key="out", on=JANUARY_15, amount_minor=1_000_000)
    return state(plain(), [out, *events], on)


def money(account: AccountState) -> Parts:
    """Where the money went, without what was made principal."""
    return sum((each.parts for each in account.repayments if not each.is_capital), Parts())


class TestRestructuredOnADueDay:
    @pytest.mark.parametrize(
        "next_event",
        [
            Prepaid(key="in", on=MARCH, amount_minor=200_000, keep=Keep.TERM),
            Repaid(key="in", on=MARCH, amount_minor=200_000),
        ],
    )
    def test_keeps_the_instalments_before_it(self, next_event: Event) -> None:
        agreed_anew = Restructured(
            key="re", on=MARCH, instalments=6, annual_rate=Decimal("0.06"),
            method=Method.EQUAL_INSTALMENT, interest=Treatment.CAPITALISE,
        )  # fmt: skip

        before = seen(MARCH, agreed_anew)
        after = seen(MARCH, agreed_anew, next_event)

        # The two instalments that were due keep the interest that was made principal.
        facts = before.instalments[:2]
        assert after.instalments[:2] == facts
        assert sum(item.paid.interest_minor for item in facts) == before.capitalised_minor > 0
        assert money(after).total_minor + after.unapplied_minor == 200_000
        assert dict(after.received) == {"": money(after)}


class TestExtendedAfterInstalmentsWereJoined:
    @pytest.mark.parametrize("day", [15, 31])
    @pytest.mark.parametrize("moved", [False, True])
    def test_goes_on_from_the_last_due_date(self, day: int, moved: bool) -> None:
        agreed = plain(start_date=date(2026, 1, day), instalments=6)
        told: list[Event] = [
            Disbursed(key="out", on=agreed.start_date, amount_minor=agreed.principal_minor)
        ]
        if moved:
            first = dues(agreed, told)[0]
            told.append(DueMoved(key="moved", on=first, due=first, to=first + timedelta(days=3)))
        third = dues(agreed, told)[2]
        joined = Deferred(key="rest", on=third, due=third, periods=2, extends=False)
        later = Extended(key="longer", on=third, periods=3)

        without = dues(agreed, [*told, later])

        assert dues(agreed, [*told, joined, later]) == [*without[:2], *without[4:]]


def dues(agreed: Terms, told: Sequence[Event]) -> list[date]:
    """The due dates of a loan after what happened to it."""
    return [item.due_date for item in state(agreed, told, told[-1].on).instalments]


class TestMoneyLaidAhead:
    @pytest.mark.parametrize(
        "change",
        [
            RateChanged(key="rate", on=APRIL, annual_rate=Decimal("0.06")),
            Extended(key="more", on=APRIL, periods=6),
            Restructured(
                key="re",
                on=APRIL,
                instalments=12,
                annual_rate=Decimal("0.06"),
                method=Method.EQUAL_INSTALMENT,
            ),
        ],
    )
    def test_stays_with_who_received_it_when_the_claim_has_passed(self, change: Event) -> None:
        ahead = Repaid(key="in", on=FEBRUARY, amount_minor=500_000)
        sold = Assigned(key="sold", on=MARCH, owner="fund", price_minor=500_000)
        bought = BoughtBack(key="back", on=MARCH, owner="buyer", price_minor=500_000)

        account = seen(APRIL, ahead, sold, bought, change)

        received = dict(account.received)
        assert set(received) == {""}
        assert received[""].total_minor + account.unapplied_minor == 500_000
        assert min(received[""].of(component) for component in Component) >= 0

    def test_and_what_comes_later_is_the_new_owner_s(self) -> None:
        ahead = Repaid(key="in", on=FEBRUARY, amount_minor=500_000)
        sold = Assigned(key="sold", on=MARCH, owner="fund", price_minor=500_000)
        rate = RateChanged(key="rate", on=APRIL, annual_rate=Decimal("0.06"))
        later = Repaid(key="later", on=APRIL, amount_minor=60_000)

        received = dict(seen(APRIL, ahead, sold, rate, later).received)

        assert received["fund"].total_minor == 60_000
        assert received[""].total_minor == 500_000


class TestADueDayMovedOntoAHoliday:
    CLOSED = date(2026, 2, 16)
    """A Monday: money is asked on the Sunday's Friday before it, the 13th."""

    def test_is_refused_where_the_money_would_be_asked_before_it_is_agreed_on(self) -> None:
        terms = plain(roll=Roll.PRECEDING, calendar="CN", closed_days=(self.CLOSED,))
        out = Disbursed(key="out", on=JANUARY_15, amount_minor=1_000_000)
        paid = Prepaid(key="in", on=JANUARY_15, amount_minor=2_000_000, keep=Keep.TERM)
        moved = DueMoved(key="moved", on=self.CLOSED, due=date(2026, 2, 24), to=self.CLOSED)
        terms = replace(terms, first_due_date=date(2026, 2, 24))

        with pytest.raises(BadField) as refused:
            state(terms, [out, paid, moved], self.CLOSED)

        assert "to" in str(refused.value)
