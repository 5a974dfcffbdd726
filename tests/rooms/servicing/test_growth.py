"""Growth: what a close and a repayment cost, counted in rows and statements, not in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from loanops.kernel.calendar import add_months
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.operations import RepaymentIn
from tests.factories.loans import (
    AT,
    BANK,
    DAY,
    HOUSE,
    close_until,
    disbursed,
    open_book,
    repay,
    terms,
)
from tests.factories.plans import full_reads, sweep

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
LATE = terms(start_date=date(2026, 10, 20))
FALLING_DUE = terms()
IDLE = terms(due_day=20)
LONG_AGO = date(2024, 10, 5)
INSTALMENT_MINOR = 33_215
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
def _swept(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        sweep()


def open_many(book: str, agreed: Terms, count: int) -> list[str]:
    payouts = [disbursed(agreed) for _ in range(count)]
    return servicing.open_loans(book=book, disbursed=payouts, actor=HOUSE, at=AT)


def book_of(code: str, *, idle: int, falling_due: int = 6) -> str:
    """Four loans overdue, some that fall due on ``DUE``, and idle ones that do not."""
    open_book(code)
    open_many(code, LATE, 4)
    open_many(code, FALLING_DUE, falling_due)
    open_many(code, IDLE, idle)
    close_until(DUE - timedelta(days=1), book=code)
    return code


def rows() -> Counter[str]:
    counted: Counter[str] = Counter()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("django_"):
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608
                counted[table] = cursor.fetchone()[0]
    return counted


def cost(work: Callable[[], object]) -> tuple[Counter[str], int]:
    """The rows that work adds, by table, and the statements that it takes."""
    before = rows()
    with CaptureQueriesContext(connection) as asked:
        work()
    return rows() - before, len(asked)


def close(book: str) -> None:
    servicing.close_day(book=book, actor=HOUSE, at=AT)


class TestClose:
    def test_costs_the_same_with_a_hundred_idle_loans_as_with_four_hundred(self) -> None:
        small, large = book_of("small", idle=100), book_of("large", idle=400)

        rows_small, asked_small = cost(lambda: close(small))
        rows_large, asked_large = cost(lambda: close(large))

        assert rows_small == rows_large
        assert rows_small["payments_debitorder"] == 6
        assert asked_small == asked_large

    def test_takes_as_many_statements_for_sixty_dues_as_for_six(self) -> None:
        few, many = book_of("few", idle=5), book_of("many", idle=5, falling_due=60)

        rows_few, asked_few = cost(lambda: close(few))
        rows_many, asked_many = cost(lambda: close(many))

        assert asked_many == asked_few
        assert rows_many - rows_few == {"payments_debitorder": 54}

    def test_reads_nothing_that_grows_with_the_book_whole(self) -> None:
        book = book_of("cn", idle=20)
        open_many(book, IDLE, 2)

        with full_reads(GROWING) as found:
            close_until(DUE + timedelta(days=3), book=book)

        assert found == []


class TestRepayment:
    def test_takes_as_many_statements_on_an_old_loan_as_on_a_new_one(self) -> None:
        open_book()
        young, old = open_many("cn", terms(instalments=36, start_date=LONG_AGO), 2)
        for month in range(23):
            repay(old, INSTALMENT_MINOR, add_months(LONG_AGO, month + 1))
        repay(young, 10_000)

        _, asked_young = cost(lambda: repay(young, 10_000))
        _, asked_old = cost(lambda: repay(old, 10_000))

        assert asked_old == asked_young

    def test_of_a_file_takes_as_many_statements_for_sixty_rows_as_for_thirty(self) -> None:
        open_book()
        loans = open_many("cn", terms(), 91)
        repay_file(loans[90:])

        _, asked_few = cost(lambda: repay_file(loans[:30]))
        _, asked_many = cost(lambda: repay_file(loans[30:90]))

        assert asked_many == asked_few

    def test_reads_nothing_that_grows_with_the_book_whole(self) -> None:
        open_book()
        loans = open_many("cn", LATE, 6)
        close_until(DAY + timedelta(days=1))

        with full_reads(GROWING) as found:
            repay(loans[0], 10_000)
            repay_file(loans[1:])

        assert found == []


def repay_file(loans: Sequence[str]) -> None:
    given = [
        RepaymentIn(loan=loan, channel=BANK, pay_no=f"F-{loan}", amount_minor=10_000, on=DAY)
        for loan in loans
    ]
    booked = servicing.repay_many(book="cn", rows=given, actor=HOUSE, at=AT)
    assert not booked.refused
