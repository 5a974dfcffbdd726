"""Receipts once, debit orders out, their answers in, and the money laid on loans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing import reactions as servicing
from loanops.money.payments import operations as payments
from loanops.money.payments import queries, reactions
from loanops.money.payments.invariants import CHECKS, debits, witnessed
from loanops.money.payments.models import DebitFile, DebitOrder, Receipt
from loanops.money.payments.operations import ReceiptReused
from loanops.money.payments.ports import CHANNELS, DebitFileOut, DebitResult
from loanops.money.payments.queries import OrderFilter
from loanops.platform.outbox.models import Message
from loanops.platform.outbox.pump import announced_of
from tests.factories.loans import AT, BANK, DAY, HOUSE, close_until, open_book, open_loan, repay

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)


class Bank:
    """A bank that takes files and answers what the test tells it to."""

    def __init__(self) -> None:
        self.files: list[DebitFileOut] = []
        self.answers: list[DebitResult] | None = None
        self.down = False

    def send_debit_file(self, *, file: DebitFileOut) -> str:
        if self.down:
            raise ConnectionError
        self.files.append(file)
        return f"REF-{file.number}"

    def fetch_results(self, *, party: str, file: str) -> Sequence[DebitResult] | None:
        return self.answers


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Bank:
    made = Bank()
    monkeypatch.setattr(CHANNELS, "_plugged", {"open_bank": made})
    return made


def received(**values: Any) -> queries.ReceiptCard:
    given: dict[str, Any] = {
        "book": "cn",
        "channel": BANK,
        "pay_no": "P1",
        "amount_minor": 500,
        "on": DAY,
        "loan": "LN-1",
        "actor": HOUSE,
        "at": AT,
    }
    return payments.receive(**{**given, **values})


def violations() -> list[str]:
    return [found.object for check in CHECKS for found in check.find()]


class TestReceive:
    def test_keeps_money_unapplied(self) -> None:
        open_book()

        card = received()

        assert (card.unapplied_minor, card.allocated_minor) == (500, 0)
        assert violations() == []

    def test_answers_the_same_money_with_the_same_receipt(self) -> None:
        open_book()

        assert received().number == received().number
        assert Receipt.objects.count() == 1

    def test_refuses_the_same_number_for_other_money(self) -> None:
        open_book()
        received()

        with pytest.raises(ReceiptReused):
            received(amount_minor=501)

    def test_needs_the_grant_an_amount_and_a_number(self) -> None:
        open_book()

        with pytest.raises(NotPermitted):
            received(actor=Actor(person="li.lei"))
        with pytest.raises(BadField):
            received(amount_minor=0)
        with pytest.raises(BadField):
            received(pay_no=" ")


class TestDebits:
    def due(self) -> tuple[str, str]:
        """A loan with an instalment due today, and the file that asks for it."""
        open_book()
        loan = open_loan()
        close_until(DUE)
        [file] = queries.list_files(book="cn", viewer=HOUSE)
        return loan, file.number

    def order(self, loan: str) -> queries.OrderCard:
        return queries.list_orders(wanted=OrderFilter(subject=loan), viewer=HOUSE)[0]

    def sent(self, bank: Bank) -> tuple[str, str]:
        loan, file = self.due()
        payments.send_debit_file(number=file, actor=HOUSE, at=AT)
        return loan, file

    def test_are_sent_with_the_serial_by_which_the_bank_knows_the_loan(self, bank: Bank) -> None:
        loan, file = self.sent(bank)

        [line] = bank.files[0].lines
        assert (bank.files[0].party, line.amount_minor) == ("harbour", 88_849)
        assert line.account == loans.get_loan(number=loan, viewer=HOUSE).serial
        assert queries.get_file(number=file, viewer=HOUSE).state == "sent"

    def test_go_out_again_unchanged_after_a_failure(self, bank: Bank) -> None:
        loan, file = self.due()
        bank.down = True
        with pytest.raises(ConnectionError):
            reactions.send_debit_file({"file": file}, actor=HOUSE, at=AT)
        bank.down = False
        repay(loan, 88_849)

        reactions.send_debit_file({"file": file}, actor=HOUSE, at=AT)

        assert [line.subject for line in [self.order(loan)]] == [loan]
        assert len(bank.files[0].lines) == 1

    def test_are_held_to_what_was_asked_when_they_went_out(self, bank: Bank) -> None:
        loan, file = self.sent(bank)
        assert violations() == []

        DebitOrder.objects.filter(subject=loan).update(account="another")
        [changed] = debits.changed_files()
        DebitFile.objects.filter(number=file).update(sha256="")
        [forgotten] = witnessed.strayed_files()

        assert changed.object == forgotten.object == f"debit file {file}"

    def test_are_stopped_when_the_money_came_before_they_went_out(self, bank: Bank) -> None:
        loan, _ = self.due()

        repay(loan, 88_849)

        assert self.order(loan).state == "stopped"

    def test_become_receipts_and_pay_the_loan(self, bank: Bank) -> None:
        loan, file = self.sent(bank)
        bank.answers = [DebitResult(self.order(loan).number, "B1", 88_849, DUE)]

        reactions.take_debit_results({"file": file, "look": 0}, actor=HOUSE, at=AT)
        told = Message.objects.get(name="payments.debits_collected")
        servicing.allocate_debits(announced_of(told), actor=HOUSE, at=AT)

        assert self.order(loan).state == "collected"
        card = loans.get_loan(number=loan, viewer=HOUSE)
        assert (card.due_minor, card.paid_minor) == (0, 88_849)
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)
        assert receipt.unapplied_minor == 0
        assert violations() == []

    def test_keep_what_was_paid_otherwise_too_as_advance(self, bank: Bank) -> None:
        loan, file = self.sent(bank)
        repay(loan, 88_849)
        bank.answers = [DebitResult(self.order(loan).number, "B1", 88_849, DUE)]

        reactions.take_debit_results({"file": file, "look": 0}, actor=HOUSE, at=AT)
        told = Message.objects.get(name="payments.debits_collected")
        servicing.allocate_debits(announced_of(told), actor=HOUSE, at=AT)

        card = loans.get_loan(number=loan, viewer=HOUSE)
        assert card.paid_minor == 2 * 88_849
        assert violations() == []

    @pytest.mark.parametrize(("collected", "state"), [(50_000, "partly"), (0, "failed")])
    def test_end_partly_or_not_at_all(self, bank: Bank, collected: int, state: str) -> None:
        loan, file = self.sent(bank)
        answer = DebitResult(self.order(loan).number, "B1" if collected else "", collected, DUE)

        taken = payments.take_debit_results(number=file, results=[answer], actor=HOUSE, at=AT)

        assert (self.order(loan).state, taken.collected_minor) == (state, collected)
        assert violations() == []

    def test_are_answered_once(self, bank: Bank) -> None:
        loan, file = self.sent(bank)
        answer = DebitResult(self.order(loan).number, "B1", 88_849, DUE)
        payments.take_debit_results(number=file, results=[answer], actor=HOUSE, at=AT)

        again = payments.take_debit_results(number=file, results=[answer], actor=HOUSE, at=AT)

        assert again.collected == 0
        assert Receipt.objects.filter(subject=loan).count() == 1

    def test_cannot_be_answered_before_they_went_out(self, bank: Bank) -> None:
        _, file = self.due()

        with pytest.raises(MoveNotAllowed):
            payments.take_debit_results(number=file, results=[], actor=HOUSE, at=AT)

    def test_need_the_grant_and_a_file_that_exists(self, bank: Bank) -> None:
        _, file = self.due()

        with pytest.raises(NotPermitted):
            payments.send_debit_file(number=file, actor=Actor(person="li.lei"), at=AT)
        with pytest.raises(NotFound):
            payments.send_debit_file(number="DF-NONE", actor=HOUSE, at=AT)

    def test_are_never_live_twice_for_one_loan(self) -> None:
        loan, _ = self.due()
        order = DebitOrder.objects.get(subject=loan)
        order.pk, order.number = None, "DD-SECOND"

        with pytest.raises(IntegrityError), transaction.atomic():
            order.save()
