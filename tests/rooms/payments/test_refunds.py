"""Refunds: asked for by one person, let go by another, and only of what has no other place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.loanbook.servicing import queries as loans
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments.domain.refusals import (
    KeptByLoan,
    MoreThanUnapplied,
    RequestChanged,
    SamePerson,
)
from loanops.money.payments.invariants import CHECKS, debits, wrong_leavings, wrong_receipts
from loanops.money.payments.models import Refund
from loanops.money.payments.ports import KEEPERS
from loanops.platform.work import unit_of_work
from tests.factories.loans import AT, BANK, DAY, HOUSE, open_book, open_loan, repay

pytestmark = pytest.mark.django_db
OTHER = replace(HOUSE, person="han.mei")
NOBODY = Actor(person="li.lei")
ELSEWHERE = replace(OTHER, scopes=Scopes(books=frozenset({"us"})))


@pytest.fixture(autouse=True)
def _keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KEEPERS, "_plugged", {"servicing": loans.keeps})


def violations() -> list[str]:
    return [found.object for check in CHECKS for found in check.find()]


def received(amount_minor: int = 500) -> str:
    open_book()
    return payments.receive(
        book="cn", channel=BANK, pay_no="P1", amount_minor=amount_minor, on=DAY, loan="",
        actor=HOUSE, at=AT,
    ).number  # fmt: skip


def requested(receipt: str, **values: Any) -> queries.RefundCard:
    given: dict[str, Any] = {"amount_minor": 300, "reason": "not_ours", "actor": HOUSE}
    return payments.request_refund(receipt=receipt, at=AT, **{**given, **values})


def approved(receipt: str) -> str:
    number = requested(receipt).number
    payments.approve_refund(number=number, actor=OTHER, at=AT)
    return number


def left(receipt: str) -> int:
    return queries.get_receipt(number=receipt, viewer=HOUSE).unapplied_minor


class TestARefund:
    def test_takes_the_money_out_of_reach_when_it_is_let_go(self) -> None:
        receipt = received()
        card = requested(receipt)
        assert (card.state, left(receipt)) == ("requested", 500)

        card = payments.approve_refund(number=card.number, actor=OTHER, at=AT)

        assert (card.state, card.decided_by, left(receipt)) == ("approved", "han.mei", 200)
        assert violations() == []

    def test_ends_with_the_number_of_the_bank(self) -> None:
        receipt = received()
        number = approved(receipt)

        card = payments.confirm_refund(number=number, reference=" B-77 ", actor=HOUSE, at=AT)

        assert (card.state, card.partner_reference, card.moves) == ("sent", "B-77", ())
        assert violations() == []

    def test_that_fails_gives_the_money_back_to_its_receipt(self) -> None:
        receipt = received()
        number = approved(receipt)

        payments.fail_refund(number=number, problem="account closed", actor=HOUSE, at=AT)

        assert left(receipt) == 500
        assert violations() == []
        assert requested(receipt).state == "requested"

    def test_that_is_refused_changes_nothing(self) -> None:
        receipt = received()
        number = requested(receipt).number

        payments.refuse_refund(number=number, actor=OTHER, at=AT)

        assert left(receipt) == 500
        assert violations() == []


class TestFourEyes:
    def test_whoever_asked_does_not_decide(self) -> None:
        number = requested(received()).number

        for decide in (payments.approve_refund, payments.refuse_refund):
            with pytest.raises(SamePerson):
                decide(number=number, actor=HOUSE, at=AT)

    def test_the_table_holds_it_too(self) -> None:
        number = requested(received()).number

        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.filter(number=number).update(decided_by=HOUSE.person)

    def test_an_approval_counts_for_exactly_what_was_asked(self) -> None:
        number = requested(received()).number
        Refund.objects.filter(number=number).update(amount_minor=400)

        with pytest.raises(RequestChanged):
            payments.approve_refund(number=number, actor=OTHER, at=AT)

        assert queries.get_refund(number=number, viewer=HOUSE).state == "requested"

    def test_nothing_is_decided_or_ended_twice(self) -> None:
        number = approved(received())

        with pytest.raises(MoveNotAllowed):
            payments.approve_refund(number=number, actor=OTHER, at=AT)
        payments.confirm_refund(number=number, reference="B1", actor=HOUSE, at=AT)
        with pytest.raises(MoveNotAllowed):
            payments.confirm_refund(number=number, reference="B1", actor=HOUSE, at=AT)
        with pytest.raises(MoveNotAllowed):
            payments.fail_refund(number=number, problem="late", actor=HOUSE, at=AT)


class TestWhatCanBeRefunded:
    def test_is_no_more_than_has_no_place(self) -> None:
        receipt = received()

        with pytest.raises(MoreThanUnapplied):
            requested(receipt, amount_minor=501)

    def test_is_looked_at_again_when_it_is_let_go(self) -> None:
        receipt = received()
        number = requested(receipt).number
        with unit_of_work(actor=HOUSE, at=AT, book="cn", on=DAY) as work:
            payments.allocate_many(work=work, rows=[(receipt, 400)])
            work.unchanged()

        with pytest.raises(MoreThanUnapplied):
            payments.approve_refund(number=number, actor=OTHER, at=AT)

    def test_is_not_the_credit_of_a_loan(self) -> None:
        open_book()
        loan = open_loan()
        repay(loan, 2_000_000)
        [receipt] = queries.list_receipts(subject=loan, viewer=HOUSE)
        assert receipt.unapplied_minor > 300

        with pytest.raises(KeptByLoan):
            requested(receipt.number)

        [card] = queries.list_unapplied(book="cn", viewer=HOUSE)
        assert card.kept

    def test_is_asked_for_once_at_a_time(self) -> None:
        receipt = received()
        requested(receipt)

        with pytest.raises(BadField):
            requested(receipt, amount_minor=100)

    def test_has_an_amount_and_a_reason_that_is_known(self) -> None:
        receipt = received()

        with pytest.raises(BadField):
            requested(receipt, amount_minor=0)
        with pytest.raises(BadField):
            requested(receipt, reason="because")
        number = approved(receipt)
        with pytest.raises(BadField):
            payments.confirm_refund(number=number, reference=" ", actor=HOUSE, at=AT)
        with pytest.raises(BadField):
            payments.fail_refund(number=number, problem=" ", actor=HOUSE, at=AT)

    def test_needs_grants_and_rows_of_the_actor(self) -> None:
        receipt = received()
        number = requested(receipt).number

        for order in (payments.approve_refund, payments.refuse_refund):
            with pytest.raises(NotPermitted):
                order(number=number, actor=NOBODY, at=AT)
            with pytest.raises(NotFound):
                order(number=number, actor=ELSEWHERE, at=AT)
        with pytest.raises(NotPermitted):
            requested(receipt, actor=NOBODY)
        with pytest.raises(NotFound):
            requested("RC-NONE")
        with pytest.raises(NotPermitted):
            payments.confirm_refund(number=number, reference="B", actor=NOBODY, at=AT)
        with pytest.raises(NotPermitted):
            payments.fail_refund(number=number, problem="p", actor=NOBODY, at=AT)


class TestVerify:
    def test_names_a_refund_that_is_not_what_was_asked_for(self) -> None:
        number = approved(received())
        Refund.objects.filter(number=number).update(reason="other")

        [violation] = debits.changed_refunds()
        assert violation.object == f"refund {number}"

    def test_names_a_receipt_whose_refund_was_changed(self) -> None:
        receipt = received()
        Refund.objects.filter(number=approved(receipt)).update(amount_minor=299)

        [violation] = wrong_receipts()
        assert violation.object == f"receipt {receipt}"

    def test_names_the_account_of_a_refund_that_was_changed(self) -> None:
        Refund.objects.filter(number=approved(received())).update(amount_minor=299)

        [violation] = wrong_leavings()
        assert violation.object == "account cn refunds.payable"

    def test_names_a_refund_that_was_changed_without_the_ledger(self) -> None:
        receipt = received()
        number = approved(receipt)

        Refund.objects.filter(number=number).update(amount_minor=299)

        named = ["account cn refunds.payable", f"receipt {receipt}"]
        assert sorted(violations()) == [*named, f"refund {number}"]

    def test_tells_what_is_unapplied_in_all(self) -> None:
        approved(received())

        assert queries.unapplied_minor(book="cn", viewer=HOUSE) == 200
        assert queries.count_refunds_open(book="cn", viewer=HOUSE) == 1
        assert [card.state for card in queries.list_refunds(book="cn", viewer=HOUSE)] == [
            "approved"
        ]
