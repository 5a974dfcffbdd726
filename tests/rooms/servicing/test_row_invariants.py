"""Rows that hang on loans, pools and days: one changed by hand is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import F

from loanops.config import wiring
from loanops.loanbook.servicing.invariants import (
    daily,
    figures,
    money,
    posted,
    replays,
    rows,
    written,
)
from loanops.loanbook.servicing.models import (
    Change,
    ChangeRequest,
    ClassChange,
    ClassSum,
    Instalment,
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
from loanops.money.ledger.models import Account, Balance, Journal
from loanops.money.ledger.models import Unfolded as Waiting
from loanops.money.payments.invariants import debits, witnessed
from loanops.money.payments.models import DebitFile, DebitOrder, DebitPolicy, Receipt
from tests.corruption import Find
from tests.factories import everything
from tests.factories.loans import AT, open_book, open_loan, terms

pytestmark = pytest.mark.django_db
CODES = {f"INV-{n:02d}" for n in (1, 2, 3, 4, 5, 7, 8, 9, 10, 13, 14, 15, 16, 21)}


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


def _file_of_order() -> None:
    DebitOrder.objects.update(file_id=0)


def _collected() -> None:
    DebitOrder.objects.filter(state="stopped").update(collected_minor=1)


def _gap() -> None:
    DebitPolicy.objects.create(
        book_id="cn", number=9, effective_from=date(2026, 1, 1), policy_json="{}", set_at=AT,
        set_by="finance",
    )  # fmt: skip


def _policy() -> None:
    DebitPolicy.objects.create(
        book_id="cn", number=1, effective_from=date(2030, 1, 1), policy_json="{}", set_at=AT,
        set_by="finance",
    )  # fmt: skip


def _moment_of_receipt() -> None:
    Receipt.objects.update(at=AT + timedelta(seconds=1))


def _stop_if_paid() -> None:
    DebitFile.objects.update(stop_if_paid=False)


def _account_of_debtor() -> None:
    DebitOrder.objects.update(account="X")


def _moment_of_journal() -> None:
    Journal.objects.update(at=AT + timedelta(seconds=1))


def _number_of_journal() -> None:
    first = Journal.objects.earliest("id")
    Journal.objects.filter(pk=first.pk).update(number="JN-000000000" + first.number[12:])


def _key_of_journal() -> None:
    Journal.objects.filter(pk=Journal.objects.filter(once=None).earliest("id").pk).update(once="X")


def _kind_of_journal() -> None:
    Journal.objects.filter(kind="servicing.provided").update(kind="servicing.prepaid")


def _balance_gone() -> None:
    Balance.objects.earliest("folded_on", "id").delete()


def _dimension() -> None:
    Account.objects.filter(code="unapplied").update(dimension="X")


def _day_of_change() -> None:
    Change.objects.update(changed_on=F("changed_on") - timedelta(days=400))


def _content() -> None:
    LoanEvent.objects.filter(kind="rate_changed").update(content_json='{"annual_rate": "0.1"}')


def _key_of_event() -> None:
    first = LoanEvent.objects.filter(kind="disbursed").earliest("id")
    LoanEvent.objects.filter(pk=first.pk).update(key="disburse~")


def _digest_of_event() -> None:
    [row] = LoanEvent.objects.filter(kind="written_off")[:1]
    said = {**json.loads(row.values_json), "digest": "0" * 64}
    LoanEvent.objects.filter(pk=row.pk).update(values_json=json.dumps(said))


def _no_class() -> None:
    LoanClass.objects.filter(pk=LoanClass.objects.earliest("pk").pk).delete()


def _end_of_nothing() -> None:
    free = LoanClass.objects.filter(judged_tier=None)
    LoanClass.objects.filter(pk=free.earliest("pk").pk).update(judged_until=date(2030, 1, 1))


def _class_of_sum() -> None:
    first = ClassSum.objects.earliest("closed_on", "id")
    ClassSum.objects.filter(pk=first.pk).update(tier=100)


def _no_request() -> None:
    ChangeRequest.objects.earliest("id").delete()


def _penal_days() -> None:
    waiting = Instalment.objects.filter(penal_to=None)
    Instalment.objects.filter(pk=waiting.earliest("id").pk).update(penal_minor_days=1)


def _penalty_gone() -> None:
    PenaltyAccrual.objects.latest("closed_on", "id").delete()


def _vintage_gone() -> None:
    VintageSum.objects.earliest("id").delete()


def _amount_waived() -> None:
    LoanEvent.objects.filter(kind="waived").update(amount_minor=F("amount_minor") + 10**9)


def _values_asked() -> None:
    [row] = ChangeRequest.objects.filter(kind="extended")[:1]
    said = {**json.loads(row.values_json), "fee_minor": 7}
    ChangeRequest.objects.filter(pk=row.pk).update(values_json=json.dumps(said))


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
    (_file_of_order, debits.strayed_orders, "debit order DD-"),
    (_collected, debits.wrong_ends, "debit order DD-"),
    (_gap, debits.strayed_policies, "debit policy cn"),
    (_policy, witnessed.changed_policies, "debit policy cn"),
    (_moment_of_receipt, witnessed.unwitnessed, "receipt RC-"),
    (_stop_if_paid, witnessed.strayed_files, "debit file DF-"),
    (_account_of_debtor, posted.strayed_debtors, "debit orders of loan LN-"),
    (_moment_of_journal, ledger.unwitnessed, "journal JN-"),
    (_number_of_journal, ledger.unwitnessed, "journal JN-"),
    (_key_of_journal, posted.strange_journals, "journal JN-"),
    (_kind_of_journal, posted.strange_journals, "journal JN-"),
    (_balance_gone, ledger.wrong_days, "balance of cn"),
    (_dimension, posted.strayed_accounts, "account cn unapplied"),
    (_day_of_change, written.unwitnessed, "loan LN-"),
    (_content, written.unreadable_events, "loan LN-"),
    (_key_of_event, written.unreadable_events, "loan LN-"),
    (_digest_of_event, written.unreadable_events, "loan LN-"),
    (_end_of_nothing, rows.strayed_classes, "loan LN-"),
    (_class_of_sum, daily.provided_rows, "class 100 of"),
    (_no_request, rows.lost_requests, "request CR-"),
    (_no_class, rows.strayed_classes, "loan LN-"),
    (_penal_days, figures.schedules, "loan LN-"),
    (_penalty_gone, daily.counted_rows, "penalty of cn"),
    (_vintage_gone, daily.counted_rows, "vintages of cn"),
    (_amount_waived, written.unreadable_events, "loan LN-"),
    (_values_asked, rows.lost_requests, "request CR-"),
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
