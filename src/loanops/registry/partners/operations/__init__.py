"""Orders to the partner register."""

from loanops.registry.partners.operations.agreements import (
    amend_agreement,
    end_agreement,
    resume_agreement,
    sign_agreement,
    suspend_agreement,
)
from loanops.registry.partners.operations.partners import (
    end_partner,
    register_partner,
    renew_licence,
    resume,
    suspend,
)
from loanops.registry.partners.operations.whitelist import unlist, whitelist

__all__ = [
    "amend_agreement",
    "end_agreement",
    "end_partner",
    "register_partner",
    "renew_licence",
    "resume",
    "resume_agreement",
    "sign_agreement",
    "suspend",
    "suspend_agreement",
    "unlist",
    "whitelist",
]
