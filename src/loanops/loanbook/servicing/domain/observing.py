"""Observing: how long a restructured loan is held in its class (重组观察期).

The period runs from the first due day that was agreed anew, over some months and some periods
in a row, by the rule pack. An instalment that is not paid in time begins it again on its due day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from loanops.kernel.calendar import add_months


class ObservationRules(NamedTuple):
    """How long a restructured loan is observed: at least so many months and periods in a row."""

    months_min: int
    periods_min: int


class Kept(NamedTuple):
    """An instalment as an observation reads it; ``settled_on`` is empty while some is open."""

    due_on: date
    settled_on: date | None

    def is_missed(self, grace_days: int, on: date) -> bool:
        """Whether it was not paid in full by its due day and the grace of the loan, seen on a day.

        What was paid on a day after ``on`` counts as unpaid.
        """
        last = self.due_on + timedelta(days=grace_days)
        if self.settled_on is None or self.settled_on > on:
            return last < on
        return self.settled_on > last


class Observation(NamedTuple):
    """The observation of a loan for one restructuring, by what is known of its instalments.

    ``missed_on`` is the due day that began it again, if one did; from ``until`` on the loan may be
    classed by its days past due again.
    """

    key: str
    agreed_on: date
    begins_on: date
    missed_on: date | None
    until: date


def observe(
    *,
    key: str,
    agreed_on: date,
    dues: Sequence[Kept],
    grace_days: int,
    rules: ObservationRules,
    on: date,
) -> Observation | None:
    """The observation of a loan restructured on ``agreed_on`` by the event ``key``, seen on a day.

    None where no instalment falls due after the restructuring.
    """
    mine = sorted((due for due in dues if due.due_on > agreed_on), key=lambda due: due.due_on)
    if not mine:
        return None
    missed = [place for place, due in enumerate(mine) if due.is_missed(grace_days, on)]
    first = missed[-1] if missed else 0
    begins_on = mine[first].due_on
    last = min(first + rules.periods_min, len(mine) - 1)
    until = max(add_months(begins_on, rules.months_min), mine[last].due_on)
    return Observation(key, agreed_on, begins_on, begins_on if missed else None, until)
