"""A file in the shape of the public marketplace file, with invented borrowers."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from loanops.kernel.schedule import Terms, schedule

_ORDINARY: dict[str, str] = {
    "emp_title": "invented", "emp_length": "7", "state": "CA", "homeownership": "RENT",
    "annual_income": "90000", "verified_income": "Verified", "debt_to_income": "9.5",
    "annual_income_joint": "NA", "verification_income_joint": "", "debt_to_income_joint": "NA",
    "delinq_2y": "0", "months_since_last_delinq": "NA", "earliest_credit_line": "2001",
    "inquiries_last_12m": "1", "total_credit_lines": "20", "open_credit_lines": "10",
    "total_credit_limit": "70795", "total_credit_utilized": "18767",
    "num_collections_last_12m": "0", "num_historical_failed_to_pay": "0",
    "months_since_90d_late": "NA", "current_accounts_delinq": "0",
    "total_collection_amount_ever": "0", "current_installment_accounts": "2",
    "accounts_opened_24m": "3", "months_since_last_credit_inquiry": "8",
    "num_satisfactory_accounts": "10", "num_accounts_120d_past_due": "0",
    "num_accounts_30d_past_due": "0", "num_active_debit_accounts": "2",
    "total_debit_limit": "31100", "num_total_cc_accounts": "14", "num_open_cc_accounts": "8",
    "num_cc_carrying_balance": "6", "num_mort_accounts": "1",
    "account_never_delinq_percent": "92.9", "tax_liens": "0", "public_record_bankrupt": "0",
    "loan_purpose": "car", "application_type": "individual", "grade": "A", "sub_grade": "A1",
    "issue_month": "Mar-18", "loan_status": "Current", "initial_listing_status": "whole",
    "disbursement_method": "Cash", "balance": "0", "paid_total": "0", "paid_principal": "0",
    "paid_interest": "0", "paid_late_fees": "0",
}  # fmt: skip


def instalment(amount: int, months: int, percent: str) -> str:
    """The equal instalment, rounded up to the cent, as the marketplace did."""
    terms = Terms.from_dict(
        {
            "currency": "USD",
            "principal_minor": amount * 100,
            "annual_rate": str(Decimal(percent) / 100),
            "instalments": months,
            "method": "equal_instalment",
            "start_date": date(2018, 3, 1).isoformat(),
            "day_count": "30/360",
            "rounding": "half_up",
            "instalment_rounding": "up",
        }
    )
    minor = schedule(terms).rows[0].total_minor
    return f"{minor // 100}.{minor % 100:02d}"


def row(serial: int, **changes: str) -> dict[str, str]:
    """One request for 1,000 dollars and more; the serial makes it its own."""
    amount, months, percent = 1000 + 25 * serial, 36 if serial % 3 else 60, "7.97"
    return {
        **_ORDINARY,
        "loan_amount": str(amount),
        "term": str(months),
        "interest_rate": percent,
        "installment": instalment(amount, months, percent),
        **changes,
    }


def file_of(rows: list[dict[str, str]]) -> bytes:
    """The rows as the file would hold them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()
