"""Replanning: how the instalments of an account follow from its plan, at first and when it changes.

Instalments due before the day of a change are facts and stay. Those due later are written anew;
money that was laid on them ahead is taken back first and laid again over the new ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from loanops.kernel.account.following import capped_on
from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component, Slice
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import InterestUntil, Penalty, Row
from loanops.kernel.schedule.payoff import interest_to
from loanops.kernel.schedule.plan import Plan
from loanops.kernel.schedule.rows import assemble

_DAY = timedelta(days=1)


class NothingFallsDue(Refusal):
    """The schedule of a loan that fell due as a whole cannot be changed."""

    code = "loan_nothing_falls_due"
    sentence = "Nothing of this loan falls due after {on}; its schedule cannot be changed any more."


def plan_from(account: Working, on: date) -> Plan:
    """The plan of an account of which something falls due on the day or later.

    :raises NothingFallsDue:
    """
    over = account.ended_on is not None or account.items[-1].row.due_date < on
    if account.plan is None or over:
        raise NothingFallsDue(on=on)
    return account.plan


def lay_out(account: Working, rows: tuple[Row, ...] | list[Row]) -> None:
    """Add the instalments of a plan and what they owe."""
    for row in rows:
        item = Open(row, penalty_start(account.terms.penalty, row.due_date))
        item.rate, item.capped_on = account.rate, capped_on(account, row.due_date)
        account.items.append(item)
        carried = account.carried if row.number == account.first + 1 else {}
        asked = _asked(row)
        if carried:
            asked = tuple((each, minor + carried.get(each, 0)) for each, minor in asked)
        account.ask(row.number, row.due_date, asked)


def replan(account: Working, since: date) -> None:
    """Write the instalments due on or after a day as the plan has them now."""
    if account.plan is None:
        return
    rows = assemble(account.plan, account.working_days).rows
    is_line = account.is_line
    taken = account.take_back(since)
    _drop(account, since)
    held = len(account.items)
    later = [row for row in rows if row.due_date >= since]
    lay_out(account, [replace(row, number=held + n) for n, row in enumerate(later, start=1)])
    account.adopt()
    if is_line:
        _keep_repaid(account, taken)


def _keep_repaid(account: Working, taken: list[tuple[int, Slice]]) -> None:
    """What was repaid of a daily line lowers the principal of its last instalment, as before."""
    last = account.items[-1].row
    for place, piece in taken:
        if piece.component is Component.PRINCIPAL:
            moved = piece._replace(number=last.number, due_date=last.due_date)
            account.pay((moved,))
            account.lay(place, (moved,))


def _drop(account: Working, since: date) -> None:
    """Forget the instalments due on or after a day, and the parts that the plan made for them."""
    first = account.first
    account.items = [i for i in account.items if i.row.number <= first or i.row.due_date < since]
    held = len(account.items)
    account.settled = min(account.settled, held)
    gone = [key for key in account.planned if key[0] > held]
    for key in gone:
        account.forget(key)
    account.planned.difference_update(gone)


def running(account: Working, on: date) -> int:
    """The number of the instalment that money paid on a day is ahead of: the next one due."""
    later = (item.row.number for item in account.items if item.row.due_date > on)
    return next(later, account.items[-1].row.number)


def ahead_minor(account: Working, on: date) -> int:
    """The principal that the plan asks after a day and that is not paid."""
    return sum(
        account.open_minor(key)
        for key in account.planned
        if key[1] is Component.PRINCIPAL and key[2] > on
    )


def carried_minor(account: Working, on: date) -> int:
    """Of the principal that is asked after a day, what was carried there beside the plan."""
    first = next((item.row for item in account.items[account.first :]), None)
    if first is None or first.due_date <= on:
        return 0
    return account.carried.get(Component.PRINCIPAL, 0)


def fall_due(account: Working, on: date, until: InterestUntil, *, with_fees: bool = True) -> None:
    """Let everything that is left fall due on a day: principal, interest up to it, and the fees
    of the running period.
    """
    later = [item for item in account.items if item.row.due_date > on]
    if later:
        is_line = account.is_line
        taken = account.take_back(on + _DAY)
        principal_minor = ahead_minor(account, on) - carried_minor(account, on)
        interest_minor = later[0].row.interest_minor
        if until is InterestUntil.PAYOFF_DATE:
            interest_minor = _interest_so_far(account, on)
        fees_minor = later[0].row.fees_minor if with_fees else 0
        if later[0].row.number > account.first + 1:
            account.carried = {}
        _drop(account, on + _DAY)
        end = replace(
            later[0].row,
            number=len(account.items) + 1,
            start_date=min(later[0].row.start_date, on),
            due_date=on,
            principal_minor=principal_minor,
            interest_minor=interest_minor,
            fees_minor=fees_minor,
            fees=later[0].row.fees if with_fees else (),
            balance_minor=0,
        )
        _end_with(account, end)
        account.adopt()
        if is_line:
            _keep_repaid(account, taken)
    account.ended_on = on


def _end_with(account: Working, end: Row) -> None:
    """The last instalment holds all that is left; it joins one that falls due on its day anyhow."""
    last = account.items[-1] if account.items else None
    if last is None or last.row.due_date != end.due_date:
        lay_out(account, [end])
        return
    last.row = replace(
        last.row,
        principal_minor=last.row.principal_minor + end.principal_minor,
        interest_minor=last.row.interest_minor + end.interest_minor,
        fees_minor=last.row.fees_minor + end.fees_minor,
        fees=(*last.row.fees, *end.fees),
        balance_minor=0,
    )
    last.settled_on, last.rate = None, account.rate
    last.capped_on = capped_on(account, end.due_date)
    for component, amount_minor in _asked(end):
        key = (last.row.number, component, end.due_date)
        account.add_due(key, amount_minor + account.carried.get(component, 0))
        account.planned.add(key)


def _asked(row: Row) -> tuple[tuple[Component, int], ...]:
    """What an instalment asks, by component."""
    return (
        (Component.PRINCIPAL, row.principal_minor),
        (Component.INTEREST, row.interest_minor),
        (Component.FEE, row.fees_minor),
    )


def _interest_so_far(account: Working, on: date) -> int:
    """Interest that ran up to a day and has not fallen due."""
    plan = account.plan
    if plan is None:
        return 0
    place = plan.place_of(on)
    ran_minor = interest_to(plan, place, on)
    ran_minor += sum(line.interest_minor for line in plan.run(plan.targets)[:place])
    fell_due_minor = sum(
        item.row.interest_minor
        for item in account.items[account.first :]
        if item.row.due_date <= on
    )
    return max(ran_minor - fell_due_minor, 0)


def penalty_start(rule: Penalty | None, due: date) -> date:
    """The day from which days of penalty are counted."""
    return due if rule is None else rule.start(due)
