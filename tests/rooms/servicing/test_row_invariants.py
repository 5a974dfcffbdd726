"""Rows that hang on loans, pools and days: one changed by hand is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from loanops.config import wiring
from loanops.loanbook.servicing.invariants import daily, money, replays, rows
from loanops.loanbook.servicing.models import (
    ChangeRequest,
    ClassChange,
    ClassSum,
    InterestAccrual,
    Loan,
    LoanClass,
    LoanEvent,
    PenaltyAccrual,
    Pool,
    Unfolded,
    VintageSum,
)
from loanops.money.ledger import invariants as ledger
from loanops.money.ledger.models import Balance, Journal
from loanops.money.ledger.models import Unfolded as Waiting
from loanops.money.payments.invariants import debits
from loanops.money.payments.models import DebitFile, DebitOrder, DebitPolicy, Receipt
from tests.corruption import Find
from tests.factories import everything
from tests.factories.loans import AT, open_book, open_loan, terms

pytestmark = pytest.mark.django_db
CODES = {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 15, 16, 21)}


def _book_of_class() -> None:
    LoanClass.objects.update(book_id="other")


def _half_folded() -> None:
    Unfolded.objects.update(fold_on=date(2027, 3, 1))


def _aside() -> None:
    Loan.objects.filter(pk=Loan.objects.earliest("id").pk).update(set_aside=True)


def _grace() -> None:
    Pool.objects.update(grace_days=F("grace_days") + 1)


def _product() -> None:
    Loan.objects.filter(pk=Loan.objects.earliest("id").pk).update(product="other")


def _cause() -> None:
    ClassChange.objects.filter(cause="days").update(cause="paid")


def _request() -> None:
    ChangeRequest.objects.filter(kind="written_off").update(kind="accelerated")


def _request_digest() -> None:
    ChangeRequest.objects.filter(kind="extended").update(digest="0" * 64)


def _interest() -> None:
    first = InterestAccrual.objects.earliest("closed_on", "id")
    InterestAccrual.objects.filter(pk=first.pk).update(fee_minor=F("fee_minor") + 1)


def _settled_penalty() -> None:
    first = PenaltyAccrual.objects.earliest("closed_on", "id")
    PenaltyAccrual.objects.filter(pk=first.pk).update(settled_minor=F("settled_minor") + 1)


def _provision() -> None:
    first = ClassSum.objects.earliest("closed_on", "id")
    ClassSum.objects.filter(pk=first.pk).update(provision_minor=F("provision_minor") + 1)


def _vintage() -> None:
    VintageSum.objects.update(ever_30_minor=F("ever_30_minor") + 1)


def _day_of_receipt() -> None:
    Receipt.objects.filter(subject__startswith="LN-").update(
        received_on=F("received_on") + timedelta(days=1)
    )


def _said() -> None:
    first = LoanEvent.objects.filter(kind="repaid").earliest("id")
    LoanEvent.objects.filter(pk=first.pk).update(
        values_json=first.values_json.replace('_minor": ', '_minor": 1', 1)
    )


def _day_of_event() -> None:
    LoanEvent.objects.filter(kind="drawn").update(booked_on=date(2026, 11, 3))


def _last_event() -> None:
    Loan.objects.filter(pk=Loan.objects.earliest("id").pk).update(last_event_on=date(2030, 1, 1))


def _waiting_journal() -> None:
    Waiting.objects.update(posted_on=date(2026, 1, 1))


def _old_balance() -> None:
    first = Balance.objects.earliest("folded_on", "id")
    Balance.objects.filter(pk=first.pk).update(debit_minor=F("debit_minor") + 1)


def _day_of_journal() -> None:
    Journal.objects.filter(kind="servicing.accrued").update(posted_on=date(2026, 11, 2))


def _window() -> None:
    DebitFile.objects.update(window=7)


def _collected() -> None:
    DebitOrder.objects.filter(state="stopped").update(collected_minor=1)


def _gap() -> None:
    DebitPolicy.objects.create(
        book_id="cn", number=9, effective_from=date(2026, 1, 1), policy_json="{}", set_at=AT,
        set_by="finance",
    )  # fmt: skip


CORRUPTIONS: list[tuple[Callable[[], None], Find, str]] = [
    (_book_of_class, rows.strayed_rows, "loan LN-"),
    (_half_folded, rows.left_marks, "servicing_unfolded"),
    (_aside, rows.left_marks, "loan LN-"),
    (_grace, rows.strayed_rules, "pool cash-12"),
    (_product, rows.strayed_rules, "loan LN-"),
    (_cause, rows.strayed_classes, "loan LN-"),
    (_request, rows.wrong_requests, "request CR-"),
    (_request_digest, rows.wrong_requests, "request CR-"),
    (_interest, daily.posted_accruals, "accrued fee of"),
    (_settled_penalty, daily.penalty_rows, "accrued penalty of"),
    (_provision, daily.provided_rows, "class normal of"),
    (_vintage, daily.vintages, "vintage "),
    (_day_of_receipt, money.strayed_receipts, "loan LN-"),
    (_said, money.strayed_receipts, "loan LN-"),
    (_day_of_event, money.unposted_events, "loan LN-"),
    (_day_of_event, money.unposted_events, "journal servicing.drawn"),
    (_last_event, replays.differing_loans, "loan LN-"),
    (_waiting_journal, ledger.strayed_marks, "mark of journal JN-"),
    (_old_balance, ledger.wrong_days, "balance of cn"),
    (_day_of_journal, ledger.wrong_days, "balance of cn"),
    (_window, debits.strayed_orders, "debit order DD-"),
    (_collected, debits.wrong_ends, "debit order DD-"),
    (_gap, debits.strayed_policies, "debit policy cn"),
]


def test_are_clean_in_a_book_in_which_everything_happened_and_name_what_was_changed() -> None:
    open_book("other")
    on = everything.live()
    open_loan(agreed=terms(start_date=on))
    assert [
        f"{found.code} {found.object}: {found.expected} / {found.found}"
        for check in wiring.invariants()
        if check.code in CODES
        for found in check.find()
    ] == []

    unnamed = []
    for corrupt, check, wanted in CORRUPTIONS:
        saved = transaction.savepoint()
        corrupt()
        found = [violation.object for violation in check()]
        transaction.savepoint_rollback(saved)
        if not any(name.startswith(wanted) for name in found):
            unnamed.append(f"{check.__name__} after {corrupt.__name__}: {found[:3]}")

    assert unnamed == []
