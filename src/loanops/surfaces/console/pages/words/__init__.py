"""Words of the console: every code that a page shows, in both languages and with its colour."""

from __future__ import annotations

from loanops.surfaces.console.pages.words import (
    deciding,
    funding,
    loanbook,
    origination,
    people,
    platform,
    registry,
)
from loanops.surfaces.console.pages.words.word import Word, Words

COUNTY_DIGITS = 6
TABLES: dict[str, Words] = {
    "job": platform.JOB_STATES,
    "job_name": platform.JOB_NAMES,
    "schedule": platform.SCHEDULES,
    "unit": platform.UNITS,
    "language": platform.LANGUAGES,
    "purpose": platform.PURPOSES,
    "parameter": platform.PARAMETERS,
    "step": platform.STEPS,
    "room": platform.ROOMS,
    "verb": platform.VERBS,
    "stage": origination.STAGES,
    "move": origination.MOVES,
    "outcome": deciding.OUTCOMES,
    "document": origination.DOCUMENT_STATES,
    "offer": origination.OFFER_STATES,
    "contract": origination.CONTRACT_STATES,
    "attempt": funding.ATTEMPT_STATES,
    "signing_state": funding.SIGNING_STATES,
    "payout": funding.PAYOUT_STATES,
    "node": deciding.NODES,
    "decision_field": deciding.FIELDS,
    "hit_policy": deciding.HIT_POLICIES,
    "input_kind": deciding.KINDS,
    "said": funding.STANDINGS,
    "source": funding.SOURCES,
    "problem": funding.PROBLEMS,
    "trouble": funding.TROUBLES,
    "trouble_sentence": funding.TROUBLE_SENTENCES,
    "trouble_detail": funding.DETAILS,
    "funder_reason": funding.REFUSALS,
    "match": origination.MATCHES,
    "match_sentence": origination.MATCH_SENTENCES,
    "desk": origination.DESKS,
    "item": origination.ITEMS,
    "way": origination.WAYS,
    "withdraw_reason": origination.WITHDRAW_REASONS,
    "document_reason": origination.DOCUMENT_REASONS,
    "loan_purpose": origination.LOAN_PURPOSES,
    "fact": origination.FACTS,
    "right": origination.RIGHTS,
    "exclusion": funding.EXCLUSIONS,
    "exclusion_name": funding.EXCLUSION_NAMES,
    "industry": people.INDUSTRIES,
    "region": people.REGIONS,
    "loan": loanbook.LOAN_STATES,
    "loan_move": loanbook.LOAN_MOVES,
    "loan_event": loanbook.LOAN_EVENTS,
    "account_kind": loanbook.ACCOUNT_KINDS,
    "side": loanbook.SIDES,
    "period": loanbook.PERIODS,
    "quota": loanbook.QUOTAS,
    "instalment": loanbook.INSTALMENT_STANDINGS,
    "channel": loanbook.CHANNELS,
    "part": loanbook.PARTS,
    "journal": loanbook.JOURNALS,
    "tier": loanbook.TIERS,
    "class_cause": loanbook.CLASS_CAUSES,
    "class_order": loanbook.CLASS_ORDERS,
    "order": loanbook.ORDER_STATES,
    "partner_kind": registry.PARTNER_KINDS,
    "role": registry.PARTNER_ROLES,
    "standing": registry.STANDINGS,
    "signing": registry.SIGNING_MODES,
    "measure": registry.MEASURES,
    "method": registry.METHODS,
    "rule_unit": registry.RULE_UNITS,
    "effect": registry.EFFECTS,
    "rule": registry.RULE_KEYS,
    "term": registry.AGREEMENT_TERMS,
    "gateway": registry.GATEWAYS,
    "share_base": registry.SHARE_BASES,
    "rule_standing": registry.RULE_STANDINGS,
    "reference_rate": registry.REFERENCE_RATES,
    "listed": registry.LISTED,
    "consent": registry.CONSENTS,
    "personal": registry.PERSONAL_FIELDS,
}


def word_of(kind: str, code: str) -> Word:
    """The word of a code; a code that no table knows reads as itself, without underscores.

    A county (six digits of GB/T 2260) reads as its province.
    """
    if kind == "region" and len(code) == COUNTY_DIGITS and code.isdecimal():
        code = code[:2]
    return TABLES.get(kind, {}).get(code) or Word(code.replace("_", " "))
