"""Words of deciding: tables of a strategy, what their cells look at, what they say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

OUTCOMES: Words = {
    "approve": Word(_("Approve"), "green"),
    "decline": Word(_("Decline"), "red"),
    "refer": Word(_("Refer to a person"), "orange"),
}
NODES: Words = {
    "request": Word(_("The request")),
    "knockouts": Word(_("Knock-out rules")),
    "capacity": Word(_("Capacity")),
    "limit": Word(_("Limit")),
    "verdict": Word(_("Verdict")),
    "answer": Word(_("The answer")),
}
FIELDS: Words = {
    "len(knockouts)": Word(_("Knock-out rules hit")),
    "capacity_pct": Word(_("Part of the yearly income (%)")),
    "carried_minor": Word(_("What the income carries")),
    "granted_minor": Word(_("Amount granted")),
    "limit_minor": Word(_("Limit")),
    "identity_check": Word(_("Duplicate check")),
    "grade": Word(_("Grade")),
    "outcome": Word(_("Outcome")),
    "reason": Word(_("Reason")),
    "reasons": Word(_("Reasons")),
}
HIT_POLICIES: Words = {
    "first": Word(_("the first row that fits")),
    "collect": Word(_("every row that fits")),
}
KINDS: Words = {
    "integer": Word(_("whole number")),
    "text": Word(_("text")),
    "boolean": Word(_("yes or no")),
}
