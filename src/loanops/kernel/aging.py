"""Aging: days past due, buckets of months, and the five-tier class from a dated table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

BUCKET_DAYS: Final = 30
BUCKET_LAST: Final = 7
WRITTEN_OFF_BUCKET: Final = 8
"""Beside the buckets of months: loans that were written off."""


class Tier(StrEnum):
    """The five tiers of asset quality (五级分类), best first."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"

    @property
    def is_non_performing(self) -> bool:
        """Whether the tier counts as non-performing (不良)."""
        return self in {Tier.SUBSTANDARD, Tier.DOUBTFUL, Tier.LOSS}


@dataclass(frozen=True, slots=True)
class TierFloor:
    """From ``effective_from`` on, more than ``dpd_above`` days past due mean at least ``tier``."""

    tier: Tier
    dpd_above: int
    effective_from: date


def dpd(oldest_unpaid_due_date: date | None, on: date) -> int:
    """Days past due: 0 on the due date itself, 1 on the day after; 0 when nothing is unpaid."""
    if oldest_unpaid_due_date is None:
        return 0
    return max((on - oldest_unpaid_due_date).days, 0)


class Pause(NamedTuple):
    """Days that do not count as past due: ``until`` shows the count of ``since``, and from the day
    after it counts on. Without ``until`` the count stands still until somebody ends the pause."""

    since: date
    until: date | None


def counted_dpd(oldest_unpaid_due_date: date | None, on: date, pauses: Sequence[Pause] = ()) -> int:
    """Days past due but for those in pauses, which do not lie over each other."""
    days = dpd(oldest_unpaid_due_date, on)
    if not days or oldest_unpaid_due_date is None:
        return 0
    for pause in pauses:
        end = on if pause.until is None else min(pause.until, on)
        days -= max((end - max(pause.since, oldest_unpaid_due_date)).days, 0)
    return days


def counted_from(oldest_unpaid_due_date: date | None, pauses: Sequence[Pause] = ()) -> date | None:
    """The day from which days past due count as if there had been no pause, once all are over.

    Nothing where no day is left out; the last day there is while a pause has no end. On a day in a
    pause the days since then are fewer than the count that stands.
    """
    if oldest_unpaid_due_date is None:
        return None
    days = 0
    for pause in pauses:
        if pause.until is None:
            return date.max
        days += max((pause.until - max(pause.since, oldest_unpaid_due_date)).days, 0)
    return oldest_unpaid_due_date + timedelta(days=days) if days else None


def bucket(days_past_due: int) -> int:
    """The bucket of months: 0 current, 1 for 1-30 days (M1), then 30 days each, 7 above 180."""
    return min(-(-days_past_due // BUCKET_DAYS), BUCKET_LAST)


def bucket_name(number: int) -> str:
    """The bucket as the field writes it: M0, M1 … M6, M7+; WO for loans written off."""
    if number == WRITTEN_OFF_BUCKET:
        return "WO"
    return f"M{number}+" if number == BUCKET_LAST else f"M{number}"


def bucket_number(name: str) -> int | None:
    """The bucket that :func:`bucket_name` writes so; nothing where it writes none so."""
    named = {bucket_name(number): number for number in range(WRITTEN_OFF_BUCKET + 1)}
    return named.get(name)


def five_tier(days_past_due: int, floors: Sequence[TierFloor], on: date) -> Tier:
    """The tier that days past due alone put a loan in, by the floors in force on the day.

    For each tier the latest floor that is effective counts. Judgement may only lower it further.
    """
    in_force: dict[Tier, TierFloor] = {}
    for floor in sorted(floors, key=lambda floor: floor.effective_from):
        if floor.effective_from <= on:
            in_force[floor.tier] = floor
    reached = [tier for tier, floor in in_force.items() if days_past_due > floor.dpd_above]
    return max(reached, key=list(Tier).index, default=Tier.NORMAL)


def months_on_book(disbursed_on: date, on: date) -> int:
    """Calendar months on book (账龄): 0 in the month of disbursement."""
    return 12 * (on.year - disbursed_on.year) + on.month - disbursed_on.month
