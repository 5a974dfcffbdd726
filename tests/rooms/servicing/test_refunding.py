"""The credit of a loan goes back: by two people, and undone only where its money is back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.config import wiring
from loanops.kernel.account import CreditTooSmall
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations.leaving import RefundGone
from loanops.money.ledger import queries as ledger
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as receipts
from loanops.money.payments.queries import RefundCard
from tests.factories.changes import order
from tests.factories.loans import AT, DAY, HOUSE, close_until, open_book, open_loan, repay

pytestmark = pytest.mark.django_db


@pytest.fixture
def loan() -> str:
    """A loan that was settled with 1,000.00 too much."""
    open_book()
    number = open_loan()
    payoff_minor = queries.payoff_minor(number=number, on=DAY, viewer=HOUSE)
    order(number, "settled_early", amount_minor=payoff_minor + 100_000)
    return number


def key_of(loan: str) -> str:
    [credit] = queries.list_credits(number=loan, viewer=HOUSE)
    return credit.key


def refund_of(loan: str) -> RefundCard:
    cards = receipts.list_refunds(book="cn", viewer=HOUSE)
    [number] = {each.number for each in receipts.list_receipts(subject=loan, viewer=HOUSE)}
    return next(card for card in cards if card.receipt == number)


def payable() -> int:
    balances = ledger.balances_of(book="cn", heads=("refunds.payable",), viewer=HOUSE)
    return sum(balances.values())


def violations() -> list[str]:
    checks = [c for c in wiring.invariants() if c.code in {"INV-03", "INV-08", "INV-13", "INV-21"}]
    return [f"{found.code} {found.object}" for check in checks for found in check.find()]


class TestRefunding:
    def test_takes_the_credit_off_the_loan_and_lets_the_money_go(self, loan: str) -> None:
        card = order(loan, "refunded", of=key_of(loan), amount_minor=100_000)

        assert (card.before.credit_minor, card.after.credit_minor) == (100_000, 0)
        assert Loan.objects.get(number=loan).credit_minor == 0
        refund = refund_of(loan)
        assert (refund.state, refund.amount_minor) == ("approved", 100_000)
        assert refund.requested_by != refund.decided_by
        assert payable() == 100_000
        assert violations() == []
        payments.confirm_refund(number=refund.number, reference="B1", actor=HOUSE, at=AT)
        assert payable() == 0
        assert violations() == []

    def test_leaves_the_rest_as_credit(self, loan: str) -> None:
        order(loan, "refunded", of=key_of(loan), amount_minor=30_000)

        [credit] = queries.list_credits(number=loan, viewer=HOUSE)
        assert credit.left_minor == 70_000
        assert violations() == []

    def test_is_no_more_than_is_left_over(self, loan: str) -> None:
        with pytest.raises(CreditTooSmall):
            order(loan, "refunded", of=key_of(loan), amount_minor=100_001)
        with pytest.raises(CreditTooSmall):
            order(loan, "refunded", of="another", amount_minor=1)

    def test_counts_for_an_earlier_day_against_what_fell_due_since(self) -> None:
        open_book()
        loan = open_loan()
        [first, *_] = queries.get_schedule(number=loan, viewer=HOUSE)
        close_until(first.due_on)
        order(loan, "fee_charged", first.due_on, amount_minor=100, component="fee")
        repay(loan, 2_000_000, first.due_on)
        on = first.due_on + timedelta(days=3)
        close_until(on)
        before = Loan.objects.get(number=loan).credit_minor

        order(loan, "refunded", first.due_on, of=key_of(loan), amount_minor=before)

        assert Loan.objects.get(number=loan).credit_minor == 0
        assert violations() == []


class TestUndoing:
    def test_waits_until_the_bank_did_not_take_it(self, loan: str) -> None:
        card = order(loan, "refunded", of=key_of(loan), amount_minor=100_000)
        with pytest.raises(RefundGone):
            order(loan, "reversed", of=card.key)

        number = refund_of(loan).number
        payments.fail_refund(number=number, problem="closed account", actor=HOUSE, at=AT)
        order(loan, "reversed", of=card.key)

        [credit] = queries.list_credits(number=loan, viewer=HOUSE)
        assert credit.left_minor == 100_000
        assert violations() == []

    def test_of_the_payment_is_refused_while_it_is_refunded(self, loan: str) -> None:
        paid = key_of(loan)
        order(loan, "refunded", of=paid, amount_minor=100_000)

        with pytest.raises(CreditTooSmall):
            order(loan, "reversed", of=paid)
