"""Days: from which due date on a loan belongs to which bucket, and when debits are tried again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from loanops.kernel.aging import BUCKET_DAYS, BUCKET_LAST

DEBIT_RETRY_DPD: Final = (1, 3, 7)
"""Days past due on which an overdue instalment is debited again (C169): few, so that no borrower
pays bank charges for tries without hope. Industry practice, unverified."""

FIRST_WINDOW: Final = 1


def latest_due_of(bucket: int, on: date) -> date:
    """The latest oldest unpaid due date with which a loan is in ``bucket`` (above 0) on a day."""
    return on - timedelta(days=BUCKET_DAYS * (bucket - 1) + 1)


def thresholds(on: date) -> list[tuple[int, date]]:
    """Every bucket above M0 with its latest due date, the oldest bucket first."""
    return [(bucket, latest_due_of(bucket, on)) for bucket in range(BUCKET_LAST, 0, -1)]
