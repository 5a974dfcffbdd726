"""The bank's own decision: pre-check by digest, credit application, its policy and its memory."""

import hashlib
import hmac
import re
import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from loanops_sandbox import codes
from loanops_sandbox.amounts import Malformed, amount_of, date_of, minor_of
from loanops_sandbox.bank import reading
from loanops_sandbox.bank.cases import NewCase, Verdict
from loanops_sandbox.bank.moods import mood_of, share_of
from loanops_sandbox.bank.policy import BankPolicy
from loanops_sandbox.bank.store import Store, unpacked

_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]\Z")


def person_digest(salt: bytes, kind: str, value: str) -> str:
    """The digest both sides compute of an identity number or a mobile (protocol, pre-check)."""
    return hmac.new(salt, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()


def read_application(content: Mapping[str, Any], policy: BankPolicy, salt: bytes) -> NewCase:
    """Check the shape of a credit application and draw from it what the bank keeps aside."""
    on = date_of(content.get("business_date"), "business_date")
    amount = minor_of(content.get("amount"), "amount")
    reading.count(content, "term_count", 600)
    reading.rate(content, "annual_rate")
    reading.text(content, "product", 64)
    if reading.text(content, "currency", 3) != policy.currency:
        raise Malformed("currency", f"this bank lends in {policy.currency}")
    applicant = reading.part(content, "applicant")
    minor_of(applicant.get("income_monthly", "0.00"), "applicant.income_monthly")
    minor_of(applicant.get("debts_monthly", "0.00"), "applicant.debts_monthly")
    identity = reading.optional_text(applicant, "identity_number", 18)
    mobile = reading.optional_text(applicant, "mobile", 20)
    return NewCase(
        amount_minor=amount,
        person=person_digest(salt, "identity", identity) if identity else "",
        value_date=on.isoformat(),
        facts={"mobile": mobile, "amount": amount_of(amount)},
    )


def check_digest(store: Store, policy: BankPolicy, *, identity_digest: str, on: date) -> str:
    """Why the person of this digest may not apply now; empty where nothing speaks against it."""
    if not identity_digest:
        return ""
    since = (on - timedelta(days=policy.cool_off_days)).isoformat()
    refused = store.number(
        "select count(*) from cases where bank = ? and kind = 'credit' and person = ?"
        " and status = 'FAIL' and value_date > ? and value_date <= ?",
        policy.code,
        identity_digest,
        since,
        on.isoformat(),
    )
    if refused:
        return "C003"
    if policy.one_loan_per_person and store.number(
        "select count(*) from cases where bank = ? and kind = 'drawdown' and person = ?"
        " and status = 'SUCCESS'",
        policy.code,
        identity_digest,
    ):
        return "C004"
    return ""


def decide(store: Store, policy: BankPolicy, row: sqlite3.Row) -> Verdict:
    """The bank's verdict on a credit application; one reason is enough for a refusal."""
    content = unpacked(row["content"])
    mood = mood_of(row["behaviour"], unpacked(row["behaviour_args"]))
    on = date.fromisoformat(row["value_date"])
    reason = mood.reason or _first_reason(store, policy, row, content, on)
    if reason:
        return Verdict(status=codes.FAIL, reason=reason)
    return Verdict(
        status=codes.SUCCESS,
        result={
            "approved_amount": amount_of(row["amount_minor"]),
            "currency": policy.currency,
            "annual_rate": content["annual_rate"],
            "term_count": content["term_count"],
            "valid_until": (on + timedelta(days=policy.credit_days)).isoformat(),
        },
    )


def _first_reason(
    store: Store, policy: BankPolicy, row: sqlite3.Row, content: Mapping[str, Any], on: date
) -> str:
    applicant = content.get("applicant", {})
    return (
        _identity_reason(policy, applicant, on)
        or _range_reason(policy, row["amount_minor"], content, applicant)
        or check_digest(store, policy, identity_digest=row["person"], on=on)
        or _burden_reason(policy, row, content, applicant)
    )


def _identity_reason(policy: BankPolicy, applicant: Mapping[str, Any], on: date) -> str:
    if not policy.requires_identity:
        return ""
    number = str(applicant.get("identity_number", ""))
    try:
        if not _ID_NUMBER.match(number) or number[-1] != ric.calc_check_digit(number):
            return "F108"
        born = ric.get_birth_date(number)
    except ValidationError:
        return "F108"
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return "" if policy.age_min <= age <= policy.age_max else "F101"


def _range_reason(
    policy: BankPolicy,
    amount_minor: int,
    content: Mapping[str, Any],
    applicant: Mapping[str, Any],
) -> str:
    region = str(applicant.get("region", ""))
    if any(region.startswith(excluded) for excluded in policy.regions_excluded):
        return "F102"
    if not policy.amount_min_minor <= amount_minor <= policy.amount_max_minor:
        return "F106"
    if content["term_count"] > policy.term_max:
        return "F106"
    return "F107" if float(content["annual_rate"]) > policy.rate_max else ""


def _burden_reason(
    policy: BankPolicy,
    row: sqlite3.Row,
    content: Mapping[str, Any],
    applicant: Mapping[str, Any],
) -> str:
    """Refuse a burden too heavy, and by the bank's own score a share that grows with the burden."""
    income = minor_of(applicant.get("income_monthly", "0.00"), "income_monthly")
    if income < policy.income_min_minor:
        return "F103"
    debts = minor_of(applicant.get("debts_monthly", "0.00"), "debts_monthly")
    monthly = float(content["annual_rate"]) / 12
    count = content["term_count"]
    factor = monthly / (1 - (1 + monthly) ** -count) if monthly else 1 / count
    burden = (row["amount_minor"] * factor + debts) / income if income else 0.0
    if burden > policy.burden_max:
        return "F104"
    spread = policy.refused_share_at_max_burden - policy.refused_share
    refused = policy.refused_share + spread * burden / policy.burden_max
    person = str(applicant.get("identity_number") or content.get("reference") or row["serial"])
    drawn = share_of("score", policy.code, person)
    return "F105" if drawn < refused else ""
