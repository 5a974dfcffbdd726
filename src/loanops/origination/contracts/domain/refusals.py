"""How contracts say no."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class CostAboveCap(Refusal):
    """The all-in annual cost is above what the law or the agreement allows, unrounded."""

    code = "contracts_cost_above_cap"
    sentence = (
        "The all-in annual cost of {found} ({measure}) is above the limit of {limit} ({source}); "
        "lower the rate or the fees."
    )
    status = 422


class OfferAboveApproved(Refusal):
    """Nobody is offered more than was approved."""

    code = "contracts_above_approved"
    sentence = "The offer of {offered} is above the approved amount of {approved}."
    status = 422


class OutsideProduct(Refusal):
    """The offer does not fit the product version."""

    code = "contracts_outside_product"
    sentence = "The {what} {found} is outside the product {product}: {allowed}."
    status = 422


class OutsideAgreement(Refusal):
    """The offer does not fit the funder's agreement."""

    code = "contracts_outside_agreement"
    sentence = "The {what} {found} is outside the agreement {agreement}: {allowed}."
    status = 422


class IndexMovedOn(Refusal):
    """A first rate that is read on the contract's day is still the offer's on that day."""

    code = "contracts_index_moved_on"
    sentence = (
        "The offer {offer} begins at {was}, and {index} with its points is {now} on {on}; "
        "take it back and make a new one."
    )
    status = 409


class LawForbids(Refusal):
    """The rule pack forbids something other than the cost."""

    code = "contracts_law_forbids"
    sentence = "The rule pack forbids this offer: {problem} ({source})"
    status = 422


class NotApproved(Refusal):
    """An offer stands on an approved application."""

    code = "contracts_not_approved"
    sentence = "Application {application} is {stage}; an offer needs an approved one."
    status = 409


class OfferExpired(Refusal):
    """An offer binds until its day and not longer."""

    code = "contracts_offer_expired"
    sentence = "The offer {offer} ended on {expires_on}; make a new one."
    status = 409


class NotShown(Refusal):
    """What was never shown cannot be confirmed."""

    code = "contracts_not_shown"
    sentence = "The disclosure statement of {offer} has not been shown yet; show it first."
    status = 409


class ReadTooShort(Refusal):
    """The law forces a reading time; our clock counts it, not the reader's page."""

    code = "contracts_read_too_short"
    sentence = (
        "The disclosure statement of {offer} was on show for {read_seconds} seconds; "
        "it can be confirmed after {read_seconds_min}."
    )
    status = 409


class EvidenceMissing(Refusal):
    """A confirmation or signature without evidence proves nothing."""

    code = "contracts_evidence_missing"
    sentence = "The evidence of {subject} lacks {keys}."
    status = 422


class EvidenceDoesNotFit(Refusal):
    """What was signed is not what we drew up."""

    code = "contracts_evidence_does_not_fit"
    sentence = "The {what} that was signed is not that of contract {contract}; do not go on."
    status = 409


class SigningModeDiffers(Refusal):
    """Where the parties sign is a term of the funder's agreement."""

    code = "contracts_signing_mode_differs"
    sentence = "Contract {contract} is signed by {agreed}, not by {mode}."
    status = 422


class SigningNotAllowed(Refusal):
    """The rule pack does not let the parties sign like this."""

    code = "contracts_signing_not_allowed"
    sentence = (
        "Signing by {mode} for {funder} needs a recorded compliance decision ({source}); "
        "none is in force."
    )
    status = 409


class NotSigned(Refusal):
    """Money moves only on a signed contract."""

    code = "contracts_not_signed"
    sentence = "The contract {contract} is not signed; it is {state}."
    status = 409


class NotRendered(Refusal):
    """The PDF is made by a job beside the flow."""

    code = "contracts_not_rendered"
    sentence = "The document of {contract} is still being rendered; ask again in a moment."
    status = 409


class TemplateChanged(Refusal):
    """A template that was used must stay as it was; a new text is a new file."""

    code = "contracts_template_changed"
    sentence = "The template {template} is not the one that contract {contract} was drawn up with."
    status = 409


class BorrowerChanged(Refusal):
    """The person's file no longer says what the contract says."""

    code = "contracts_borrower_changed"
    sentence = "Name or identity number of {party} changed after {contract} was drawn up."
    status = 409


class PromotionTaken(Refusal):
    """An offer takes one promotion."""

    code = "contracts_promotion_taken"
    sentence = "The offer {offer} has its promotion already; an offer takes one."
    status = 409
