"""Paying out: what must hold before money leaves the bank, and what the bank then knows."""

import hashlib
import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from loanops_sandbox import clock, codes
from loanops_sandbox.amounts import Malformed, amount_of, date_of, minor_of
from loanops_sandbox.bank import cases, reading
from loanops_sandbox.bank.cases import NewCase, Verdict
from loanops_sandbox.bank.moods import mood_of
from loanops_sandbox.bank.plan import instalments_of, plan_digest, read_terms
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, unpacked


def read_drawdown(store: Store, content: Mapping[str, Any], policy: BankPolicy) -> NewCase:
    """Check the shape of a drawdown and tie it to its credit application."""
    credit_serial = reading.serial(content, "credit_serial")
    amount = minor_of(content.get("amount"), "amount")
    value_date = date_of(content.get("value_date"), "value_date")
    if reading.text(content, "currency", 3) != policy.currency:
        raise Malformed("currency", f"this bank lends in {policy.currency}")
    terms = read_terms(content)
    said = (reading.rate(content, "annual_rate"), reading.count(content, "term_count", 600))
    if said != (float(terms.annual_rate), terms.instalments):
        raise Malformed("terms", "rate and instalments differ from annual_rate and term_count")
    payee = reading.part(content, "payee")
    reading.text(payee, "account", 64)
    reading.text(content, "reference", 64)
    credit = cases.find(store, policy.code, "credit", credit_serial)
    applicant = unpacked(credit["content"]).get("applicant", {}) if credit else {}
    return NewCase(
        amount_minor=amount,
        person=credit["person"] if credit else "",
        parent=credit_serial,
        value_date=value_date.isoformat(),
        facts={
            "mobile": str(applicant.get("mobile", "")),
            "amount": amount_of(amount),
            "reference": str(content["reference"]),
            "payee_account": str(payee["account"]),
        },
    )


def decide(store: Store, policy: BankPolicy, row: sqlite3.Row) -> Verdict:
    """Pay, or say why not."""
    content = unpacked(row["content"])
    mood = mood_of(row["behaviour"], unpacked(row["behaviour_args"]))
    reason = mood.reason or _reason(store, policy, row, content)
    if reason:
        return Verdict(status=codes.FAIL, reason=reason)
    terms = read_terms(content)
    lines = instalments_of(terms)
    account = str(content["payee"]["account"])
    zone = ZoneInfo(policy.zone)
    return Verdict(
        status=codes.SUCCESS,
        result={
            "paid_amount": amount_of(row["amount_minor"]),
            "currency": policy.currency,
            "paid_at": clock.now().astimezone(zone).isoformat(timespec="seconds"),
            "value_date": row["value_date"],
            "pay_number": _pay_number(policy.code, row["serial"]),
            "payee_account_tail": account[-4:],
            "reference": content["reference"],
            "schedule_digest": plan_digest(lines),
        },
    )


def _pay_number(bank: str, serial: str) -> str:
    digest = hashlib.sha256(f"{bank}\x1f{serial}".encode()).hexdigest()
    return f"PAY{digest[:20].upper()}"


def _reason(store: Store, policy: BankPolicy, row: sqlite3.Row, content: Mapping[str, Any]) -> str:
    return (
        _credit_reason(store, policy, row)
        or (_signing_reason(store, policy, content) if policy.requires_signing else "")
        or _quota_reason(store, policy, row)
    )


def _credit_reason(store: Store, policy: BankPolicy, row: sqlite3.Row) -> str:
    credit = cases.find(store, policy.code, "credit", row["parent"])
    if credit is None or credit["status"] != codes.SUCCESS:
        return "F301"
    granted = unpacked(credit["result"])
    if row["value_date"] > granted["valid_until"]:
        return "F305"
    drawn = store.number(
        "select sum(amount_minor) from cases where bank = ? and kind = 'drawdown' and parent = ?"
        " and status = 'SUCCESS'",
        policy.code,
        row["parent"],
    )
    granted_minor = minor_of(granted["approved_amount"], "approved_amount")
    return "F303" if drawn + row["amount_minor"] > granted_minor else ""


def _signing_reason(store: Store, policy: BankPolicy, content: Mapping[str, Any]) -> str:
    """The borrower signed here, for the same money on the same terms."""
    signing = cases.find(store, policy.code, "signing", str(content.get("signing_serial", "")))
    if signing is None or signing["status"] != codes.SUCCESS:
        return "F302"
    signed = unpacked(signing["content"])
    names = ("credit_serial", "amount", "currency", "annual_rate", "term_count")
    same = all(signed.get(name) == content.get(name) for name in names)
    return "" if same else "F306"


def _quota_reason(store: Store, policy: BankPolicy, row: sqlite3.Row) -> str:
    paid = "select sum(amount_minor) from cases where bank = ? and kind = 'drawdown'"
    paid += " and status = 'SUCCESS'"
    if policy.quota_daily_minor is not None:
        today = store.number(f"{paid} and value_date = ?", policy.code, row["value_date"])
        if today + row["amount_minor"] > policy.quota_daily_minor:
            return "F201"
    if policy.quota_total_minor is not None:
        total = store.number(paid, policy.code)
        if total + row["amount_minor"] > policy.quota_total_minor:
            return "F202"
    return ""


def schedule_of(row: sqlite3.Row) -> dict[str, Any]:
    """The legal repayment schedule of a drawdown that was paid."""
    lines = instalments_of(read_terms(unpacked(row["content"])))
    return {
        "code": codes.HANDLED,
        "message": codes.MESSAGES[codes.HANDLED],
        "serial": row["serial"],
        "status": codes.SUCCESS,
        "schedule_digest": plan_digest(lines),
        "instalments": [
            {
                "number": line.number,
                "due_date": line.due_date.isoformat(),
                "principal": amount_of(line.principal_minor),
                "interest": amount_of(line.interest_minor),
                "fees": amount_of(line.fees_minor),
            }
            for line in lines
        ],
    }


def truth(store: Store, bank: str, since: date | None) -> list[dict[str, Any]]:
    """Every drawdown that really paid, whatever the bank has said about it."""
    rows = store.all(
        "select * from cases where bank = ? and kind = 'drawdown' and status = 'SUCCESS'"
        " and value_date >= ? order by done_at, serial",
        bank,
        since.isoformat() if since else "",
    )
    told = []
    for row in rows:
        result = unpacked(row["result"])
        told.append(
            {
                "bank": bank,
                "serial": row["serial"],
                "credit_serial": row["parent"],
                "reference": result["reference"],
                "paid_amount": amount_of(row["amount_minor"]),
                "currency": result["currency"],
                "pay_number": result["pay_number"],
                "value_date": row["value_date"],
            }
        )
    return told
