"""What applications announce and record. Nothing here is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(Event):
    """A request was taken in and waits for a decision."""

    NAME: ClassVar[str] = "applications.submitted"
    product: str
    channel: str
    amount_minor: int
    term_months: int


@dataclass(frozen=True, kw_only=True)
class ApplicationsSubmitted(Event):
    """Many requests were taken in; ``rows`` hold what the single event holds."""

    NAME: ClassVar[str] = "applications.submitted_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationApproved(Event):
    """The request was approved up to an amount; a funder may be sought."""

    NAME: ClassVar[str] = "applications.approved"
    offered_minor: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationsApproved(Event):
    """Many requests were approved."""

    NAME: ClassVar[str] = "applications.approved_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationDeclined(Event):
    """The request was declined, with reason codes that the applicant is told."""

    NAME: ClassVar[str] = "applications.declined"
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationsDeclined(Event):
    """Many requests were declined."""

    NAME: ClassVar[str] = "applications.declined_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationReferred(Event):
    """A person has to look at the request."""

    NAME: ClassVar[str] = "applications.referred"
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationsReferred(Event):
    """A person has to look at many requests."""

    NAME: ClassVar[str] = "applications.referred_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(Event):
    """The applicant no longer wants the loan; what was reserved for it is free again."""

    NAME: ClassVar[str] = "applications.withdrawn"
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApplicationsExpired(Event):
    """The time of many requests has run out."""

    NAME: ClassVar[str] = "applications.expired_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class DocumentAdded(Event):
    """A document came and waits to be judged."""

    NAME: ClassVar[str] = "applications.document_added"
    document: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class DocumentJudged(Event):
    """A document was accepted, rejected or sent back; ``state`` says which."""

    NAME: ClassVar[str] = "applications.document_judged"
    document: str
    kind: str
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChecklistSet(Event):
    """A product asks for other documents; the subject is the product."""

    NAME: ClassVar[str] = "applications.checklist_set"


@dataclass(frozen=True, kw_only=True)
class DocumentsComplete(Event):
    """Every mandatory document is there, so that a decision can be taken."""

    NAME: ClassVar[str] = "applications.documents_complete"


SENTENCES: dict[str, Sentence] = {
    "applications.drafted": Sentence("Application {subject} was drafted"),
    "applications.edited": Sentence("The draft {subject} was edited"),
    "applications.submitted": Sentence("Application {subject} was submitted from {source}"),
    "applications.submitted_many": Sentence("{count} applications were submitted from {source}"),
    "applications.approved": Sentence("Application {subject} was approved"),
    "applications.approved_many": Sentence("{count} applications were approved"),
    "applications.declined": Sentence("Application {subject} was declined"),
    "applications.declined_many": Sentence("{count} applications were declined"),
    "applications.referred": Sentence("Application {subject} was referred to a person"),
    "applications.referred_many": Sentence("{count} applications were referred to a person"),
    "applications.offered": Sentence("An offer was made for application {subject}"),
    "applications.offered_many": Sentence("Offers were made for {count} applications"),
    "applications.offer_taken_back": Sentence("The offer for application {subject} was taken back"),
    "applications.offer_taken_back_many": Sentence(
        "The offers for {count} applications were taken back"
    ),
    "applications.signed": Sentence("The contract of application {subject} was signed"),
    "applications.signed_many": Sentence("The contracts of {count} applications were signed"),
    "applications.disbursed": Sentence("The loan of application {subject} was disbursed"),
    "applications.disbursed_many": Sentence("The loans of {count} applications were disbursed"),
    "applications.funding_refused": Sentence("No funder took application {subject}"),
    "applications.funding_refused_many": Sentence("No funder took {count} applications"),
    "applications.withdrawn": Sentence("Application {subject} was withdrawn: {reason}"),
    "applications.expired_many": Sentence("{count} applications expired"),
    "applications.checklist_set": Sentence("The checklist of product {subject} was set to {kinds}"),
    "applications.document_added": Sentence("A document ({kind}) was added to {subject}"),
    "applications.document_accepted": Sentence("A document ({kind}) of {subject} was accepted"),
    "applications.document_rejected": Sentence(
        "A document ({kind}) of {subject} was rejected: {reason}"
    ),
    "applications.document_sent_back": Sentence(
        "A document ({kind}) of {subject} was sent back: {reason}"
    ),
}
