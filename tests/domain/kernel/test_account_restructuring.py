"""Restructuring, part by part: principal is scheduled anew, carried or waived."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis.strategies import sampled_from

from loanops.kernel.account import (
    AccountState,
    Cause,
    Disbursed,
    Event,
    FeeCharged,
    Overdue,
    Prepaid,
    RateChanged,
    Repaid,
    Restructured,
    Reversed,
    SettledEarly,
    Treatment,
    event_from_dict,
    state,
)
from loanops.kernel.allocation import Component
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method
from loanops.kernel.schedule.amending import Keep
from tests.domain.kernel.loans import JANUARY_15, plain

TERMS = plain()
PAID_OUT = Disbursed(key="out", on=JANUARY_15, amount_minor=1_000_000)
ON = date(2026, 4, 1)
"""The instalments of 15 February and 15 March are overdue, that of 15 April runs."""


def anew(**said: Any) -> Restructured:
    agreed: dict[str, Any] = {
        "key": "new",
        "on": ON,
        "instalments": 12,
        "annual_rate": Decimal("0.06"),
        "method": Method.EQUAL_PRINCIPAL,
        "interest": Treatment.WAIVE,
    }
    return Restructured(**{**agreed, **said})


def after(*events: Event, on: date = ON) -> AccountState:
    return state(TERMS, [PAID_OUT, *events], on)


def overdue_minor() -> int:
    return after().overdue.principal_minor


def new(account: AccountState) -> list[int]:
    return [item.due.principal_minor for item in account.instalments if item.due_date > ON]


class TestWaived:
    def test_principal_is_asked_no_more_and_the_rest_is_scheduled_anew(self) -> None:
        account = after(anew(principal_waived_minor=250_000))

        assert sum(new(account)) == 750_000
        assert account.principal_outstanding_minor == account.advanced_minor == 750_000
        assert account.due.principal_minor == 750_000
        assert account.waived.principal_minor == 250_000

    def test_principal_is_less_than_all_of_it(self) -> None:
        with pytest.raises(BadField, match="principal_waived_minor"):
            after(anew(principal_waived_minor=1_000_000))
        with pytest.raises(BadField, match="principal_waived_minor"):
            anew(principal_waived_minor=-1)

    def test_is_the_oldest_first(self) -> None:
        carried = anew(principal=Overdue.CARRY, principal_waived_minor=100_000)

        first, second, *_ = new(after(carried))

        assert first - second == overdue_minor() - 100_000


class TestCarried:
    def test_principal_falls_due_first_and_bears_no_interest(self) -> None:
        spread, carried = after(anew()), after(anew(principal=Overdue.CARRY))
        lent_minor = 1_000_000 - overdue_minor()

        first, second, *_ = new(carried)
        assert first - second == overdue_minor()
        assert sum(new(carried)) == sum(new(spread)) == 1_000_000
        was, now = (
            next(i.due.interest_minor for i in each.instalments if i.due_date > ON)
            for each in (spread, carried)
        )
        assert abs(now - was * lent_minor / 1_000_000) <= 1

    def test_principal_stays_where_it_is_when_the_schedule_changes_again(self) -> None:
        changed = RateChanged(key="rate", on=ON + timedelta(days=3), annual_rate=Decimal("0.03"))
        carried = anew(principal=Overdue.CARRY)

        assert new(after(carried, changed, on=changed.on)) == new(after(carried))

    @pytest.mark.parametrize("keep", Keep)
    def test_principal_is_not_what_a_prepayment_lowers(self, keep: Keep) -> None:
        money = Prepaid(key="m", on=ON + timedelta(days=3), amount_minor=2_000_000, keep=keep)

        account = after(anew(principal=Overdue.CARRY), money, on=money.on)

        assert account.paid.principal_minor <= 1_000_000
        assert account.due.principal_minor == 1_000_000

    @pytest.mark.parametrize("days", [0, 3, 40])
    def test_principal_is_paid_once_when_the_loan_is_settled(self, days: int) -> None:
        money = SettledEarly(key="m", on=ON + timedelta(days=days), amount_minor=2_000_000)

        account = after(anew(principal=Overdue.CARRY), money, on=money.on)

        assert account.is_settled
        assert account.paid.principal_minor == account.due.principal_minor == 1_000_000

    def test_fees_are_not_lost_when_the_loan_ends_on_the_day_of_the_restructuring(self) -> None:
        owed_minor = after().overdue.interest_minor
        money = SettledEarly(key="m", on=ON, amount_minor=2_000_000)

        account = after(anew(interest=Treatment.CARRY), money)

        assert account.paid.interest_minor >= owed_minor

    def test_principal_leaves_something_to_schedule(self) -> None:
        late = date(2027, 3, 1)
        with pytest.raises(BadField, match="principal"):
            after(anew(on=late, principal=Overdue.CARRY), on=late)

    def test_principal_paid_late_in_its_name_shortens_what_is_carried(self) -> None:
        paid = Repaid(key="late news", on=date(2026, 2, 15), amount_minor=88_849)
        carried = anew(principal=Overdue.CARRY)

        first, second, *_ = new(after(carried, paid))

        assert 0 < first - second < overdue_minor()


def test_one_that_was_stored_before_there_was_a_choice_spreads_all_principal() -> None:
    stored = {
        "kind": "restructured", "key": "new", "on": "2026-04-01", "instalments": 12,
        "annual_rate": "0.06", "method": "equal_principal", "first_due_date": None,
        "principal_grace": 0, "interest": "waive", "fee": "carry", "penalty": "carry",
    }  # fmt: skip

    assert event_from_dict(stored) == anew()


class TestTreated:
    def test_tells_part_by_part_what_became_of_what_was_owed(self) -> None:
        owed = after().owed
        account = after(anew(principal=Overdue.CARRY, principal_waived_minor=10_000))

        [treated] = account.treated

        assert (treated.key, treated.capitalised.total_minor) == ("new", 0)
        assert treated.carried.principal_minor == owed.principal_minor - 10_000
        assert treated.waived.principal_minor == 10_000
        # Interest of the running period counts up to the day.
        assert treated.waived.interest_minor > owed.interest_minor

    @given(*[sampled_from(Treatment)] * 3)
    def test_loses_nothing_of_it(
        self, interest: Treatment, fee: Treatment, penalty: Treatment
    ) -> None:
        charged = FeeCharged(key="letter", on=ON, amount_minor=700, component=Component.FEE)
        closing = anew(interest=Treatment.WAIVE, fee=Treatment.WAIVE, penalty=Treatment.WAIVE)
        [all_waived] = after(charged, closing).treated

        account = after(charged, anew(interest=interest, fee=fee, penalty=penalty))

        [treated] = account.treated
        assert treated.capitalised + treated.carried + treated.waived == all_waived.waived
        assert treated.capitalised.total_minor == account.capitalised_minor

    def test_tells_nothing_of_one_that_was_undone(self) -> None:
        undone = Reversed(key="undo", on=ON, of="new", cause=Cause.CORRECTION)

        assert after(anew(), undone).treated == ()
