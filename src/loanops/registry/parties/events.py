"""What the customer file records. Nothing here is personal: a number and what kind of change."""

from __future__ import annotations

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "parties.registered": Sentence("{count} persons were registered"),
    "parties.mobile_changed": Sentence("The mobile of {subject} was changed"),
    "parties.disclosed": Sentence("{count} persons were disclosed to {recipient} for {purpose}"),
}
