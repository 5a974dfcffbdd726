"""What limits record."""

from __future__ import annotations

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "limits.set": Sentence("The {kind} limit of {subject} was set to {limit_minor} minor units"),
    "limits.set_many": Sentence("The {kind} limit of {count} owners was set"),
    "limits.frozen": Sentence("The {kind} limit of {subject} was frozen: {reason}"),
    "limits.unfrozen": Sentence("The {kind} limit of {subject} was unfrozen"),
    "limits.reserved": Sentence("{count} amounts were reserved"),
    "limits.used": Sentence("{count} reserved amounts were used"),
    "limits.released": Sentence("{count} reserved amounts were released"),
    "limits.given_back": Sentence("{count} used amounts were given back"),
}
