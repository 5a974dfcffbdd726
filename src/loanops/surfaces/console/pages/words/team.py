"""Words of the work list: kinds of work, states of items, runs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

KINDS: Words = {
    "review": Word(_("Review an application"), "blue"),
    "document": Word(_("Judge documents"), "cyan"),
    "supplement": Word(_("Documents awaited"), "secondary"),
    "change": Word(_("Approve a change"), "purple"),
    "reread": Word(_("Approve rates read again"), "purple"),
    "undo": Word(_("Approve taking an import back"), "purple"),
    "aside": Word(_("Mend a loan set aside"), "orange"),
    "refund": Word(_("Decide a refund"), "teal"),
    "exception": Word(_("Clear an exception up"), "red"),
}
VIEWS: Words = {
    "my": Word(_("Mine")),
    "team": Word(_("My team")),
    "unassigned": Word(_("Unassigned")),
    "overdue": Word(_("Overdue work")),
    "all": Word(_("All that is open")),
    "done": Word(_("Done recently")),
}
STANDINGS: Words = {
    "late": Word(_("Late"), "red"),
    "at_risk": Word(_("At risk"), "yellow"),
    "in_time": Word(_("In time"), "green"),
}
VERBS: Words = {
    "assign": Word(_("Assign")),
    "release": Word(_("Give back")),
    "hand_over": Word(_("Hand over")),
    "export": Word(_("Export to Excel")),
}
COLUMNS: Words = {
    "amount": Word(_("Amount")),
    "source": Word(_("Channel or funder")),
    "holder": Word(_("With")),
    "since": Word(_("Waiting since")),
    "number": Word(_("Number of the item")),
}
