"""Orders to servicing."""

from loanops.loanbook.servicing.operations.aside import release
from loanops.loanbook.servicing.operations.classing import (
    pause_ageing,
    reclassify,
    resume_ageing,
    withdraw_judgement,
)
from loanops.loanbook.servicing.operations.close import DayClosed, NoSteps, StepDone, close_day
from loanops.loanbook.servicing.operations.opening import DisbursedIn, open_loans
from loanops.loanbook.servicing.operations.repayment import (
    DayNotReached,
    RepaymentCard,
    RepaymentIn,
    RepaymentsBooked,
    RowRefused,
    allocate_receipts,
    repay,
    repay_many,
)
from loanops.loanbook.servicing.operations.steps import STEPS
from loanops.loanbook.servicing.operations.windows import WindowOrdered, order_window

__all__ = [
    "STEPS",
    "DayClosed",
    "DayNotReached",
    "DisbursedIn",
    "NoSteps",
    "RepaymentCard",
    "RepaymentIn",
    "RepaymentsBooked",
    "RowRefused",
    "StepDone",
    "WindowOrdered",
    "allocate_receipts",
    "close_day",
    "open_loans",
    "order_window",
    "pause_ageing",
    "reclassify",
    "release",
    "repay",
    "repay_many",
    "resume_ageing",
    "withdraw_judgement",
]
