"""Approved applications and offers for tests, made by the rooms' own operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from loanops.kernel.access import Actor
from loanops.origination.applications import operations as applications
from loanops.origination.applications.operations import (
    Applicant,
    ApplicationRequest,
    Consent,
    VerdictIn,
)
from loanops.origination.contracts import operations as contracts
from loanops.origination.contracts.operations import ConfirmationIn, OfferIn
from loanops.origination.contracts.queries import ContractCard, OfferCard
from tests.factories import people
from tests.factories.registry import AT, HOUSE, TODAY, open_book, publish, register, sign

PAGE = {"channel": "app", "device": "phone", "ip": "203.0.113.9"}
GIVEN = (("personal_information", "PI-1"), ("sensitive_information", "SI-1"))


def later(seconds: int) -> datetime:
    """So many seconds after the offer."""
    return AT + timedelta(seconds=seconds)


@dataclass(frozen=True)
class Market:
    """A book with one funder (and a guarantor), one product, and its numbers."""

    book: str
    agreement: str
    version: str


def chinese_market(*, product_terms: dict[str, Any] | None = None, **terms: Any) -> Market:
    """Pack cn: a bank with a guarantor's fee of 4.8 % a year on the balance."""
    open_book()
    register("harbour", "bank")
    register("anchor", "guarantor")
    fee = {
        "name": "融资担保费",
        "charging_party": "guarantor",
        "timing": "per_instalment",
        "rate": "0.048",
        "base": "balance",
        "annual": True,
    }
    given = {"guarantor": "anchor", "fees": [fee], "cost_cap_annual": "0.24", **terms}
    agreement = sign("harbour", **given)
    version = publish(terms=product_terms)
    return Market("cn", agreement.number, version.number)


def open_market(**terms: Any) -> Market:
    """Pack open: no identity, no caps, the parties sign with us, instalments rounded up."""
    open_book("us", pack="open", currency="USD", without_identity=True)
    register("webbank", "bank", book="us")
    agreement = sign("webbank", book="us", **{"signing_mode": "ours", **terms})
    version = publish(
        "personal",
        book="us",
        terms={"method": "equal_instalment", "instalment_rounding": "up"},
        rate_annual=None,
    )
    return Market("us", agreement.number, version.number)


def approved(
    market: Market, count: int = 1, *, first: int = 1, amount_minor: int = 1_000_000
) -> list[str]:
    """Applications that were submitted and approved in full."""
    identified = market.book == "cn"
    requests = [
        ApplicationRequest(
            key=f"K-{place}",
            product="steady" if identified else "personal",
            amount_minor=amount_minor,
            term_months=12,
            annual_rate=None if identified else Decimal("0.1199"),
            purpose="daily",
            applicant=_applicant(place) if identified else None,
            consents=_consents() if identified else (),
        )
        for place in range(first, first + count)
    ]
    outcome = applications.submit_many(
        book=market.book, source="test", requests=requests, actor=HOUSE, at=AT
    )
    assert not outcome.refused, outcome.refused[0].refusals
    applications.apply_verdicts_many(
        verdicts=[
            VerdictIn(number=number, outcome="approve", reasons=(), offered_minor=amount_minor)
            for number in outcome.created
        ],
        actor=HOUSE,
        at=AT,
    )
    return list(outcome.created)


def _applicant(place: int) -> Applicant:
    said = people.person(place)
    return Applicant(
        name=said.name,
        id_number=said.id_number,
        mobile=said.mobile,
        income_monthly_minor=1_200_000,
    )


def _consents() -> tuple[Consent, ...]:
    return tuple(Consent(purpose, "", version) for purpose, version in GIVEN)


def offer_in(market: Market, application: str, **values: Any) -> OfferIn:
    """An ordinary offer on an application."""
    given: dict[str, Any] = {
        "principal_minor": 1_000_000,
        "instalments": 12,
        "annual_rate": Decimal("0.12"),
        "start_date": TODAY,
    }
    return OfferIn(
        application=application,
        agreement=market.agreement,
        product_version=market.version,
        **{**given, **values},
    )


def offered(market: Market, application: str, *, actor: Actor = HOUSE, **values: Any) -> OfferCard:
    """The same, made."""
    given = offer_in(market, application, **values)
    return contracts.make_offer(
        application=given.application,
        agreement=given.agreement,
        product_version=given.product_version,
        principal_minor=given.principal_minor,
        instalments=given.instalments,
        annual_rate=given.annual_rate,
        start_date=given.start_date,
        actor=actor,
        at=AT,
    )


def confirmed(offer: str, *, seconds: int = 12) -> OfferCard:
    """An offer whose statement was shown and confirmed that many seconds later."""
    contracts.show_disclosure(offer=offer, actor=HOUSE, at=AT)
    return contracts.confirm_disclosure(
        offer=offer, read_seconds=seconds, evidence=PAGE, actor=HOUSE, at=later(seconds)
    )


def drawn_up(offer: str) -> ContractCard:
    """The contract of an offer, disclosed and confirmed."""
    confirmed(offer)
    return contracts.draw_up(offer=offer, actor=HOUSE, at=later(20))


def evidence_of(contract: ContractCard) -> dict[str, str]:
    """What proves a signature in the contract's own mode."""
    if contract.signing_mode == "ours":
        return {
            "signer": contract.party or contract.application,
            "ip": "203.0.113.9",
            "device": "phone",
            "witness": contract.witness,
        }
    return {
        "reference": "HB-2026-1",
        "signed_copy_sha256": "ab" * 32,
        "contract_digest": contract.witness,
        "disclosure_digest": contract.statement_sha256,
    }


def signed(contract: ContractCard) -> ContractCard:
    """The contract, signed."""
    return contracts.record_signature(
        contract=contract.number,
        mode=contract.signing_mode,
        evidence=evidence_of(contract),
        signed_at=later(25),
        actor=HOUSE,
        at=later(30),
    )


def confirmations(offers: Sequence[str], *, seconds: int = 12) -> list[ConfirmationIn]:
    """Confirmations of many offers."""
    return [ConfirmationIn(offer=each, read_seconds=seconds, evidence=PAGE) for each in offers]
