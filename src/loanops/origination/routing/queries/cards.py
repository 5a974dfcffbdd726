"""What routing shows: frozen cards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from loanops.origination.routing.domain.eligibility import REASONS, Exclusion
from loanops.origination.routing.models import (
    Attempt,
    Decision,
    ExceptionCase,
    Observation,
    PayoutIntent,
    Signing,
)


@dataclass(frozen=True)
class CandidateCard:
    """One candidate of a decision with what excluded it; none of it means it was eligible."""

    agreement: str
    version: int
    funder: str
    guarantor: str
    priority: int
    chosen: bool
    exclusions: tuple[Exclusion, ...]


@dataclass(frozen=True)
class DecisionCard:
    """One choice of a funder, every candidate in the order in which it was looked at."""

    application: str
    round: int
    agreement: str
    funder: str
    candidates: tuple[CandidateCard, ...]
    decided_at: datetime
    decided_on: date


@dataclass(frozen=True)
class AttemptCard:
    """One funder asked for one application."""

    number: str
    book: str
    application: str
    round: int
    funder: str
    agreement: str
    agreement_version: int
    guarantor: str
    credit_serial: str
    currency: str
    amount_minor: int
    term_months: int
    annual_rate: Decimal
    state: str
    granted_minor: int | None
    valid_until: date | None
    reason: str
    problem: str
    tries: int
    planned_at: datetime
    moved_at: datetime


@dataclass(frozen=True)
class SigningCard:
    """One session on a funder's page; ``page_url`` is empty until the funder gave it."""

    serial: str
    book: str
    application: str
    contract: str
    funder: str
    page_url: str
    state: str
    reason: str
    problem: str
    funder_contract_number: str
    signed_at: datetime | None
    opened_at: datetime
    moved_at: datetime


@dataclass(frozen=True)
class PayoutCard:
    """One payout intent.

    ``schedule_state`` is ``same`` or ``differs`` once the funder's legal schedule was held against
    ours, and empty before.
    """

    number: str
    serial: str
    book: str
    application: str
    contract: str
    funder: str
    guarantor: str
    currency: str
    amount_minor: int
    value_date: date
    state: str
    pay_number: str
    schedule_digest: str
    schedule_state: str
    reason: str
    problem: str
    evidence: str
    tries: int
    submitted_at: datetime
    moved_at: datetime


@dataclass(frozen=True)
class WordCard:
    """One thing a funder said under a serial."""

    serial: str
    source: str
    standing: str
    code: str
    reason: str
    problem: str
    evidence: str
    heard_at: datetime


@dataclass(frozen=True)
class ExceptionCard:
    """Something a person must clear up; ``closed_at`` is None while it is open."""

    number: str
    book: str
    kind: str
    serial: str
    application: str
    funder: str
    detail: dict[str, Any]
    owner: str
    opened_at: datetime
    opened_on: date
    closed_at: datetime | None
    closed_by: str
    note: str


def reason_sentence(code: str) -> str:
    """The English sentence of an exclusion, with its braces."""
    return REASONS[code]


def decision_card(row: Decision) -> DecisionCard:
    """A row as a card."""
    return DecisionCard(
        application=row.application,
        round=row.round,
        agreement=row.agreement,
        funder=row.funder,
        candidates=tuple(
            CandidateCard(
                agreement=each["agreement"],
                version=each["version"],
                funder=each["funder"],
                guarantor=each["guarantor"],
                priority=each["priority"],
                chosen=bool(row.agreement) and each["agreement"] == row.agreement,
                exclusions=tuple(
                    Exclusion(found["code"], found["values"]) for found in each["exclusions"]
                ),
            )
            for each in row.candidates
        ),
        decided_at=row.decided_at,
        decided_on=row.decided_on,
    )


def attempt_card(row: Attempt) -> AttemptCard:
    """A row as a card."""
    return AttemptCard(
        number=row.number,
        book=row.book_id,
        application=row.application,
        round=row.round,
        funder=row.funder,
        agreement=row.agreement,
        agreement_version=row.agreement_version,
        guarantor=row.guarantor,
        credit_serial=row.credit_serial,
        currency=row.currency,
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        annual_rate=row.annual_rate,
        state=row.state,
        granted_minor=row.granted_minor,
        valid_until=row.valid_until,
        reason=row.reason,
        problem=row.problem,
        tries=row.tries,
        planned_at=row.planned_at,
        moved_at=row.moved_at,
    )


def signing_card(row: Signing) -> SigningCard:
    """A row as a card."""
    return SigningCard(
        serial=row.serial,
        book=row.book_id,
        application=row.application,
        contract=row.contract,
        funder=row.funder,
        page_url=row.page_url,
        state=row.state,
        reason=row.reason,
        problem=row.problem,
        funder_contract_number=row.funder_contract_number,
        signed_at=row.signed_at,
        opened_at=row.opened_at,
        moved_at=row.moved_at,
    )


def payout_card(row: PayoutIntent) -> PayoutCard:
    """A row as a card."""
    return PayoutCard(
        number=row.number,
        serial=row.serial,
        book=row.book_id,
        application=row.application,
        contract=row.contract,
        funder=row.funder,
        guarantor=row.guarantor,
        currency=row.currency,
        amount_minor=row.amount_minor,
        value_date=row.value_date,
        state=row.state,
        pay_number=row.pay_number,
        schedule_digest=row.schedule_digest,
        schedule_state=row.schedule_state,
        reason=row.reason,
        problem=row.problem,
        evidence=row.evidence,
        tries=row.tries,
        submitted_at=row.submitted_at,
        moved_at=row.moved_at,
    )


def word_card(row: Observation) -> WordCard:
    """A row as a card."""
    return WordCard(
        serial=row.serial,
        source=row.source,
        standing=row.standing,
        code=row.code,
        reason=row.reason,
        problem=row.problem,
        evidence=row.evidence,
        heard_at=row.heard_at,
    )


def exception_card(row: ExceptionCase) -> ExceptionCard:
    """A row as a card."""
    return ExceptionCard(
        number=row.number,
        book=row.book_id,
        kind=row.kind,
        serial=row.serial,
        application=row.application,
        funder=row.funder,
        detail=row.detail,
        owner=row.owner,
        opened_at=row.opened_at,
        opened_on=row.opened_on,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        note=row.note,
    )
