"""Vintages: on the last day of a month, loans are summed by the month of their payout."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from loanops.kernel.account import BroughtIn, Disbursed
from loanops.kernel.aging import bucket
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.models import Change, LoanEvent, VintageSum
from loanops.loanbook.servicing.operations.loading import LOAN, as_date, chunks, marks
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.classing import PRINCIPAL
from loanops.money.ledger import queries as ledger
from loanops.platform.db import fetch, insert_many
from loanops.platform.work import Work

_CHANGE = Change._meta.db_table
_EVENT = LoanEvent._meta.db_table
_BEYOND_30 = bucket(31)
_BEYOND_90 = bucket(91)
_Vintage = tuple[str, date]


def sum_vintages(work: Work, closing: Closing) -> int:
    """Step ``vintages``: month by month of payout, what is outstanding and was ever late.

    Does nothing but on the last day of a month, when it reads the book once.
    """
    on = closing.closed_on
    if (on + timedelta(days=1)).month == on.month:
        work.unchanged()
        return 0
    sums = _outstanding(closing.book, on)
    _take_back(sums, closing.book, on)
    for place, beyond in ((3, _BEYOND_30), (4, _BEYOND_90)):
        for (product, disbursed_on), minor in _ever(closing.book, on, beyond).items():
            sums[(product, disbursed_on.replace(day=1))][place] += minor
    rows = [
        (closing.book, product, month, on, *values)
        for (product, month), values in sorted(sums.items())
        if values[0]
    ]
    insert_many(
        VintageSum._meta.db_table,
        (
            "book_id",
            "product",
            "month",
            "closed_on",
            "loans",
            "principal_minor",
            "outstanding_minor",
            "ever_30_minor",
            "ever_90_minor",
        ),
        rows,
    )
    work.record("servicing.vintages_summed", subject=closing.book, closed_on=on, rows=len(rows))
    return len(rows)


# Of a loan that was taken back nothing happens any more: its last day is that one.
_THERE = f"NOT (state = '{LoanState.WITHDRAWN}' AND last_event_on <= %s)"


def _outstanding(book: str, on: date) -> dict[_Vintage, list[int]]:
    """Loans, principal paid out and principal unpaid as they stand now, of those there that day."""
    sums: dict[_Vintage, list[int]] = defaultdict(lambda: [0] * 5)
    for product, disbursed_on, *values in fetch(
        f"""
        SELECT product, disbursed_on, COUNT(*), SUM(principal_minor), SUM(outstanding_minor)
        FROM {LOAN} WHERE book_id = %s AND {_THERE} GROUP BY product, disbursed_on
        """,  # noqa: S608 - names come from the models
        [book, on],
    ):
        kept = sums[(product, as_date(disbursed_on).replace(day=1))]
        for place, value in enumerate(values):
            kept[place] += int(value)
    return sums


def _take_back(sums: dict[_Vintage, list[int]], book: str, on: date) -> None:
    """Undo what happened since the end of the day: payments, and loans opened after it."""
    moved = ledger.moved_after(book=book, code=PRINCIPAL, on=on)
    for part in chunks(sorted(moved)):
        for number, product, disbursed_on, principal_minor, booked_on in fetch(
            f"""
            SELECT l.number, l.product, l.disbursed_on, l.principal_minor, e.booked_on
            FROM {LOAN} l JOIN {_EVENT} e ON e.loan_id = l.id
                AND e.key IN ('{Disbursed.KIND}', '{BroughtIn.KIND}')
            WHERE l.number IN ({marks(part)})
            """,  # noqa: S608 - names come from the models
            part,
        ):
            kept = sums[(product, as_date(disbursed_on).replace(day=1))]
            kept[2] -= moved[number]
            if as_date(booked_on) > on:
                kept[0] -= 1
                kept[1] -= principal_minor


def _ever(book: str, on: date, beyond: int) -> dict[_Vintage, int]:
    """Principal paid out of loans that were ever in a bucket or a later one."""
    return {
        (product, as_date(disbursed_on)): int(minor)
        for product, disbursed_on, minor in fetch(
            f"""
            SELECT l.product, l.disbursed_on, SUM(l.principal_minor) FROM (
                SELECT DISTINCT loan_id FROM {_CHANGE} WHERE to_bucket >= %s AND changed_on <= %s
            ) x JOIN {LOAN} l ON l.id = x.loan_id
            WHERE l.book_id = %s AND {_THERE} GROUP BY l.product, l.disbursed_on
            """,  # noqa: S608 - names come from the models
            [beyond, on, book, on],
        )
    }
