"""The account: what is owed, paid and overdue on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest

from loanops.kernel.account import (
    AccountState,
    Disbursed,
    DisbursedTwice,
    DisbursementDiffers,
    Event,
    EventRepeated,
    EventUnknown,
    FeeCharged,
    NotDisbursed,
    Repaid,
    Reversed,
    event_from_dict,
    state,
)
from loanops.kernel.allocation import Component, Order, Parts
from loanops.kernel.calendar import Roll, WorkingDays
from loanops.kernel.daycount import DayCount
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import (
    CustomRow,
    Method,
    Penalty,
    PenaltyBase,
    PenaltyStart,
    Terms,
    schedule,
)
from tests.domain.kernel.loans import JANUARY_15, plain

FIRST_DUE, SECOND_DUE = date(2026, 2, 15), date(2026, 3, 15)
MULTIPLE = Penalty(multiplier=Decimal("1.5"))


def paid_out(terms: Terms) -> Disbursed:
    return Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)


def repaid(on: date, amount_minor: int, key: str = "in") -> Repaid:
    return Repaid(key=key, on=on, amount_minor=amount_minor)


def seen(terms: Terms, on: date, *events: Event) -> AccountState:
    return state(terms, [paid_out(terms), *events], on)


def after(days: int) -> date:
    return JANUARY_15 + timedelta(days=days)


class TestState:
    def test_shows_the_schedule_on_the_day_of_disbursement(self) -> None:
        account = seen(plain(), JANUARY_15)

        assert [i.due.total_minor for i in account.instalments] == [
            row.total_minor for row in schedule(plain()).rows
        ]
        assert account.principal_outstanding_minor == 1_000_000
        assert account.next_due_date == FIRST_DUE
        assert account.owed == Parts()

    def test_is_due_on_the_day_and_overdue_the_day_after(self) -> None:
        on_the_day = seen(plain(), FIRST_DUE)
        after_it = seen(plain(), FIRST_DUE + timedelta(days=1))

        assert (on_the_day.owed.total_minor, on_the_day.overdue_minor) == (88_849, 0)
        assert (on_the_day.dpd, on_the_day.bucket) == (0, 0)
        assert (after_it.owed.total_minor, after_it.overdue_minor) == (88_849, 88_849)
        assert (after_it.dpd, after_it.bucket) == (1, 1)
        assert after_it.oldest_unpaid_due_date == FIRST_DUE
        assert after_it.next_due_date == SECOND_DUE

    def test_moves_on_when_the_instalment_is_paid(self) -> None:
        account = seen(plain(), FIRST_DUE, repaid(FIRST_DUE, 88_849))

        assert account.oldest_unpaid_due_date == account.next_due_date == SECOND_DUE
        assert account.instalments[0].settled_on == FIRST_DUE
        assert account.principal_outstanding_minor == 921_151

    def test_accrues_the_interest_of_the_running_period(self) -> None:
        accrued = [seen(plain(), after(days)).accrued_interest_minor for days in (0, 1, 30, 31)]

        assert accrued == [0, 323, 9_677, 0]

    def test_keeps_money_beyond_the_loan_as_credit(self) -> None:
        everything_minor = schedule(plain()).total_minor

        account = seen(plain(), FIRST_DUE, repaid(FIRST_DUE, everything_minor + 5))

        assert account.is_settled
        assert account.settled_on == FIRST_DUE
        assert account.unapplied_minor == 5

    def test_holds_early_money_until_it_falls_due_where_nothing_is_paid_ahead(self) -> None:
        terms = plain(allocation=Order(in_advance=()))
        early = repaid(after(5), 100_000)

        before = seen(terms, after(6), early)
        on_the_day = seen(terms, FIRST_DUE, early)

        assert before.unapplied_minor == 100_000
        assert on_the_day.unapplied_minor == 11_151
        assert on_the_day.instalments[0].is_settled

    def test_counts_interest_from_the_day_money_moved(self) -> None:
        late = Disbursed(key="out", on=date(2026, 1, 20), amount_minor=1_000_000)

        account = state(plain(), [late], date(2026, 1, 20))

        assert account.next_due_date == date(2026, 2, 20)

    def test_knows_nothing_before_disbursement(self) -> None:
        account = seen(plain(), date(2026, 1, 14))

        assert account.instalments == ()
        assert not account.is_settled
        assert account.dpd == 0

    def test_moves_due_dates_off_holidays(self) -> None:
        terms = plain(roll=Roll.FOLLOWING)

        account = state(terms, [paid_out(terms)], JANUARY_15, working_days=WorkingDays())

        assert account.next_due_date == date(2026, 2, 16)


class TestPenalty:
    def only(self, penalty: Penalty, **changed: object) -> Terms:
        """1,000.00 due at once on 15 February, interest free, at a contract rate of 18 %."""
        row = CustomRow(due_date=FIRST_DUE, principal_minor=100_000, interest_minor=0)
        return plain(
            method=Method.CUSTOM,
            principal_minor=100_000,
            instalments=1,
            annual_rate=Decimal("0.18"),
            rows=(row,),
            penalty=penalty,
            **changed,
        )

    def overdue_by(self, terms: Terms, days: int, *events: Event) -> AccountState:
        return seen(terms, FIRST_DUE + timedelta(days=days), *events)

    @pytest.mark.parametrize(
        ("days", "expected"), [(9, 900), (10, 1_000), (11, 1_000), (99, 1_000)]
    )
    def test_ends_so_many_days_after_the_due_date(self, days: int, expected: int) -> None:
        terms = self.only(Penalty(annual_rate=Decimal("0.36"), stop_days=10))

        assert self.overdue_by(terms, days).due.penalty_minor == expected

    @pytest.mark.parametrize("start", PenaltyStart)
    def test_cannot_end_before_its_grace_does(self, start: PenaltyStart) -> None:
        with pytest.raises(BadField) as refused:
            Penalty(annual_rate=Decimal("0.36"), grace_days=3, stop_days=3, runs_from=start)

        assert refused.value.field == "stop_days"

    def test_without_an_end_is_written_as_before(self) -> None:
        assert not {"stop_days", "cap"} & MULTIPLE.to_dict().keys()
        assert Penalty.from_dict(MULTIPLE.to_dict()) == MULTIPLE
        ending = Penalty(multiplier=Decimal("1.5"), stop_days=90, cap=Decimal("0.5"))
        assert Penalty.from_dict(ending.to_dict()) == ending

    @pytest.mark.parametrize(("days_in_year", "expected"), [(360, 750), (365, 740)])
    def test_is_the_multiple_of_the_contract_rate_by_days(
        self, days_in_year: int, expected: int
    ) -> None:
        terms = self.only(Penalty(multiplier=Decimal("1.5"), days_in_year=days_in_year))

        assert self.overdue_by(terms, 10).owed.penalty_minor == expected
        assert self.overdue_by(terms, 0).owed.penalty_minor == 0

    def test_is_paid_before_principal_where_the_order_says_so(self) -> None:
        # 1,000.00 overdue three days at 36.5 %; 503.00 pays 3.00 penalty and 500.00 principal.
        terms = self.only(Penalty(annual_rate=Decimal("0.365"), days_in_year=365))
        payment = repaid(FIRST_DUE + timedelta(days=3), 50_300)

        account = self.overdue_by(terms, 3, payment)

        assert account.paid == Parts(principal_minor=50_000, penalty_minor=300)
        assert account.principal_outstanding_minor == 50_000

    def test_runs_on_what_is_left_after_a_part_payment(self) -> None:
        terms = self.only(Penalty(annual_rate=Decimal("0.36")))
        payment = repaid(FIRST_DUE + timedelta(days=5), 50_500)

        account = self.overdue_by(terms, 10, payment)

        assert account.due.penalty_minor == 500 + 250

    @pytest.mark.parametrize(
        ("start", "on_day_3", "on_day_4"),
        [(PenaltyStart.DUE_DATE, 0, 400), (PenaltyStart.GRACE_END, 0, 100)],
    )
    def test_begins_when_grace_has_passed(
        self, start: PenaltyStart, on_day_3: int, on_day_4: int
    ) -> None:
        terms = self.only(Penalty(annual_rate=Decimal("0.36"), grace_days=3, runs_from=start))

        found = [self.overdue_by(terms, days).due.penalty_minor for days in (3, 4)]

        assert found == [on_day_3, on_day_4]

    def test_spares_what_is_paid_within_grace(self) -> None:
        terms = self.only(Penalty(annual_rate=Decimal("0.36"), grace_days=3))
        payment = repaid(FIRST_DUE + timedelta(days=3), 100_000)

        account = self.overdue_by(terms, 30, payment)

        assert account.due.penalty_minor == 0
        assert account.is_settled

    def test_may_run_on_interest_too(self) -> None:
        on_principal, on_both = (
            seen(plain(penalty=Penalty(annual_rate=Decimal("0.36"), base=base)), after(41))
            for base in PenaltyBase
        )

        assert on_principal.due.penalty_minor == round(78_849 * 0.001 * 10)
        assert on_both.due.penalty_minor == round(88_849 * 0.001 * 10)

    def test_left_over_does_not_keep_an_instalment_overdue(self) -> None:
        order = Order(
            due=(Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY)
        )
        terms = self.only(Penalty(annual_rate=Decimal("0.36")), allocation=order)
        payment = repaid(FIRST_DUE + timedelta(days=10), 100_000)

        account = self.overdue_by(terms, 40, payment)

        assert account.overdue == Parts(penalty_minor=1_000)
        assert account.dpd == 0
        assert not account.is_settled

    def test_is_corrected_by_a_payment_that_counts_for_an_earlier_day(self) -> None:
        terms = plain(penalty=MULTIPLE)
        late, on_time = repaid(after(60), 88_849), repaid(FIRST_DUE, 88_849)

        assert seen(terms, after(60), late).due.penalty_minor > 0
        assert seen(terms, after(58), on_time).due.penalty_minor == 0

    def test_charged_by_hand_stands_beside_what_accrues(self) -> None:
        charge = FeeCharged(
            key="late", on=FIRST_DUE, amount_minor=1_500, component=Component.PENALTY
        )
        terms = self.only(Penalty(annual_rate=Decimal("0.36")))

        assert self.overdue_by(terms, 10, charge).due.penalty_minor == 1_500 + 1_000


class TestFeeCharged:
    def test_joins_the_first_instalment_due_on_or_after_it(self) -> None:
        fee = FeeCharged(key="letter", on=date(2026, 2, 16), amount_minor=700)

        account = seen(plain(), date(2026, 2, 16), fee)

        assert account.instalments[1].due.fee_minor == 700
        assert account.owed.fee_minor == 700

    def test_after_the_end_joins_the_last(self) -> None:
        fee = FeeCharged(key="letter", on=date(2027, 6, 1), amount_minor=700)

        assert seen(plain(), date(2027, 6, 1), fee).instalments[-1].due.fee_minor == 700


class TestDailyLine:
    LINE = plain(method=Method.REVOLVING_DAILY, instalments=3, day_count=DayCount.ACT_360)

    def test_bears_interest_on_what_is_used_each_day(self) -> None:
        account = seen(self.LINE, FIRST_DUE, repaid(after(10), 400_000))

        assert account.principal_outstanding_minor == 600_000
        assert account.owed.interest_minor == round((1_000_000 * 10 + 600_000 * 21) * 0.12 / 360)
        assert account.instalments[1].due.interest_minor == round(600_000 * 28 * 0.12 / 360)

    def test_runs_up_interest_by_the_day(self) -> None:
        account = seen(self.LINE, after(12), repaid(after(10), 400_000))

        assert account.accrued_interest_minor == round((1_000_000 * 10 + 600_000 * 2) * 0.12 / 360)

    def test_ends_on_the_day_everything_is_repaid(self) -> None:
        account = seen(self.LINE, after(90), repaid(after(10), 1_003_333))

        assert account.is_settled
        assert account.settled_on == after(10)
        assert account.paid == Parts(principal_minor=1_000_000, interest_minor=3_333)
        assert account.unapplied_minor == 0


class TestReversed:
    def test_shows_what_was_believed_before_its_own_day(self) -> None:
        bounced = [repaid(FIRST_DUE, 88_849), Reversed(key="bounce", on=after(40), of="in")]

        believed, known = (seen(plain(), after(day), *bounced) for day in (39, 40))

        assert believed.dpd == 0
        assert known.dpd == 9
        assert known.paid == Parts()

    def test_of_the_disbursement_leaves_no_loan(self) -> None:
        undo = Reversed(key="undo", on=after(1), of="out")

        assert seen(plain(), after(1), undo).advanced_minor == 0


class TestRefusals:
    def fold(self, events: Sequence[Event]) -> AccountState:
        return state(plain(), events, after(100))

    def test_money_on_a_loan_that_is_not_disbursed(self) -> None:
        with pytest.raises(NotDisbursed):
            self.fold([repaid(after(1), 100)])
        with pytest.raises(NotDisbursed):
            seen(plain(), after(100), repaid(after(-1), 100))

    def test_a_second_disbursement(self) -> None:
        with pytest.raises(DisbursedTwice):
            seen(plain(), after(1), Disbursed(key="again", on=after(1), amount_minor=1_000_000))

    def test_another_amount_than_agreed(self) -> None:
        with pytest.raises(DisbursementDiffers, match=r"9,999\.99"):
            self.fold([Disbursed(key="out", on=JANUARY_15, amount_minor=999_999)])

    def test_a_reversal_of_nothing(self) -> None:
        with pytest.raises(EventUnknown):
            seen(plain(), after(1), Reversed(key="undo", on=after(1), of="nobody"))

    def test_one_key_for_two_events(self) -> None:
        with pytest.raises(EventRepeated):
            seen(plain(), after(1), repaid(after(1), 1), repaid(after(1), 1))

    @pytest.mark.parametrize(
        "row",
        [
            {"kind": "forgiven", "key": "x", "on": "2026-01-01"},
            {"kind": "repaid", "key": "x", "on": "2026-01-01"},
            {"kind": "repaid", "key": "x", "on": "2026-01-01", "amount_minor": 0},
            {"kind": "fee_charged", "key": "x", "on": "2026-01-01", "amount_minor": 1,
             "component": "principal"},
            {"kind": "disbursed", "key": "x", "on": "soon", "amount_minor": 1},
        ],
    )  # fmt: skip
    def test_events_that_cannot_be_read(self, row: dict[str, object]) -> None:
        with pytest.raises(BadField):
            event_from_dict(row)
