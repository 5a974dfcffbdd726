"""Words of funding: why a funder was left out, what it answered, what is not known, what is odd."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

ATTEMPT_STATES: Words = {
    "planned": Word(_("Planned"), "azure"),
    "processing": Word(_("With the funder"), "blue"),
    "unknown": Word(_("Unknown"), "orange"),
    "approved": Word(_("Granted"), "green"),
    "refused": Word(_("Refused"), "red"),
    "lapsed": Word(_("Lapsed")),
}
SIGNING_STATES: Words = {
    "opening": Word(_("Being opened"), "azure"),
    "open": Word(_("Open for signing"), "blue"),
    "unknown": Word(_("Unknown"), "orange"),
    "signed": Word(_("Signed"), "green"),
    "ended": Word(_("Ended")),
}
PAYOUT_STATES: Words = {
    "submitted": Word(_("Sent"), "azure"),
    "processing": Word(_("With the funder"), "blue"),
    "unknown": Word(_("Unknown"), "orange"),
    "success": Word(_("Paid out"), "green"),
    "failed": Word(_("Failed"), "red"),
}
STANDINGS: Words = {
    "processing": Word(_("In process"), "blue"),
    "success": Word(_("Succeeded"), "green"),
    "refused": Word(_("Refused"), "red"),
    "unknown": Word(_("Not known"), "orange"),
}
SOURCES: Words = {
    "answer": Word(_("answer to the order")),
    "query": Word(_("answer to a query")),
    "callback": Word(_("message of its own")),
}
PROBLEMS: Words = {
    "timeout": Word(_("no answer in time")),
    "not_reached": Word(_("the funder could not be reached")),
    "broken_connection": Word(_("the connection broke")),
    "too_long": Word(_("the answer was too long")),
    "malformed": Word(_("the answer could not be read")),
    "server_error": Word(_("the funder reported a fault of its system")),
    "not_believed": Word(_("the answer was not signed by the funder")),
    "not_found": Word(_("the funder does not know the serial")),
    "bad_parameters": Word(_("the funder could not read the order")),
    "code_unknown": Word(_("the funder answered with an unknown code")),
    "wrong_serial": Word(_("the answer was about another serial")),
    "status_unknown": Word(_("the funder answered with an unknown status")),
    "adapter_failed": Word(_("the connection to the funder is not ready")),
    "copy_missing": Word(_("the signed copy could not be fetched")),
}
TROUBLES: Words = {
    "contradiction": Word(_("The funder contradicts itself"), "red"),
    "paid_otherwise": Word(_("Paid otherwise than ordered"), "red"),
    "serial_reused": Word(_("Serial known with other content"), "red"),
    "unknown_too_long": Word(_("Unknown for too long"), "orange"),
    "schedule_differs": Word(_("Schedules differ"), "orange"),
    "strange_serial": Word(_("Message about a strange serial"), "orange"),
    "copy_differs": Word(_("Signed copy differs"), "red"),
}
TROUBLE_SENTENCES: Words = {
    "contradiction": Word(
        _("The funder now says the opposite of what it had proven. Ask it by telephone.")
    ),
    "paid_otherwise": Word(
        _("The amount, the currency, the day or the payment number is not what was ordered.")
    ),
    "serial_reused": Word(
        _("The funder knows this serial with another content. Nothing is sent again.")
    ),
    "unknown_too_long": Word(
        _("Queries have not found out for longer than agreed. Nothing is sent to another funder.")
    ),
    "schedule_differs": Word(_("The funder's schedule is not ours to the cent.")),
    "strange_serial": Word(_("The funder sent a signed message about something never ordered.")),
    "copy_differs": Word(_("The signed copy is not of the document that was shown.")),
}
DETAILS: Words = {
    "state": Word(_("Our state")),
    "problem": Word(_("Why it is not known")),
    "tries": Word(_("Queries")),
    "amount_minor": Word(_("We ordered")),
    "said_minor": Word(_("The funder says")),
    "value_date": Word(_("Our value date")),
    "said_date": Word(_("Its value date")),
    "pay_number": Word(_("Our payment number")),
    "said_pay_number": Word(_("Its payment number")),
    "said_standing": Word(_("Its answer")),
    "said_reason": Word(_("Its reason")),
    "contract": Word(_("Contract")),
}
# The reasons of a funder's no, by the codes of the open protocol (docs/reference).
REFUSALS: Words = {
    "C003": Word(_("refused by this funder in the last 30 days")),
    "C004": Word(_("already a borrower of this funder")),
    "F101": Word(_("age outside the funder's range")),
    "F102": Word(_("region not served")),
    "F103": Word(_("income too low for the instalment")),
    "F104": Word(_("debt burden too high")),
    "F105": Word(_("below the funder's own score")),
    "F106": Word(_("amount or term outside the funder's range")),
    "F107": Word(_("rate above what this funder may charge")),
    "F108": Word(_("identity missing or not valid")),
    "F201": Word(_("quota of the day used up")),
    "F202": Word(_("total quota used up")),
    "F301": Word(_("no approved credit for this payout")),
    "F302": Word(_("not signed")),
    "F303": Word(_("amount above the approved credit")),
    "F304": Word(_("the payee's account refused the money")),
    "F305": Word(_("the approved credit has expired")),
    "F306": Word(_("the terms differ from what was signed")),
    "S101": Word(_("the borrower declined to sign")),
    "S102": Word(_("the signing session expired")),
    "given_up": Word(_("given up by us")),
    "expired": Word(_("the offer expired")),
    "withdrawn": Word(_("the offer was taken back")),
}
# The sentences of routing's exclusions with their figures; a test holds the codes to the room's.
EXCLUSIONS: Words = {
    "suspended": Word(_("The agreement or the partner is suspended.")),
    "licence_expired": Word(_("The licence of the partner has expired.")),
    "funder_not_listed": Word(_("The funder is not on the list of this day.")),
    "guarantor_not_listed": Word(_("The guarantor {guarantor} is not on the list of this day.")),
    "product": Word(_("The product {found} is not funded under this agreement.")),
    "amount": Word(_("The amount {found} is outside {low} to {high}.")),
    "term": Word(_("A term of {found} months is not agreed.")),
    "region": Word(_("The region {found} is not served.")),
    "age": Word(_("The age of {found} is outside {low} to {high}.")),
    "rate": Word(_("Neither funder nor application nor product sets a rate.")),
    "rate_above": Word(_("The rate of {found}, read from the index, is above the agreed {high}.")),
    "index_missing": Word(_("No figure of the index {found} is known.")),
    "cutoff": Word(_("The day's quota closed at {found}.")),
    "quota": Word(_("The quota has {found} left and {needed} is needed.")),
    "person_limit": Word(_("The person's limit has {found} left and {needed} is needed.")),
    "cost_cap": Word(_("The all-in annual cost of {found} is above {high}.")),
    "concentration": Word(_("The funder's share of this month would be {found}, above {high}.")),
    "refused_before": Word(_("The funder has refused this application.")),
    "not_taken": Word(_("The borrower did not take this funder's offer.")),
    "cooling_off": Word(_("The funder refused this person; it may be asked again from {found}.")),
    "consent_missing": Word(_("The person has not consented: {found}.")),
    "signing_forbidden": Word(
        _("The parties may not sign by {found} without a compliance decision.")
    ),
    "credit_refused": Word(_("The funder refused: {found}.")),
    "no_funder": Word(_("No funder is left to be asked.")),
}
EXCLUSION_NAMES: Words = {
    "suspended": Word(_("The partner or its agreement is suspended")),
    "licence_expired": Word(_("The licence has ended")),
    "funder_not_listed": Word(_("The funder is not on the list")),
    "guarantor_not_listed": Word(_("The guarantor is not on the list")),
    "product": Word(_("The agreement does not fund this product")),
    "amount": Word(_("The amount is outside the agreement")),
    "term": Word(_("The term is not in the agreement")),
    "region": Word(_("The region is not served")),
    "age": Word(_("The age is outside the agreement")),
    "rate": Word(_("No rate is known")),
    "rate_above": Word(_("The rate that is read is above the agreed one")),
    "index_missing": Word(_("No figure of the index is known")),
    "cutoff": Word(_("After the cut-off time")),
    "quota": Word(_("The quota is used up")),
    "person_limit": Word(_("The person's line is used up")),
    "cost_cap": Word(_("The all-in cost is above the ceiling")),
    "concentration": Word(_("Too large a share for one partner")),
    "refused_before": Word(_("Refused this application before")),
    "not_taken": Word(_("Its offer was not taken")),
    "cooling_off": Word(_("In the cooling-off period of the funder")),
    "consent_missing": Word(_("A consent is missing")),
    "signing_forbidden": Word(_("Its way of signing is not allowed now")),
    "credit_refused": Word(_("The funder refused")),
    "no_funder": Word(_("No funder is left")),
    "payout_failed": Word(_("The payout failed")),
}
