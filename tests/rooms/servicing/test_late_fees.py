"""Fees for being late: the close charges them on their day, and earlier money undoes it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.schedule import Fee, FeeBase, FeeTiming, Penalty
from loanops.loanbook.servicing import invariants, queries
from loanops.loanbook.servicing.models import Instalment
from loanops.platform.audit import Violation
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE

pytestmark = pytest.mark.django_db

FIRST = date(2026, 12, 2)
DAYS = 3
CHARGED = FIRST + timedelta(days=DAYS + 1)


def late(**values: Any) -> Fee:
    """20.00, more than three days after the due date."""
    given = {"amount_minor": 2_000, "overdue_days": DAYS, "base": FeeBase.OVERDUE, **values}
    return Fee(name="reminder", charging_party="funder", timing=FeeTiming.OVERDUE, **given)


def lent(*fees: Fee, **values: Any) -> str:
    rule = Penalty(multiplier=Decimal("1.5"), grace_days=1)
    return loans.open_loan(agreed=loans.terms(penalty=rule, fees=fees or (late(),)), **values)


def charged(loan: str) -> list[int]:
    return [row.late_fee_minor for row in queries.get_schedule(number=loan, viewer=HOUSE)]


def violations() -> Iterator[Violation]:
    for check in invariants.CHECKS:
        yield from check.find()


@pytest.fixture(autouse=True)
def book() -> None:
    loans.open_book()


def statement(loan: str, since: date = DAY, until: date | None = None) -> queries.StatementCard:
    return queries.get_statement(number=loan, since=since, until=until, viewer=HOUSE)


class TestTheStatement:
    def test_tells_them_apart_from_other_fees_beside_penalty(self) -> None:
        planned = Fee(
            name="service", charging_party="house", timing=FeeTiming.PER_INSTALMENT,
            base=FeeBase.PRINCIPAL, amount_minor=1_500,
        )  # fmt: skip
        loan = lent(planned, late())
        loans.close_until(CHARGED + timedelta(days=4))
        row = queries.get_schedule(number=loan, viewer=HOUSE)[0]
        loans.repay(loan, row.open_minor - row.open_penalty_minor - 500)

        card = statement(loan)

        late_fees, fee = card.late_fees, card.balances[2]
        moved = (late_fees.added_minor, late_fees.paid_minor, late_fees.closing_minor)
        assert sum(moved[1:]) == moved[0] == 2_000
        assert fee.added_minor == 3_500
        assert [line.late_fee_minor for line in card.lines] == [0, late_fees.paid_minor]
        assert card.shown_parts == ("principal", "interest", "fee", "late_fee", "penalty")
        for line in card.lines:
            assert sum(card.shown_line(line)) == (
                line.principal_minor + line.interest_minor + line.fee_minor + line.penalty_minor
            )
        for move in ("opening", "added", "waived", "paid", "closing"):
            sums = [
                sum(getattr(each, f"{move}_minor") for each in balances)
                for balances in (card.balances, card.shown_balances)
            ]
            assert sums[0] == sums[1]

    @pytest.mark.parametrize("days", [1, 5, 8])
    def test_of_two_halves_is_that_of_the_whole(self, days: int) -> None:
        loan = lent()
        loans.close_until(CHARGED + timedelta(days=2))
        loans.repay(loan, 88_849)
        order(loan, "waived", CHARGED + timedelta(days=2), amount_minor=500, component="fee")
        loans.close_until(CHARGED + timedelta(days=8))
        middle = CHARGED + timedelta(days=days - 2)

        whole, first, second = statement(loan), statement(loan, DAY, middle), None
        second = statement(loan, middle)

        one, other, both = first.late_fees, second.late_fees, whole.late_fees
        assert one.closing_minor == other.opening_minor
        for move in ("added_minor", "waived_minor", "paid_minor"):
            assert getattr(one, move) + getattr(other, move) == getattr(both, move)
        assert both.waived_minor == 500

    def test_has_no_line_of_them_where_there_are_none(self) -> None:
        card = statement(loans.open_loan())

        assert card.late_fees.is_empty
        assert card.shown_balances == card.balances


class TestTheClose:
    @pytest.mark.parametrize(
        "fee", [late(), late(amount_minor=None, rate=Decimal("0.02")), late(overdue_days=0)]
    )
    def test_charges_an_instalment_once_on_the_day_it_is_later_than_that(self, fee: Fee) -> None:
        loan, day = lent(fee), FIRST + timedelta(days=fee.overdue_days + 1)
        loans.close_until(day - timedelta(days=1))
        before = charged(loan)[0]
        loans.close_until(day)

        once = charged(loan)[0]
        assert before == 0 < once
        assert not list(violations())

        loans.close_until(day + timedelta(days=9))

        assert charged(loan)[0] == once
        assert not list(violations())

    def test_leaves_loans_alone_that_were_paid_or_have_no_such_fee(self) -> None:
        paid, other = lent(), loans.open_loan()
        loans.close_until(FIRST)
        loans.repay(
            paid, Instalment.objects.filter(loan__number=paid).earliest("number").open_minor
        )
        loans.close_until(CHARGED)

        assert not sum(charged(paid)) + sum(charged(other))
        assert not list(violations())

    def test_charges_each_of_several_on_its_day(self) -> None:
        loan = lent(late(), late(overdue_days=DAYS, amount_minor=10), late(overdue_days=8))
        loans.close_until(CHARGED)
        assert charged(loan)[0] == 2_010
        loans.close_until(FIRST + timedelta(days=9))

        assert charged(loan)[0] == 4_010
        assert not list(violations())


class TestMoney:
    def test_pays_the_fee_on_the_day_after_it_was_charged(self) -> None:
        loan = lent()
        loans.close_until(CHARGED + timedelta(days=1))
        row = queries.get_schedule(number=loan, viewer=HOUSE)[0]

        loans.repay(loan, row.open_minor)

        assert queries.get_schedule(number=loan, viewer=HOUSE)[0].open_minor == 0
        loans.close_until(CHARGED + timedelta(days=2))
        assert not list(violations())

    def test_that_counts_for_a_day_in_time_takes_the_fee_away_again(self) -> None:
        loan = lent()
        loans.close_until(CHARGED + timedelta(days=3))
        row = queries.get_schedule(number=loan, viewer=HOUSE)[0]
        assert row.late_fee_minor == 2_000

        loans.repay(loan, row.principal_minor + row.interest_minor, FIRST + timedelta(days=1))

        row = queries.get_schedule(number=loan, viewer=HOUSE)[0]
        assert (row.late_fee_minor, row.fee_minor, row.open_minor) == (0, 0, 0)
        loans.close_until(CHARGED + timedelta(days=5))
        assert not list(violations())

    def test_that_comes_while_the_close_has_not_charged_yet_is_laid_as_if_it_had(self) -> None:
        began = DAY - timedelta(days=100)
        agreed = loans.terms(start_date=began, fees=(late(),))
        loan = loans.open_loan(agreed=agreed, disbursed_on=began)
        assert [minor for minor in charged(loan) if minor] == [2_000] * 3

        loans.repay(loan, 100_000)
        loans.close_until(DAY + timedelta(days=1))

        assert not list(violations())

    @pytest.mark.parametrize("kind", ["written_off", "accelerated"])
    def test_of_a_loan_that_ends_is_counted_as_a_replay_counts_it(self, kind: str) -> None:
        before, after = lent(), lent()
        loans.close_until(CHARGED - timedelta(days=1))
        order(before, kind, CHARGED - timedelta(days=1))
        loans.close_until(CHARGED + timedelta(days=2))
        order(after, kind, CHARGED + timedelta(days=2))
        loans.close_until(CHARGED + timedelta(days=8))

        assert charged(after)[0] == 2_000
        assert charged(before)[0] == (0 if kind == "written_off" else 2_000)
        assert not list(violations())


class TestVerify:
    @pytest.mark.parametrize("values", [{"late_fee_minor": 0}, {"late_fee_count": 0}])
    def test_names_a_fee_that_was_changed_by_hand(self, values: dict[str, int]) -> None:
        loan = lent()
        loans.close_until(CHARGED)
        Instalment.objects.filter(loan__number=loan, number=1).update(**values)

        assert f"loan {loan} instalment 1" in {each.object for each in violations()}
