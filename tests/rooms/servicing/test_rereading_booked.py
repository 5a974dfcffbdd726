"""Rereading, booked: loan by loan as it was shown, in parts, once, and each undone by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.schedule import Floating, Penalty, PenaltyFollows, Reset
from loanops.loanbook.servicing import operations, queries
from loanops.loanbook.servicing.invariants import rereading
from loanops.loanbook.servicing.models import LoanEvent, LoanTerms, Reread, RereadLoan
from loanops.loanbook.servicing.operations.rereading import booking
from tests.corruption import names
from tests.factories import loans
from tests.factories.changes import order
from tests.factories.loans import AT, HOUSE
from tests.factories.rereading import (
    DECEMBER,
    NEW_YEAR,
    approve,
    ask,
    card,
    floating_loan,
    go_on,
    open_book_of_rates,
    planned,
    published,
    rate,
    reread,
    schedule,
    told,
    violations,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def book() -> None:
    open_book_of_rates()


class TestBooking:
    @pytest.mark.parametrize("reset", Reset)
    def test_makes_the_same_of_a_loan_as_the_figure_in_time(self, reset: Reset) -> None:
        began = date(2026, 1, 6)
        late, in_time = (
            loans.open_loan(
                agreed=loans.terms(
                    start_date=began, instalments=24, floating=Floating(index=index, reset=reset)
                ),
                disbursed_on=began,
            )
            for index in ("lpr_1y", "lpr_5y")
        )
        published("0.03", date(2025, 5, 21), key="lpr_5y")
        published("0.025", DECEMBER, key="lpr_5y")
        for loan in (late, in_time):
            loans.repay(loan, 50_000)
        loans.close_until(NEW_YEAR + timedelta(days=20))
        published("0.025", DECEMBER)

        done = reread()

        assert (done.state, done.booked, done.found, done.aside) == ("done", 1, 0, 0)
        assert rate(late) == rate(in_time) == Decimal("0.115")
        assert schedule(late) == schedule(in_time)
        assert not list(violations())
        loans.close_until(NEW_YEAR + timedelta(days=23))
        assert not list(violations())

    def test_reads_again_what_was_read_by_a_figure_that_was_wrong(self) -> None:
        follows, yearly = floating_loan(reset=Reset.EACH_CHANGE), floating_loan()
        loans.close_until(DECEMBER)
        published("0.020", DECEMBER)
        loans.close_until(NEW_YEAR + timedelta(days=40))
        published("0.03", DECEMBER)

        done = reread()

        assert done.booked == 2
        assert rate(follows) == rate(yearly) == Decimal("0.12")
        assert done.saving_minor < 0
        assert not list(violations())

    def test_is_the_same_when_it_is_done_twice(self) -> None:
        loan = floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = reread().number
        before = schedule(loan), LoanEvent.objects.count()

        go_on(run)
        again = card(planned())

        assert again.state == "done"
        assert again.booked == 0
        assert (schedule(loan), LoanEvent.objects.count()) == before

    def test_what_was_paid_stays_paid(self) -> None:
        loan = floating_loan()
        loans.close_until(date(2027, 2, 2))
        for _ in range(3):
            loans.repay(loan, 88_849)
        loans.close_until(date(2027, 2, 20))
        published("0.025", DECEMBER)

        done = reread()

        assert done.booked == 1
        paid = queries.get_loan(number=loan, viewer=HOUSE)
        assert paid.paid_minor == 3 * 88_849
        assert not list(violations())

    def test_is_undone_for_one_loan_and_then_found_again(self) -> None:
        loan, other = floating_loan(), floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        before = schedule(loan)
        published("0.025", DECEMBER)
        run = reread().number

        order(loan, "reversed", NEW_YEAR, of=f"reread-{run}-{NEW_YEAR}")

        assert schedule(loan) == before
        assert (rate(loan), rate(other)) == (Decimal("0.12"), Decimal("0.115"))
        assert not list(violations())
        again = reread()
        assert again.booked == 1
        assert rate(loan) == Decimal("0.115")

    def test_sets_aside_what_moved_on_since_it_was_shown(self) -> None:
        loan, other = floating_loan(), floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = planned()
        order(loan, "rate_changed", NEW_YEAR, annual_rate="0.09")
        loans.repay(other, 1_000)
        approve(run)

        go_on(run)

        assert [(each.loan, each.standing, each.problem) for each in told(run)] == [
            (loan, "left", "right_already"),
            (other, "booked", ""),
        ]

    def test_sets_a_loan_that_fails_aside_and_books_the_others(self) -> None:
        first, broken, last = floating_loan(), floating_loan(), floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = planned()
        approve(run)
        was = LoanTerms.objects.get(loan__number=broken).terms_json
        LoanTerms.objects.filter(loan__number=broken).update(terms_json="{}")

        go_on(run)

        LoanTerms.objects.filter(loan__number=broken).update(terms_json=was)
        found = {each.loan: (each.standing, each.problem) for each in told(run)}
        assert found[first] == found[last] == ("booked", "")
        assert found[broken] == ("aside", "bad_field")
        assert card(run).state == "done"
        assert reread().booked == 1
        assert rate(broken) == Decimal("0.115")
        assert not list(violations())

    def test_finds_who_fails_when_many_are_written_together(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        numbers = [floating_loan() for _ in range(3)]
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = planned()
        approve(run)
        write = booking.write_reads

        def failing(work: Any, done: Any, **said: Any) -> None:
            write(work, done, **said)
            if any(each.reset.held.number == numbers[1] for each in done):
                raise ArithmeticError("no sum")

        monkeypatch.setattr(booking, "write_reads", failing)

        go_on(run)

        assert [each.standing for each in told(run)] == ["booked", "aside", "booked"]
        assert told(run)[1].problem == "ArithmeticError: no sum"
        assert not list(violations())

    def test_goes_on_where_it_was_interrupted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(7):
            floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = ask()
        work_out, calls = booking.work_out, iter(range(100))

        def killed(*given: Any, **said: Any) -> Any:
            if next(calls) in {1, 4}:
                raise SystemExit
            return work_out(*given, **said)

        monkeypatch.setattr(booking, "work_out", killed)
        with pytest.raises(SystemExit):
            go_on(run, at_once=3)
        assert (Reread.objects.get().state, RereadLoan.objects.count()) == ("planning", 3)

        go_on(run, at_once=3)
        assert (card(run).state, card(run).found) == ("asked", 7)
        approve(run)
        with pytest.raises(SystemExit):
            go_on(run, at_once=3)
        go_on(run, at_once=3)

        assert (card(run).state, card(run).booked) == ("done", 7)
        assert LoanEvent.objects.filter(kind="rate_changed").count() == 7
        assert not list(violations())

    def test_books_hundreds_in_parts_with_few_questions(
        self, django_assert_max_num_queries: Any
    ) -> None:
        agreed = loans.terms(floating=Floating(index="lpr_1y"))
        operations.open_loans(
            book="cn",
            disbursed=[
                loans.disbursed(agreed, funder=("harbour", "anchor")[each % 2])
                for each in range(300)
            ],
            actor=HOUSE,
            at=AT,
        )
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)

        with django_assert_max_num_queries(60):
            run = planned()
        approve(run)
        with django_assert_max_num_queries(150):
            go_on(run)

        found = card(run)
        assert (found.booked, found.aside) == (300, 0)
        assert [(each.funder, each.loans) for each in found.groups] == [
            ("anchor", 150),
            ("harbour", 150),
        ]
        assert found.saving_minor == sum(each.saving_minor for each in found.groups)
        assert not list(violations())
        loans.close_until(NEW_YEAR + timedelta(days=5))
        assert not list(violations())


class TestVerify:
    def test_names_a_run_that_booked_another_rate_and_a_rate_of_no_run(self) -> None:
        loan = floating_loan()
        loans.close_until(NEW_YEAR + timedelta(days=3))
        published("0.025", DECEMBER)
        run = reread().number

        RereadLoan.objects.update(reads_json='[["2027-01-01", "0.09"]]')
        names(rereading.booked, f"loan {loan} event reread-{run}-2027-01-01")

        RereadLoan.objects.all().delete()
        names(rereading.booked, f"loan {loan} event reread-{run}-2027-01-01")


class TestOverdue:
    def test_moves_what_is_overdue_with_its_penalty_and_stays_clean(self) -> None:
        follows = Penalty(multiplier=Decimal("1.5"), follows=PenaltyFollows.CURRENT_RATE)
        agreed = loans.terms(penalty=follows, floating=Floating(index="lpr_1y"))
        late, other = loans.open_loan(agreed=agreed), floating_loan()
        loans.close_until(date(2027, 3, 20))
        published("0.02", DECEMBER)
        before = queries.get_loan(number=late, viewer=HOUSE)

        assert reread().booked == 2

        after = queries.get_loan(number=late, viewer=HOUSE)
        assert before.state == after.state == "overdue"
        assert after.penalty_minor < before.penalty_minor
        assert not list(violations())
        for loan in (late, other):
            loans.repay(loan, 500_000)
        loans.close_until(date(2027, 4, 6))
        assert not list(violations())
