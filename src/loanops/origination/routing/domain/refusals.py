"""How routing says no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class NotForRouting(Refusal):
    """Funders are sought for approved applications only."""

    code = "routing_not_approved"
    sentence = "Application {application} is {stage}; a funder is sought for an approved one."
    status = 409


class NoApprovedFunder(Refusal):
    """Nothing is signed or drawn without a funder's credit."""

    code = "routing_no_approved_funder"
    sentence = "No funder's credit stands for application {application}; route it first."
    status = 409


class SignedElsewhere(Refusal):
    """The agreement has the parties sign with us."""

    code = "routing_signed_elsewhere"
    sentence = "Contract {contract} is not signed on the funder's page but by {mode}."
    status = 409


class FunderNotListedAnymore(Refusal):
    """The list counts on the day of the drawdown too (名单制)."""

    code = "routing_not_listed_anymore"
    sentence = "{partner} is not on the list of {on} as {role}; nothing may be drawn from it."
    status = 409


class AgreementNotInForce(Refusal):
    """A suspended or ended agreement pays nothing out."""

    code = "routing_agreement_not_in_force"
    sentence = "Agreement {agreement} of {funder} is not in force on {on}; nothing may be drawn."
    status = 409


class CreditExpired(Refusal):
    """A funder's approval has an end."""

    code = "routing_credit_expired"
    sentence = "The credit of {funder} for {application} ended on {valid_until}; route it again."
    status = 409


class PayoutLive(Refusal):
    """One drawdown has one payout."""

    code = "routing_payout_live"
    sentence = "Contract {contract} has the payout {serial}, which is {state}; resolve that one."
    status = 409


class CallbackRefused(Refusal):
    """A message that its sender cannot prove is no message."""

    code = "routing_callback_refused"
    sentence = "The callback of {funder} was not believed; check its signature, key and time."
    status = 401


class AlreadyClosed(Refusal):
    """An exception is closed once."""

    code = "routing_exception_closed"
    sentence = "The exception {number} was closed already."
    status = 409
