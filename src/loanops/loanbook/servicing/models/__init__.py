"""Tables of servicing."""

from loanops.loanbook.servicing.models.closing import (
    InterestAccrual,
    PenalMove,
    PenaltyAccrual,
    PeriodCohort,
    SetAside,
    Unfolded,
)
from loanops.loanbook.servicing.models.loans import (
    Change,
    Instalment,
    Loan,
    LoanEvent,
    LoanTerms,
    Pool,
)

__all__ = [
    "Change",
    "Instalment",
    "InterestAccrual",
    "Loan",
    "LoanEvent",
    "LoanTerms",
    "PenalMove",
    "PenaltyAccrual",
    "PeriodCohort",
    "Pool",
    "SetAside",
    "Unfolded",
]
