"""What routing announces and records. Nothing here is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event


@dataclass(frozen=True, kw_only=True)
class CreditApproved(Event):
    """A funder approved an application; the subject is the application."""

    NAME: ClassVar[str] = "routing.approved"
    application: str
    funder: str
    agreement: str
    granted_minor: int


@dataclass(frozen=True, kw_only=True)
class CreditsApproved(Event):
    """Funders approved many applications; ``rows`` hold what the single event holds."""

    NAME: ClassVar[str] = "routing.approved_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class FundingRefused(Event):
    """No funder is left to be asked; the subject is the application."""

    NAME: ClassVar[str] = "routing.refused"
    application: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Disbursed(Event):
    """Money was paid out, proven by the funder; the subject is the application."""

    NAME: ClassVar[str] = "routing.disbursed"
    application: str
    contract: str
    intent: str
    serial: str
    funder: str
    guarantor: str
    product_version: str
    principal_minor: int
    terms: dict[str, Any]
    disbursed_on: str
    paid_reference: str
    agreement: str = ""
    agreement_version: int = 0


@dataclass(frozen=True, kw_only=True)
class DisbursedMany(Event):
    """Money was paid out for many; ``rows`` hold what the single event holds."""

    NAME: ClassVar[str] = "routing.disbursed_many"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(Event):
    """A payout failed for certain, proven by query; the subject is the application."""

    NAME: ClassVar[str] = "routing.payout_failed"
    application: str
    contract: str
    serial: str
    funder: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RepaymentNotified(Event):
    """A funder told us that a borrower paid at its own counter; the subject is the drawdown.

    ``amount_minor`` is what the funder says; whoever books it makes it one receipt of
    ``(channel, pay_no)``.
    """

    NAME: ClassVar[str] = "routing.repayment_notified"
    application: str
    serial: str
    funder: str
    channel: str
    pay_no: str
    amount_minor: int
    paid_on: str


@dataclass(frozen=True, kw_only=True)
class ExceptionsOpened(Event):
    """What no rule may decide waits for a person; ``rows`` hold exception, application, funder and
    kind of each."""

    NAME: ClassVar[str] = "routing.exceptions_opened"
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class ExceptionClosed(Event):
    """A person cleared an exception up; the subject is the exception."""

    NAME: ClassVar[str] = "routing.exception_closed"
    application: str
    funder: str
    kind: str


SENTENCES: dict[str, Sentence] = {
    "routing.planned": Sentence("Funder {funder} was chosen for {subject} in round {round}"),
    "routing.planned_many": Sentence("Funders were chosen for {count} applications"),
    "routing.answered": Sentence("{funder} answered for {subject}: {state}"),
    "routing.answered_many": Sentence("{count} answers of funders were taken"),
    "routing.refused": Sentence("No funder takes {subject}: {reasons}"),
    "routing.refused_many": Sentence("No funder takes {count} applications"),
    "routing.lapsed": Sentence("The credit of {funder} for {subject} was not taken up: {reason}"),
    "routing.signing_opened": Sentence("Signing {serial} of {subject} was sent to {funder}"),
    "routing.signing_answered": Sentence("Signing {serial} of {subject} is {state}"),
    "routing.submitted": Sentence("Payout {serial} of {subject} was submitted to {funder}"),
    "routing.submitted_many": Sentence("{count} payouts were submitted"),
    "routing.payout_answered": Sentence("Payout {serial} of {subject} is {state}"),
    "routing.payouts_answered": Sentence("{count} answers about payouts were taken"),
    "routing.resent": Sentence("Payout {subject} was sent again under the same serial"),
    "routing.disbursed": Sentence("{funder} paid {subject} out: {paid_reference}"),
    "routing.disbursed_many": Sentence("{count} loans were paid out"),
    "routing.schedules_compared": Sentence(
        "{count} schedules of funders were held against ours; {differing} differ"
    ),
    "routing.payout_failed": Sentence("Payout {serial} of {subject} failed: {reason}"),
    "routing.callback_taken": Sentence("A callback of {funder} about {subject} was kept"),
    "routing.exception_opened": Sentence("Exception {exception} was opened for {subject}: {kind}"),
    "routing.exception_assigned": Sentence("Exception {subject} was given to {owner}"),
    "routing.exception_closed": Sentence("Exception {subject} was closed: {note}"),
}
