"""Words of changes of loans: what each kind means, and where requests stand."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.loanbook import LOAN_EVENTS
from loanops.surfaces.console.pages.words.word import Word, Words

CHANGE_HINTS: Words = {
    "prepaid": Word(_("Money beyond what is due repays principal; the rest is solved anew.")),
    "settled_early": Word(_("The borrower pays all that is left, with interest to the day.")),
    "refunded": Word(_("Money that was left over goes back to the borrower, as it came.")),
    "fee_charged": Word(_("A cost outside the schedule joins the next instalment.")),
    "waived": Word(_("Interest, fees or penalty that are owed are given up.")),
    "rate_changed": Word(_("Interest runs at another rate from a day on.")),
    "due_moved": Word(_("An instalment falls due on another day, the later ones follow it.")),
    "deferred": Word(_("A payment holiday: some instalments are not asked for now.")),
    "extended": Word(_("The loan ends later, for a fee where one is agreed.")),
    "restructured": Word(_("All that is left is agreed anew: term, rate and method.")),
    "counting_paused": Word(
        _("Days past due and the bucket stand still for a while; what is owed and penalty go on.")
    ),
    "counting_resumed": Word(_("A pause of counting ends before its day, or where it has none.")),
    "accelerated": Word(_("Everything that is left falls due at once.")),
    "drawn": Word(_("More of the loan reached the borrower.")),
    "compensated": Word(_("The guarantor paid the owner; the claim passes to the guarantor.")),
    "bought_back": Word(_("The claim goes back to whoever buys it back.")),
    "assigned": Word(_("The claim is sold to another owner.")),
    "written_off": Word(_("The claim leaves the books and is still pursued.")),
    "reversed": Word(_("An event is taken back; everything after it is worked out again.")),
}
CHANGE_NAMES: Words = {
    "prepaid": Word(_("Repay early in part")),
    "settled_early": Word(_("Settle early")),
    "refunded": Word(_("Refund what is left over")),
    "fee_charged": Word(_("Charge a fee")),
    "waived": Word(_("Waive what is owed")),
    "rate_changed": Word(_("Change the rate")),
    "due_moved": Word(_("Move the due day")),
    "deferred": Word(_("Defer instalments")),
    "extended": Word(_("Extend the loan")),
    "restructured": Word(_("Restructure")),
    "counting_paused": Word(_("Pause the counting of days past due")),
    "counting_resumed": Word(_("End a pause of counting")),
    "accelerated": Word(_("Call in the whole loan")),
    "drawn": Word(_("Book a further tranche")),
    "compensated": Word(_("Book a compensation")),
    "bought_back": Word(_("Book a buy-back")),
    "assigned": Word(_("Sell the claim")),
    "written_off": Word(_("Write the loan off")),
    "reversed": Word(_("Undo an event")),
}
CHANGE_ICONS: dict[str, str] = {
    "prepaid": "trending-down",
    "settled_early": "circle-check",
    "refunded": "coin",
    "fee_charged": "receipt",
    "waived": "hand-stop",
    "rate_changed": "percentage",
    "due_moved": "calendar-event",
    "deferred": "player-pause",
    "extended": "hourglass",
    "restructured": "refresh",
    "counting_paused": "player-pause",
    "counting_resumed": "player-play",
    "accelerated": "bolt",
    "drawn": "cash",
    "compensated": "shield-check",
    "bought_back": "repeat",
    "assigned": "arrows-exchange",
    "written_off": "archive",
    "reversed": "arrow-back-up",
}
REQUEST_STATES: Words = {
    "asked": Word(_("Waits for a colleague"), "orange"),
    "approved": Word(_("Approved"), "green"),
    "refused": Word(_("Refused"), "red"),
    "lapsed": Word(_("Lapsed")),
}
REREAD_STATES: Words = {
    "planning": Word(_("Being worked out"), "blue"),
    "asked": Word(_("Waits for a colleague"), "orange"),
    "booking": Word(_("Being booked"), "blue"),
    "done": Word(_("Done"), "green"),
    "refused": Word(_("Refused"), "red"),
}
REREAD_STANDINGS: Words = {
    "found": Word(_("Not booked yet"), "orange"),
    "booked": Word(_("Booked"), "green"),
    "left": Word(_("Left as it is")),
    "aside": Word(_("Set aside"), "red"),
}
REREAD_PROBLEMS: Words = {
    "ended": Word(_("the loan has ended or is written off")),
    "nothing_due": Word(_("nothing of it is still to fall due")),
    "right_already": Word(_("it reads right by now, or people agreed another rate")),
    "moved_on": Word(_("it would read other rates than were shown; begin a new run for it")),
    "set_aside": Word(_("a close set it aside; mend and release it first")),
}
UNDO_STATES: Words = {
    "asked": Word(_("Waits for a colleague"), "orange"),
    "approved": Word(_("Being taken back"), "blue"),
    "done": Word(_("Done"), "green"),
    "refused": Word(_("Refused"), "red"),
    "lapsed": Word(_("Lapsed")),
}
UNDO_OBSTACLES: Words = {
    **LOAN_EVENTS,
    "judgement": Word(_("Its class was judged by a person")),
    "pause": Word(_("Its ageing was paused")),
    "observation": Word(_("It is observed after a restructuring")),
    "change_asked": Word(_("A change waits for a second person")),
    "money_waits": Word(_("Money came in for it and has no place")),
    "debit_out": Word(_("A debit is at the bank and not answered")),
}
KEEPS: Words = {
    "term": Word(_("the term stays")),
    "instalment": Word(_("the instalment stays")),
}
EFFECT_FIGURES: Words = {
    "outstanding_minor": Word(_("Principal outstanding")),
    "owed_minor": Word(_("Owed today")),
    "overdue_minor": Word(_("Of it overdue")),
    "penalty_minor": Word(_("Penalty so far")),
    "to_pay_minor": Word(_("To pay in all")),
    "cost_minor": Word(_("Of it interest, fees and penalty")),
    "received_minor": Word(_("Received so far")),
    "credit_minor": Word(_("Kept as credit")),
    "next_due_minor": Word(_("Next instalment")),
    "next_due_on": Word(_("Next due day")),
    "instalments_left": Word(_("Instalments left")),
    "last_due_on": Word(_("Last due day")),
    "claim_owner": Word(_("Owner of the claim")),
    "state": Word(_("State")),
    "bucket_name": Word(_("Bucket")),
}
PAST_FIGURES: Words = {
    "outstanding": Word(_("Principal outstanding")),
    "owed": Word(_("Owed on the day")),
    "overdue": Word(_("Of it overdue")),
    "penalty": Word(_("Penalty so far")),
    "accrued_interest": Word(_("Interest of the running period")),
    "credit": Word(_("Kept as credit")),
}
