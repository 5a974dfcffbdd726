"""Tables of servicing."""

from loanops.loanbook.servicing.models.classing import (
    ClassChange,
    ClassOrder,
    ClassSum,
    LoanClass,
    VintageSum,
)
from loanops.loanbook.servicing.models.closing import (
    InterestAccrual,
    PenalMove,
    PenaltyAccrual,
    PeriodCohort,
    PeriodMove,
    SetAside,
    Unfolded,
)
from loanops.loanbook.servicing.models.floating import RateReset
from loanops.loanbook.servicing.models.guarantees import PaidOut
from loanops.loanbook.servicing.models.imports import BookImport, ImportUndo
from loanops.loanbook.servicing.models.loans import (
    Change,
    Instalment,
    Loan,
    LoanEvent,
    LoanTerms,
    Pool,
)
from loanops.loanbook.servicing.models.requests import ChangeRequest
from loanops.loanbook.servicing.models.rereading import Reread, RereadLoan
from loanops.loanbook.servicing.models.restructuring import Restructuring

__all__ = [
    "BookImport",
    "Change",
    "ChangeRequest",
    "ClassChange",
    "ClassOrder",
    "ClassSum",
    "ImportUndo",
    "Instalment",
    "InterestAccrual",
    "Loan",
    "LoanClass",
    "LoanEvent",
    "LoanTerms",
    "PaidOut",
    "PenalMove",
    "PenaltyAccrual",
    "PeriodCohort",
    "PeriodMove",
    "Pool",
    "RateReset",
    "Reread",
    "RereadLoan",
    "Restructuring",
    "SetAside",
    "Unfolded",
    "VintageSum",
]
