"""Words of the platform: jobs, parameters, rooms and verbs of grants, steps of the close."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

JOB_STATES: Words = {
    "waiting": Word(_("Waiting"), "azure"),
    "running": Word(_("Running"), "blue"),
    "done": Word(_("Done"), "green"),
    "dead": Word(_("Dead"), "red"),
}
JOB_NAMES: Words = {
    "audit.seal": Word(_("Seal the audit")),
    "contracts.render": Word(_("Render a contract")),
    "decisioning.decide": Word(_("Judge an application")),
    "decisioning.decide_many": Word(_("Judge many applications")),
    "payments.send_debit_file": Word(_("Send a debit file")),
    "payments.take_debit_results": Word(_("Take the results of a debit file")),
    "routing.draw_down_many": Word(_("Draw many loans down")),
    "routing.route_many": Word(_("Route many applications")),
    "routing.settle_attempt": Word(_("Ask about a credit application")),
    "routing.settle_open": Word(_("Ask about all that is open")),
    "routing.settle_signing": Word(_("Ask about a signing")),
    "webhooks.post": Word(_("Post an event")),
    "routing.route": Word(_("Route an application")),
    "routing.draw_down": Word(_("Draw a loan down")),
    "routing.resolve": Word(_("Query an unknown payout")),
}
SCHEDULES: Words = {
    "ask funders about what is open": Word(_("Ask funders about what is open")),
    "seal the audit": Word(_("Seal the audit")),
}
UNITS: Words = {
    "seconds": Word(_("seconds")),
    "minutes": Word(_("minutes")),
    "days": Word(_("days")),
    "requests": Word(_("requests")),
}
LANGUAGES: Words = {
    "zh-hans": Word("中文"),
    "en": Word("English"),
}
PURPOSES: Words = {
    "identity_check": Word(_("Check the identity")),
    "customer_contact": Word(_("Contact the customer")),
    "complaint": Word(_("Answer a complaint")),
    "legal_request": Word(_("Answer a legal request")),
    "data_correction": Word(_("Correct the data")),
}
PARAMETERS: Words = {
    "routing.query_interval_seconds": Word(_("Wait before an unknown payout is queried again")),
    "routing.unknown_bound_minutes": Word(_("An unknown payout needs an open exception after")),
    "routing.resend_after_seconds": Word(_("Send again what a funder has not found for")),
    "api.requests_per_minute": Word(_("Requests a minute of one API key")),
    "contracts.offer_valid_days": Word(_("How long an offer can be accepted")),
    "outbox.pending_bound_minutes": Word(_("An undelivered event is a violation after")),
}
STEPS: Words = {
    "cut_off": Word(_("Cut off the day")),
    "ageing": Word(_("Days past due and buckets")),
    "interest": Word(_("Accrue interest")),
    "penalty": Word(_("Accrue penalty")),
    "credit": Word(_("Use credit for what falls due")),
    "dues": Word(_("Announce what falls due")),
    "debit_orders": Word(_("Order debits")),
    "provision": Word(_("Provide for losses by class")),
    "vintages": Word(_("Sum vintages at month's end")),
    "postings": Word(_("Carry balances forward")),
    "classes": Word(_("Classes of loans")),
    "end": Word(_("Open the next day")),
}
ROOMS: Words = {
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
VERBS: Words = {
    "view": Word(_("view")),
    "submit": Word(_("submit")),
    "withdraw": Word(_("withdraw")),
    "manage": Word(_("manage")),
    "retry": Word(_("retry")),
    "rotate": Word(_("change the keys")),
    "seal": Word(_("seal")),
    "set": Word(_("set")),
    "import": Word(_("bring in from another system")),
    "open": Word(_("open")),
    "classify": Word(_("judge the class of loans")),
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
    "pause": Word(_("pause the ageing of loans")),
    "post": Word(_("post")),
    "publish": Word(_("publish")),
    "register": Word(_("register")),
    "review_documents": Word(_("review documents")),
    "advance": Word(_("advance")),
    "assign": Word(_("put in force")),
    "change": Word(_("change")),
    "consent": Word(_("record consents")),
    "disclose": Word(_("disclose")),
    "events": Word(_("read events")),
    "expire": Word(_("expire")),
    "hold": Word(_("reserve")),
    "release": Word(_("give back to the close")),
    "render": Word(_("render")),
    "send_debits": Word(_("send debits")),
    "set_checklist": Word(_("set the checklist")),
    "set_rate": Word(_("record a reference rate")),
    "suspend": Word(_("suspend and end")),
    "whitelist": Word(_("put on the list")),
}
