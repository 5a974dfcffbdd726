"""Every invariant names the row that was changed behind the house's back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from loanops.kernel.calendar import Frequency, Unit
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.invariants import CHECKS as SERVICING
from loanops.loanbook.servicing.models import (
    Change,
    Instalment,
    InterestAccrual,
    Loan,
    LoanEvent,
    PenaltyAccrual,
)
from loanops.money.ledger.invariants import CHECKS as LEDGER
from loanops.money.ledger.models import Account, Balance, Entry, Journal
from loanops.money.payments.invariants import CHECKS as PAYMENTS
from loanops.money.payments.models import DebitOrder, Receipt
from loanops.platform.books.models import Book, CloseStep
from tests.factories.loans import DAY, HOUSE, close_until, open_book, open_loan, repay, terms

pytestmark = pytest.mark.django_db
DUE = date(2026, 11, 9)


@pytest.fixture
def loan() -> str:
    """A loan that paid once in time and once late, beside one that never paid."""
    open_book()
    weekly = terms(frequency=Frequency(every=1, unit=Unit.WEEKS))
    paying, _ = open_loan(agreed=weekly), open_loan(agreed=weekly)
    repay(paying, queries.get_loan(number=paying, viewer=HOUSE).next_due_minor)
    close_until(DUE + timedelta(days=8))
    repay(paying, 40_000)
    close_until(DUE + timedelta(days=9))
    return paying


def found(code: str = "") -> list[tuple[str, str]]:
    return [
        (violation.code, violation.object)
        for check in (*LEDGER, *PAYMENTS, *SERVICING)
        if not code or check.code == code
        for violation in check.find()
    ]


def _entry(loan: str) -> None:
    entry = Entry.objects.filter(journal__subject=loan).order_by("-id")
    entry.filter(pk=entry[0].pk).update(amount_minor=F("amount_minor") + 1)


def _stray(loan: str) -> None:
    open_book("other")
    strange = Account.objects.create(book_id="other", code="unapplied", dimension="")
    Entry.objects.filter(journal__subject=loan, credit__code__startswith="funder").update(
        credit=strange
    )


def _balance(_: str) -> None:
    newest = Balance.objects.filter(account__code="income.interest").latest("folded_on")
    Balance.objects.filter(pk=newest.pk).update(credit_minor=F("credit_minor") + 1)


def _outstanding(loan: str) -> None:
    Loan.objects.filter(number=loan).update(outstanding_minor=F("outstanding_minor") - 1)


def _paid_interest(loan: str) -> None:
    first = Instalment.objects.filter(loan__number=loan, settled_on__isnull=True).earliest("number")
    Instalment.objects.filter(pk=first.pk).update(
        paid_interest_minor=F("paid_interest_minor") - 1, open_minor=F("open_minor") + 1
    )


def _event(loan: str) -> None:
    LoanEvent.objects.filter(loan__number=loan, kind="repaid").update(
        amount_minor=F("amount_minor") + 1
    )


def _principal_of_instalment(loan: str) -> None:
    Instalment.objects.filter(loan__number=loan, number=12).update(
        principal_minor=F("principal_minor") + 1, open_minor=F("open_minor") + 1
    )


def _lost_instalment(loan: str) -> None:
    Instalment.objects.filter(loan__number=loan, number=12).delete()


def _due_date(loan: str) -> None:
    Instalment.objects.filter(loan__number=loan, number=12).update(due_on=DAY)


def _payout(loan: str) -> None:
    Journal.objects.filter(subject=loan, once__isnull=False).update(once=None)


def _funder(loan: str) -> None:
    Loan.objects.filter(number=loan).update(funder="meridian")


def _receipt(loan: str) -> None:
    Receipt.objects.filter(subject=loan).update(amount_minor=F("amount_minor") + 1)


def _allocated(loan: str) -> None:
    Receipt.objects.filter(subject=loan).update(allocated_minor=F("allocated_minor") - 1)


def _order(_: str) -> None:
    DebitOrder.objects.update(amount_minor=F("amount_minor") + 1)


def _step(_: str) -> None:
    CloseStep.objects.filter(on=DUE, step="penalty").delete()


def _business_date(_: str) -> None:
    Book.objects.filter(code="cn").update(business_date=DUE)


def _accrual(_: str) -> None:
    newest = InterestAccrual.objects.latest("closed_on")
    InterestAccrual.objects.filter(pk=newest.pk).update(interest_minor=F("interest_minor") + 1)


def _penal(_: str) -> None:
    newest = PenaltyAccrual.objects.latest("closed_on")
    PenaltyAccrual.objects.filter(pk=newest.pk).update(base_minor=F("base_minor") + 1)


def _bucket(loan: str) -> None:
    Loan.objects.filter(number=loan).update(bucket=3)


def _move(loan: str) -> None:
    Change.objects.filter(loan__number=loan).update(move="cure")


def _from(loan: str) -> None:
    Change.objects.filter(loan__number=loan).update(from_bucket=5)


def _forgotten(loan: str) -> None:
    Change.objects.filter(loan__number=loan).delete()


CORRUPTIONS: list[tuple[Callable[[str], None], str, str]] = [
    (_entry, "INV-01", "journal JN-"),
    (_stray, "INV-01", "journal JN-"),
    (_balance, "INV-02", "account cn income.interest"),
    (_outstanding, "INV-03", "loan {loan}"),
    (_paid_interest, "INV-03", "loan {loan} instalment"),
    (_event, "INV-03", "loan {loan}"),
    (_outstanding, "INV-04", "loan {loan}"),
    (_principal_of_instalment, "INV-04", "loan {loan}"),
    (_lost_instalment, "INV-05", "loan {loan}"),
    (_due_date, "INV-05", "loan {loan} instalment 12"),
    (_payout, "INV-07", "loan {loan}"),
    (_funder, "INV-07", "loan {loan}"),
    (_receipt, "INV-08", "receipts of {loan}"),
    (_allocated, "INV-08", "unapplied money of book cn"),
    (_order, "INV-08", "debit file DF-"),
    (_step, "INV-09", "close of cn 2026-11-09"),
    (_business_date, "INV-09", "close of cn 2026-11-10"),
    (_accrual, "INV-09", "accrued interest of cash-12/harbour"),
    (_penal, "INV-09", "accrued penalty of cash-12/harbour"),
    (_bucket, "INV-09", "loan {loan}"),
    (_move, "INV-10", "loan {loan} change"),
    (_from, "INV-10", "loan {loan} change"),
    (_forgotten, "INV-10", "loan {loan}"),
]


def test_names_what_was_changed(loan: str) -> None:
    assert found() == []

    unnamed = [
        f"{code} {corrupt.__name__}"
        for corrupt, code, named in CORRUPTIONS
        if not names(corrupt, code, named.format(loan=loan), loan)
    ]

    assert unnamed == []


def names(corrupt: Callable[[str], None], code: str, wanted: str, loan: str) -> bool:
    """Whether the checks of a code name the row; the corruption is undone."""
    saved = transaction.savepoint()
    try:
        corrupt(loan)
        return any(name.startswith(wanted) for _, name in found(code))
    finally:
        transaction.savepoint_rollback(saved)
