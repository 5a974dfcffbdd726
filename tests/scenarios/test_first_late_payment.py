"""A borrower pays once in time, misses the second instalment, and comes back: day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from loanops.config import wiring
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing import queries as loans
from loanops.money.ledger import queries as ledger
from loanops.money.payments import queries as payments
from loanops.money.payments.queries import OrderFilter
from loanops.platform.audit import queries as audit
from tests.factories.loans import AT, BANK, HOUSE, close_until, open_book, open_loan, repay

pytestmark = pytest.mark.django_db
HOLDS = {f"INV-{number:02d}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10)}


def test_a_first_late_payment() -> None:
    # Monday 2 November 2026: 10,000.00 over twelve months at 12 %, paid out by Harbour Bank.
    open_book()
    loan = open_loan()

    # 2 December: the first instalment of 888.49 falls due, is asked for, and is paid.
    close_until(date(2026, 12, 2))
    assert loans.get_loan(number=loan, viewer=HOUSE).due_minor == 88_849
    repay(loan, 88_849)

    # 2 January: the second is asked for; nobody pays. On the third the loan is overdue.
    close_until(date(2027, 1, 3))
    late = loans.get_loan(number=loan, viewer=HOUSE)
    assert (late.state, late.bucket_name, late.dpd) == ("overdue", "M1", 1)
    asked = payments.list_orders(wanted=OrderFilter(subject=loan), viewer=HOUSE)
    assert [order.due_on for order in asked] == [date(2027, 1, 2), date(2026, 12, 2)]

    # 12 January, ten days late: 796.37 of principal at 18 % a year for ten days is 3.98.
    close_until(date(2027, 1, 12))
    card = repay(loan, 88_849 + 398)
    assert (card.penalty_minor, card.principal_minor, card.state) == (398, 79_637, "active")

    # Later it turns out that 100.00 had come on 20 December: the penalty shrinks with it.
    repay(loan, 10_000, date(2026, 12, 20))
    then = loans.as_of(number=loan, on=date(2027, 1, 12), viewer=HOUSE)
    assert then.outstanding_minor == loans.get_loan(number=loan, viewer=HOUSE).outstanding_minor

    # The books balance, the audit tells the story, and nothing contradicts anything.
    close_until(date(2027, 1, 13))
    sums = ledger.trial_balance(book="cn", viewer=HOUSE)
    assert sums.debit_minor == sums.credit_minor
    told = [entry.code for entry in audit.timeline(subjects=(loan,), viewer=HOUSE)]
    assert told == ["servicing.loan_opened", *["servicing.repaid"] * 3]
    assert [
        found.object
        for check in wiring.invariants()
        if check.code in HOLDS
        for found in check.find()
    ] == []


def test_what_was_known_then_and_what_is_recalculated_now() -> None:
    open_book()
    loan = open_loan()
    close_until(date(2026, 12, 10))

    # Paid on the due date, but told only eight days later.
    servicing.repay(
        loan=loan,
        channel=BANK,
        pay_no="LATE-NEWS",
        amount_minor=88_849,
        on=date(2026, 12, 2),
        actor=HOUSE,
        at=AT + timedelta(days=38),
    )

    on = date(2026, 12, 5)
    then = loans.as_of(number=loan, on=on, known_at=AT + timedelta(days=33), viewer=HOUSE)
    now = loans.as_of(number=loan, on=on, viewer=HOUSE)
    assert (then.dpd, then.bucket_name) == (3, "M1")
    assert (now.dpd, now.overdue_minor) == (0, 0)
