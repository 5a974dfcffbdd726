"""Every invariant names the row that was changed behind the house's back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from loanops.kernel.calendar import Frequency, Unit
from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.invariants import (
    CHECKS,
    closing,
    figures,
    history,
    origins,
    replays,
)
from loanops.loanbook.servicing.models import (
    Change,
    Instalment,
    InterestAccrual,
    Loan,
    LoanEvent,
    PenaltyAccrual,
    Pool,
)
from loanops.money.ledger import invariants as ledger
from loanops.money.ledger.models import Account, Balance, Entry, Journal
from loanops.money.payments import invariants as payments
from loanops.money.payments.models import DebitOrder, Receipt
from loanops.origination.applications.models import Application
from loanops.origination.routing.models import Attempt, PayoutIntent
from loanops.platform.books.models import Book, CloseStep
from loanops.platform.outbox.models import Message
from tests.corruption import Find
from tests.factories.loans import AT, DAY, HOUSE, close_until, open_book, open_loan, repay, terms

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


def found() -> list[str]:
    return [
        violation.object
        for check in (*ledger.CHECKS, *payments.CHECKS, *CHECKS)
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


def _order_of_another_book(_: str) -> None:
    DebitOrder.objects.update(book_id="us")


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


def _payout_of_another(loan: str) -> None:
    """A payout that a funder made, and no loan."""
    attempt = Attempt.objects.create(
        number="RA-1", book_id="cn", application="AP-1", round=1, funder="harbour",
        agreement="AG-1", agreement_version=1, credit_serial="CR-1", currency="CNY",
        amount_minor=1, term_months=12, annual_rate=0, state="lapsed", planned_at=AT,
        planned_on=DAY, moved_at=AT,
    )  # fmt: skip
    PayoutIntent.objects.create(
        number="PI-1", serial="DD-1", book_id="cn", attempt=attempt, application="AP-1",
        contract="CT-1", funder="harbour", product_version="PV-1", contract_digest="",
        currency="CNY", amount_minor=1, value_date=DAY, terms={}, state="success",
        pay_number="PAY-1", evidence="0" * 64, submitted_at=AT, submitted_on=DAY, moved_at=AT,
    )  # fmt: skip
    Message.objects.update(delivered_at=AT)


def _payout_of_another_amount(loan: str) -> None:
    _payout_of_another(loan)
    PayoutIntent.objects.update(number=Loan.objects.get(number=loan).intent)


def _asked(loan: str) -> None:
    Application.objects.create(
        number=Loan.objects.get(number=loan).application, book_id="cn", source="web", key="1",
        content_digest="", product="cash", amount_minor=1, term_months=12, purpose="", channel="",
        stage="disbursed", entered_by="web", entered_at=AT, moved_on=DAY,
    )  # fmt: skip


def _channel(loan: str) -> None:
    _asked(loan)
    Loan.objects.filter(number=loan).update(origin_channel="another")


def _party(loan: str) -> None:
    _asked(loan)
    Loan.objects.filter(number=loan).update(party="PA-OF-ANOTHER")


def _pool_of_another_book(loan: str) -> None:
    open_book("other")
    Pool.objects.filter(pk=Loan.objects.get(number=loan).pool_id).update(book_id="other")


def _pool_of_another_loan(loan: str) -> None:
    mine = Loan.objects.get(number=loan)
    pool = Pool.objects.get(pk=mine.pool_id)
    pool.pk, pool.code = None, "strange"
    pool.save()
    Instalment.objects.filter(loan=mine, number=12).update(pool=pool)


CORRUPTIONS: list[tuple[Callable[[str], None], Find, str]] = [
    (_entry, ledger.changed_journals, "journal JN-"),
    (_stray, ledger.strayed_entries, "journal JN-"),
    (_balance, ledger.wrong_balances, "account cn income.interest"),
    (_balance, ledger.unequal_totals, "book cn"),
    (_outstanding, figures.principal, "loan {loan}"),
    (_outstanding, figures.pools, "account cn loans.principal"),
    (_paid_interest, replays.differing_loans, "loan {loan} instalment"),
    (_event, replays.differing_loans, "loan {loan}"),
    (_outstanding, figures.instalments, "loan {loan}"),
    (_principal_of_instalment, figures.instalments, "loan {loan}"),
    (_lost_instalment, figures.schedules, "loan {loan}"),
    (_due_date, figures.schedules, "loan {loan} instalment 12"),
    (_payout, figures.payouts, "loan {loan}"),
    (_funder, figures.payouts, "loan {loan}"),
    (_payout_of_another, origins.unpaid_loans, "payout DD-1"),
    (_payout_of_another_amount, origins.unpaid_loans, "loan {loan}"),
    (_party, origins.strayed_askers, "loan {loan}"),
    (_channel, origins.strayed_askers, "loan {loan}"),
    (_receipt, payments.unposted_receipts, "receipts of {loan}"),
    (_allocated, payments.unapplied_differs, "unapplied money of book cn"),
    (_order, payments.wrong_files, "debit file DF-"),
    (_order_of_another_book, payments.wrong_files, "debit file DF-"),
    (_step, closing.missing_steps, "close of cn 2026-11-09"),
    (_business_date, closing.missing_steps, "close of cn 2026-11-10"),
    (_accrual, closing.accruals, "accrued interest of cash-12/harbour"),
    (_penal, closing.accruals, "accrued penalty of cash-12/harbour"),
    (_bucket, closing.wrong_buckets, "loan {loan}"),
    (_move, history.illegal_changes, "loan {loan} change"),
    (_from, history.illegal_changes, "loan {loan} change"),
    (_forgotten, history.illegal_changes, "loan {loan}"),
    (_pool_of_another_book, origins.strayed_pools, "loan {loan}"),
    (_pool_of_another_loan, origins.strayed_pools, "loan {loan} instalment 12"),
]


def test_names_what_was_changed(loan: str) -> None:
    assert found() == []

    unnamed = [
        f"{check.__name__} after {corrupt.__name__}"
        for corrupt, check, wanted in CORRUPTIONS
        if not is_named(corrupt, check, wanted.format(loan=loan), loan)
    ]

    assert unnamed == []


def is_named(corrupt: Callable[[str], None], check: Find, wanted: str, loan: str) -> bool:
    """Whether the check names the row; the corruption is undone."""
    saved = transaction.savepoint()
    try:
        corrupt(loan)
        return any(violation.object.startswith(wanted) for violation in check())
    finally:
        transaction.savepoint_rollback(saved)
