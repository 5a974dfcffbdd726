"""What the vault records."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "vault.unmasked": Sentence("The {kind} of {subject} was shown; purpose: {purpose}"),
}
