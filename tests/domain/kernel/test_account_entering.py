"""A loan that comes from another system: its arrears first, then what runs on; nothing before."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.account import (
    Arrear,
    BroughtIn,
    DisbursedTwice,
    NotDisbursed,
    Prepaid,
    Repaid,
    RestDiffers,
    WrittenOff,
    event_from_dict,
    event_to_dict,
    state,
)
from loanops.kernel.account.entering import rows_of
from loanops.kernel.allocation import Parts
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Method, Penalty, PenaltyStart, Terms
from loanops.kernel.schedule.amending import Keep

CUT_OFF = date(2026, 6, 30)
LATE = (
    Arrear(date(2026, 4, 20), date(2026, 5, 20), 98_461, 8_158, 100, 700),
    Arrear(date(2026, 5, 20), date(2026, 6, 20), 99_446, 7_173),
)


def rest(**values: Any) -> Terms:
    """What runs on: 6,179.02 over six months from the last due date."""
    given: dict[str, Any] = {
        "method": Method.EQUAL_INSTALMENT,
        "principal_minor": 617_902,
        "currency": "CNY",
        "annual_rate": Decimal("0.12"),
        "instalments": 6,
        "start_date": date(2026, 6, 20),
        "penalty": Penalty(multiplier=Decimal("1.5")),
    }
    return Terms(**{**given, **values})


def came(*arrears: Arrear, **values: Any) -> BroughtIn:
    owed = sum(arrear.principal_minor for arrear in arrears)
    given = {"key": "in", "on": CUT_OFF, "amount_minor": 617_902 + owed, "arrears": arrears}
    return BroughtIn(**{**given, **values})


class TestState:
    def test_is_empty_before_the_cut_off(self) -> None:
        before = state(rest(), [came(*LATE)], CUT_OFF - timedelta(days=1))

        assert before.instalments == ()
        assert before.principal_outstanding_minor == 0
        assert not before.is_settled

    def test_is_the_balances_on_the_cut_off(self) -> None:
        then = state(rest(), [came(*LATE)], CUT_OFF)

        assert then.principal_outstanding_minor == 617_902 + 98_461 + 99_446
        assert then.overdue == Parts(98_461 + 99_446, 8_158 + 7_173, 100, 700)
        assert then.oldest_unpaid_due_date == date(2026, 5, 20)
        assert then.dpd == 41
        assert [item.number for item in then.instalments] == list(range(1, 9))
        assert then.accrued_interest_minor == round(6_179 * 10 / 30)

    def test_lays_money_on_arrears_first_and_then_on_what_runs_on(self) -> None:
        events = [came(*LATE), Repaid(key="p", on=CUT_OFF, amount_minor=98_461 + 8_158 + 800)]

        paid = state(rest(), events, CUT_OFF)

        assert paid.instalments[0].settled_on == CUT_OFF
        assert paid.oldest_unpaid_due_date == date(2026, 6, 20)

    def test_penalty_goes_on_from_the_cut_off(self) -> None:
        later = state(rest(), [came(LATE[1])], CUT_OFF + timedelta(days=10))

        assert later.overdue.penalty_minor == round(99_446 * 0.18 * 10 / 360)

    @pytest.mark.parametrize("start", list(PenaltyStart))
    def test_penalty_within_its_grace_at_the_cut_off_is_as_of_any_instalment(
        self, start: PenaltyStart
    ) -> None:
        rule = Penalty(multiplier=Decimal("1.5"), grace_days=15, runs_from=start)
        terms = rest(penalty=rule)

        free = state(terms, [came(LATE[1])], date(2026, 7, 5))
        late = state(terms, [came(LATE[1])], date(2026, 7, 6))

        days = 16 if start is PenaltyStart.DUE_DATE else 1
        assert free.overdue.penalty_minor == 0
        assert late.overdue.penalty_minor == round(99_446 * 0.18 * days / 360)

    def test_of_one_that_owes_nothing_is_settled(self) -> None:
        ended = Arrear(date(2025, 12, 20), date(2026, 5, 2), 0)

        then = state(rest(), [came(ended, amount_minor=0)], CUT_OFF)

        assert then.is_settled
        assert then.settled_on == date(2026, 5, 2)

    def test_can_be_written_off_on_the_day_it_came(self) -> None:
        claim = Arrear(date(2026, 1, 20), date(2026, 2, 20), 900_000, 36_000)
        events = [WrittenOff(key="w", on=CUT_OFF), came(claim, amount_minor=900_000)]

        later = state(rest(), events, CUT_OFF + timedelta(days=100))

        assert later.written_off_on == CUT_OFF
        assert later.owed == Parts(900_000, 36_000)

    def test_can_be_prepaid_in_part_as_any_loan(self) -> None:
        prepaid = Prepaid(key="p", on=date(2026, 7, 1), amount_minor=200_000, keep=Keep.INSTALMENT)

        after = state(rest(), [came(), prepaid], date(2026, 7, 1))

        assert after.principal_outstanding_minor == 417_902
        assert len(after.instalments) < 6

    def test_numbers_what_runs_on_behind_the_arrears(self) -> None:
        rows = rows_of(came(*LATE), rest())

        assert [row.number for row in rows] == list(range(1, 9))
        assert rows[2].due_date == date(2026, 7, 20)


class TestRefusals:
    def test_of_terms_that_do_not_schedule_the_rest(self) -> None:
        with pytest.raises(RestDiffers):
            state(rest(), [came(amount_minor=617_903)], CUT_OFF)

    def test_of_a_loan_that_is_here_already(self) -> None:
        with pytest.raises(DisbursedTwice):
            state(rest(), [came(), came(key="again")], CUT_OFF)

    def test_of_anything_before_the_cut_off(self) -> None:
        early = Repaid(key="p", on=CUT_OFF - timedelta(days=1), amount_minor=1)

        with pytest.raises(NotDisbursed):
            state(rest(), [came(), early], CUT_OFF)

    @pytest.mark.parametrize(
        "values",
        [
            {"amount_minor": -1},
            {"amount_minor": 98_460},
            {"arrears": (LATE[1], LATE[0])},
            {"arrears": (LATE[0], LATE[0])},
            {"on": date(2026, 6, 19)},
            {"amount_minor": 0, "arrears": ()},
        ],
    )
    def test_of_balances_that_cannot_be(self, values: dict[str, Any]) -> None:
        with pytest.raises(BadField):
            came(**{"arrears": LATE, **values})

    def test_of_an_arrear_that_cannot_be(self) -> None:
        with pytest.raises(BadField, match="due_date"):
            Arrear(CUT_OFF, CUT_OFF, 1)
        with pytest.raises(BadField, match="penalty_minor"):
            Arrear(date(2026, 1, 1), CUT_OFF, 1, 0, 0, -1)


def test_travels_as_plain_values() -> None:
    event = came(*LATE, paid=Parts(1, 2, 3, 4))

    assert event_from_dict(event_to_dict(event)) == event
