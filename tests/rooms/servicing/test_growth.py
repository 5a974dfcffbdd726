"""Growth: what a close and a repayment cost, counted in rows and statements, not in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.kernel.calendar import add_months
from tests.factories.loans import open_book, repay, terms
from tests.rooms.servicing.growing import book_of, close, open_many, repay_file

pytestmark = pytest.mark.django_db
LONG_AGO = date(2024, 10, 5)
INSTALMENT_MINOR = 33_215


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
