"""What contracts show: frozen cards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from loanops.kernel.schedule import Terms
from loanops.origination.contracts.domain.lifecycle import (
    CONTRACTS,
    OFFERS,
    ContractState,
    OfferState,
)
from loanops.origination.contracts.models import Contract, Disclosure, Offer, Signature
from loanops.registry.compliance.queries import Answer


@dataclass(frozen=True)
class ScheduleRow:
    """One instalment of an offer."""

    number: int
    due_date: date
    principal_minor: int
    interest_minor: int
    fees_minor: int
    balance_minor: int

    @property
    def total_minor(self) -> int:
        """Principal, interest and fees."""
        return self.principal_minor + self.interest_minor + self.fees_minor


@dataclass(frozen=True)
class CostCard:
    """The all-in annual cost by both measures; ``measure`` is the one the cap is held against."""

    simple: Decimal
    effective: Decimal
    method: str
    measure: str


@dataclass(frozen=True)
class DisclosureCard:
    """What is known of showing and confirming a statement."""

    statement_sha256: str
    read_seconds_min: int
    shown_at: datetime
    confirmed_at: datetime | None
    read_seconds: int | None
    evidence_sha256: str


@dataclass(frozen=True)
class OfferCard:
    """An offer; ``statement`` is its disclosure statement, ``moves`` what may come next."""

    number: str
    book: str
    application: str
    party: str
    product: str
    product_version: str
    agreement: str
    agreement_version: int
    funder: str
    guarantor: str | None
    signing_mode: str
    currency: str
    principal_minor: int
    instalments: int
    rate_annual: Decimal
    start_date: date
    terms: dict[str, Any]
    schedule: tuple[ScheduleRow, ...]
    upfront_fees_minor: int
    cost: CostCard
    answer: Answer
    statement: dict[str, Any]
    statement_sha256: str
    disclosure: DisclosureCard | None
    contract: str | None
    state: str
    made_at: datetime
    made_on: date
    expires_on: date
    promotion: str | None
    replaces: str | None
    moves: tuple[str, ...]

    @property
    def total_minor(self) -> int:
        """Everything the borrower pays, upfront fees included."""
        return self.upfront_fees_minor + sum(row.total_minor for row in self.schedule)


@dataclass(frozen=True)
class SignatureCard:
    """A recorded signature."""

    mode: str
    signer: str
    reference: str
    witness: str
    evidence_sha256: str
    signed_at: datetime
    recorded_at: datetime


@dataclass(frozen=True)
class ContractCard:
    """A contract; ``data`` is what its witness covers, ``file`` its PDF once it is rendered."""

    number: str
    offer: str
    book: str
    application: str
    party: str
    funder: str
    guarantor: str | None
    agreement: str
    agreement_version: int
    product_version: str
    signing_mode: str
    currency: str
    principal_minor: int
    terms: dict[str, Any]
    template_version: str
    data: dict[str, Any]
    witness: str
    statement_sha256: str
    cost: CostCard
    state: str
    drawn_up_at: datetime
    drawn_up_on: date
    signed_at: datetime | None
    signed_on: date | None
    file: str | None
    file_sha256: str
    signed_copy: str | None
    signed_copy_sha256: str
    signature: SignatureCard | None
    moves: tuple[str, ...]

    @property
    def kernel_terms(self) -> Terms:
        """The terms as the kernel computes with them."""
        return Terms.from_dict(self.terms)


def schedule_rows(schedule_json: str) -> tuple[ScheduleRow, ...]:
    """The compact rows of an offer as cards."""
    return tuple(
        ScheduleRow(row[0], date.fromisoformat(row[1]), row[2], row[3], row[4], row[5])
        for row in json.loads(schedule_json)
    )


def cost_card(row: Offer) -> CostCard:
    """The cost of an offer."""
    return CostCard(row.cost_simple, row.cost_effective, row.cost_method, row.cost_measure)


def disclosure_card(row: Disclosure) -> DisclosureCard:
    """A row as a card."""
    return DisclosureCard(
        statement_sha256=row.statement_sha256,
        read_seconds_min=row.read_seconds_min,
        shown_at=row.shown_at,
        confirmed_at=row.confirmed_at,
        read_seconds=row.read_seconds,
        evidence_sha256=row.evidence_sha256,
    )


def offer_card(row: Offer, disclosure: Disclosure | None, contract: str | None) -> OfferCard:
    """An offer with its disclosure and the number of its contract."""
    return OfferCard(
        number=row.number,
        book=row.book_id,
        application=row.application,
        party=row.party,
        product=row.product,
        product_version=row.product_version,
        agreement=row.agreement,
        agreement_version=row.agreement_version,
        funder=row.funder,
        guarantor=row.guarantor or None,
        signing_mode=row.signing_mode,
        currency=row.currency,
        principal_minor=row.principal_minor,
        instalments=row.instalments,
        rate_annual=row.rate_annual,
        start_date=row.start_date,
        terms=json.loads(row.terms_json),
        schedule=schedule_rows(row.schedule_json),
        upfront_fees_minor=row.upfront_fees_minor,
        cost=cost_card(row),
        answer=Answer.from_dict(json.loads(row.answer_json)),
        statement=json.loads(row.statement_json),
        statement_sha256=row.statement_sha256,
        disclosure=disclosure_card(disclosure) if disclosure else None,
        contract=contract,
        state=row.state,
        made_at=row.made_at,
        made_on=row.made_on,
        expires_on=row.expires_on,
        promotion=row.promotion or None,
        replaces=row.replaces or None,
        moves=tuple(move.value for move in OFFERS.moves(OfferState(row.state))),
    )


def signature_card(row: Signature) -> SignatureCard:
    """A row as a card."""
    return SignatureCard(
        mode=row.mode,
        signer=row.signer,
        reference=row.reference,
        witness=row.witness,
        evidence_sha256=row.evidence_sha256,
        signed_at=row.signed_at,
        recorded_at=row.recorded_at,
    )


def contract_card(row: Contract, signature: Signature | None) -> ContractCard:
    """A contract with its offer (fetched with it) and its signature."""
    offer = row.offer
    return ContractCard(
        number=row.number,
        offer=offer.number,
        book=row.book_id,
        application=row.application,
        party=row.party,
        funder=row.funder,
        guarantor=row.guarantor or None,
        agreement=offer.agreement,
        agreement_version=offer.agreement_version,
        product_version=offer.product_version,
        signing_mode=row.signing_mode,
        currency=row.currency,
        principal_minor=row.principal_minor,
        terms=json.loads(offer.terms_json),
        template_version=row.template_version,
        data=json.loads(row.data_json),
        witness=row.witness,
        statement_sha256=offer.statement_sha256,
        cost=cost_card(offer),
        state=row.state,
        drawn_up_at=row.drawn_up_at,
        drawn_up_on=row.drawn_up_on,
        signed_at=row.signed_at,
        signed_on=row.signed_on,
        file=row.file_id,
        file_sha256=row.file_sha256,
        signed_copy=row.signed_copy_id,
        signed_copy_sha256=row.signed_copy_sha256,
        signature=signature_card(signature) if signature else None,
        moves=tuple(move.value for move in CONTRACTS.moves(ContractState(row.state))),
    )
