"""Words of collecting: debit files and orders, what banks say of them, refunds."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

DEBIT_FILES: Words = {
    "made": Word(_("Made"), "azure"),
    "sending": Word(_("Frozen"), "azure"),
    "sent": Word(_("Sent"), "yellow"),
    "answered": Word(_("Answered"), "green"),
    "empty": Word(_("Not sent: nothing to debit")),
}
DEBIT_ORDERS: Words = {
    "ordered": Word(_("Waiting"), "azure"),
    "collected": Word(_("Collected"), "green"),
    "partly": Word(_("Collected in part"), "yellow"),
    "failed": Word(_("Failed"), "red"),
    "stopped": Word(_("Stopped")),
    "returned": Word(_("Taken back by the bank"), "red"),
}
# A bank may have reasons of its own; those are shown as the bank says them.
DEBIT_REASONS: Words = {
    "paid": Word(_("Paid otherwise")),
    "withdrawn": Word(_("The loan was taken back")),
    "D101": Word(_("Balance not sufficient")),
    "D102": Word(_("Account closed or frozen")),
    "D103": Word(_("No such loan at the bank")),
}
REFUNDS: Words = {
    "requested": Word(_("Waits for approval"), "yellow"),
    "approved": Word(_("To be paid out"), "azure"),
    "refused": Word(_("Refused")),
    "sent": Word(_("Paid out"), "green"),
    "failed": Word(_("Failed"), "red"),
}
REFUND_REASONS: Words = {
    "overpaid": Word(_("Paid too much")),
    "paid_twice": Word(_("Paid twice")),
    "not_ours": Word(_("Not meant for us")),
    "other": Word(_("Other")),
}
