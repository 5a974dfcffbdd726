"""What borrowers' accounts record. Nothing here is personal: numbers and what happened."""

from __future__ import annotations

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "borrowers.code_asked": Sentence("A one-time code was sent"),
    "borrowers.code_wrong": Sentence("A wrong one-time code was tried, for the {tries}. time"),
    "borrowers.codes_forgotten": Sentence("{count} old one-time codes were removed"),
    "borrowers.opened": Sentence("{subject} was opened"),
    "borrowers.signed_in": Sentence("{subject} signed in"),
    "borrowers.signed_out": Sentence("{subject} signed out"),
    "borrowers.signed_out_everywhere": Sentence("{subject} signed out on {sessions} devices"),
    "borrowers.claimed": Sentence("{subject} proved to be {party}"),
    "borrowers.claim_tried": Sentence("{subject} tried an identity number of nobody known by it"),
    "borrowers.draft_kept": Sentence("{subject} filled in a part of an application: {step}"),
    "borrowers.draft_dropped": Sentence("What {subject} had filled in was removed"),
}
