"""Words of the registry: partners, agreements, products, rule packs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from loanops.surfaces.console.pages.words.word import Word, Words

PARTNER_KINDS: Words = {
    "bank": Word(_("Bank"), "blue"),
    "consumer_finance": Word(_("Consumer finance company"), "indigo"),
    "auto_finance": Word(_("Auto finance company"), "indigo"),
    "trust": Word(_("Trust company"), "purple"),
    "small_loan": Word(_("Small-loan company"), "cyan"),
    "guarantor": Word(_("Financing guarantor"), "teal"),
    "insurer": Word(_("Insurer"), "teal"),
    "payment": Word(_("Payment company"), "lime"),
    "data": Word(_("Data provider"), "yellow"),
    "channel": Word(_("Channel"), "orange"),
    "agency": Word(_("Collection agency"), "pink"),
}
PARTNER_ROLES: Words = {
    "funder": Word(_("Funder")),
    "guarantor": Word(_("Guarantor")),
    "insurer": Word(_("Insurer")),
    "channel": Word(_("Channel")),
    "collection_agency": Word(_("Collection agency")),
    "payment": Word(_("Payment company")),
    "data": Word(_("Data provider")),
}
STANDINGS: Words = {
    "active": Word(_("Active"), "green"),
    "suspended": Word(_("Suspended"), "orange"),
    "ended": Word(_("Ended")),
}
SIGNING_MODES: Words = {
    "funder_page": Word(_("On the funder's page")),
    "ours": Word(_("On our page")),
}
MEASURES: Words = {
    "simple": Word(_("simple")),
    "effective": Word(_("effective")),
}
METHODS: Words = {
    "equal_instalment": Word(_("Equal instalments")),
    "equal_principal": Word(_("Equal principal")),
    "interest_only": Word(_("Interest first")),
    "bullet": Word(_("Bullet")),
    "flat": Word(_("Flat interest")),
    "revolving_daily": Word(_("Daily revolving")),
    "custom": Word(_("Schedule of the funder")),
}
ROLLS: Words = {
    "none": Word(_("stay on their day")),
    "following": Word(_("the next working day")),
    "modified_following": Word(_("the next working day, in the same month")),
    "preceding": Word(_("the working day before")),
}
RULE_UNITS: Words = {
    "rate_annual": Word(_("a year")),
    "rate": Word(_("share")),
    "multiple": Word(_("times")),
    "money_minor": Word(_("amount")),
    "count": Word(_("times (count)")),
    "seconds": Word(_("seconds")),
    "days": Word(_("days")),
    "months": Word(_("months")),
    "years": Word(_("years")),
    "clock": Word(_("clock")),
    "codes": Word(_("list")),
}
EFFECTS: Words = {
    "block": Word(_("Blocks"), "red"),
    "warn": Word(_("Warns"), "yellow"),
}
FEE_BASES: Words = {
    "principal": Word(_("of the principal lent")),
    "balance": Word(_("of the balance")),
    "instalment": Word(_("of the instalment")),
    "overdue": Word(_("of the principal and interest that are overdue")),
}
PREPAYMENT_BASES: Words = {
    "prepaid": Word(_("of the principal repaid early")),
    "original": Word(_("of the principal lent")),
}
STAGES_OF_MONEY: Words = {
    "normal": Word(_("Not overdue")),
    "overdue": Word(_("Overdue")),
    "non_performing": Word(_("Non-performing")),
    "settlement": Word(_("Early settlement")),
    "written_off": Word(_("Written off")),
}
SWEEPS: Words = {
    "by_instalment": Word(_("instalment by instalment")),
    "by_component": Word(_("kind by kind over all instalments")),
}
RESIDUES: Words = {
    "last": Word(_("the last instalment takes what rounding leaves")),
    "refit_once": Word(_("spread once, the last instalment takes the rest")),
}
ROUNDINGS: Words = {
    "half_up": Word(_("half up")),
    "half_even": Word(_("half to even")),
    "up": Word(_("up")),
    "down": Word(_("down")),
}
PROMOTION_EFFECTS: Words = {
    "fee_share": Word(_("Fees, by a share of them"), "teal"),
    "fee_amount": Word(_("Fees, by an amount each"), "cyan"),
    "rate_points": Word(_("The annual rate, by points"), "blue"),
}
PROMOTION_PARTIES: Words = {
    "platform": Word(_("the platform")),
    "guarantor": Word(_("Guarantor")),
    "insurer": Word(_("Insurer")),
    "funder": Word(_("Funder")),
}
RULE_KEYS: Words = {
    "agency.review_days_max": Word(_("Review of collection agencies, at least every")),
    "class.special_mention_days_min": Word(_("Special mention, from days past due")),
    "class.substandard_days_min": Word(_("Substandard, from days past due")),
    "class.doubtful_days_min": Word(_("Doubtful, from days past due")),
    "class.loss_days_min": Word(_("Loss, from days past due")),
    "class.restructured_tier_min": Word(_("Restructured, class at best while observed")),
    "class.observation_months_min": Word(_("Restructured, observed for months")),
    "class.observation_periods_min": Word(_("Restructured, observed for due periods in a row")),
    "colending.partner_share_min": Word(_("Partner's share of a joint loan, at least")),
    "colending.partner_net_assets_share_max": Word(_("Concentration on one partner, at most")),
    "complaint.days_simple_max": Word(_("Simple complaint, answered within")),
    "complaint.days_complex_max": Word(_("Complex complaint, answered within")),
    "complaint.days_extension_max": Word(_("Extension of a complaint, at most")),
    "contact.attempts_per_number_day_max": Word(_("Call attempts to a number a day, at most")),
    "contact.effective_calls_per_debtor_day_max": Word(_("Effective calls to a debtor a day")),
    "contact.third_party_after_failures_min": Word(_("Third party only after failed attempts")),
    "contact.window": Word(_("Contact allowed between")),
    "cost.cap_annual": Word(_("All-in annual cost, at most")),
    "credit.line_max": Word(_("Credit to one borrower, at most")),
    "credit.term_months_max": Word(_("Term repaid at once, at most")),
    "disclosure.read_seconds_min": Word(_("Forced reading of the disclosure, at least")),
    "disclosure.statement_items": Word(_("Items of the cost disclosure statement")),
    "fees.charging_banned": Word(_("May not charge the borrower")),
    "guarantee.net_assets_multiple_max": Word(_("Guarantee balance to net assets, at most")),
    "guarantee.single_party_share_max": Word(_("Guarantee for one party, at most")),
    "marketing.banned_words": Word(_("Words banned in marketing")),
    "marketing.hops_max": Word(_("Hops from an advertisement, at most")),
    "penalty.base_banned": Word(_("May not bear penalty")),
    "penalty.multiple_max": Word(_("Penalty rate to contract rate, at most")),
    "penalty.misuse_multiple_max": Word(_("Penalty for misuse to contract rate, at most")),
    "provision.normal_rate": Word(_("Provision for normal loans")),
    "provision.special_mention_rate": Word(_("Provision for special mention")),
    "provision.substandard_rate": Word(_("Provision for substandard loans")),
    "provision.doubtful_rate": Word(_("Provision for doubtful loans")),
    "provision.loss_rate": Word(_("Provision for losses")),
    "purpose.banned": Word(_("Banned purposes of a loan")),
    "retention.identity_years": Word(_("Identity records kept")),
    "retention.collection_years": Word(_("Collection records kept")),
    "retention.negative_credit_years": Word(_("Negative credit records kept")),
    "retention.impact_assessment_years": Word(_("Impact assessments kept")),
    "signing.needs_decision": Word(_("Signing that needs a compliance decision")),
}
AGREEMENT_TERMS: Words = {
    "amount_min_minor": Word(_("Amount from")),
    "amount_max_minor": Word(_("Amount to")),
    "terms_months": Word(_("Terms (months)")),
    "quota_daily_minor": Word(_("Daily quota")),
    "quota_total_minor": Word(_("Total quota")),
    "products": Word(_("Products")),
    "regions": Word(_("Regions")),
    "age_min": Word(_("Age from")),
    "age_max": Word(_("Age to")),
    "guarantor": Word(_("Guarantor")),
    "rate_annual": Word(_("Annual rate")),
    "fees": Word(_("Fees")),
    "cost_cap_annual": Word(_("All-in cost ceiling")),
    "cost_measure": Word(_("Cost measure")),
    "cutoff": Word(_("Cut-off time")),
    "concentration_max": Word(_("Concentration ceiling")),
    "priority": Word(_("Priority")),
    "signing_mode": Word(_("Signing")),
    "share": Word(_("Our share")),
    "compensation_days": Word(_("Compensation after (days)")),
    "guarantee": Word(_("The guarantor pays")),
    "co_lending": Word(_("Lending together")),
    "gateway": Word(_("Gateway")),
    "gateway_config": Word(_("Gateway settings")),
}
GATEWAYS: Words = {
    "open_bank": Word(_("Open protocol of LoanOps (signed HTTP)")),
}
SHARE_BASES: Words = {
    "interest_received": Word(_("of interest received")),
    "principal_disbursed": Word(_("of principal disbursed")),
}
GUARANTEE_SCOPES: Words = {
    "instalment": Word(_("each late instalment")),
    "loan": Word(_("the whole loan at once")),
}
GUARANTEE_BASES: Words = {
    "principal": Word(_("principal")),
    "principal_and_interest": Word(_("principal and interest")),
    "with_penalty": Word(_("principal, interest and penalty")),
    "with_fees": Word(_("principal, interest, penalty and the lender's fees")),
}
GUARANTEE_CAPS: Words = {
    "life": Word(_("at most %(cap)s for all loans of the agreement")),
    "year": Word(_("at most %(cap)s for the loans paid out in one year")),
}
CONSENTS: Words = {
    "personal_information": Word(_("Processing of personal information")),
    "sensitive_information": Word(_("Sensitive personal information")),
    "credit_query": Word(_("Credit report query")),
    "share_with_funder": Word(_("Giving data to the funder")),
    "share_with_guarantor": Word(_("Giving data to the guarantor")),
    "automated_decision": Word(_("Automated decision")),
    "marketing": Word(_("Marketing")),
}
PERSONAL_FIELDS: Words = {
    "name": Word(_("Name")),
    "id_number": Word(_("Identity number")),
    "mobile": Word(_("Mobile")),
    "address": Word(_("Address")),
    "email": Word(_("E-mail")),
}
RULE_STANDINGS: Words = {
    "in_force": Word(_("In force"), "green"),
    "upcoming": Word(_("To come"), "azure"),
    "past": Word(_("Past")),
}
LISTED: Words = {
    "platform": Word(_("the platform")),
    "ours": Word(_("on our page")),
    "charging_party": Word(_("who charges")),
    "contingent_costs": Word(_("contingent costs")),
    "cost_annual": Word(_("annual cost")),
    "items": Word(_("each item")),
    "nothing_else": Word(_("nothing else is charged")),
    "principal": Word(_("principal")),
    "equity_investment": Word(_("equity investment")),
    "financial_derivatives": Word(_("financial derivatives")),
    "fixed_assets": Word(_("fixed assets")),
    "futures": Word(_("futures")),
    "bonds": Word(_("bonds")),
    "property_purchase": Word(_("buying property")),
    "mortgage_repayment": Word(_("repaying a mortgage")),
    "securities": Word(_("securities")),
    "wealth_products": Word(_("wealth products")),
}
REFERENCE_RATES: Words = {
    "lpr_1y": Word(_("one-year LPR")),
    "lpr_5y": Word(_("five-year LPR")),
}

MESSAGE_STATES: Words = {
    "waiting": Word(_("Waiting"), "azure"),
    "unknown": Word(_("Unknown"), "orange"),
    "accepted": Word(_("With the carrier"), "blue"),
    "delivered": Word(_("Delivered"), "green"),
    "failed": Word(_("Failed"), "red"),
    "lapsed": Word(_("Lapsed")),
}
MESSAGE_TEMPLATES: Words = {
    "sign_in_code": Word(_("Code to sign in with")),
}
