"""Changes: what may happen to a schedule after it was made, each a value applied to its plan.

Rates and pauses count by nights: one dated D holds from the night before it, that is from day
D - 1. A change that touches the level solves the plan again from the period it falls in; the
others keep the instalments and leave the difference to the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.calendar import WorkingDays, due_dates, step
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule.methods import down_payment_minor, plan_of
from loanops.kernel.schedule.periods import Period, first_due, months_between
from loanops.kernel.schedule.plan import Move, Plan
from loanops.kernel.schedule.rows import Schedule, assemble
from loanops.kernel.schedule.terms import Terms

_NIGHT: Final = timedelta(days=1)


class Surplus(StrEnum):
    """What principal paid beyond the plan does to the instalments after it."""

    REDUCE_INSTALMENT = "reduce_instalment"
    """减额: the instalment is solved again over the periods left."""
    REDUCE_NUMBER = "reduce_number"
    """缩期: the instalment stays and the loan ends earlier."""
    NEXT_PRINCIPAL = "next_principal"
    """The surplus is taken off the next portions of principal."""


class Rest(StrEnum):
    """Up to when overdue principal bears interest."""

    DAY = "day"
    PERIOD = "period"
    """To the end of the period that holds the day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that happens to a schedule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn(Change):
    """More money is disbursed; a part may be due at once as down payment."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChanged(Change):
    """Another annual rate holds from the night before ``on``; the instalment is solved again."""

    on: date
    annual_rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPaused(Change):
    """No interest from the night before ``first`` up to ``last``; the instalment is kept."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DueShifted(Change):
    """A due date moves and later ones follow from it; the instalment is kept."""

    due: date
    to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Extended(Change):
    """From the instalment due on ``due``, what is left spreads over ``more`` further ones."""

    due: date
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalRested(Change):
    """``periods`` instalments without principal are inserted before the one due on ``due``."""

    due: date
    periods: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidEarly(Change):
    """Principal is paid before its due date, or money beyond the instalment on it."""

    on: date
    amount_minor: int
    surplus: Surplus = Surplus.REDUCE_INSTALMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPaidEarly(Change):
    """One instalment is paid on ``on``: interest to that day, the rest of it principal."""

    due: date
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue(Change):
    """Principal due on ``due`` was unpaid until ``until`` and bore interest up to it."""

    due: date
    until: date
    principal_minor: int | None = None
    rest: Rest = Rest.DAY


def reschedule(
    terms: Terms, changes: Sequence[Change], *, working_days: WorkingDays | None = None
) -> Schedule:
    """The schedule of the terms after the changes, applied in the order given.

    :raises BadField: the terms contradict each other, a change names no due date of
        the plan, or money is drawn when nothing falls due any more.
    """
    return assemble(changed_plan(terms, changes), working_days or terms.working_days)


def changed_plan(terms: Terms, changes: Sequence[Change]) -> Plan:
    """The plan of the terms with the changes applied in the order given.

    :raises BadField: the terms contradict each other, a change names no due date of
        the plan, or money is drawn when nothing falls due any more.
    """
    plan = plan_of(terms)
    for change in changes:
        apply_change(plan, change)
    return plan


def apply_change(plan: Plan, change: Change) -> None:
    """Edit a plan as the change says.

    :raises BadField: the change names no due date of the plan, or money is drawn when nothing
        falls due any more.
    """
    _APPLY[type(change)](plan, change)
    plan.touch()


def _draw(plan: Plan, change: Drawn) -> None:
    last = plan.periods[-1].due
    if change.on >= last:
        raise BadField(field="on", problem="must lie before the last due date, {due}", due=last)
    down_minor = down_payment_minor(plan.terms, change.amount_minor)
    if down_minor:
        plan.down.append(Move(change.on, down_minor))
    plan.draws.append(Move(change.on, change.amount_minor - down_minor))
    plan.solve(plan.place_of(change.on))


def _change_rate(plan: Plan, change: RateChanged) -> None:
    since = change.on - _NIGHT
    plan.rates.append((since, Fraction(change.annual_rate)))
    plan.rates[1:] = sorted(plan.rates[1:])
    plan.touch()
    plan.given_minor = None
    plan.solve(plan.place_of(since))


def _pause(plan: Plan, change: InterestPaused) -> None:
    plan.pauses.append((change.first - _NIGHT, change.last))


def _shift(plan: Plan, change: DueShifted) -> None:
    """The period keeps its whole months; the days beyond are a part of the month they fall in."""
    place = require_place(plan, change.due)
    terms = plan.terms
    start, months = plan.periods[place].start, plan.periods[place].months
    if months is not None and change.to >= change.due:
        months += months_between(change.due, change.to, terms.month_end)
    elif months is not None:
        months = months_between(start, change.to, terms.month_end)
    plan.periods[place] = Period(place + 1, start, change.to, months)
    plan.shifted = (place, change.to)
    for later in range(place + 1, len(plan.periods)):
        start = plan.periods[later - 1].due
        due = step(change.to, later - place, terms.frequency, terms.month_end)
        plan.periods[later] = replace(plan.periods[later], start=start, due=due)


def _extend(plan: Plan, change: Extended) -> None:
    append_periods(plan, change.more)
    plan.solve(require_place(plan, change.due))


def _rest(plan: Plan, change: PrincipalRested) -> None:
    place = require_place(plan, change.due)
    append_periods(plan, change.periods)
    plan.targets[place:place] = [0] * change.periods
    moved = {other + change.periods if other >= place else other for other in plan.resting}
    plan.resting = moved | set(range(place, place + change.periods))


def _pay_early(plan: Plan, change: PaidEarly) -> None:
    place = plan.place_due(change.on)
    if place is None:
        place = plan.place_of(change.on)
        plan.early.append(Move(change.on, change.amount_minor))
    else:
        plan.on_due[change.on] = plan.on_due.get(change.on, 0) + change.amount_minor
    if change.surplus is Surplus.NEXT_PRINCIPAL:
        plan.absorb = True
    surplus_minor = plan.run(plan.targets)[place].surplus_minor
    is_last = place == len(plan.periods) - 1
    if surplus_minor and change.surplus is Surplus.REDUCE_INSTALMENT and not is_last:
        plan.given_minor = None
        plan.solve(place + 1)


def _pay_instalment(plan: Plan, change: InstalmentPaidEarly) -> None:
    require_place(plan, change.due)
    plan.ahead[change.due] = change.on


def _leave_unpaid(plan: Plan, change: Overdue) -> None:
    require_place(plan, change.due)
    until = change.until
    if change.rest is Rest.PERIOD:
        until = plan.periods[plan.place_of(until)].due
    plan.unpaid[change.due] = (until, change.principal_minor)


_APPLY: Final[Mapping[type[Change], Callable[[Plan, Any], None]]] = MappingProxyType(
    {
        Drawn: _draw,
        RateChanged: _change_rate,
        InterestPaused: _pause,
        DueShifted: _shift,
        Extended: _extend,
        PrincipalRested: _rest,
        PaidEarly: _pay_early,
        InstalmentPaidEarly: _pay_instalment,
        Overdue: _leave_unpaid,
    }
)


def require_place(plan: Plan, due: date) -> int:
    """The period that falls due on a day.

    :raises BadField: none does.
    """
    place = plan.place_due(due)
    if place is None:
        raise BadField(field="due", problem="{date} is not a due date of this schedule", date=due)
    return place


def append_periods(plan: Plan, count: int) -> None:
    """Add regular periods after the last one, with the target of the last."""
    terms = plan.terms
    months = None if plan.periods[-1].months is None else Fraction(terms.frequency.every)
    for due in _further_dues(plan, count):
        start = plan.periods[-1].due
        plan.periods.append(Period(len(plan.periods) + 1, start, due, months))
    plan.targets += [plan.targets[-1]] * count


def _further_dues(plan: Plan, count: int) -> list[date]:
    """The due dates after the last one, counted from the day that all are counted from.

    That day is the one a shift moved to, else the first of the terms; dates that do not follow
    the frequency (given row by row) go on from the last.
    """
    terms, last = plan.terms, plan.periods[-1].due
    # Periods that were made one are fewer than the due dates that have passed.
    held = len(plan.periods)
    while (dues := _counted_dues(plan, held + count))[held - 1] < last:
        held += 1
    if dues[held - 1] == last:
        return dues[held:]
    return [step(last, k, terms.frequency, terms.month_end) for k in range(1, count + 1)]


def _counted_dues(plan: Plan, count: int) -> list[date]:
    """The first due dates by frequency, from the day that all are counted from."""
    terms = plan.terms
    if plan.shifted is not None:
        place, day = plan.shifted
        return [step(day, k - place, terms.frequency, terms.month_end) for k in range(count)]
    return due_dates(
        terms.start_date,
        count,
        terms.frequency,
        first=first_due(terms),
        due_day=terms.due_day,
        month_end=terms.month_end,
    )
