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
    "payments.debit_results_taken": Sentence(
        "The answer to debit file {subject} was taken: {collected} collected, {failed} failed"
    ),
}


@dataclass(frozen=True, kw_only=True)
class DebitsCollected(Event):
    """A channel collected money; ``rows`` hold receipt, subject, amount_minor and on of each."""

    NAME: ClassVar[str] = "payments.debits_collected"
    channel: str
    on: str
    rows: tuple[dict[str, Any], ...]
