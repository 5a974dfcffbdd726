"""Audit (审计): what was done, by whom, sealed in a chain.

Owns: Entry, Seal.  Answers: queries.  Obeys: operations.seal; entries are written by `work` alone.
Never: updates or deletes an entry; keeps personal data in one.
Read first: chain.py.
"""

from loanops.platform.audit.checks import Check, Violation, named
from loanops.platform.audit.sentences import SENTENCES, Sentence, register_sentences

__all__ = ["SENTENCES", "Check", "Sentence", "Violation", "named", "register_sentences"]
