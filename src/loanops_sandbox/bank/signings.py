"""Signing on the bank's own page: the session, what the borrower did, and the signed copy."""

import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from loanops_sandbox import codes
from loanops_sandbox.amounts import Malformed, amount_of, minor_of
from loanops_sandbox.bank import cases, reading
from loanops_sandbox.bank.cases import NewCase, Verdict
from loanops_sandbox.bank.pdf import one_page
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, unpacked

SIGNED, DECLINED, EXPIRED = "signed", "S101", "S102"


def read_signing(
    store: Store,
    content: Mapping[str, Any],
    policy: BankPolicy,
    return_prefixes: tuple[str, ...],
) -> NewCase:
    """Check the shape of a signing session; the way back must lead to the platform."""
    credit_serial = reading.serial(content, "credit_serial")
    amount = minor_of(content.get("amount"), "amount")
    reading.count(content, "term_count", 600)
    reading.rate(content, "annual_rate")
    if reading.text(content, "currency", 3) != policy.currency:
        raise Malformed("currency", f"this bank lends in {policy.currency}")
    reading.text(content, "contract_number", 64)
    for name in ("contract_digest", "disclosure_digest"):
        if len(reading.text(content, name, 64)) != 64:
            raise Malformed(name, "a SHA-256 digest of 64 hexadecimal digits is needed")
    back = reading.text(content, "return_url", 500)
    if urlsplit(back).scheme not in {"http", "https"} or not back.startswith(return_prefixes):
        raise Malformed("return_url", "it does not lead back to the platform")
    credit = cases.find(store, policy.code, "credit", credit_serial)
    return NewCase(
        amount_minor=amount,
        person=credit["person"] if credit else "",
        parent=credit_serial,
        token=secrets.token_urlsafe(24),
        facts={"amount": amount_of(amount)},
    )


def find_by_token(store: Store, bank: str, token: str) -> sqlite3.Row | None:
    row = store.one("select * from cases where token = ? and kind = 'signing'", token)
    return row if row is not None and row["bank"] == bank else None


def answer_borrower(
    store: Store, policy: BankPolicy, row: sqlite3.Row, *, agreed: bool, now: float
) -> str:
    """Keep what the borrower decided on the page, once; the status the case then has."""
    if row["status"] != codes.PROCESSING:
        return str(row["status"])
    if not agreed:
        cases.end(store, row, Verdict(status=codes.FAIL, reason=DECLINED), now)
        return codes.FAIL
    content = unpacked(row["content"])
    signed_at = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(policy.zone))
    facts = {
        "signed_at": signed_at.isoformat(timespec="seconds"),
        "bank_contract_number": f"{policy.code.upper()}-{row['serial']}",
        "contract_digest": content["contract_digest"],
        "disclosure_digest": content["disclosure_digest"],
    }
    copy = signed_copy(policy, content, facts)
    result = {**facts, "signed_copy_digest": hashlib.sha256(copy).hexdigest()}
    cases.end(store, row, Verdict(status=codes.SUCCESS, result=result), now)
    return codes.SUCCESS


def expire(_store: Store, _policy: BankPolicy, _row: sqlite3.Row) -> Verdict:
    """A session nobody finished."""
    return Verdict(status=codes.FAIL, reason=EXPIRED)


def signed_copy(policy: BankPolicy, content: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    """The signed copy; the same session always gives the same bytes."""
    lines = (
        f"Lender: {policy.name_en} ({policy.code})",
        f"Contract of the lender: {facts['bank_contract_number']}",
        f"Contract of the platform: {content['contract_number']}",
        f"Amount: {content['amount']} {content['currency']}",
        f"Yearly rate: {content['annual_rate']}",
        f"Instalments: {content['term_count']}",
        f"SHA-256 of the contract: {content['contract_digest']}",
        f"SHA-256 of the cost disclosure: {content['disclosure_digest']}",
        f"Signed on the lender's page at: {facts['signed_at']}",
    )
    return one_page("Loan contract, signed copy", lines)


def copy_of(policy: BankPolicy, row: sqlite3.Row) -> bytes | None:
    """The signed copy of a session that ended signed; None for any other."""
    if row["status"] != codes.SUCCESS:
        return None
    return signed_copy(policy, unpacked(row["content"]), unpacked(row["result"]))
