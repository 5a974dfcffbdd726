"""What compliance announces and records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from loanops.platform.audit import Sentence
from loanops.platform.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ConsentWithdrawn(Event):
    """A person withdrew a consent; what leans on it must stop."""

    NAME: ClassVar[str] = "compliance.consent_withdrawn"
    consent: str
    purpose: str
    recipient: str


SENTENCES: dict[str, Sentence] = {
    "compliance.consent_given": Sentence(
        "Consent for {purpose} was given ({wording_version}), recipient: {recipient}"
    ),
    "compliance.consents_given": Sentence("{count} consents were recorded"),
    "compliance.consent_withdrawn": Sentence(
        "Consent for {purpose} was withdrawn, recipient: {recipient}"
    ),
    "compliance.decided": Sentence(
        "Compliance decided on {topic} for {partner}, from {valid_from} to {valid_to}"
    ),
    "compliance.decision_revoked": Sentence("Compliance decision {subject} was revoked"),
    "compliance.rate_recorded": Sentence(
        "Reference rate {subject} is {rate_annual} from {effective_from}"
    ),
}
