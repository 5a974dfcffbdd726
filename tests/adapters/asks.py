"""Requests to a funder that tests make again and again."""

from __future__ import annotations

import itertools
import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from stdnum.cn import ric

from loanops.kernel.schedule import Method, Terms
from loanops.origination.routing.ports import (
    Applicant,
    CreditRequest,
    DrawdownRequest,
    Payee,
    SigningRequest,
)

ON = date(2026, 11, 23)
DIGEST = "ab" * 32
_counter = itertools.count(1)
_run = secrets.token_hex(3)


def serial(prefix: str = "T") -> str:
    """A serial no other test has."""
    return f"{prefix}-{_run}-{next(_counter):05d}"


def id_number() -> str:
    """An identity number that no other test has and whose check digit fits."""
    body = f"3301061990{next(_counter) % 12 + 1:02d}15{next(_counter) % 1000:03d}"
    return body + str(ric.calc_check_digit(f"{body}0"))


def credit(currency: str = "CNY", **changed: Any) -> CreditRequest:
    """An application that an honest bank approves."""
    person = Applicant(
        name="李雨桐" if currency == "CNY" else "",
        id_number=id_number() if currency == "CNY" else "",
        mobile=changed.pop("mobile", "13800138000"),
        region="330106",
        industry="manufacturing",
        income_monthly_minor=1_500_000,
    )
    values: dict[str, Any] = {
        "serial": serial("CR"),
        "request_number": serial("RQ"),
        "on": ON,
        "reference": serial("AP"),
        "product": "consumer-12",
        "currency": currency,
        "amount_minor": 1_000_000,
        "term_count": 12,
        "annual_rate": Decimal("0.18"),
        "purpose": "decoration",
        "applicant": person,
        **changed,
    }
    return CreditRequest(**values)


def signing(asked: CreditRequest, **changed: Any) -> SigningRequest:
    """A signing session for an approved application."""
    values: dict[str, Any] = {
        "serial": serial("SG"),
        "request_number": serial("RQ"),
        "credit_serial": asked.serial,
        "currency": asked.currency,
        "amount_minor": asked.amount_minor,
        "term_count": asked.term_count,
        "annual_rate": asked.annual_rate,
        "all_in_cost": "18.00%",
        "contract_number": serial("CT"),
        "contract_digest": DIGEST,
        "disclosure_digest": DIGEST,
        "return_url": "http://127.0.0.1/back",
        **changed,
    }
    return SigningRequest(**values)


def drawdown(asked: CreditRequest, signing_serial: str = "", **changed: Any) -> DrawdownRequest:
    """A payout of the whole of an approved application."""
    terms = Terms(
        method=Method.EQUAL_INSTALMENT,
        principal_minor=asked.amount_minor,
        currency=asked.currency,
        annual_rate=asked.annual_rate,
        instalments=asked.term_count,
        start_date=ON,
    )
    values: dict[str, Any] = {
        "serial": serial("DD"),
        "request_number": serial("RQ"),
        "credit_serial": asked.serial,
        "signing_serial": signing_serial,
        "contract_number": serial("CT"),
        "contract_digest": DIGEST,
        "reference": asked.reference,
        "currency": asked.currency,
        "amount_minor": asked.amount_minor,
        "value_date": ON,
        "terms": terms.to_dict(),
        "payee": Payee(name="李雨桐", account="6222020200012345678"),
        **changed,
    }
    return DrawdownRequest(**values)
