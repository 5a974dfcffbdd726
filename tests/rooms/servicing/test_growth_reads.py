"""Growth: a close and a repayment read nothing whole that grows with the book."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.factories.loans import DAY, close_until, open_book, repay, terms
from tests.factories.plans import full_reads, sweep
from tests.rooms.servicing.growing import DUE, IDLE, LATE, book_of, open_many, repay_file

pytestmark = pytest.mark.django_db
# What grows with the book, with its age or with what was done in it.
GROWING = {
    "servicing_loan",
    "servicing_loanterms",
    "servicing_loanevent",
    "servicing_instalment",
    "servicing_change",
    "ledger_journal",
    "ledger_entry",
    "payments_debitorder",
    "payments_receipt",
    "audit_entry",
    "outbox_message",
    "jobs_job",
}


@pytest.fixture(scope="module", autouse=True)
def _left_by_a_book(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Every table holds what a book of some size left, whatever ran before.

    Of a table that is empty, or that holds a row or two, PostgreSQL's planner reads what it likes.
    """
    with django_db_blocker.unblock():
        sweep()
        with transaction.atomic():
            book = book_of("cn", idle=100)
            close_until(DUE + timedelta(days=3), book=book)
            repay_file(open_many(book, terms(), 60))
            transaction.set_rollback(True)


class TestClose:
    def test_reads_nothing_that_grows_with_the_book_whole(self) -> None:
        book = book_of("cn", idle=20)
        open_many(book, IDLE, 2)

        with full_reads(GROWING) as found:
            close_until(DUE + timedelta(days=3), book=book)

        assert found == []


class TestRepayment:
    def test_reads_nothing_that_grows_with_the_book_whole(self) -> None:
        open_book()
        loans = open_many("cn", LATE, 6)
        close_until(DAY + timedelta(days=1))

        with full_reads(GROWING) as found:
            repay(loans[0], 10_000)
            repay_file(loans[1:])

        assert found == []
