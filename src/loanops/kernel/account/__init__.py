"""The account: what is owed, paid and overdue, as a pure function of terms, events and a day.

Read first: ``events`` (what can happen to a loan), then ``state`` (what comes of it), then
``applying`` (what each event does).
"""

from loanops.kernel.account.applying import (
    CreditTooSmall,
    DisbursedTwice,
    DisbursementDiffers,
    InstalmentUnknown,
    NotDisbursed,
)
from loanops.kernel.account.base import Event
from loanops.kernel.account.entering import Arrear, BroughtIn, RestDiffers
from loanops.kernel.account.events import (
    KINDS,
    TURN,
    Accelerated,
    Assigned,
    BoughtBack,
    Cause,
    ClaimPassed,
    Compensated,
    Deferred,
    Disbursed,
    Drawn,
    DueMoved,
    Extended,
    FeeCharged,
    Overdue,
    Prepaid,
    RateChanged,
    Refunded,
    Repaid,
    Restructured,
    Reversed,
    SettledEarly,
    Treatment,
    Waived,
    WrittenOff,
    event_from_dict,
    event_to_dict,
)
from loanops.kernel.account.fold import (
    EventRepeated,
    EventUnknown,
    live,
    settlement_fee_minor,
    state,
    turn_of,
)
from loanops.kernel.account.owning import Owned, owned
from loanops.kernel.account.replanning import NothingFallsDue
from loanops.kernel.account.restructuring import NothingOwed
from loanops.kernel.account.state import AccountState, Instalment, Repayment, Treated

__all__ = [
    "KINDS",
    "TURN",
    "Accelerated",
    "AccountState",
    "Arrear",
    "Assigned",
    "BoughtBack",
    "BroughtIn",
    "Cause",
    "ClaimPassed",
    "Compensated",
    "CreditTooSmall",
    "Deferred",
    "Disbursed",
    "DisbursedTwice",
    "DisbursementDiffers",
    "Drawn",
    "DueMoved",
    "Event",
    "EventRepeated",
    "EventUnknown",
    "Extended",
    "FeeCharged",
    "Instalment",
    "InstalmentUnknown",
    "NotDisbursed",
    "NothingFallsDue",
    "NothingOwed",
    "Overdue",
    "Owned",
    "Prepaid",
    "RateChanged",
    "Refunded",
    "Repaid",
    "Repayment",
    "RestDiffers",
    "Restructured",
    "Reversed",
    "SettledEarly",
    "Treated",
    "Treatment",
    "Waived",
    "WrittenOff",
    "event_from_dict",
    "event_to_dict",
    "live",
    "owned",
    "settlement_fee_minor",
    "state",
    "turn_of",
]
