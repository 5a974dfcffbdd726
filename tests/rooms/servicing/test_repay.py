"""Repayment: one or many, once, newest or back-dated, and what the ledger says of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loanops.config import wiring
from loanops.kernel.access import Actor
from loanops.kernel.allocation import Component, Order, Stage, StageOrder
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent
from loanops.loanbook.servicing.operations import DayNotReached, RepaymentIn
from loanops.money.ledger import queries as ledger
from loanops.money.payments.models import Receipt
from loanops.money.payments.operations import ReceiptReused
from tests.factories.changes import order
from tests.factories.loans import (
    AT,
    BANK,
    DAY,
    HOUSE,
    close_until,
    open_book,
    open_loan,
    repay,
    terms,
)

pytestmark = pytest.mark.django_db
LATE = date(2027, 1, 20)
TOLD_ON = date(2026, 12, 10)


def violations() -> list[str]:
    return [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        if check.code in {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10)}
        for found in check.find()
    ]


def figures(loan: str) -> tuple[object, ...]:
    row = Loan.objects.get(number=loan)
    items = Instalment.objects.filter(loan=row).order_by("number")
    return (
        row.state,
        row.bucket,
        row.outstanding_minor,
        row.oldest_due_on,
        row.credit_minor,
        list(
            items.values_list(
                "paid_principal_minor",
                "paid_interest_minor",
                "paid_fee_minor",
                "paid_penalty_minor",
                "open_minor",
                "settled_on",
            )
        ),
    )


class TestRepay:
    def test_pays_the_first_instalment_to_the_unit(self) -> None:
        open_book()
        loan = open_loan()

        card = repay(loan, 88_849)

        assert (card.interest_minor, card.principal_minor) == (10_000, 78_849)
        assert card.outstanding_minor == 921_151
        assert violations() == []

    def test_answers_the_same_money_again_and_books_nothing(self) -> None:
        open_book()
        loan = open_loan()
        first = repay(loan, 50_000, pay_no="X1")

        again = repay(loan, 50_000, pay_no="X1")

        assert again.repeated
        assert (again.receipt, again.principal_minor) == (first.receipt, first.principal_minor)
        assert LoanEvent.objects.filter(loan__number=loan, kind="repaid").count() == 1

    def test_answers_money_again_that_was_booked_as_a_change(self) -> None:
        # ``soak --part book``, seed 2: it fell over what a change says beside.
        open_book()
        loan = open_loan()
        order(loan, "prepaid", amount_minor=200_000, keep="term")
        key = LoanEvent.objects.get(loan__number=loan, kind="prepaid").receipt
        receipt = Receipt.objects.get(number=key)

        again = servicing.repay(
            loan=loan, channel=receipt.channel, pay_no=receipt.pay_no, amount_minor=200_000,
            on=DAY, actor=HOUSE, at=AT,
        )  # fmt: skip

        assert (again.repeated, again.receipt) == (True, key)
        assert Receipt.objects.count() == 1

    def test_pays_what_was_charged_after_everything_was_paid(self) -> None:
        # ``soak --part book``, seed 5: it was left over beside a fee that nobody could pay.
        open_book()
        loan = open_loan()
        repay(loan, sum(Instalment.objects.values_list("open_minor", flat=True)))
        close_until(DAY + timedelta(days=1))
        order(loan, "fee_charged", DAY + timedelta(days=1), amount_minor=500, component="fee")
        close_until(DAY + timedelta(days=2))

        card = repay(loan, 800)

        assert (card.fee_minor, card.unapplied_minor, card.state) == (500, 300, "settled")
        assert violations() == []

    def test_pays_a_charge_of_an_instalment_ahead_by_the_day_of_the_charge(self) -> None:
        # ``soak --part book``, seed 30: it was taken for due with its instalment, and paid last.
        open_book()
        parts = (Component.INTEREST, Component.PRINCIPAL, Component.PENALTY, Component.FEE)
        loan = open_loan(agreed=terms(allocation=Order(due=parts, in_advance=parts)))
        order(loan, "fee_charged", amount_minor=500, component="fee")
        close_until(DAY + timedelta(days=1))

        assert repay(loan, 800).fee_minor == 500
        assert violations() == []

    def test_refuses_the_same_number_for_other_money(self) -> None:
        open_book()
        loan = open_loan()
        repay(loan, 50_000, pay_no="X1")

        with pytest.raises(ReceiptReused):
            repay(loan, 50_001, pay_no="X1")

    def test_in_halves_of_one_day_is_laid_as_at_once_where_stages_have_their_orders(self) -> None:
        open_book()
        kept = StageOrder(stage=Stage.OVERDUE, order=Order(in_advance=()))
        whole, halves = (open_loan(agreed=terms(stage_orders=(kept,))) for _ in range(2))
        close_until(LATE)
        card = queries.get_loan(number=whole, viewer=HOUSE)
        owed_minor = card.overdue_minor + card.penalty_minor

        repay(whole, owed_minor + 50_000)
        repay(halves, owed_minor)
        repay(halves, 50_000)

        # The day began overdue, and there nothing is paid ahead.
        assert figures(halves) == figures(whole)
        assert Loan.objects.get(number=halves).credit_minor == 50_000
        assert violations() == []

    def test_keeps_what_is_too_much_as_credit(self) -> None:
        open_book()
        loan = open_loan()

        card = repay(loan, 2_000_000)

        assert card.state == "settled"
        assert card.unapplied_minor == 2_000_000 - 1_000_000 - 66_186
        assert queries.get_loan(number=loan, viewer=HOUSE).credit_minor == card.unapplied_minor
        assert violations() == []

    def test_takes_penalty_of_an_overdue_instalment_and_cures_the_loan(self) -> None:
        open_book()
        loan = open_loan()
        close_until(date(2026, 12, 12))

        card = repay(loan, 89_243)

        # 788.49 of principal, 18 % a year, ten days late, base 360: 3.94.
        assert (card.penalty_minor, card.interest_minor, card.principal_minor) == (
            394,
            10_000,
            78_849,
        )
        assert card.state == "active"
        assert [c.move for c in queries.list_changes(number=loan, viewer=HOUSE)] == [
            "fall_overdue",
            "cure",
        ]
        assert violations() == []

    def test_replays_later_payments_when_money_counts_for_an_earlier_day(self) -> None:
        open_book()
        late, never = open_loan(), open_loan()
        close_until(LATE)
        repay(late, 60_000, LATE, pay_no="L1")
        repay(never, 88_849, date(2026, 12, 2), pay_no="N2")
        repay(never, 60_000, LATE, pay_no="N1")

        repay(late, 88_849, date(2026, 12, 2), pay_no="L2")

        assert figures(late) == figures(never)
        assert violations() == []

    def test_uses_credit_when_the_next_instalment_falls_due(self) -> None:
        open_book()
        loan = open_loan(agreed=terms(allocation=Order(in_advance=())))
        repay(loan, 100_000)
        assert queries.get_loan(number=loan, viewer=HOUSE).credit_minor == 100_000

        close_until(date(2026, 12, 3))

        card = queries.get_loan(number=loan, viewer=HOUSE)
        assert (card.credit_minor, card.overdue_minor, card.state) == (11_151, 0, "active")
        assert violations() == []

    @pytest.mark.parametrize("before_minor", [0, 100])
    def test_told_late_goes_to_what_fell_due_since_where_nothing_is_paid_ahead(
        self, before_minor: int
    ) -> None:
        # ``soak --part book``, seed 42: it was kept as credit beside an overdue instalment.
        open_book()
        loan = open_loan(agreed=terms(allocation=Order(in_advance=())))
        if before_minor:
            repay(loan, before_minor)
        close_until(TOLD_ON)

        repay(loan, 50_000, DAY + timedelta(days=10))

        kept = Loan.objects.get(number=loan)
        assert (kept.credit_minor, kept.state) == (0, "overdue")
        assert Instalment.objects.get(loan=kept, number=1).open_minor == 38_849 - before_minor
        assert violations() == []

    def test_needs_the_grant(self) -> None:
        open_book()
        loan = open_loan()

        with pytest.raises(NotPermitted):
            servicing.repay(
                loan=loan,
                channel=BANK,
                pay_no="X1",
                amount_minor=1,
                on=DAY,
                actor=Actor(person="li.lei"),
                at=AT,
            )

    def test_refuses_a_day_that_has_not_come_a_strange_loan_and_nothing_at_all(self) -> None:
        open_book()
        loan = open_loan()

        with pytest.raises(DayNotReached):
            repay(loan, 100, DAY + timedelta(days=1))
        with pytest.raises(NotFound):
            repay("LN-NONE", 100, DAY)
        with pytest.raises(BadField):
            repay(loan, 0)
        assert not LoanEvent.objects.filter(kind="repaid").exists()


class TestRepayMany:
    rows = st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 300_000), st.integers(0, 30)), max_size=6
    )

    @settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(files=st.lists(rows, min_size=4, max_size=4))
    def test_books_what_single_repayments_book(
        self, files: list[list[tuple[int, int, int]]]
    ) -> None:
        # Several files to a book: closing its days is what costs.
        book = f"b{Loan.objects.count()}"
        open_book(book)
        one, many = ([open_loan(book) for _ in range(3 * len(files))] for _ in range(2))
        close_until(TOLD_ON, book=book)
        for file, rows in enumerate(files):
            dated = [
                (3 * file + loan, amount_minor, TOLD_ON - timedelta(days=ago))
                for loan, amount_minor, ago in rows
            ]

            for place, (loan, amount_minor, on) in enumerate(dated):
                repay(one[loan], amount_minor, on, book=book, pay_no=f"{book}-{file}-S{place}")
            booked = servicing.repay_many(
                book=book,
                rows=[
                    RepaymentIn(
                        loan=many[loan],
                        channel=BANK,
                        pay_no=f"{book}-{file}-M{place}",
                        amount_minor=amount_minor,
                        on=on,
                    )
                    for place, (loan, amount_minor, on) in enumerate(dated)
                ],
                actor=HOUSE,
                at=AT,
            )

            assert not booked.refused

        assert [figures(loan) for loan in one] == [figures(loan) for loan in many]
        for left, right in zip(one, many, strict=True):
            assert principal_of(left) == principal_of(right)
        assert violations() == []

    def test_refuses_a_bad_row_alone(self) -> None:
        open_book()
        loan = open_loan()
        good = RepaymentIn(loan=loan, channel=BANK, pay_no="A", amount_minor=100, on=DAY)
        bad = RepaymentIn(loan="LN-NONE", channel=BANK, pay_no="B", amount_minor=100, on=DAY)

        booked = servicing.repay_many(book="cn", rows=[bad, good, good], actor=HOUSE, at=AT)

        assert [(each.row, each.refusal.code) for each in booked.refused] == [(0, "not_found")]
        assert [card.repeated for card in booked.cards] == [False, True]
        assert violations() == []


def principal_of(loan: str) -> int:
    entries = ledger.entries_of(subject=loan, viewer=HOUSE)
    return sum(
        entry.amount_minor
        * ((entry.debit == "loans.principal") - (entry.credit == "loans.principal"))
        for entry in entries
    )
