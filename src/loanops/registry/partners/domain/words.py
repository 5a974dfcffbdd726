"""The words of the partner register: kinds, roles, states."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class PartnerKind(StrEnum):
    """What a partner is licensed as, or does for us."""

    BANK = "bank"
    CONSUMER_FINANCE = "consumer_finance"
    AUTO_FINANCE = "auto_finance"
    TRUST = "trust"
    SMALL_LOAN = "small_loan"
    GUARANTOR = "guarantor"
    INSURER = "insurer"
    PAYMENT = "payment"
    DATA = "data"
    CHANNEL = "channel"
    AGENCY = "agency"


LENDERS: Final = frozenset(
    {
        PartnerKind.BANK,
        PartnerKind.CONSUMER_FINANCE,
        PartnerKind.AUTO_FINANCE,
        PartnerKind.TRUST,
        PartnerKind.SMALL_LOAN,
    }
)
"""Who may lend; only these sign a funding agreement."""

ENHANCERS: Final = frozenset({PartnerKind.GUARANTOR, PartnerKind.INSURER})
"""Who may charge for credit enhancement (增信)."""


class Role(StrEnum):
    """For what a partner is on the list (名单制)."""

    FUNDER = "funder"
    GUARANTOR = "guarantor"
    INSURER = "insurer"
    CHANNEL = "channel"
    COLLECTION_AGENCY = "collection_agency"
    PAYMENT = "payment"
    DATA = "data"


ROLE_OF: Final = {
    PartnerKind.GUARANTOR: Role.GUARANTOR,
    PartnerKind.INSURER: Role.INSURER,
    PartnerKind.CHANNEL: Role.CHANNEL,
    PartnerKind.AGENCY: Role.COLLECTION_AGENCY,
    PartnerKind.PAYMENT: Role.PAYMENT,
    PartnerKind.DATA: Role.DATA,
    **dict.fromkeys(LENDERS, Role.FUNDER),
}


class SigningMode(StrEnum):
    """Where the parties sign."""

    FUNDER_PAGE = "funder_page"
    OURS = "ours"
