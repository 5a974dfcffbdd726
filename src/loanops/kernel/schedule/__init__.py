"""Schedules: from terms to rows, every convention a field of the terms.

Read first: ``terms`` (what was agreed), then ``plan`` (how rows come of it).
"""

from loanops.kernel.schedule.charges import (
    Fee,
    FeeBase,
    FeeTiming,
    Penalty,
    PenaltyBase,
    PenaltyFollows,
    PenaltyStart,
    PrepaymentBase,
    PrepaymentFee,
    PrepaymentTier,
    late_fees,
)
from loanops.kernel.schedule.floating import (
    FirstRate,
    FirstRead,
    Floating,
    IndexValue,
    Reset,
    index_changes,
)
from loanops.kernel.schedule.rows import Charge, Row, Schedule, schedule
from loanops.kernel.schedule.terms import (
    CustomRow,
    InterestRounding,
    InterestUntil,
    LevelBasis,
    Method,
    Residue,
    Stub,
    Terms,
)

__all__ = [
    "Charge",
    "CustomRow",
    "Fee",
    "FeeBase",
    "FeeTiming",
    "FirstRate",
    "FirstRead",
    "Floating",
    "IndexValue",
    "InterestRounding",
    "InterestUntil",
    "LevelBasis",
    "Method",
    "Penalty",
    "PenaltyBase",
    "PenaltyFollows",
    "PenaltyStart",
    "PrepaymentBase",
    "PrepaymentFee",
    "PrepaymentTier",
    "Reset",
    "Residue",
    "Row",
    "Schedule",
    "Stub",
    "Terms",
    "index_changes",
    "late_fees",
    "schedule",
]
