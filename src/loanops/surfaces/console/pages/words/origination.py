"""Words of origination: stages, moves, outcomes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

STAGES: Words = {
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
MOVES: Words = {
    "submit": Word(_("submitted")),
    "refer": Word(_("referred to a person")),
    "approve": Word(_("approved")),
    "decline": Word(_("declined")),
    "offer": Word(_("offer made")),
    "take_back_offer": Word(_("offer taken back")),
    "sign": Word(_("contract signed")),
    "disburse": Word(_("paid out")),
    "refuse_funding": Word(_("refused by the funder")),
    "withdraw": Word(_("withdrawn")),
    "expire": Word(_("expired")),
}
DOCUMENT_STATES: Words = {
    "received": Word(_("To be checked"), "azure"),
    "accepted": Word(_("Accepted"), "green"),
    "rejected": Word(_("Rejected"), "red"),
    "sent_back": Word(_("Sent back"), "orange"),
}
OFFER_STATES: Words = {
    "made": Word(_("Made"), "azure"),
    "confirmed": Word(_("Statement confirmed"), "indigo"),
    "drawn_up": Word(_("Contract drawn up"), "blue"),
    "signed": Word(_("Signed"), "green"),
    "expired": Word(_("Expired")),
    "withdrawn": Word(_("Withdrawn")),
}
CONTRACT_STATES: Words = {
    "drawn_up": Word(_("To be signed"), "azure"),
    "signed": Word(_("Signed"), "green"),
    "void": Word(_("Void")),
}
MATCHES: Words = {
    "not_checked": Word(_("Not checked"), "secondary"),
    "passed": Word(_("Nobody known"), "green"),
    "same_person": Word(_("Known customer"), "azure"),
    "mobile_changed": Word(_("Mobile changed"), "orange"),
    "mobile_shared": Word(_("Mobile of somebody else"), "red"),
}
WITHDRAW_REASONS: Words = {
    "no_longer_needed": Word(_("The money is no longer needed")),
    "took_another_loan": Word(_("Took another loan")),
    "terms_not_liked": Word(_("Did not like the terms")),
    "entered_by_mistake": Word(_("Entered by mistake")),
    "other": Word(_("Other reason")),
}
DOCUMENT_REASONS: Words = {
    "unreadable": Word(_("It cannot be read")),
    "incomplete": Word(_("It is not complete")),
    "expired": Word(_("It has expired")),
    "wrong_kind": Word(_("It is another kind of document")),
    "wrong_person": Word(_("It belongs to somebody else")),
    "contradicts": Word(_("It contradicts the application")),
    "not_genuine": Word(_("It does not seem genuine")),
}
LOAN_PURPOSES: Words = {
    "debt_consolidation": Word(_("Repaying other debts")),
    "refinance_cards": Word(_("Repaying credit cards")),
    "renovation": Word(_("Renovation")),
    "car": Word(_("Buying a car")),
    "education": Word(_("Education")),
    "medical": Word(_("Medical costs")),
    "major_purchase": Word(_("A large purchase")),
    "moving": Word(_("Moving")),
    "renewable_energy": Word(_("Renewable energy")),
    "small_business": Word(_("Small business")),
    "travel": Word(_("Travel")),
    "wedding": Word(_("Wedding")),
    "daily": Word(_("Daily consumption")),
    "property_purchase": Word(_("Buying property")),
    "other": Word(_("Other purpose")),
}
FACTS: Words = {
    "amount_minor": Word(_("Amount asked for")),
    "term_months": Word(_("Term (months)")),
    "rate_annual_ppm": Word(_("Annual rate")),
    "instalment_minor": Word(_("Instalment")),
    "purpose": Word(_("Purpose of the loan")),
    "age_years": Word(_("Age")),
    "identity_check": Word(_("Duplicate check")),
    "region": Word(_("Region")),
    "channel": Word(_("Channel")),
    "industry": Word(_("Industry")),
    "income_monthly_minor": Word(_("Monthly income")),
    "income_minor": Word(_("Yearly income")),
    "debt_monthly_minor": Word(_("Monthly debt payments")),
    "debt_share_bp": Word(_("Debt to income")),
    "debt_bp": Word(_("Debt to income")),
    "amount_share_bp": Word(_("Amount to income")),
    "instalment_share_bp": Word(_("Instalment to income")),
    "overdue_24m": Word(_("Overdue in 24 months")),
    "inquiries_3m": Word(_("Credit inquiries in 3 months")),
    "inquiries_12m": Word(_("Credit inquiries in 12 months")),
    "collections_12m": Word(_("Collections in 12 months")),
    "open_loans": Word(_("Open loans")),
    "employment_months": Word(_("Months in the job")),
    "mobile_months": Word(_("Months with the mobile")),
    "housing_fund_months": Word(_("Months in the housing fund")),
    "card_use_pct": Word(_("Card limit used (%)")),
    "revolving_limit_bp": Word(_("Revolving limit to income")),
    "cards_total": Word(_("Cards")),
    "accounts_delinquent_now": Word(_("Accounts overdue now")),
    "income_proof": Word(_("Proof of income")),
    "months_since_inquiry": Word(_("Months since an inquiry")),
    "score": Word(_("Score")),
}
RIGHTS: Words = {
    "edit": Word(_("edit")),
    "add_documents": Word(_("add documents")),
    "judge_documents": Word(_("judge documents")),
    "decide": Word(_("decide")),
}
ITEMS: Words = {
    "interest": Word(_("Interest")),
    "guarantee": Word(_("Guarantee fee")),
    "guarantee_fee": Word(_("Guarantee fee")),
    "service_fee": Word(_("Service fee")),
    "overdue_penalty": Word(_("Penalty interest when overdue")),
}
WAYS: Words = {
    "upfront": Word(_("at once")),
    "per_instalment": Word(_("with each instalment")),
    "some_instalments": Word(_("with some instalments")),
    "equal_instalment": Word(_("Equal instalments")),
    "equal_principal": Word(_("Equal principal")),
    "interest_only": Word(_("Interest first")),
    "bullet": Word(_("Bullet")),
    "flat": Word(_("Flat interest")),
    "revolving_daily": Word(_("Daily revolving")),
    "custom": Word(_("Schedule of the funder")),
}
MATCH_SENTENCES: Words = {
    "not_checked": Word(_("Not checked: this book keeps no identities.")),
    "passed": Word(_("Nobody with this identity number or this mobile is known.")),
    "same_person": Word(_("The same identity number and the same mobile are known.")),
    "mobile_changed": Word(
        _("The identity number is known with another mobile; confirm which one is in use.")
    ),
    "mobile_shared": Word(
        _("The mobile belongs to a person with another identity number; confirm who applies.")
    ),
}
