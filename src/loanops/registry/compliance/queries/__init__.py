"""Questions to compliance."""

from loanops.registry.compliance.domain.answers import Answer
from loanops.registry.compliance.domain.law import Law, Limit
from loanops.registry.compliance.domain.refusals import ConsentMissing
from loanops.registry.compliance.queries.answers import (
    may_charge,
    may_offer,
    may_penalise,
    may_use_for,
    signing_answer,
)
from loanops.registry.compliance.queries.consents import (
    ConsentCard,
    DecisionCard,
    has_consent,
    list_consents,
    list_decisions,
    list_given,
    missing_consents,
    require_consents,
)
from loanops.registry.compliance.queries.packs import (
    PackCard,
    get_limit,
    get_limits,
    get_pack,
    law_of,
    list_packs,
)
from loanops.registry.compliance.queries.rates import (
    ReferenceRateCard,
    list_reference_rates,
    reference_series,
)
from loanops.registry.compliance.queries.working_days import DaysOff, days_off, has_calendar

__all__ = [
    "Answer",
    "ConsentCard",
    "ConsentMissing",
    "DaysOff",
    "DecisionCard",
    "Law",
    "Limit",
    "PackCard",
    "ReferenceRateCard",
    "days_off",
    "get_limit",
    "get_limits",
    "get_pack",
    "has_calendar",
    "has_consent",
    "law_of",
    "list_consents",
    "list_decisions",
    "list_given",
    "list_packs",
    "list_reference_rates",
    "may_charge",
    "may_offer",
    "may_penalise",
    "may_use_for",
    "missing_consents",
    "reference_series",
    "require_consents",
    "signing_answer",
]
