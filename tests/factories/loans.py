"""Loans for tests: opened by servicing's own operation in a book of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from loanops.kernel.access import Actor
from loanops.kernel.allocation import Order
from loanops.kernel.schedule import Method, Penalty, Terms
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.operations import STEPS, DisbursedIn, RepaymentCard
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import operations as books
from loanops.platform.books import queries as book_queries

HOUSE = Actor.house("tests")
AT = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
DAY = date(2026, 11, 2)
BANK = "open_bank:harbour"
_SERIALS = count(1)

HALF_MORE = Penalty(multiplier=Decimal("1.5"))


def open_book(code: str = "cn", *, on: date = DAY, pack: str = "open") -> str:
    """A book whose business day is ``on``, with the steps of the close plugged."""
    CLOSE.plug(STEPS)
    books.open_book(
        code=code,
        name={"zh-hans": "测试账套", "en": "Test book"},
        legal_entity="Xinghe Technology",
        currency="CNY",
        zone="Asia/Shanghai",
        pack=pack,
        business_date=on,
        without_identity=False,
        actor=HOUSE,
        at=AT,
    )
    return code


def terms(**values: Any) -> Terms:
    """12 equal instalments of 10,000.00 at 12 %, penalty one and a half times the rate."""
    given: dict[str, Any] = {
        "method": Method.EQUAL_INSTALMENT,
        "principal_minor": 1_000_000,
        "currency": "CNY",
        "annual_rate": Decimal("0.12"),
        "instalments": 12,
        "start_date": DAY,
        "penalty": HALF_MORE,
        "allocation": Order(),
    }
    return Terms(**{**given, **values})


def disbursed(agreed: Terms, **values: Any) -> DisbursedIn:
    """A payout of the terms, under a serial of its own."""
    serial = f"{next(_SERIALS):08d}"
    given: dict[str, Any] = {
        "application": f"AP-{serial}",
        "contract": f"CT-{serial}",
        "intent": f"IN-{serial}",
        "serial": f"SN-{serial}",
        "funder": "harbour",
        "principal_minor": agreed.principal_minor,
        "terms": agreed.to_dict(),
        "disbursed_on": agreed.start_date,
        "product": "cash-12",
        "channel": BANK,
    }
    return DisbursedIn(**{**given, **values})


def open_loan(book: str = "cn", agreed: Terms | None = None, **values: Any) -> str:
    """One loan of the terms (those of :func:`terms` without any); its number."""
    payout = disbursed(agreed or terms(), **values)
    [number] = servicing.open_loans(book=book, disbursed=[payout], actor=HOUSE, at=AT)
    return number


_PAY_NOS = count(1)


def repay(
    loan: str,
    amount_minor: int,
    on: date | None = None,
    *,
    book: str = "cn",
    pay_no: str = "",
    at: datetime = AT,
) -> RepaymentCard:
    """Money of the borrower, on the business day where no other is given."""
    return servicing.repay(
        loan=loan,
        channel=BANK,
        pay_no=pay_no or f"P{next(_PAY_NOS):08d}",
        amount_minor=amount_minor,
        on=on or book_queries.business_date(book),
        actor=HOUSE,
        at=at,
    )


def close_until(day: date, *, book: str = "cn") -> None:
    """Close every day until the book stands at ``day``."""
    servicing.close_day(book=book, until=day, actor=HOUSE, at=AT)
