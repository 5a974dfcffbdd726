"""The account: what is owed, paid and overdue, as a pure function of terms, events and a day.

Read first: ``events`` (what can happen to a loan), then ``state`` (what comes of it).
"""

from loanops.kernel.account.events import (
    Disbursed,
    Event,
    FeeCharged,
    Repaid,
    Reversed,
    event_from_dict,
    event_to_dict,
)
from loanops.kernel.account.fold import state
from loanops.kernel.account.state import AccountState, Instalment, Repayment

__all__ = [
    "AccountState",
    "Disbursed",
    "Event",
    "FeeCharged",
    "Instalment",
    "Repaid",
    "Repayment",
    "Reversed",
    "event_from_dict",
    "event_to_dict",
    "state",
]
