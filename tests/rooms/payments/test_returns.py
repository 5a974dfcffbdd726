"""Money that a bank takes back, by hand or by file: once, all of it, and told to who laid it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import MoveNotAllowed, NotFound, NotPermitted, Refusal
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.invariants import CHECKS as LOAN_CHECKS
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments.domain.refusals import (
    AnswerFileCount,
    AnswerFileShort,
    AnswerFileTaken,
    AnswerFileTotal,
    AnswerFileWrong,
    DayOutside,
    ReturnedAlready,
    ReturnedInPart,
)
from loanops.money.payments.invariants import CHECKS, debits
from loanops.money.payments.models import AnswerFile, Receipt, Return
from loanops.money.payments.operations import Announced
from loanops.money.payments.ports import CHANNELS, KEEPERS
from loanops.platform.outbox.models import Message
from loanops.platform.sheets.refusals import ColumnMissing, FileUnreadable
from loanops.platform.work import unit_of_work
from tests.factories.loans import AT, BANK, DAY, HOUSE, close_until, open_book, open_loan, repay
from tests.factories.workbooks import workbook
from tests.rooms.payments.bank import Bank, answer, deliver, file_of, orders_of, undo_returned

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
INSTALMENT = 88_849
NOBODY = Actor(person="li.lei")
ELSEWHERE = replace(HOUSE, scopes=Scopes(books=frozenset({"us"})))


@pytest.fixture(autouse=True)
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    made = Bank()
    monkeypatch.setattr(CHANNELS, "_plugged", {"open_bank": made})
    monkeypatch.setattr(KEEPERS, "_plugged", {"servicing": loans.keeps})
    return made


def violations() -> list[str]:
    return [found.object for check in CHECKS for found in check.find()]


def received(amount_minor: int = 500, pay_no: str = "P1", loan: str = "") -> queries.ReceiptCard:
    return payments.receive(
        book="cn", channel=BANK, pay_no=pay_no, amount_minor=amount_minor, on=DAY, loan=loan,
        actor=HOUSE, at=AT,
    )  # fmt: skip


def take_back(receipt: str, **values: Any) -> queries.ReturnCard:
    given: dict[str, Any] = {"amount_minor": 500, "reason": "R01", "on": DAY, "actor": HOUSE}
    return payments.return_receipt(receipt=receipt, at=AT, **{**given, **values})


class TestAPaymentTakenBack:
    def test_gives_at_once_what_has_no_place(self) -> None:
        open_book()
        receipt = received()

        card = take_back(receipt.number)

        assert (card.covered_minor, card.waiting_minor) == (500, 0)
        [told] = Message.objects.filter(name="payments.debit_returned")
        assert '"reason":"R01"' in told.payload_json
        assert queries.get_receipt(number=receipt.number, viewer=HOUSE).unapplied_minor == 0
        assert violations() == []

    def test_of_another_day_or_amount_than_its_receipt_is_named(self) -> None:
        open_book()
        number = take_back(received().number).number
        Return.objects.update(returned_on=date(2020, 1, 1))

        [violation] = debits.strayed_returns()
        assert violation.object == f"return {number}"

    def test_waits_for_the_loan_that_it_was_laid_on_and_ends_its_order(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)
        answer({loan: INSTALMENT}, on=DUE)
        deliver()
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)

        card = take_back(receipt.number, amount_minor=INSTALMENT, on=DUE)

        assert card.waiting_minor == INSTALMENT
        assert orders_of(loan)[0].state == "returned"
        assert violations() == []

    def test_is_off_the_loan_when_servicing_has_heard_of_it(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)
        answer({loan: INSTALMENT}, on=DUE)
        deliver()
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)
        take_back(receipt.number, amount_minor=INSTALMENT, on=DUE)

        undo_returned()
        undo_returned()

        card = loans.get_loan(number=loan, viewer=HOUSE)
        assert (card.due_minor, card.paid_minor) == (INSTALMENT, 0)
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)
        assert (receipt.returned_minor, receipt.allocated_minor) == (INSTALMENT, 0)
        assert queries.list_returns(book="cn", viewer=HOUSE)[0].waiting_minor == 0
        assert violations() == []
        assert [found.object for check in LOAN_CHECKS for found in check.find()] == []

    def test_that_comes_after_the_borrower_paid_too_takes_nothing_but_its_own(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)
        answer({loan: INSTALMENT}, on=DUE)
        deliver()
        repay(loan, INSTALMENT)
        debited = next(
            each
            for each in queries.list_receipts(subject=loan, viewer=HOUSE)
            if each.pay_no.startswith("B-")
        )
        take_back(debited.number, amount_minor=INSTALMENT, on=DUE)

        undo_returned()

        card = loans.get_loan(number=loan, viewer=HOUSE)
        assert (card.due_minor, card.paid_minor) == (0, INSTALMENT)
        assert violations() == []

    def test_before_it_was_laid_is_never_laid(self) -> None:
        open_book()
        loan = open_loan()
        close_until(DUE)
        answer({loan: INSTALMENT}, on=DUE)
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)
        take_back(receipt.number, amount_minor=INSTALMENT, on=DUE)

        deliver()
        undo_returned()

        assert loans.get_loan(number=loan, viewer=HOUSE).paid_minor == 0
        assert violations() == []

    def test_is_covered_when_the_loan_has_given_it_back(self) -> None:
        open_book()
        receipt = received()
        with unit_of_work(actor=HOUSE, at=AT, book="cn", on=DAY) as work:
            payments.allocate_many(work=work, rows=[(receipt.number, 500)])
            work.unchanged()
        assert take_back(receipt.number).waiting_minor == 500
        with unit_of_work(actor=HOUSE, at=AT, book="cn", on=DAY) as work:
            assert payments.cover_returns(work=work, receipts=[receipt.number]) == 0
            payments.allocate_many(work=work, rows=[(receipt.number, -500)])
            assert payments.cover_returns(work=work, receipts=[receipt.number]) == 500
            assert payments.cover_returns(work=work, receipts=[receipt.number]) == 0
            work.unchanged()

        assert queries.list_returns(book="cn", viewer=HOUSE)[0].waiting_minor == 0
        assert violations() == []

    def test_is_taken_back_once_as_a_whole_and_on_a_day_that_can_be(self) -> None:
        open_book()
        receipt = received().number

        with pytest.raises(ReturnedInPart):
            take_back(receipt, amount_minor=499)
        for day in (DAY - timedelta(days=1), DAY + timedelta(days=1)):
            with pytest.raises(DayOutside):
                take_back(receipt, on=day)
        take_back(receipt)
        with pytest.raises(ReturnedAlready):
            take_back(receipt)

    def test_needs_the_grant_and_a_receipt_of_the_actor(self) -> None:
        open_book()
        receipt = received().number

        with pytest.raises(NotPermitted):
            take_back(receipt, actor=NOBODY)
        with pytest.raises(NotFound):
            take_back(receipt, actor=ELSEWHERE)
        with pytest.raises(NotFound):
            take_back("RC-NONE")


def return_file(text: str, count: int, total_minor: int, **values: Any) -> payments.FileTaken:
    given: dict[str, Any] = {"book": "cn", "channel": BANK, "name": "back.csv", "actor": HOUSE}
    given["content"] = text if isinstance(text, bytes) else text.encode()
    announced = Announced(count=count, total_minor=total_minor)
    return payments.take_return_file(announced=announced, at=AT, **{**given, **values})


HEAD = "pay_no,amount,on,reason\n"
TWO = f"{HEAD}P1,5.00,{DAY},R01\nP2,7.00,{DAY},R02\n"


class TestAFileOfPaymentsTakenBack:
    def given(self) -> None:
        open_book()
        received()
        received(700, "P2")

    def test_is_taken_as_a_whole(self) -> None:
        self.given()

        taken = return_file(TWO, 2, 1_200)

        assert (taken.rows, taken.total_minor, taken.version) == (2, 1_200, 1)
        assert len(queries.list_returns(book="cn", viewer=HOUSE)) == 2
        assert violations() == []

    def test_may_be_in_chinese_and_gbk(self) -> None:
        self.given()
        text = f"支付流水号,金额,日期,原因\nP1,5.00,{DAY},余额不足\n"

        return_file(text, 1, 500, content=text.encode("gbk"))

        assert queries.list_returns(book="cn", viewer=HOUSE)[0].reason == "余额不足"

    @pytest.mark.parametrize(
        ("text", "count", "total", "refusal"),
        [
            (TWO, 3, 1_200, AnswerFileCount),
            (TWO, 2, 1_201, AnswerFileTotal),
            (TWO[: TWO.rindex("P2")], 2, 1_200, AnswerFileCount),
            ("", 0, 0, FileUnreadable),
            ("pay_no,amount,on\n", 0, 0, ColumnMissing),
            (f"{HEAD}P1,5.00,{DAY},R01\nP1,5.00,{DAY},R01\n", 2, 1_000, AnswerFileWrong),
            (f"{HEAD}P1,5.00,{DAY},R01\nP9,7.00,{DAY},R02\n", 2, 1_200, AnswerFileWrong),
            (f"{HEAD}P1,4.99,{DAY},R01\n", 1, 499, AnswerFileWrong),
            (f"{HEAD}P1,five,{DAY},R01\n", 1, 500, AnswerFileWrong),
            (f"{HEAD}P1,5.00,yesterday,R01\n", 1, 500, AnswerFileWrong),
            (f"{HEAD}P1,5.00,{DAY}\n", 1, 500, AnswerFileWrong),
            (f"{HEAD}P1,5.00,{DAY},\n", 1, 500, AnswerFileWrong),
        ],
    )
    def test_that_is_not_whole_books_nothing(
        self, text: str, count: int, total: int, refusal: type[Refusal]
    ) -> None:
        self.given()

        with pytest.raises(refusal):
            return_file(text, count, total)

        assert not Return.objects.exists()
        assert not AnswerFile.objects.exists()

    def test_names_every_row_that_cannot_be_taken(self) -> None:
        self.given()

        with pytest.raises(AnswerFileWrong) as refused:
            return_file(f"{HEAD}P9,5.00,{DAY},R\nP1,5.00,{DAY},R\nP8,5.00,x,R\n", 3, 1_500)

        assert [(row.line, row.column) for row in refused.value.rows] == [(2, "pay_no"), (4, "on")]

    def test_is_taken_once_and_its_rows_are(self) -> None:
        self.given()
        return_file(TWO, 2, 1_200)

        with pytest.raises(AnswerFileTaken):
            return_file(TWO, 2, 1_200)
        with pytest.raises(AnswerFileWrong):
            return_file(TWO + "\n", 2, 1_200)

    def test_needs_the_grant_and_a_book_of_the_actor(self) -> None:
        self.given()

        with pytest.raises(NotPermitted):
            return_file(TWO, 2, 1_200, actor=NOBODY)
        with pytest.raises(NotFound):
            return_file(TWO, 2, 1_200, actor=ELSEWHERE)


class TestAnAnswerByHand:
    def sent(self, count: int = 2) -> tuple[str, list[str]]:
        open_book()
        made = [open_loan() for _ in range(count)]
        close_until(DUE)
        file = file_of().number
        payments.send_debit_file(number=file, actor=HOUSE, at=AT)
        return file, [orders_of(loan)[0].number for loan in made]

    def text(self, orders: list[str], amounts: list[str]) -> str:
        rows = [
            f"{order},{f'B{place}' if float(amount) else ''},{amount},{DUE},"
            f"{'' if float(amount) else 'no money'}\n"
            for place, (order, amount) in enumerate(zip(orders, amounts, strict=True))
        ]
        return "order,pay_no,amount,on,reason\n" + "".join(rows)

    def take(
        self, file: str, text: str, count: int, total: int, **values: Any
    ) -> payments.FileTaken:
        given: dict[str, Any] = {"content": text.encode(), "actor": HOUSE, **values}
        return payments.take_answer_file(
            file=file,
            name="answer.csv",
            announced=Announced(count=count, total_minor=total),
            at=AT,
            **given,
        )

    def test_ends_orders_as_the_channel_s_own_would(self) -> None:
        file, orders = self.sent()

        taken = self.take(file, self.text(orders, ["888.49", "0.00"]), 2, INSTALMENT)
        deliver()

        assert taken.rows == 2
        listed = queries.list_orders(wanted=queries.OrderFilter(file=file), viewer=HOUSE)
        assert sorted(each.state for each in listed) == ["collected", "failed"]
        assert Receipt.objects.get().allocated_minor == INSTALMENT
        assert violations() == []

    def test_of_a_workbook_is_the_same(self) -> None:
        file, orders = self.sent(1)
        book = workbook([line.split(",") for line in self.text(orders, ["888.49"]).splitlines()])

        taken = self.take(file, "", 1, INSTALMENT, content=book)

        assert taken.total_minor == INSTALMENT

    def test_that_is_cut_off_is_refused_even_if_its_sender_counted_it_so(self) -> None:
        file, orders = self.sent()

        with pytest.raises(AnswerFileShort):
            self.take(file, self.text(orders[:1], ["888.49"]), 1, INSTALMENT)

        assert not Receipt.objects.exists()

    def test_names_orders_that_are_none_and_amounts_that_are_too_much(self) -> None:
        file, orders = self.sent()

        with pytest.raises(AnswerFileWrong) as refused:
            self.take(file, self.text(["DD-NONE", orders[1]], ["1.00", "888.50"]), 2, 88_950)

        assert [row.refusal.code for row in refused.value.rows] == [
            "payments_order_unknown",
            "payments_collected_too_much",
        ]

    def test_repeats_what_was_answered_and_refuses_what_differs(self) -> None:
        file, orders = self.sent()
        text = self.text(orders, ["888.49", "0.00"])
        self.take(file, text, 2, INSTALMENT)

        with pytest.raises(AnswerFileTaken):
            self.take(file, text, 2, INSTALMENT)
        assert self.take(file, text + "\n", 2, INSTALMENT).version == 2
        assert Receipt.objects.count() == 1
        with pytest.raises(AnswerFileWrong):
            self.take(file, self.text(orders, ["888.48", "0.00"]), 2, INSTALMENT - 1)

    def test_waits_until_the_debit_file_went_out(self) -> None:
        open_book()
        open_loan()
        close_until(DUE)

        with pytest.raises(MoveNotAllowed):
            self.take(file_of().number, self.text(["X"], ["1.00"]), 1, 100)

    def test_needs_the_grant_and_a_file_of_the_actor(self) -> None:
        file, orders = self.sent(1)
        text = self.text(orders, ["0.00"])

        with pytest.raises(NotPermitted):
            self.take(file, text, 1, 0, actor=NOBODY)
        with pytest.raises(NotFound):
            self.take(file, text, 1, 0, actor=ELSEWHERE)
