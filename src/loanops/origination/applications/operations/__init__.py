"""Orders to applications: one verb (or one family of twins) a file."""

from loanops.origination.applications.domain.documents import ItemIn
from loanops.origination.applications.domain.request import (
    Applicant,
    ApplicationRequest,
    Consent,
    Fact,
)
from loanops.origination.applications.operations.advancing import (
    mark_disbursed,
    mark_disbursed_many,
    mark_offered,
    mark_offered_many,
    mark_signed,
    mark_signed_many,
    refuse_funding,
    refuse_funding_many,
    take_back_offer,
    take_back_offer_many,
)
from loanops.origination.applications.operations.documents import (
    accept_document,
    add_document,
    reject_document,
    send_back_document,
    set_checklist,
)
from loanops.origination.applications.operations.drafting import (
    edit_draft,
    open_draft,
    submit_draft,
)
from loanops.origination.applications.operations.submitting import (
    RequestRefused,
    SubmitOutcome,
    submit,
    submit_many,
)
from loanops.origination.applications.operations.verdicts import (
    VerdictIn,
    apply_verdicts_many,
    approve,
    decline,
    refer,
)
from loanops.origination.applications.operations.withdrawing import expire_many, withdraw

__all__ = [
    "Applicant",
    "ApplicationRequest",
    "Consent",
    "Fact",
    "ItemIn",
    "RequestRefused",
    "SubmitOutcome",
    "VerdictIn",
    "accept_document",
    "add_document",
    "apply_verdicts_many",
    "approve",
    "decline",
    "edit_draft",
    "expire_many",
    "mark_disbursed",
    "mark_disbursed_many",
    "mark_offered",
    "mark_offered_many",
    "mark_signed",
    "mark_signed_many",
    "open_draft",
    "refer",
    "refuse_funding",
    "refuse_funding_many",
    "reject_document",
    "send_back_document",
    "set_checklist",
    "submit",
    "submit_draft",
    "submit_many",
    "take_back_offer",
    "take_back_offer_many",
    "withdraw",
]
