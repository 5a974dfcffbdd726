"""Payoff: what is payable on a day, for one instalment or for the whole loan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from loanops.kernel.money import to_minor
from loanops.kernel.refusals import BadField
from loanops.kernel.schedule.plan import Line, Plan
from loanops.kernel.schedule.terms import InterestUntil


@dataclass(frozen=True, slots=True)
class Payoff:
    """The money that ends a loan, and the lines as it fills them."""

    principal_minor: int
    interest_minor: int
    lines: tuple[Line, ...]

    @property
    def total_minor(self) -> int:
        """Principal and interest."""
        return self.principal_minor + self.interest_minor


@dataclass(frozen=True, slots=True)
class Payable:
    """What one instalment takes if it is paid on a day: interest to the day, the rest principal."""

    principal_minor: int
    interest_minor: int
    balance_minor: int


def payable(plan: Plan, due: date, on: date) -> Payable:
    """What the instalment due on ``due`` takes on the day.

    :raises BadField: the plan has no such due date.
    """
    place = plan.place_due(due)
    if place is None:
        raise BadField(field="due", problem="{date} is not a due date of this schedule", date=due)
    line = plan.run(plan.targets)[place]
    interest_minor = accrued(plan, line, on)
    is_last = place == len(plan.periods) - 1
    principal_minor = line.principal_minor if is_last else line.total_minor - interest_minor
    return Payable(
        principal_minor, interest_minor, line.opening_minor or plan.draws[0].amount_minor
    )


def payoff(plan: Plan, on: date, until: InterestUntil, paid: Sequence[date]) -> Payoff:
    """The money that ends the loan on a day; it fills the open instalments in order.

    ``paid`` are the due dates paid before. An instalment takes its planned total, the first open
    one with the interest that is left of it, the others as principal alone.
    """
    lines = plan.run(plan.targets)
    filled = [line for line in lines if line.period.due in paid]
    left_minor = sum(line.principal_minor for line in lines if line.period.due not in paid)
    principal_minor, interest_minor = left_minor, 0
    for line in lines:
        if line.period.due in paid:
            continue
        running = line.period.start < on < line.period.due and until is InterestUntil.PAYOFF_DATE
        to_come = line.period.start >= on
        due_minor = 0 if to_come else line.interest_minor
        if running:
            due_minor = accrued(plan, line, on)
        is_last = line is lines[-1]
        share_minor = left_minor if is_last else min(line.total_minor - due_minor, left_minor)
        filled.append(replace(line, principal_minor=share_minor, interest_minor=due_minor))
        left_minor -= share_minor
        interest_minor += due_minor
    return Payoff(principal_minor, interest_minor, tuple(filled))


def accrued(plan: Plan, line: Line, on: date) -> int:
    """The interest of a line's period up to a day, rounded as the period's own interest is."""
    if on >= line.period.due:
        return line.interest_minor
    return interest_to(plan, line.period.number - 1, on)


def interest_to(plan: Plan, place: int, on: date) -> int:
    """The interest of a period as if none ran from the day on."""
    period = plan.periods[place]
    if plan.fixed_interest is not None:
        elapsed_days = min(max((on - period.start).days, 0), period.days)
        share = Fraction(elapsed_days, period.days)
        return to_minor(plan.fixed_interest[place] * share, plan.terms.rounding)
    stopped = replace(plan, pauses=[*plan.pauses, (on, period.due)])
    stopped.touch()
    return stopped.run(stopped.targets)[place].interest_minor
