"""What contracts announce and record. Nothing here is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event


@dataclass(frozen=True, kw_only=True)
class OfferMade(Event):
    """A funder's offer binds until its day; the subject is the application."""

    NAME: ClassVar[str] = "contracts.offered"
    application: str
    offer: str
    funder: str
    agreement: str
    principal_minor: int
    instalments: int
    rate_annual: str
    expires_on: str


@dataclass(frozen=True, kw_only=True)
class OffersMade(Event):
    """Many offers were made; ``rows`` hold what the single event holds."""

    NAME: ClassVar[str] = "contracts.offered_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ContractSigned(Event):
    """A contract is signed, so money may move; the subject is the application."""

    NAME: ClassVar[str] = "contracts.signed"
    application: str
    offer: str
    contract: str
    funder: str
    guarantor: str
    principal_minor: int
    signing_mode: str


@dataclass(frozen=True, kw_only=True)
class ContractsSigned(Event):
    """Many contracts are signed; ``rows`` hold what the single event holds."""

    NAME: ClassVar[str] = "contracts.signed_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class OffersLapsed(Event):
    """Offers expired or were withdrawn; ``applications`` have no other open offer."""

    NAME: ClassVar[str] = "contracts.offers_lapsed"
    rows: tuple[dict[str, Any], ...]


SENTENCES: dict[str, Sentence] = {
    "contracts.offered": Sentence(
        "Offer {offer} of {funder} was made for application {subject}, binding until {expires_on}"
    ),
    "contracts.offered_many": Sentence("{count} offers were made"),
    "contracts.disclosure_shown": Sentence("The disclosure statement of {subject} was shown"),
    "contracts.disclosure_shown_many": Sentence("{count} disclosure statements were shown"),
    "contracts.disclosure_confirmed": Sentence(
        "The disclosure statement of {subject} was confirmed after {read_seconds} seconds"
    ),
    "contracts.disclosure_confirmed_many": Sentence("{count} disclosure statements were confirmed"),
    "contracts.drawn_up": Sentence("Contract {contract} was drawn up from offer {subject}"),
    "contracts.drawn_up_many": Sentence("{count} contracts were drawn up"),
    "contracts.signed": Sentence("Contract {subject} was signed: {mode}"),
    "contracts.signed_many": Sentence("{count} contracts were signed"),
    "contracts.offer_withdrawn": Sentence("Offer {subject} was withdrawn: {reason}"),
    "contracts.offers_expired": Sentence("{count} offers expired"),
    "contracts.offers_withdrawn": Sentence("{count} offers were withdrawn: {reason}"),
    "contracts.promotion_redeemed": Sentence(
        "Offer {subject} was replaced by {offer} under promotion {promotion}"
    ),
    "contracts.rendered": Sentence("{count} contract documents were rendered"),
    "contracts.signed_copy_kept": Sentence("The signed copy of {subject} was kept"),
}
