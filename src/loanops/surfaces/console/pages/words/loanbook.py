"""Words of the loanbook and of money: loans, buckets, accounts, receipts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

LOAN_STATES: Words = {
    "active": Word(_("Current"), "green"),
    "overdue": Word(_("Overdue"), "red"),
    "settled": Word(_("Settled")),
    "written_off": Word(_("Written off"), "dark"),
    "withdrawn": Word(_("Taken back")),
}
SCHEDULE_COLUMNS: Words = {
    "principal": Word(_("Principal")),
    "interest": Word(_("Interest")),
    "fees": Word(_("Fees")),
    "penalty": Word(_("Penalty")),
    "charges": Word(_("Fees and penalty")),
    "total": Word(_("Total")),
    "paid": Word(_("Paid")),
    "open": Word(_("Open")),
    "balance": Word(_("Balance after")),
}
LOAN_MOVES: Words = {
    "fall_overdue": Word(_("fell overdue")),
    "age": Word(_("went into a later bucket")),
    "cure": Word(_("was cured")),
    "settle": Word(_("was settled")),
    "write_off": Word(_("was written off")),
    "reopen": Word(_("was opened again")),
    "withdraw": Word(_("was taken back with its file")),
}
LOAN_EVENTS: Words = {
    "disbursed": Word(_("Disbursement")),
    "repaid": Word(_("Repaid")),
    "drawn": Word(_("Further tranche paid out")),
    "prepaid": Word(_("Repaid early in part")),
    "settled_early": Word(_("Settled early")),
    "refunded": Word(_("Credit refunded")),
    "fee_charged": Word(_("Fee charged")),
    "waived": Word(_("Waived")),
    "rate_changed": Word(_("Rate changed")),
    "due_moved": Word(_("Due day moved")),
    "deferred": Word(_("Instalments deferred")),
    "extended": Word(_("Loan extended")),
    "restructured": Word(_("Restructured")),
    "counting_paused": Word(_("Days past due stand still")),
    "counting_resumed": Word(_("Days past due count on")),
    "accelerated": Word(_("All that is left fell due")),
    "compensated": Word(_("Compensated by the guarantor")),
    "bought_back": Word(_("Bought back")),
    "assigned": Word(_("Claim sold")),
    "written_off": Word(_("Written off")),
    "reversed": Word(_("Reversal")),
    "brought_in": Word(_("Brought in from another system")),
}
ACCOUNT_KINDS: Words = {
    "asset": Word(_("Asset")),
    "liability": Word(_("Liability")),
    "income": Word(_("Income")),
    "expense": Word(_("Expense")),
    "equity": Word(_("Equity")),
    "memo": Word(_("Off balance")),
}
SIDES: Words = {
    "debit": Word(_("Debit")),
    "credit": Word(_("Credit")),
}
PERIODS: Words = {
    "total": Word(_("In all")),
    "day": Word(_("Per day")),
}
QUOTAS: Words = {
    "funding": Word(_("funding")),
    "daily": Word(_("Daily quota")),
    "total": Word(_("Total quota")),
}
TIERS: Words = {
    "normal": Word(_("Normal"), "green"),
    "special_mention": Word(_("Special mention"), "yellow"),
    "substandard": Word(_("Substandard"), "orange"),
    "doubtful": Word(_("Doubtful"), "red"),
    "loss": Word(_("Loss"), "red"),
}
CLASS_CAUSES: Words = {
    "days": Word(_("longer past due")),
    "paid": Word(_("paid")),
    "judged": Word(_("judged")),
    "withdrawn": Word(_("judgement withdrawn")),
    "observed": Word(_("restructured: held while observed")),
    "lapsed": Word(_("judgement, pause or observation over")),
    "resumed": Word(_("ageing goes on")),
    "ended": Word(_("settled or written off")),
}
PAUSE_CAUSES: Words = {
    "holiday": Word(_("A payment holiday was granted")),
    "disaster": Word(_("Relief after a disaster")),
    "dispute": Word(_("What is owed is in dispute")),
    "other": Word(_("Another reason")),
}
CLASS_ORDERS: Words = {
    "judgement": Word(_("Judgement"), "orange"),
    "pause": Word(_("Pause of ageing"), "azure"),
    "observed": Word(_("Observation"), "purple"),
}
OBSERVATION_ENDS: Words = {
    "passed": Word(_("the period is over")),
    "undone": Word(_("the restructuring was undone")),
    "replaced": Word(_("the loan was restructured again")),
    "counted_anew": Word(_("counted anew")),
}
ORDER_STATES: Words = {
    "waiting": Word(_("Waiting"), "azure"),
    "collected": Word(_("Collected"), "green"),
    "failed": Word(_("Failed"), "red"),
    "stopped": Word(_("Stopped")),
}
INSTALMENT_STANDINGS: Words = {
    "paid": Word(_("Paid"), "green"),
    "overdue": Word(_("Overdue"), "red"),
    "due": Word(_("Due today"), "orange"),
    "upcoming": Word(_("Not due yet")),
}
CHANNELS: Words = {
    "direct": Word(_("Own site")),
    "counter": Word(_("Counter")),
    "open_bank": Word(_("Direct debit")),
    "funder": Word(_("By the funder")),
}
PARTS: Words = {
    "principal": Word(_("principal")),
    "interest": Word(_("interest")),
    "fee": Word(_("fees")),
    "late_fee": Word(_("late fees")),
    "penalty": Word(_("penalty")),
    "unapplied": Word(_("kept as credit")),
    "saving": Word(_("saved by the borrower")),
    "extra_cost": Word(_("costs the borrower more")),
}
JOURNALS: Words = {
    "servicing.disbursed": Word(_("Disbursement")),
    "servicing.brought_in": Word(_("Brought in from another system")),
    "servicing.repaid": Word(_("Repaid")),
    "servicing.prepaid": Word(_("Repaid early in part")),
    "servicing.settled_early": Word(_("Settled early")),
    "servicing.refunded": Word(_("Credit refunded")),
    "servicing.drawn": Word(_("Further tranche paid out")),
    "servicing.restructured": Word(_("Restructured")),
    "servicing.compensated": Word(_("Compensated by the guarantor")),
    "servicing.bought_back": Word(_("Bought back")),
    "servicing.assigned": Word(_("Claim sold")),
    "servicing.written_off": Word(_("Written off")),
    "servicing.reversed": Word(_("Reversal")),
    "servicing.credit_used": Word(_("Use of credit")),
    "servicing.aged": Word(_("Change of bucket")),
    "servicing.accrued": Word(_("Accrual of interest")),
    "servicing.provided": Word(_("Provision for losses")),
    "servicing.penalised": Word(_("Accrual of penalty")),
    "payments.received": Word(_("Money received")),
    "payments.returned": Word(_("Taken back by the bank")),
    "payments.return_covered": Word(_("Covered what the bank took back")),
    "payments.refunded": Word(_("Refund")),
}
