"""Accrual: what a pool has earned up to a day, exact, from sums and not from loans.

Interest of an instalment is shared over the days of its period; instalments of a pool with the
same period are one cohort. Nothing is rounded but the total of the pool, and that downwards, so
that what is posted day by day adds up to the interest of the schedules to the last unit.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from math import floor
from typing import NamedTuple

from loanops.loanbook.servicing.domain.position import Penal
from loanops.loanbook.servicing.domain.rules import Rules


class Cohort(NamedTuple):
    """The interest of all instalments of a pool that run from one day to another."""

    starts_on: date
    due_on: date
    interest_minor: int


def accrued_interest(finished_minor: int, running: Iterable[Cohort], on: date) -> int:
    """Interest earned up to a day: that of finished periods, and the share of running ones."""
    by_length: dict[int, int] = {}
    for starts_on, due_on, interest_minor in running:
        length_days = (due_on - starts_on).days
        passed_days = min(max((on - starts_on).days, 0), length_days)
        by_length[length_days] = by_length.get(length_days, 0) + interest_minor * passed_days
    shares = (Fraction(total, length_days) for length_days, total in by_length.items())
    return finished_minor + floor(sum(shares, Fraction(0)))


def accrued_penalty(penal: Penal, rules: Rules, on: date, rate: str = "") -> int:
    """Penalty earned up to a day: rounded where it has ended, the exact total rounded down.

    ``rate`` is that of the loans which penalty follows, empty for the agreed one.
    """
    return penal.settled_minor + floor(rules.daily(rate) * penal.minor_days(on))
