"""What payments announce and record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event

SENTENCES = {
    "payments.received": Sentence("{amount_minor} received for {subject}: {channel}"),
    "payments.debit_policy_set": Sentence(
        "Debit policy {number} of {subject} holds from {effective_from}: windows {windows}"
    ),
    "payments.debit_file_sent": Sentence("Debit file {subject} with {orders} orders was sent"),
    "payments.debit_file_empty": Sentence(
        "Debit file {subject} did not go out: nothing was left to be debited"
    ),
    "payments.debit_results_taken": Sentence(
        "The answer to debit file {subject} was taken: {collected} collected, {failed} failed"
    ),
    "payments.answer_file_taken": Sentence("File {name} of {channel} was taken: {rows} rows"),
    "payments.debit_returned": Sentence("The bank took {amount_minor} back: {reason}"),
    "payments.refund_requested": Sentence("A refund of {amount_minor} was asked for: {reason}"),
    "payments.refund_approved": Sentence("Refund {subject} of {amount_minor} was let go"),
    "payments.refund_refused": Sentence("Refund {subject} was refused"),
    "payments.refund_sent": Sentence("Refund {subject} of {amount_minor} was paid out"),
    "payments.refund_failed": Sentence("Refund {subject} failed: {problem}"),
}


@dataclass(frozen=True, kw_only=True)
class DebitsCollected(Event):
    """A channel collected money; ``rows`` hold receipt, subject, amount_minor and on of each."""

    NAME: ClassVar[str] = "payments.debits_collected"
    channel: str
    on: str
    rows: tuple[dict[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class DebitReturned(Event):
    """A bank took a payment back; whoever laid it undoes that."""

    NAME: ClassVar[str] = "payments.debit_returned"
    receipt: str
    channel: str
    pay_no: str
    amount_minor: int
    on: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RefundMoved(Event):
    """A refund was asked for, let go or refused; the subject is what its receipt is of."""

    NAME: ClassVar[str] = "payments.refund_moved"
    refund: str
    receipt: str
    amount_minor: int
    state: str


@dataclass(frozen=True, kw_only=True)
class RefundSent(Event):
    """Money was given back to its payer."""

    NAME: ClassVar[str] = "payments.refund_sent"
    refund: str
    receipt: str
    amount_minor: int
