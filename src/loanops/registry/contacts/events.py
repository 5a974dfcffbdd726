"""What contacts records. Nothing here is personal: a number, a template, how it went."""

from __future__ import annotations

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "contacts.written": Sentence("A message was written by the template {template} ({version})"),
    "contacts.moved": Sentence("The message {subject} is {state}"),
}
