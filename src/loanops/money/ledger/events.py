"""The ledger announces nothing and records nothing of its own: who posts says why."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {}
