"""The canonical data of a contract: what its witness covers.

Long parts (terms, schedule, statement) stand in it by their hashes; the borrower by a keyed digest
of name and identity number, so that no person is in it in clear.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from loanops.origination.contracts.domain.witness import digest


def contract_data(
    *,
    contract: str,
    offer: str,
    book: str,
    application: str,
    party: str,
    borrower_digest: str,
    platform_name: str,
    funder: str,
    funder_name: str,
    guarantor: str,
    guarantor_name: str,
    agreement: str,
    agreement_version: int,
    product_version: str,
    signing_mode: str,
    currency: str,
    principal_minor: int,
    terms_json: str,
    schedule_json: str,
    statement_sha256: str,
    drawn_up_on: date,
) -> dict[str, Any]:
    """The data as plain values."""
    return {
        "contract": contract,
        "offer": offer,
        "book": book,
        "application": application,
        "borrower": {"party": party, "digest": borrower_digest},
        "platform": {"name": platform_name},
        "funder": {"code": funder, "name": funder_name},
        "guarantor": {"code": guarantor, "name": guarantor_name} if guarantor else None,
        "agreement": {"number": agreement, "version": agreement_version},
        "product_version": product_version,
        "signing_mode": signing_mode,
        "currency": currency,
        "principal_minor": principal_minor,
        "terms_sha256": digest(terms_json),
        "schedule_sha256": digest(schedule_json),
        "statement_sha256": statement_sha256,
        "drawn_up_on": drawn_up_on.isoformat(),
    }
