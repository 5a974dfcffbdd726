"""How compliance says no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class UnknownConsent(Refusal):
    """The pack knows no such consent."""

    code = "compliance_unknown_consent"
    sentence = "The rule pack knows no consent for {purpose}; use one of: {known}."
    status = 422


class UnknownWording(Refusal):
    """A consent must name the words that were shown."""

    code = "compliance_unknown_wording"
    sentence = "There is no wording {version} for {purpose} in force; show the current one."
    status = 422


class RecipientMissing(Refusal):
    """A separate consent is given to one recipient at a time."""

    code = "compliance_recipient_missing"
    sentence = "A consent for {purpose} names the one who receives the data; give a recipient."
    status = 422


class RecipientNotExpected(Refusal):
    """A consent that is not per recipient names none."""

    code = "compliance_recipient_not_expected"
    sentence = "A consent for {purpose} is not given to a recipient; leave the recipient empty."
    status = 422


class ConsentMissing(Refusal):
    """Data may not go to a recipient without the consents the pack asks for."""

    code = "compliance_consent_missing"
    sentence = "{subject} has not consented to {purposes} for {recipient}; ask for it first."
    status = 409


class ConsentWithdrawnAlready(Refusal):
    """A consent is withdrawn once."""

    code = "compliance_consent_withdrawn_already"
    sentence = "The consent {number} was withdrawn already."
    status = 409


class PeriodEmpty(Refusal):
    """A period ends after it begins; its end is exclusive."""

    code = "compliance_period_empty"
    sentence = "The period from {valid_from} to {valid_to} is empty; let it end later."
    status = 422


class DecisionRevokedAlready(Refusal):
    """A decision is revoked once."""

    code = "compliance_decision_revoked_already"
    sentence = "The decision {number} was revoked already."
    status = 409


class RateRecordedAlready(Refusal):
    """The same figure of a published rate is recorded once for a day."""

    code = "compliance_rate_recorded_already"
    sentence = "{key} is recorded for {effective_from} with this figure already."
    status = 409
