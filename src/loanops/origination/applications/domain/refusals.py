"""The words in which a request or an order on an application is refused."""

from __future__ import annotations

from loanops.kernel.refusals import Refusal


class DuplicateApplication(Refusal):
    code = "applications_duplicate"
    sentence = (
        "This person already has the application {number} for this product under way; "
        "continue or withdraw that one."
    )


class CoolingOff(Refusal):
    code = "applications_cooling_off"
    sentence = "This person was declined for this product; a new application is taken from {until}."


class ContentChanged(Refusal):
    code = "applications_content_changed"
    sentence = "The key {key} was already used by {number} with other content; use a new key."


class ProductNotOffered(Refusal):
    code = "applications_product_not_offered"
    sentence = "{field}: the book {book} has no product {product} in force on {on}."
    status = 422


class AmountNotOffered(Refusal):
    code = "applications_amount_not_offered"
    sentence = "{field}: the product {product} is offered from {least} to {most}."
    status = 422


class TermNotOffered(Refusal):
    code = "applications_term_not_offered"
    sentence = "{field}: the product {product} is offered for {terms} months."
    status = 422


class PurposeForbidden(Refusal):
    code = "applications_purpose_forbidden"
    sentence = "{field}: a loan may not be used for {purpose} ({source}, {article})."
    status = 422


class IdentityNotKept(Refusal):
    code = "applications_identity_not_kept"
    sentence = "{field}: the book {book} keeps no identities; send the request without a person."
    status = 422


class ApplicantMissing(Refusal):
    code = "applications_applicant_missing"
    sentence = "{field}: the book {book} keeps identities; say who applies."
    status = 422


class PersonElsewhere(Refusal):
    code = "applications_person_elsewhere"
    sentence = "{field}: these particulars do not fit this sign-in; ask the customer service."
    status = 422


class ConsentNotKnown(Refusal):
    code = "applications_consent_not_known"
    sentence = "{field}: {purpose} has no wording {version} for {recipient} in the rule pack."
    status = 422


class ConsentNeeded(Refusal):
    code = "applications_consent_needed"
    sentence = "{field}: the applicant has not consented to {purposes}; show the wording first."
    status = 422


class DocumentsMissing(Refusal):
    code = "applications_documents_missing"
    sentence = "{number} cannot be decided: these documents are missing or not accepted: {kinds}."


class StagePermitsNot(Refusal):
    code = "applications_stage_permits_not"
    sentence = "{number} is {stage}, which does not permit this: {right}."


class ReasonsMissing(Refusal):
    code = "applications_reasons_missing"
    sentence = "A decline or referral needs at least one reason code."
    status = 422


class OfferAboveRequest(Refusal):
    code = "applications_offer_above_request"
    sentence = "{number}: the approved amount must be above zero and at most the amount asked for."
    status = 422


class DocumentKindUnknown(Refusal):
    code = "applications_document_kind_unknown"
    sentence = "{field}: {kind} is not a kind of document; one of {kinds} is taken."
    status = 422
