"""A loan is late, its guarantor pays by the agreement, and what comes in later is shared out."""

from __future__ import annotations

from datetime import date

import pytest

from loanops.config import wiring
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing import queries as loans
from tests.factories.changes import order
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay
from tests.factories.registry import register, sign

pytestmark = pytest.mark.django_db
HOLDS = {f"INV-{number:02d}" for number in (1, 2, 3, 4, 5, 7, 9, 10, 13, 15, 28)}


def test_a_guarantor_pays_and_recovers() -> None:
    # Harbour Bank lends 10,000.00; Anchor pays each instalment that is ten days late, its
    # principal and interest, and leaves the penalty to the bank.
    open_book(on=DAY)
    register("harbour", "bank")
    register("anchor", "guarantor")
    agreed = sign(
        "harbour",
        guarantor="anchor",
        compensation_days=10,
        guarantee={"scope": "instalment", "base": "principal_and_interest"},
    )
    loan = open_loan(guarantor="anchor", agreement=agreed.number, agreement_version=agreed.version)

    # 11 December, nine days late: too early by a day.
    close_until(date(2026, 12, 11))
    with pytest.raises(BadField, match="must be 2026-12-12 or later"):
        order(loan, "compensated", date(2026, 12, 11))

    # 12 December: 788.49 of principal and 100.00 of interest; 3.94 of penalty ran to the day.
    close_until(date(2026, 12, 12))
    shown = order(loan, "compensated", date(2026, 12, 12))
    assert shown.postings[-1].amount_minor == 88_849

    # 22 December: the borrower pays half. The bank has its penalty first, the rest is Anchor's.
    close_until(date(2026, 12, 22))
    repay(loan, 50_000)
    bank, anchor = (
        each
        for name in ("harbour", "anchor")
        for each in loans.get_owners(number=loan, viewer=HOUSE).owners
        if each.owner == name
    )
    assert (bank.received_minor, bank.received_penalty_minor) == (394, 394)
    assert anchor.received_minor == 50_000 - 394

    # It was the wrong loan after all: the money goes back, and the payment is the bank's.
    order(loan, "reversed", date(2026, 12, 22), of=shown.key)
    [only] = loans.get_owners(number=loan, viewer=HOUSE).owners
    assert (only.owner, only.received_minor) == ("harbour", 50_000)
    close_until(date(2026, 12, 23))
    assert [
        found.object
        for check in wiring.invariants()
        if check.code in HOLDS
        for found in check.find()
    ] == []
