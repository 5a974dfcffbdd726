"""Questions to servicing."""

from loanops.loanbook.servicing.queries.account import (
    AsOfCard,
    EventCard,
    InstalmentCard,
    StateChangeCard,
    as_of,
    get_schedule,
    list_changes,
    list_events,
)
from loanops.loanbook.servicing.queries.loans import (
    LoanCard,
    LoanFilter,
    LoanLine,
    LoanPage,
    LoanPartners,
    find_loan_of,
    get_loan,
    list_loans,
    partners_of,
)
from loanops.loanbook.servicing.queries.portfolio import (
    BucketLine,
    DueLine,
    SetAsideCard,
    first_dues_of,
    list_ageing,
    list_dues,
    list_set_aside,
)

__all__ = [
    "AsOfCard",
    "BucketLine",
    "DueLine",
    "EventCard",
    "InstalmentCard",
    "LoanCard",
    "LoanFilter",
    "LoanLine",
    "LoanPage",
    "LoanPartners",
    "SetAsideCard",
    "StateChangeCard",
    "as_of",
    "find_loan_of",
    "first_dues_of",
    "get_loan",
    "get_schedule",
    "list_ageing",
    "list_changes",
    "list_dues",
    "list_events",
    "list_loans",
    "list_set_aside",
    "partners_of",
]
