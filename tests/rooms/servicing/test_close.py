"""The close of a day: each step once, what happens that day, and nothing that does not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from loanops.config import wiring
from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, NotPermitted
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.domain.lifecycle import LoanMove, LoanState
from loanops.loanbook.servicing.models import Change, InterestAccrual, Loan
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE, CloseStep, Steps
from loanops.money.ledger import queries as ledger
from loanops.money.payments import queries as payments
from loanops.money.payments.queries import OrderFilter
from loanops.platform.books import queries as books
from tests.factories.loans import (
    AT,
    DAY,
    HOUSE,
    close_until,
    open_book,
    open_loan,
    repay,
    terms,
)

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        if check.code in {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10)}
        for found in check.find()
    ]


def orders(loan: str) -> list[tuple[date, int]]:
    wanted = OrderFilter(subject=loan)
    return [
        (order.due_on, order.amount_minor)
        for order in payments.list_orders(wanted=wanted, viewer=HOUSE)
    ]


class TestClose:
    def test_moves_the_business_date_by_one_day(self) -> None:
        open_book()

        [day] = servicing.close_day(book="cn", actor=HOUSE, at=AT)

        assert (day.closed_on, day.business_date) == (DAY, DAY + timedelta(days=1))
        assert [step.step for step in day.steps] == [step.name for step in STEPS]
        assert books.business_date("cn") == day.business_date

    def test_orders_a_debit_for_what_falls_due(self) -> None:
        open_book()
        loan = open_loan()

        close_until(DUE)

        assert orders(loan) == [(DUE, 88_849)]
        assert queries.get_loan(number=loan, viewer=HOUSE).state == "active"

    def test_ages_what_was_not_paid_bucket_by_bucket(self) -> None:
        open_book()
        loan = open_loan()

        close_until(DUE + timedelta(days=62))

        log = queries.list_changes(number=loan, viewer=HOUSE)
        assert [(line.changed_on, line.to_bucket) for line in log] == [
            (DUE + timedelta(days=1), "M1"),
            (DUE + timedelta(days=31), "M2"),
            (DUE + timedelta(days=61), "M3"),
        ]
        assert violations() == []

    def test_accrues_the_interest_of_a_period_by_its_due_date(self) -> None:
        open_book()
        loan = open_loan()

        close_until(DUE)

        [earned] = InterestAccrual.objects.filter(closed_on=DUE - timedelta(days=1))
        assert earned.interest_minor == 10_000
        assert queries.get_loan(number=loan, viewer=HOUSE).outstanding_minor == 1_000_000
        [balance] = ledger.balances_of(book="cn", heads=["income.interest"], viewer=HOUSE).values()
        assert balance == 10_000

    def test_adds_up_to_the_interest_of_the_schedule_over_the_life(self) -> None:
        open_book()
        loan = open_loan(agreed=terms(instalments=3))

        close_until(DAY + timedelta(days=100))

        [balance] = ledger.balances_of(book="cn", heads=["income.interest"], viewer=HOUSE).values()
        schedule = queries.get_schedule(number=loan, viewer=HOUSE)
        assert balance == sum(row.interest_minor for row in schedule)

    def test_makes_the_same_of_many_days_at_once_and_one_by_one(self) -> None:
        last = DUE + timedelta(days=40)
        open_book("one")
        open_book("all")
        open_loan("one"), open_loan("all")

        close_until(last, book="all")
        for offset in range(1, (last - DAY).days + 1):
            close_until(DAY + timedelta(days=offset), book="one")

        def told(book: str) -> list[tuple[str, str, int]]:
            rows = ledger.trial_balance(book=book, viewer=HOUSE).rows
            return [(row.code, row.dimension, row.balance_minor) for row in rows]

        assert told("one") == told("all")
        assert violations() == []

    def test_goes_on_where_it_was_interrupted(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)

        def fail(work: object, closing: object) -> int:
            raise RuntimeError("the power is out")

        CLOSE.plug(
            [step if step.name != "penalty" else CloseStep("penalty", fail) for step in STEPS]
        )
        with pytest.raises(RuntimeError):
            servicing.close_day(book="cn", actor=HOUSE, at=AT)
        CLOSE.plug(STEPS)
        assert books.business_date("cn") == DUE + timedelta(days=1)

        [day] = servicing.close_day(book="cn", until=DUE + timedelta(days=1), actor=HOUSE, at=AT)

        done = {step.step: step.touched for step in day.steps}
        assert done["ageing"] is None
        assert done["penalty"] == 1
        assert Change.objects.filter(loan__number=loan).count() == 1
        assert violations() == []

    def test_does_nothing_twice(self) -> None:
        open_book()
        open_loan()
        close_until(DUE + timedelta(days=1))
        before = ledger.trial_balance(book="cn", viewer=HOUSE)

        assert (
            servicing.close_day(book="cn", until=DUE + timedelta(days=1), actor=HOUSE, at=AT) == []
        )

        assert ledger.trial_balance(book="cn", viewer=HOUSE) == before

    def test_sees_a_payment_made_while_it_was_interrupted(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)

        def fail(work: object, closing: object) -> int:
            raise RuntimeError

        CLOSE.plug([step if step.name != "ageing" else CloseStep("ageing", fail) for step in STEPS])
        with pytest.raises(RuntimeError):
            servicing.close_day(book="cn", actor=HOUSE, at=AT)
        CLOSE.plug(STEPS)

        # One day late: 788.49 at 18 % for a day is 0.39.
        card = repay(loan, 88_849 + 39)
        servicing.close_day(book="cn", until=DUE + timedelta(days=1), actor=HOUSE, at=AT)

        assert card.state == "active"
        assert [line.move for line in queries.list_changes(number=loan, viewer=HOUSE)] == [
            LoanMove.FALL_OVERDUE,
            LoanMove.CURE,
        ]
        assert violations() == []

    def test_needs_the_grant_and_a_day_that_lies_ahead(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            servicing.close_day(book="cn", actor=Actor(person="li.lei"), at=AT)
        with pytest.raises(BadField):
            servicing.close_day(book="cn", until=DAY - timedelta(days=1), actor=HOUSE, at=AT)

    def test_may_not_have_two_steps_of_one_name(self) -> None:
        with pytest.raises(ValueError, match="twice"):
            Steps().plug([STEPS[0], STEPS[0]])


class TestSettingAside:
    def test_of_one_loan_lets_the_others_through(self) -> None:
        open_book()
        sick, well = open_loan(), open_loan()
        close_until(DUE)
        sick_id = Loan.objects.get(number=sick).pk
        age = STEPS[1]

        def fails_for_the_sick(work: object, closing: object) -> int:
            touched = age.run(work, closing)  # type: ignore[arg-type]
            if Loan.objects.get(pk=sick_id).bucket:
                raise BadField(field="loan", problem="cannot be read")
            return touched

        CLOSE.plug(
            [
                step
                if step.name != "ageing"
                else CloseStep("ageing", fails_for_the_sick, on_new_day=True, loans=age.loans)
                for step in STEPS
            ]
        )
        close_until(DUE + timedelta(days=1))
        CLOSE.plug(STEPS)

        [aside] = queries.list_set_aside(book="cn", viewer=HOUSE)
        assert (aside.loan, aside.step, aside.reason) == (sick, "ageing", "bad_field")
        assert Loan.objects.get(number=well).state == LoanState.OVERDUE

    def test_ends_with_a_release_and_the_next_close_catches_up(self) -> None:
        open_book()
        loan = open_loan()
        Loan.objects.filter(number=loan).update(set_aside=True)
        close_until(DUE + timedelta(days=3))
        assert Loan.objects.get(number=loan).state == LoanState.ACTIVE

        servicing.release(loan=loan, actor=HOUSE, at=AT)
        close_until(DUE + timedelta(days=4))

        assert Loan.objects.get(number=loan).state == LoanState.OVERDUE
        assert violations() == []


WRITTEN = 54


def rows_in_all() -> int:
    with connection.cursor() as cursor:
        total = 0
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("django_"):
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608
                total += cursor.fetchone()[0]
    return total


class TestCost:
    @pytest.mark.parametrize("others", [5, 40])
    def test_writes_rows_for_what_happens_and_not_for_the_book(self, others: int) -> None:
        open_book()
        for _ in range(3):
            open_loan()
        later = terms(start_date=DAY, due_day=20)
        for _ in range(others):
            open_loan(agreed=later)
        close_until(DUE - timedelta(days=1))
        before = rows_in_all()

        servicing.close_day(book="cn", actor=HOUSE, at=AT)

        written = rows_in_all() - before
        # Three debit orders in a file with its job; the rest are steps, pools with their sums
        # by class, and witnesses.
        assert written == WRITTEN

    def test_asks_as_many_questions_of_a_large_book_as_of_a_small_one(
        self, django_assert_max_num_queries: object
    ) -> None:
        open_book()
        for _ in range(30):
            open_loan()
        close_until(DUE - timedelta(days=1))

        with django_assert_max_num_queries(139):  # type: ignore[operator]
            servicing.close_day(book="cn", actor=HOUSE, at=AT)
