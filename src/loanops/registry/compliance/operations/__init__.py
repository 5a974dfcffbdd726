"""Orders to compliance."""

from loanops.registry.compliance.operations.consents import (
    ConsentIn,
    record_consent,
    record_consents_many,
    withdraw_consent,
)
from loanops.registry.compliance.operations.decisions import (
    record_decision,
    record_reference_rate,
    revoke_decision,
)

__all__ = [
    "ConsentIn",
    "record_consent",
    "record_consents_many",
    "record_decision",
    "record_reference_rate",
    "revoke_decision",
    "withdraw_consent",
]
