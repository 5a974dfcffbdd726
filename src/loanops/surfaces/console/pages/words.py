"""Words of the console: every code that a page shows, in both languages and with its colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Word(NamedTuple):
    """How a code reads, and the colour of its badge."""

    text: str | Promise
    colour: str = "secondary"


STAGES: Mapping[str, Word] = {
    "draft": Word(_("Draft")),
    "submitted": Word(_("Submitted"), "azure"),
    "in_review": Word(_("In review"), "orange"),
    "approved": Word(_("Approved"), "teal"),
    "declined": Word(_("Declined"), "red"),
    "offered": Word(_("Offered"), "indigo"),
    "signed": Word(_("Signed"), "blue"),
    "disbursed": Word(_("Disbursed"), "green"),
    "withdrawn": Word(_("Withdrawn")),
    "expired": Word(_("Expired")),
    "funding_refused": Word(_("Refused by the funder"), "red"),
}
JOB_STATES: Mapping[str, Word] = {
    "waiting": Word(_("Waiting"), "azure"),
    "running": Word(_("Running"), "blue"),
    "done": Word(_("Done"), "green"),
    "dead": Word(_("Dead"), "red"),
}
OUTCOMES: Mapping[str, Word] = {
    "approve": Word(_("Approve"), "green"),
    "decline": Word(_("Decline"), "red"),
    "refer": Word(_("Refer to a person"), "orange"),
}
UNITS: Mapping[str, Word] = {
    "seconds": Word(_("seconds")),
    "minutes": Word(_("minutes")),
    "days": Word(_("days")),
}
PURPOSES: Mapping[str, Word] = {
    "identity_check": Word(_("Check the identity")),
    "customer_contact": Word(_("Contact the customer")),
    "complaint": Word(_("Answer a complaint")),
    "legal_request": Word(_("Answer a legal request")),
    "data_correction": Word(_("Correct the data")),
}
ROOMS: Mapping[str, Word] = {
    "applications": Word(_("Applications")),
    "audit": Word(_("Audit trail")),
    "books": Word(_("Books")),
    "compliance": Word(_("Compliance")),
    "contracts": Word(_("Contracts")),
    "decisioning": Word(_("Decisions")),
    "files": Word(_("Files")),
    "identity": Word(_("People and roles")),
    "jobs": Word(_("Jobs")),
    "ledger": Word(_("Ledger")),
    "limits": Word(_("Limits")),
    "outbox": Word(_("Outbox")),
    "parameters": Word(_("Parameters")),
    "parties": Word(_("Customers")),
    "partners": Word(_("Partners")),
    "payments": Word(_("Payments")),
    "products": Word(_("Products")),
    "routing": Word(_("Routing")),
    "servicing": Word(_("Loans")),
    "vault": Word(_("Personal data")),
    "webhooks": Word(_("Webhooks")),
}
VERBS: Mapping[str, Word] = {
    "view": Word(_("view")),
    "submit": Word(_("submit")),
    "withdraw": Word(_("withdraw")),
    "manage": Word(_("manage")),
    "retry": Word(_("retry")),
    "seal": Word(_("seal")),
    "set": Word(_("set")),
    "open": Word(_("open")),
    "close_day": Word(_("close the day")),
    "unmask": Word(_("see personal data")),
    "review": Word(_("review")),
    "decide": Word(_("decide")),
    "route": Word(_("route")),
    "draw_down": Word(_("draw down")),
    "resolve": Word(_("resolve")),
    "offer": Word(_("offer")),
    "confirm": Word(_("confirm")),
    "sign": Word(_("sign")),
    "repay": Word(_("repay")),
    "receive": Word(_("receive")),
    "post": Word(_("post")),
    "publish": Word(_("publish")),
    "register": Word(_("register")),
    "review_documents": Word(_("review documents")),
}
PARAMETERS: Mapping[str, Word] = {
    "routing.query_interval_seconds": Word(_("Wait before an unknown payout is queried again")),
    "routing.unknown_bound_minutes": Word(_("An unknown payout needs an open exception after")),
    "contracts.offer_valid_days": Word(_("How long an offer can be accepted")),
    "outbox.pending_bound_minutes": Word(_("An undelivered event is a violation after")),
}
JOB_NAMES: Mapping[str, Word] = {
    "audit.seal": Word(_("Seal the audit")),
    "contracts.render": Word(_("Render a contract")),
    "routing.route": Word(_("Route an application")),
    "routing.draw_down": Word(_("Draw a loan down")),
    "routing.resolve": Word(_("Query an unknown payout")),
}
SCHEDULES: Mapping[str, Word] = {
    "seal the audit": Word(_("Seal the audit")),
}
STEPS: Mapping[str, Word] = {}

TABLES: dict[str, Mapping[str, Word]] = {
    "stage": STAGES,
    "job": JOB_STATES,
    "outcome": OUTCOMES,
    "unit": UNITS,
    "purpose": PURPOSES,
    "room": ROOMS,
    "verb": VERBS,
    "parameter": PARAMETERS,
    "job_name": JOB_NAMES,
    "schedule": SCHEDULES,
    "step": STEPS,
}


def word_of(kind: str, code: str) -> Word:
    """The word of a code; a code that no table knows reads as itself, without underscores."""
    return TABLES.get(kind, {}).get(code) or Word(code.replace("_", " "))
