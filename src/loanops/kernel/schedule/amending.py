"""Amending: what a running loan's plan becomes when something is agreed about it.

Beside the changes that the oracles of other systems speak of (``changes``), these are the ways of
the field in China: principal repaid on top of the instalments, payment holidays, and loans that
end later. Each edits a plan; the periods before the one it falls in stay as they are.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from loanops.kernel.calendar import step
from loanops.kernel.money import to_minor
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule.changes import (
    Drawn,
    DueShifted,
    RateChanged,
    append_periods,
    apply_change,
    require_place,
)
from loanops.kernel.schedule.plan import Move, Plan
from loanops.kernel.schedule.terms import Method


class Keep(StrEnum):
    """What stays when the loan is changed."""

    TERM = "term"
    """The last due date: the instalments are solved again."""
    INSTALMENT = "instalment"
    """The instalment: the loan ends earlier or later."""


_NIGHT: Final = timedelta(days=1)
_AT_THE_END: Final = frozenset({Method.INTEREST_ONLY, Method.BULLET, Method.REVOLVING_DAILY})
_GIVEN: Final = frozenset({Method.FLAT, Method.CUSTOM})


def prepay(plan: Plan, on: date, amount_minor: int, keep: Keep) -> None:
    """Take principal off the balance from a day on, beside the instalments.

    The instalment of the running period stays; the later ones are solved again (``term``), or
    stay until nothing is left (``instalment``). Interest that was given (flat, by plan) falls with
    the principal it was given for.

    :raises BadField: instalments that were given cannot be kept.
    """
    place = plan.place_of(on)
    if plan.fixed_interest is not None:
        _scale(plan, place, amount_minor, keep)
    plan.draws.append(Move(on, -amount_minor))
    later = place if plan.periods[place].start >= on else place + 1
    if keep is Keep.TERM and plan.fixed_interest is None and later < len(plan.periods):
        _solve(plan, later)
    plan.touch()


def left_minor(plan: Plan, on: date) -> int:
    """The principal that the plan asks after a day, before holidays move its due dates."""
    lines = plan.run(plan.targets)
    return sum(line.principal_minor for line in lines if line.period.due > on)


def _scale(plan: Plan, place: int, amount_minor: int, keep: Keep) -> None:
    """Let given interest and instalments after a period fall in the share that was repaid."""
    if keep is Keep.INSTALMENT:
        raise BadField(field="keep", problem="must be term where interest is given in advance")
    fixed = plan.fixed_interest or []
    lines = plan.run(plan.targets)
    left_minor = sum(line.principal_minor for line in lines[place:])
    share = Fraction(max(left_minor - amount_minor, 0), left_minor) if left_minor else Fraction(0)
    rounding = plan.terms.rounding
    for later in range(place, len(plan.periods)):
        principal_minor = to_minor(lines[later].principal_minor * share, rounding)
        if later > place:
            fixed[later] = to_minor(fixed[later] * share, rounding)
        is_total = plan.terms.method is Method.FLAT
        plan.targets[later] = principal_minor + (fixed[later] if is_total else 0)


def change_rate(plan: Plan, on: date, annual_rate: Decimal) -> None:
    """Let another annual rate hold from a day on; the instalments are solved again.

    :raises BadField: interest was given in advance.
    """
    if plan.terms.method in _GIVEN:
        raise BadField(field="annual_rate", problem="does not change interest given in advance")
    # A change counts by nights, from the one before its day: the next day's is that of this one.
    change = RateChanged(on=on + _NIGHT, annual_rate=annual_rate)
    if plan.terms.method in _AT_THE_END:
        plan.rates.append((on, Fraction(annual_rate)))
        plan.rates[1:] = sorted(plan.rates[1:])
        plan.touch()
        return
    apply_change(plan, change)


def draw(plan: Plan, on: date, amount_minor: int) -> None:
    """Pay more money out; what is left is solved again.

    :raises BadField: interest was given in advance, or nothing falls due any more.
    """
    if plan.terms.method in _GIVEN:
        raise BadField(field="amount_minor", problem="cannot be added to a schedule that was given")
    if plan.terms.method in _AT_THE_END and on < plan.periods[-1].due:
        plan.draws.append(Move(on, amount_minor))
        plan.touch()
        return
    apply_change(plan, Drawn(on=on, amount_minor=amount_minor))


def move_due(plan: Plan, due: date, to: date) -> None:
    """Move a due date; the later ones follow from it, and the instalment stays.

    :raises BadField: there is no such due date, or it would not follow the one before.
    """
    place = require_place(plan, due)
    if to <= plan.periods[place].start:
        raise BadField(field="to", problem="must follow the due date before it")
    apply_change(plan, DueShifted(due=due, to=to))


def extend(plan: Plan, periods: int, on: date) -> None:
    """Let the loan end later; what is left is solved again from the next due date on.

    :raises BadField: the schedule was given row by row.
    """
    _refuse_given(plan, "periods")
    place = plan.place_of(on)
    append_periods(plan, periods)
    if plan.terms.method in _AT_THE_END:
        plan.resting = set(range(len(plan.periods) - 1))
        plan.targets = [0] * len(plan.periods)
    else:
        _solve(plan, place)
    plan.touch()


def defer(plan: Plan, due: date, periods: int, *, extends: bool, interest_free: bool) -> None:
    """Do not ask some instalments: their periods join the one after them.

    ``extends`` moves all later due dates on; otherwise fewer instalments are left.

    :raises BadField: there is no such due date, the schedule was given in advance, or no
        instalment would be left.
    """
    _refuse_given(plan, "periods")
    place = require_place(plan, due)
    start = plan.periods[place].start
    if extends:
        moved_to = step(due, periods, plan.terms.frequency, plan.terms.month_end)
        apply_change(plan, DueShifted(due=due, to=moved_to))
        plan.touch()
    else:
        if place + periods >= len(plan.periods):
            raise BadField(field="periods", problem="must leave an instalment to pay")
        _merge(plan, place, periods)
    if interest_free:
        plan.pauses.append((start, step(start, periods, plan.terms.frequency)))
    plan.touch()
    if plan.terms.method not in _AT_THE_END:
        _solve(plan, place)
        plan.touch()


def _merge(plan: Plan, place: int, periods: int) -> None:
    """Make one period of a period and those that follow it."""
    merged = plan.periods[place : place + periods + 1]
    months = None
    if all(period.months is not None for period in merged):
        months = sum((period.months or Fraction(0) for period in merged), Fraction(0))
    first = replace(merged[0], due=merged[-1].due, months=months)
    rest = plan.periods[place + periods + 1 :]
    plan.periods[place:] = [
        first,
        *(replace(period, number=place + 2 + n) for n, period in enumerate(rest)),
    ]
    del plan.targets[place : place + periods]
    plan.resting = {
        other if other < place else max(other - periods, place) for other in plan.resting
    }
    plan.resting -= {len(plan.periods) - 1}
    if plan.shifted is not None and plan.shifted[0] > place:
        plan.shifted = (max(plan.shifted[0] - periods, place), plan.shifted[1])


def _solve(plan: Plan, place: int) -> None:
    plan.given_minor = None
    plan.touch()
    plan.solve(place)


def _refuse_given(plan: Plan, field: str) -> None:
    if plan.terms.method in _GIVEN:
        raise BadField(field=field, problem="cannot change a schedule that was given in advance")
