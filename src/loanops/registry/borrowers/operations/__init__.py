"""Orders to borrowers' accounts: enter and leave, prove who one is, keep what was typed."""

from loanops.registry.borrowers.domain.refusals import CodeOver, CodesTooMany
from loanops.registry.borrowers.operations.claiming import claim
from loanops.registry.borrowers.operations.drafting import drop_draft, keep_draft
from loanops.registry.borrowers.operations.entering import Challenge, send_code, sign_in
from loanops.registry.borrowers.operations.forgetting import forget_codes
from loanops.registry.borrowers.operations.leaving import (
    choose_language,
    sign_out,
    sign_out_everywhere,
)

__all__ = [
    "Challenge",
    "CodeOver",
    "CodesTooMany",
    "choose_language",
    "claim",
    "drop_draft",
    "forget_codes",
    "keep_draft",
    "send_code",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
]
