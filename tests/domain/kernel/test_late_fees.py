"""Fees for being late: once for an instalment, by what was unpaid on which day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.kernel.account import (
    AccountState,
    Arrear,
    BroughtIn,
    Disbursed,
    Event,
    Repaid,
    Reversed,
    Waived,
    WrittenOff,
    owned,
    state,
)
from loanops.kernel.account.many import is_plain
from loanops.kernel.allocation import Component
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Fee, FeeBase, FeeTiming, Terms, schedule
from loanops.kernel.sharing import ONE_LENDER
from tests.domain.kernel import loans
from tests.domain.kernel.loans import plain

FIRST_DUE = date(2026, 2, 15)
SECOND_DUE = date(2026, 3, 15)


def late(**values: Any) -> Fee:
    """20.00, three days after the due date at the earliest."""
    by_rate = "rate" in values
    given_values: dict[str, Any] = {
        "amount_minor": None if by_rate else 2_000,
        "base": FeeBase.OVERDUE,
        "overdue_days": 3,
        **values,
    }
    return Fee(name="reminder", charging_party="platform", timing=FeeTiming.OVERDUE, **given_values)


def agreed(*fees: Fee) -> Terms:
    return plain(fees=fees or (late(),))


def seen(terms: Terms, on: date, *events: Event) -> AccountState:
    out = Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)
    return state(terms, [out, *events], on)


def paid(on: date, amount_minor: int, key: str = "paid") -> Repaid:
    return Repaid(key=key, on=on, amount_minor=amount_minor)


def after(days: int) -> date:
    return FIRST_DUE + timedelta(days=days)


class TestCharged:
    @pytest.mark.parametrize(("days", "expected"), [(0, 0), (3, 0), (4, 2_000), (27, 2_000)])
    def test_once_when_an_instalment_is_later_than_that(self, days: int, expected: int) -> None:
        assert seen(agreed(), after(days)).due.fee_minor == expected

    def test_for_every_instalment_that_is(self) -> None:
        assert seen(agreed(), SECOND_DUE + timedelta(days=4)).due.fee_minor == 4_000

    def test_never_in_normal_performance(self) -> None:
        plan = schedule(agreed())

        assert plan.fees_minor == 0
        assert all(not row.fees for row in plan.rows)

    def test_not_for_what_was_paid_in_time(self) -> None:
        row = schedule(agreed()).rows[0]

        in_time = seen(agreed(), after(20), paid(after(3), row.total_minor))
        a_day_late = seen(agreed(), after(20), paid(after(4), row.total_minor))

        assert in_time.due.fee_minor == 0
        assert a_day_late.due.fee_minor == 2_000
        assert a_day_late.instalments[0].open.total_minor == 2_000

    def test_is_taken_away_by_money_that_counts_for_an_earlier_day(self) -> None:
        row = schedule(agreed()).rows[0]
        money = paid(after(1), row.total_minor)
        undone = Reversed(key="undo", on=after(10), of="paid")

        assert seen(agreed(), after(9), money).due.fee_minor == 0
        assert seen(agreed(), after(10), money, undone).due.fee_minor == 2_000

    def test_as_a_share_of_what_is_unpaid_of_principal_and_interest(self) -> None:
        terms = agreed(late(rate=Decimal("0.05")))
        row = schedule(terms).rows[0]
        left_minor = 20_010

        account = seen(terms, after(9), paid(after(2), row.total_minor - left_minor))

        assert account.due.fee_minor == 1_001

    def test_one_after_the_other_where_there_are_more(self) -> None:
        terms = agreed(late(overdue_days=10, amount_minor=500), late())

        assert [seen(terms, after(days)).due.fee_minor for days in (3, 4, 10, 11, 20)] == [
            0, 2_000, 2_000, 2_500, 2_500,
        ]  # fmt: skip

    def test_no_more_after_a_write_off(self) -> None:
        gone = WrittenOff(key="w", on=after(2))

        assert seen(agreed(), after(40), gone).due.fee_minor == 0

    def test_can_be_waived(self) -> None:
        given_up = Waived(key="w", on=after(5), component=Component.FEE, amount_minor=2_000)

        account = seen(agreed(), after(20), given_up)

        assert account.due.fee_minor == 0
        assert account.waived.fee_minor == 2_000

    def test_not_again_where_it_was_due_before_the_loan_came_from_elsewhere(self) -> None:
        terms = agreed()
        on = terms.start_date
        arrears = (
            Arrear(on - timedelta(days=60), on - timedelta(days=30), 10_000, fee_minor=700),
            Arrear(on - timedelta(days=30), on - timedelta(days=2), 10_000),
        )
        came = BroughtIn(
            key="in", on=on, amount_minor=terms.principal_minor + 20_000, arrears=arrears
        )

        account = state(terms, [came], on + timedelta(days=5))

        assert [each.due.fee_minor for each in account.instalments[:2]] == [700, 2_000]

    @given(loans.terms(), loans.late_fees(), st.integers(0, 400))
    def test_the_same_whether_time_passes_at_once_or_by_days(
        self, terms: Terms, fee: Fee, days: int
    ) -> None:
        terms = replace(terms, fees=(fee,), penalty=None)
        until = terms.start_date + timedelta(days=days)
        nothing = [
            Waived(key=f"w{n}", on=terms.start_date + timedelta(days=n),
                   component=Component.PENALTY, amount_minor=1)
            for n in range(0, days, 7)
        ]  # fmt: skip

        assert seen(terms, until).due.fee_minor == seen(terms, until, *nothing).due.fee_minor


class TestOwners:
    def test_are_those_who_charge_it_and_keep_what_was_paid_before(self) -> None:
        planned = Fee(
            name="guarantee",
            charging_party="guarantor",
            timing=FeeTiming.PER_INSTALMENT,
            amount_minor=1_000,
        )
        terms = agreed(planned, late())
        payees = {"guarantor": "G", "platform": "P"}

        before = seen(terms, after(2), paid(after(1), 1_000))
        later = seen(terms, after(5), paid(after(1), 1_000), paid(after(5), 1_500, "more"))

        owners = owned(before, ONE_LENDER, lender="F", payees=payees)
        assert owners["G"].received.fee_minor == 1_000
        owners = owned(later, ONE_LENDER, lender="F", payees=payees)
        assert owners["G"].received.fee_minor == 1_000
        assert owners["P"].received.fee_minor == 1_500
        assert owners["P"].open.fee_minor == 500


class TestRefusal:
    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"overdue_days": -1}, "overdue_days"),
            ({"overdue_days": 367}, "overdue_days"),
            ({"rate": Decimal("0.05"), "base": FeeBase.PRINCIPAL}, "base"),
            ({"annual": True}, "annual"),
            ({"instalments": (1,)}, "instalments"),
            ({"timing": FeeTiming.UPFRONT}, "overdue_days"),
            (
                {"timing": FeeTiming.UPFRONT, "overdue_days": 0, "rate": Decimal(1)},
                "base",
            ),
        ],
    )
    def test_names_what_does_not_go_with_being_late(
        self, values: dict[str, Any], field: str
    ) -> None:
        timing = values.pop("timing", FeeTiming.OVERDUE)
        fee = late()
        row = {**fee.to_dict(), "timing": timing, **values}
        if "rate" in values:
            row["amount_minor"] = None

        with pytest.raises(BadField) as refused:
            Fee.from_dict(row)

        assert refused.value.field == f"fee.{field}"


def test_terms_with_it_are_read_as_they_were_written_and_are_not_plain() -> None:
    terms = agreed(late(rate=Decimal("0.05")))

    assert Terms.from_dict(terms.to_dict()) == terms
    assert not is_plain(terms)
    # As terms were written before a fee could be charged for being late.
    planned = Fee(
        name="g", charging_party="g", timing=FeeTiming.PER_INSTALMENT, amount_minor=1
    ).to_dict()
    assert "overdue_days" not in planned
    assert Fee.from_dict(planned).overdue_days == 0
