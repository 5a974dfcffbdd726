"""What the vault records."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "vault.key_added": Sentence("{subject} was added and seals from now on"),
    "vault.resealed": Sentence("{count} fields of {subject} were sealed under the newest key"),
    "vault.unmasked": Sentence("The {kind} of {subject} was shown; purpose: {purpose}"),
}
