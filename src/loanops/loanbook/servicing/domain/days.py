"""Days: from which due date on a loan belongs to which bucket, and the window the close orders."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from loanops.kernel.aging import BUCKET_DAYS, BUCKET_LAST

FIRST_WINDOW: Final = 1
"""The window that the close orders; later ones are ordered during the day."""


def latest_due_of(bucket: int, on: date) -> date:
    """The latest oldest unpaid due date with which a loan is in ``bucket`` (above 0) on a day."""
    return on - timedelta(days=BUCKET_DAYS * (bucket - 1) + 1)


def thresholds(on: date) -> list[tuple[int, date]]:
    """Every bucket above M0 with its latest due date, the oldest bucket first."""
    return [(bucket, latest_due_of(bucket, on)) for bucket in range(BUCKET_LAST, 0, -1)]
