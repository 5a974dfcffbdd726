"""From a row to a loan: what a row must hold, its arrears, and the schedule of what runs on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loanops.kernel.account import Arrear
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Fee, FeeBase, FeeTiming, Method, schedule
from loanops.loanbook.servicing.domain.importing import refusals
from loanops.platform.sheets.refusals import OutOfRange, TextTooLong, ValueMissing
from tests.factories.moving import CUT_OFF, faults, loan_of, rows, setting, template

LATE: dict[str, Any] = {
    "state": "overdue",
    "overdue_principal": 99_446,
    "overdue_interest": 7_173,
    "overdue_since": date(2026, 6, 20),
    "outstanding": 717_348,
}
"""One instalment behind, as the row itself says."""


class TestChecks:
    @pytest.mark.parametrize(
        ("values", "field", "kind"),
        [
            ({"number": "K 1"}, "number", refusals.NumberUnclean),
            ({"number": "K" * 29}, "number", refusals.NumberUnclean),
            ({"currency": "USD"}, "currency", refusals.CurrencyDiffers),
            ({"product": "gold"}, "product", refusals.NotOfTheBook),
            ({"product": None}, "product", ValueMissing),
            ({"funder": "nobody"}, "funder", refusals.NotOfTheBook),
            ({"guarantor": "harbour"}, "guarantor", refusals.NotOfTheBook),
            ({"channel": "b" * 61}, "channel", TextTooLong),
            ({"origin_channel": "b" * 65}, "origin_channel", TextTooLong),
            ({"principal": 0, "outstanding": 0, "state": "settled"}, "principal", OutOfRange),
            ({"outstanding": 1_200_001}, "outstanding", refusals.AboveWhole),
            ({"paid_principal": 1}, "outstanding", refusals.PrincipalDiffers),
            ({"paid_interest": 5, "paid_total": 4}, "paid_total", refusals.PaidDiffers),
            ({"disbursed_on": date(2026, 7, 1)}, "disbursed_on", refusals.DayTooLate),
            ({"first_due_on": date(2025, 12, 20)}, "first_due_on", refusals.DayTooEarly),
            ({"next_due_on": CUT_OFF}, "next_due_on", refusals.DayTooEarly),
            ({"outstanding": 0}, "state", refusals.StateDiffers),
            ({"overdue_interest": 1}, "state", refusals.StateDiffers),
            ({"state": "overdue"}, "state", refusals.StateDiffers),
            ({**LATE, "overdue_since": None}, "overdue_since", ValueMissing),
            ({**LATE, "overdue_principal": 717_349}, "overdue_principal", refusals.AboveWhole),
            ({**LATE, "overdue_since": date(2026, 7, 2)}, "overdue_since", refusals.DayTooLate),
            ({"state": "settled"}, "state", refusals.StateDiffers),
            ({"state": "written_off", "outstanding": 0}, "state", refusals.StateDiffers),
        ],
    )
    def test_name_the_field_and_how_to_mend_it(
        self, values: dict[str, Any], field: str, kind: type[Refusal]
    ) -> None:
        [refusal] = faults(**values)

        assert isinstance(refusal, kind)
        assert refusal.field == field
        assert "{" not in str(refusal)

    def test_say_everything_that_is_wrong_at_once(self) -> None:
        found = faults(funder="nobody", outstanding=1_200_001, paid_interest=1, paid_total=2)

        assert {refusal.field for refusal in found} == {"funder", "outstanding", "paid_total"}

    def test_know_the_customers_of_the_book(self) -> None:
        around = setting(borrowers=frozenset({"PT-1"}))

        assert faults(around, borrower="PT-1") == []
        assert [refusal.field for refusal in faults(around, borrower="PT-2")] == ["borrower"]


class TestCurrent:
    def test_goes_on_as_it_was_agreed(self) -> None:
        loan = loan_of()

        later = schedule(loan.terms).rows
        assert loan.arrears == ()
        assert [row.due_date for row in later] == [date(2026, n, 20) for n in range(7, 13)]
        assert later[0].start_date == date(2026, 6, 20)
        assert {row.total_minor for row in later[:-1]} == {106_618}

    def test_keeps_its_instalment_where_the_map_says_so(self) -> None:
        around = setting(keeps_instalment=True)

        loan = loan_of(around, outstanding=400_000, instalment=106_619)

        totals = [row.total_minor for row in schedule(loan.terms).rows]
        assert totals[:3] == [106_619] * 3
        assert len(totals) == 4

    def test_keeps_its_term_otherwise(self) -> None:
        loan = loan_of(outstanding=400_000, instalment=106_619)

        assert len(schedule(loan.terms).rows) == 6

    def test_goes_on_from_the_day_and_over_the_instalments_that_the_row_names(self) -> None:
        loan = loan_of(next_due_on=date(2026, 7, 5), instalments_left=9)

        later = schedule(loan.terms).rows
        assert (later[0].start_date, later[0].due_date) == (date(2026, 6, 5), date(2026, 7, 5))
        assert len(later) == 9

    def test_pays_fees_of_instalments_on_but_none_of_the_start(self) -> None:
        each = Fee(name="service", charging_party="us", timing=FeeTiming.PER_INSTALMENT,
                   base=FeeBase.PRINCIPAL, amount_minor=500)  # fmt: skip
        once = Fee(name="entry", charging_party="us", timing=FeeTiming.UPFRONT,
                   base=FeeBase.PRINCIPAL, amount_minor=900)  # fmt: skip

        loan = loan_of(setting(template=template(fees=(each, once))))

        assert {row.fees_minor for row in schedule(loan.terms).rows} == {500}
        assert schedule(loan.terms).upfront_fees_minor == 0

    def test_of_a_holiday_from_principal_keeps_what_is_left_of_it(self) -> None:
        around = setting(template=template(instalments=12, principal_grace=8))

        loan = loan_of(around, outstanding=1_200_000)

        assert [row.principal_minor > 0 for row in schedule(loan.terms).rows] == [
            False, False, True, True, True, True,
        ]  # fmt: skip

    def test_that_should_have_ended_is_refused(self) -> None:
        with pytest.raises(refusals.NotSchedulable, match="last due date has passed"):
            loan_of(term=6)

    def test_flat_needs_its_rows(self) -> None:
        with pytest.raises(refusals.NotSchedulable, match="give --schedule"):
            loan_of(method="flat")

    def test_that_owes_nothing_is_settled_where_the_map_says_so(self) -> None:
        assert loan_of(setting(settles_empty=True), outstanding=0).state == "settled"


class TestOverdue:
    def test_owes_what_the_row_says_since_its_oldest_day(self) -> None:
        loan = loan_of(**LATE)

        assert loan.arrears == (Arrear(date(2026, 5, 20), date(2026, 6, 20), 99_446, 7_173),)
        assert loan.running_minor == 617_902
        assert {row.total_minor for row in schedule(loan.terms).rows[:-1]} == {106_618}

    def test_owes_what_the_agreed_schedule_asked_and_nobody_paid(self) -> None:
        around = setting(arrears_agreed=True)

        loan = loan_of(around, state="overdue", outstanding=815_809, paid_interest=42_285 + 100)

        assert loan.arrears == (
            Arrear(date(2026, 4, 20), date(2026, 5, 20), 98_461, 8_058),
            Arrear(date(2026, 5, 20), date(2026, 6, 20), 99_446, 7_173),
        )
        assert loan.running_minor == 617_902

    def test_carries_small_change_into_the_next_instalment(self) -> None:
        around = setting(arrears_agreed=True, small_minor=1_000)

        loan = loan_of(around, state="overdue", outstanding=717_348 + 250, paid_interest=50_443)

        assert loan.arrears == (Arrear(date(2026, 5, 20), date(2026, 6, 20), 99_446 + 250, 7_173),)

    def test_that_pays_interest_only_owes_the_interest_that_was_not_paid(self) -> None:
        around = setting(arrears_agreed=True)

        loan = loan_of(
            around, state="overdue", outstanding=1_200_000, method="interest_only",
            paid_interest=4 * 12_000,
        )  # fmt: skip

        assert [(each.due_date, each.interest_minor) for each in loan.arrears] == [
            (date(2026, 5, 20), 12_000),
            (date(2026, 6, 20), 12_000),
        ]

    def test_ahead_of_its_schedule_missed_the_last_day(self) -> None:
        loan = loan_of(setting(arrears_agreed=True), state="overdue", outstanding=300_000)

        [missed] = loan.arrears
        assert missed.due_date == date(2026, 6, 20)
        assert missed.interest_minor == 3_000
        assert loan.running_minor + missed.principal_minor == 300_000

    def test_before_anything_was_due_is_refused(self) -> None:
        with pytest.raises(refusals.StateDiffers, match="nothing of it was due"):
            loan_of(
                setting(arrears_agreed=True),
                state="overdue", outstanding=1_200_000, disbursed_on=date(2026, 6, 20),
            )  # fmt: skip

    def test_after_its_last_day_owes_all_of_it(self) -> None:
        loan = loan_of(**{**LATE, "overdue_principal": 717_348, "term": 5})

        assert loan.running_minor == 0
        assert sum(arrear.principal_minor for arrear in loan.arrears) == 717_348


class TestEnded:
    def test_settled_owes_nothing(self) -> None:
        loan = loan_of(state="settled", outstanding=0, settled_on=date(2026, 5, 2))

        [nothing] = loan.arrears
        assert (nothing.total_minor, nothing.due_date) == (0, date(2026, 5, 2))
        assert (loan.running_minor, loan.ended_on) == (0, date(2026, 5, 2))

    def test_written_off_claims_what_was_never_repaid(self) -> None:
        loan = loan_of(state="written_off", outstanding=0, paid_principal=200_000)

        assert loan.outstanding_minor == 1_000_000
        assert [arrear.principal_minor for arrear in loan.arrears] == [1_000_000]


class TestRows:
    COMING = ((date(2026, 7, 20), 300_000, 9_000), (date(2026, 8, 20), 317_902, 100))

    def test_are_the_schedule(self) -> None:
        loan = loan_of(setting(rows={"K-1": rows(*self.COMING)}))

        assert loan.terms.method is Method.CUSTOM
        assert [row.total_minor for row in schedule(loan.terms).rows] == [309_000, 318_002]
        assert schedule(loan.terms).rows[0].start_date == date(2026, 6, 20)

    def test_due_by_the_cut_off_are_arrears(self) -> None:
        late = (date(2026, 5, 20), 98_461, 8_158), (date(2026, 6, 20), 985, 7_173)
        around = setting(rows={"K-1": rows(*late, *self.COMING)})

        loan = loan_of(around, state="overdue", outstanding=717_348)

        assert [(each.start_date, each.due_date, each.total_minor) for each in loan.arrears] == [
            (date(2025, 12, 20), date(2026, 5, 20), 106_619),
            (date(2026, 5, 20), date(2026, 6, 20), 8_158),
        ]

    @pytest.mark.parametrize(
        ("values", "given_rows", "kind"),
        [
            ({}, (), refusals.RowsMissing),
            ({"outstanding": 617_901}, COMING, refusals.RowsDiffer),
            ({"state": "overdue"}, COMING, refusals.StateDiffers),
            ({}, ((date(2026, 6, 20), 617_902, 0),), refusals.StateDiffers),
        ],
    )
    def test_that_do_not_fit_the_loan_are_refused(
        self, values: dict[str, Any], given_rows: Any, kind: type[Refusal]
    ) -> None:
        with pytest.raises(kind):
            loan_of(setting(rows={"K-1": rows(*given_rows)}), **values)


@settings(max_examples=60)
@given(
    principal=st.integers(50_000, 9_000_000),
    repaid=st.floats(0, 0.999),
    months=st.integers(1, 48),
    age=st.integers(0, 60),
    rate=st.decimals(0, 1, places=4),
    method=st.sampled_from(["equal_instalment", "equal_principal", "interest_only", "bullet"]),
    state=st.sampled_from(["current", "overdue"]),
)
def test_arrears_and_what_runs_on_are_what_is_outstanding(
    principal: int, repaid: float, months: int, age: int, rate: Decimal, method: str, state: str
) -> None:
    begun = date.fromordinal(CUT_OFF.toordinal() - 30 * age)
    outstanding = principal - int(principal * repaid)

    try:
        loan = loan_of(
            setting(arrears_agreed=True), principal=principal, outstanding=outstanding,
            term=months, rate=rate, method=method, state=state, disbursed_on=begun,
        )  # fmt: skip
    except Refusal:
        return

    rest = loan.running_minor
    later = schedule(loan.terms).rows if rest else ()
    assert sum(row.principal_minor for row in later) == rest
    assert rest + sum(arrear.principal_minor for arrear in loan.arrears) == outstanding
    assert all(row.due_date > CUT_OFF for row in later)
    assert all(begun <= each.start_date < each.due_date <= CUT_OFF for each in loan.arrears)
    assert min((each.total_minor for each in loan.arrears), default=1) > 0
