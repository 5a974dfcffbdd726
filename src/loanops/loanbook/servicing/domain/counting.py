"""Counting: what a change of pauses makes of days past due and bucket, and of the class nothing.

The class follows the true days past due; its own pause is another order, about ageing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from loanops.kernel.account import AccountState
from loanops.kernel.aging import bucket, bucket_name, counted_dpd, dpd
from loanops.loanbook.servicing.domain.classing import ORDER, ClassRules

AHEAD_DAYS: Final = 30
"""How far ahead a pause is looked at that has no end."""


@dataclass(frozen=True)
class CountedDay:
    """Days past due on a day as they count before and after a change, where nothing is paid.

    ``dpd`` are the true ones, ``days_tier`` is the class that they mean: no pause changes either.
    """

    on: date
    dpd: int
    counted_before: int
    counted_after: int
    bucket_before: str
    bucket_after: str
    days_tier: str


def counted_days(
    before: AccountState, after: AccountState, rules: ClassRules
) -> tuple[CountedDay, ...]:
    """How a change of pauses counts: on the business day, and where a pause ends or would have.

    A pause without an end is looked at so many days ahead.
    """
    changed = set(before.pauses) ^ set(after.pauses)
    ahead = after.on + timedelta(days=AHEAD_DAYS)
    ends = {ahead if pause.until is None else pause.until for pause in changed}
    due_on = after.oldest_unpaid_due_date
    days = []
    for on in sorted({after.on, *(end for end in ends if end > after.on)}):
        days_before = counted_dpd(due_on, on, before.pauses)
        days_after = counted_dpd(due_on, on, after.pauses)
        days.append(
            CountedDay(
                on=on,
                dpd=dpd(due_on, on),
                counted_before=days_before,
                counted_after=days_after,
                bucket_before=bucket_name(bucket(days_before)),
                bucket_after=bucket_name(bucket(days_after)),
                days_tier=ORDER[rules.by_days(dpd(due_on, on), on)].value,
            )
        )
    return tuple(days)
