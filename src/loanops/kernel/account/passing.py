"""Passing: what time and money do to an account, in the order of its rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from loanops.kernel.account.compounding import compounding_days, still_bearing, take_in
from loanops.kernel.account.daily import repay_line
from loanops.kernel.account.following import count_earlier
from loanops.kernel.account.lateness import charge_late
from loanops.kernel.account.replanning import penalty_start
from loanops.kernel.account.state import Repayment
from loanops.kernel.account.working import Open, PenaltyRun, Working
from loanops.kernel.aging import dpd
from loanops.kernel.allocation import Component, Order, Slice, Stage, fill
from loanops.kernel.money import round_ratio, to_minor
from loanops.kernel.schedule import Penalty, PenaltyBase
from loanops.kernel.schedule.payoff import interest_to


def reach(account: Working, day: date) -> None:
    """Let time pass up to the day: credit pays what falls due, and penalty accrues."""
    since = account.reached_on
    if account.loose:
        # What fell due before was offered all credit when the last event happened.
        for due in sorted({key[2] for key in account.left if since < key[2] <= day}):
            penalise(account, due)
            use_credit(account, due)
    penalise(account, day)
    if account.late_fees:
        charge_late(account, day)
    account.reached_on = max(since, day)


def use_credit(account: Working, day: date, *, ahead: bool = True) -> None:
    """Lay every repayment that has money left over what is open on a day that was reached.

    Without ``ahead`` it pays only what is due by the day.
    """
    for place in sorted(account.loose):
        repayment = account.repayments[place]
        if repayment.on > day:
            continue
        slices = _lay(account, repayment.unapplied_minor, day, ahead=ahead)
        account.lay(place, slices)
        mark_settled(account, slices, day)
        if account.repayments[place].unapplied_minor:
            # What is left of one finds nothing open, and so would every later one.
            break


def lay_new(account: Working, key: str, day: date, amount_minor: int) -> None:
    """Lay the money of a day to which nothing is left over from before."""
    slices = _lay(account, amount_minor, day, ahead=True)
    pieces, names = account.parted(slices)
    account.receive(Repayment(key, day, amount_minor, tuple(pieces), owners=tuple(names)))
    mark_settled(account, slices, day)


def order_on(account: Working, day: date) -> Order:
    """The order in which money of a day is laid: that of the stage in which its first money came.

    What the money of a day does to the stage counts from the next day, so that a payment in parts
    is laid as the payment at once.
    """
    orders = account.terms.orders
    if not orders.by_stage:
        return orders.usual
    if account.is_settling:
        return orders.of(Stage.SETTLEMENT)
    if account.staged_on != day:
        days = dpd(account.oldest_unpaid(), day)
        is_written_off = account.written_off_on is not None
        account.staged_on, account.stage = day, orders.stage(days, is_written_off=is_written_off)
    return orders.of(account.stage)


def _lay(account: Working, amount_minor: int, day: date, *, ahead: bool) -> list[Slice]:
    """Where an amount goes: what is due first; then ahead, or off the balance of a daily line."""
    order = order_on(account, day)
    slices, left_minor = fill(amount_minor, account.due_by(day), order.due, order.sweep)
    account.pay(slices)
    if not left_minor or not ahead:
        return slices
    if account.is_line:
        return slices + repay_line(account, left_minor, day)
    more, _ = fill(left_minor, account.due_after(day), order.in_advance, order.sweep)
    account.pay(more)
    return slices + more


def mark_settled(account: Working, slices: Sequence[Slice], day: date) -> None:
    """Note on which day an instalment came to owe nothing."""
    items, parts_left = account.items, account.parts_left
    for number in {piece[0] for piece in slices}:
        if not parts_left.get(number) and items[number - 1].settled_on is None:
            items[number - 1].settled_on = day
    while account.settled < len(items) and items[account.settled].settled_on:
        account.settled += 1


def penalise(account: Working, day: date) -> None:
    """Accrue penalty on every overdue instalment up to the day, once its grace has passed."""
    rule, settled = account.terms.penalty, account.settled
    if rule is None or settled == len(account.items):
        return
    if account.items[settled].row.due_date >= day:
        return
    if account.penalty_ended_on is not None:
        day = min(day, account.penalty_ended_on)
    last_due = day - timedelta(days=rule.grace_days)
    run = _penalty_run(account, rule)
    lasts = run[2]
    for item in account.items[settled:]:
        due = item.row.due_date
        if due >= last_due:
            break
        until = day if lasts is None else min(day, due + timedelta(days=lasts))
        if item.capped_on is not None:
            until = min(day, item.capped_on)
        if item.settled_on is not None or until <= item.penalised_to:
            continue
        if account.rates and item.penalised_to < account.rates[-1][0]:
            count_earlier(account, item, rule, _penalty_base(account, item, rule), until)
        if rule.compounds_days is not None:
            start = penalty_start(rule, due)
            for taken_on in compounding_days(start, rule.compounds_days, item.penalised_to, until):
                _count(account, item, rule, taken_on, run)
                if item.held_minor:
                    take_in(account, item)
        _count(account, item, rule, until, run)


def _count(account: Working, item: Open, rule: Penalty, until: date, run: PenaltyRun) -> None:
    """Count the penalty of an instalment up to a day."""
    _hold(account, item, rule)
    days, item.penalised_to = (until - item.penalised_to).days, until
    if not item.held_minor or not days:
        return
    numerator, denominator, _ = run
    item.penal_minor_days += item.held_minor * days
    rounding = rule.rounding(account.terms.rounding)
    accrued_minor = round_ratio(numerator * item.penal_minor_days, denominator, rounding)
    key = (item.row.number, Component.PENALTY, item.row.due_date)
    account.add_due(key, accrued_minor - item.penalty_minor)
    item.penalty_minor = accrued_minor


def _hold(account: Working, item: Open, rule: Penalty) -> None:
    """Note since when the amount that bears penalty is what it is."""
    base_minor = _penalty_base(account, item, rule)
    if item.held_from is None or base_minor != item.held_minor:
        item.held_minor, item.held_from = base_minor, item.penalised_to
        item.held_minor_days = item.penal_minor_days


def hold(account: Working) -> None:
    """Note of every instalment since when the amount that bears penalty is what it is."""
    rule = account.terms.penalty
    if rule is not None:
        for item in account.items:
            _hold(account, item, rule)


def _penalty_run(account: Working, rule: Penalty) -> PenaltyRun:
    """The penalty of one minor unit for a day as a ratio, and after how many days past due it ends.

    Worked out once for each rate that penalty follows.
    """
    if account.penalty_run is None:
        rate = account.terms.annual_rate if account.rate is None else account.rate
        numerator, denominator = rule.daily(rate).as_integer_ratio()
        account.penalty_run = numerator, denominator, rule.days_to_end(rate)
    return account.penalty_run


def _penalty_base(account: Working, item: Open, rule: Penalty) -> int:
    number, due, left = item.row.number, item.row.due_date, account.left
    base_minor = left.get((number, Component.PRINCIPAL, due), 0)
    if rule.base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base_minor += left.get((number, Component.INTEREST, due), 0)
    if item.compounded_minor:
        base_minor += still_bearing(account, item, base_minor)
    return base_minor


def accrued_interest(account: Working, on: date) -> int:
    """The interest of the running period: of a daily line to the day, else shared by its days."""
    row = account.running_row(on)
    if row is None:
        return 0
    if account.plan is not None and account.is_line:
        return interest_to(account.plan, row.number - account.first - 1, on)
    share = Fraction((on - row.start_date).days, (row.due_date - row.start_date).days)
    return to_minor(row.interest_minor * share, account.terms.rounding)
