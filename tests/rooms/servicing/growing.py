"""A book of some size for tests of what things cost in it, and what is done in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

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
    terms,
)

DUE = date(2026, 12, 2)
LATE = terms(start_date=date(2026, 10, 20))
FALLING_DUE = terms()
IDLE = terms(due_day=20)


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


def close(book: str) -> None:
    servicing.close_day(book=book, actor=HOUSE, at=AT)


def repay_file(loans: Sequence[str]) -> None:
    given = [
        RepaymentIn(loan=loan, channel=BANK, pay_no=f"F-{loan}", amount_minor=10_000, on=DAY)
        for loan in loans
    ]
    booked = servicing.repay_many(book="cn", rows=given, actor=HOUSE, at=AT)
    assert not booked.refused
