"""Fold: from terms and events to the state on a day.

Events are taken in the order of the days they count for, not of their arrival. Penalty is never
stored: it follows from what was unpaid on which days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.account.daily import repay_line
from loanops.kernel.account.events import Disbursed, Event, FeeCharged, Repaid, Reversed
from loanops.kernel.account.state import AccountState, Instalment, Repayment
from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component, Parts, Slice, allocate
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.money import to_minor
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Method, Penalty, PenaltyBase, PenaltyStart, Row, Terms
from loanops.kernel.schedule.methods import plan_of
from loanops.kernel.schedule.payoff import interest_to
from loanops.kernel.schedule.rows import assemble


class NotDisbursed(Refusal):
    """Money moved on a loan before its principal was paid out."""

    code = "loan_not_disbursed"
    sentence = "The loan was not disbursed by {on}; nothing can be booked on it before that."


class DisbursementDiffers(Refusal):
    """What was paid out is not what was agreed."""

    code = "disbursement_differs"
    sentence = "{found} minor units were disbursed where the terms say {agreed}; correct the terms."


class DisbursedTwice(Refusal):
    """A second payout of the same loan."""

    code = "disbursed_twice"
    sentence = "The loan is disbursed already; reverse the first disbursement before another."


class EventUnknown(Refusal):
    """A reversal of something that never was."""

    code = "loan_event_unknown"
    sentence = "There is no event {key} on this loan that could be reversed."
    status = 404


class EventRepeated(Refusal):
    """Two events under one key."""

    code = "loan_event_repeated"
    sentence = "The event {key} is on this loan already; use a new key."


def state(
    terms: Terms,
    events: Sequence[Event],
    on: date,
    *,
    working_days: WorkingDays | None = None,
) -> AccountState:
    """The account at the end of day ``on``, from the events that count for it.

    A reversal takes effect from its own day: asked for an earlier day, the account still shows
    what was then believed.

    :raises NotDisbursed, DisbursedTwice, DisbursementDiffers, EventUnknown, EventRepeated:
    """
    account = Working(terms, working_days)
    live = _live(events, on)
    for event in sorted(live, key=_turn):
        _reach(account, event.on)
        _APPLY[type(event)](account, event)
        _use_credit(account, event.on)
    _reach(account, on)
    return _frozen(account, on)


def _live(events: Sequence[Event], on: date) -> list[Event]:
    """The events up to the day that are not reversed by then."""
    keys = [event.key for event in events]
    known = set(keys)
    if len(known) != len(keys):
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise EventRepeated(key=repeated)
    reversals = [event for event in events if isinstance(event, Reversed)]
    for reversal in reversals:
        if reversal.of not in known:
            raise EventUnknown(key=reversal.of)
    undone = {reversal.of for reversal in reversals if reversal.on <= on}
    return [
        event
        for event in events
        if event.on <= on and event.key not in undone and not isinstance(event, Reversed)
    ]


def _turn(event: Event) -> tuple[date, bool]:
    """By day, the disbursement first; what else happens on one day stays in its order."""
    return event.on, not isinstance(event, Disbursed)


def _disburse(account: Working, event: Disbursed) -> None:
    if account.disbursed_minor:
        raise DisbursedTwice
    if event.amount_minor != account.terms.principal_minor:
        agreed = account.terms.principal_minor
        raise DisbursementDiffers(found=event.amount_minor, agreed=agreed)
    if event.on != account.terms.start_date:
        account.terms = replace(account.terms, start_date=event.on)
    account.disbursed_minor = event.amount_minor
    account.plan = plan_of(account.terms)
    for row in assemble(account.plan, account.working_days).rows:
        account.items.append(Open(row, _penalty_start(account.terms.penalty, row.due_date)))
        for component, amount_minor in (
            (Component.PRINCIPAL, row.principal_minor),
            (Component.INTEREST, row.interest_minor),
            (Component.FEE, row.fees_minor),
        ):
            account.due[(row.number, component, row.due_date)] = amount_minor


def _repay(account: Working, event: Repaid) -> None:
    _require_disbursed(account, event)
    account.repayments.append(Repayment(event.key, event.on, event.amount_minor, ()))


def _charge(account: Working, event: FeeCharged) -> None:
    _require_disbursed(account, event)
    later = (item.row for item in account.items if item.row.due_date >= event.on)
    row = next(later, account.items[-1].row)
    key = (row.number, event.component, event.on)
    account.due[key] = account.due.get(key, 0) + event.amount_minor


_APPLY: Final[Mapping[type[Event], Callable[[Working, Any], None]]] = MappingProxyType(
    {Disbursed: _disburse, Repaid: _repay, FeeCharged: _charge}
)


def _require_disbursed(account: Working, event: Event) -> None:
    if not account.disbursed_minor:
        raise NotDisbursed(on=event.on)


def _reach(account: Working, day: date) -> None:
    """Let time pass up to the day: credit pays what falls due, and penalty accrues."""
    if any(repayment.unapplied_minor for repayment in account.repayments):
        for due in sorted({part_due for _, _, part_due in account.due if part_due <= day}):
            _use_credit(account, due)
    _penalise(account, day)


def _use_credit(account: Working, day: date) -> None:
    """Lay every repayment that has money left over what is open."""
    for place, repayment in enumerate(account.repayments):
        if not repayment.unapplied_minor or repayment.on > day:
            continue
        _penalise(account, day)
        slices = _lay(account, repayment.unapplied_minor, day)
        account.repayments[place] = replace(repayment, slices=(*repayment.slices, *slices))
        _mark_settled(account, slices, day)


def _lay(account: Working, amount_minor: int, day: date) -> tuple[Slice, ...]:
    """Where an amount goes: what is due first; then ahead, or off the balance of a daily line."""
    order = account.terms.allocation
    if account.terms.method is not Method.REVOLVING_DAILY:
        laid = allocate(amount_minor, account.open_parts(), order, day)
        _pay(account, laid.slices)
        return laid.slices
    laid = allocate(amount_minor, account.open_parts(), replace(order, in_advance=()), day)
    _pay(account, laid.slices)
    return laid.slices + repay_line(account, laid.unapplied_minor, day)


def _pay(account: Working, slices: Sequence[Slice]) -> None:
    for piece in slices:
        account.pay((piece.number, piece.component, piece.due_date), piece.amount_minor)


def _mark_settled(account: Working, slices: Sequence[Slice], day: date) -> None:
    for item in account.items:
        if item.settled_on is None and any(s.number == item.row.number for s in slices):
            left = (account.open_minor(key) for key in account.due if key[0] == item.row.number)
            if not any(left):
                item.settled_on = day


def _penalty_start(rule: Penalty | None, due: date) -> date:
    """The day from which days of penalty are counted."""
    if rule is not None and rule.runs_from is PenaltyStart.GRACE_END:
        return due + timedelta(days=rule.grace_days)
    return due


def _penalise(account: Working, day: date) -> None:
    """Accrue penalty on every overdue instalment up to the day, once its grace has passed."""
    rule = account.terms.penalty
    if rule is None:
        return
    daily = _penalty_daily(rule, account.terms)
    for item in account.items:
        due = item.row.due_date
        if day <= due + timedelta(days=rule.grace_days) or day <= item.penalised_to:
            continue
        days = (day - item.penalised_to).days
        item.penalty_exact += _penalty_base(account, item.row, rule) * daily * days
        item.penalised_to = day
        accrued_minor = to_minor(item.penalty_exact, account.terms.rounding)
        key = (item.row.number, Component.PENALTY, due)
        account.due[key] = account.due.get(key, 0) + accrued_minor - item.penalty_minor
        item.penalty_minor = accrued_minor


def _penalty_daily(rule: Penalty, terms: Terms) -> Fraction:
    if rule.annual_rate is not None:
        return Fraction(rule.annual_rate) / rule.days_in_year
    return Fraction(terms.annual_rate) * Fraction(rule.multiplier or 0) / rule.days_in_year


def _penalty_base(account: Working, row: Row, rule: Penalty) -> int:
    base_minor = account.open_minor((row.number, Component.PRINCIPAL, row.due_date))
    if rule.base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base_minor += account.open_minor((row.number, Component.INTEREST, row.due_date))
    return base_minor


def _frozen(account: Working, on: date) -> AccountState:
    due, paid = account.by_instalment(account.due), account.by_instalment(account.paid)
    instalments = tuple(
        Instalment(
            number=item.row.number,
            start_date=item.row.start_date,
            due_date=item.row.due_date,
            due=due.get(item.row.number, Parts()),
            paid=paid.get(item.row.number, Parts()),
            settled_on=item.settled_on,
        )
        for item in account.items
    )
    return AccountState(
        on=on,
        currency=account.terms.currency,
        disbursed_minor=account.disbursed_minor,
        instalments=instalments,
        repayments=tuple(account.repayments),
        accrued_interest_minor=_accrued(account, on),
        owed=account.unpaid(on),
        overdue=account.unpaid(on - timedelta(days=1)),
    )


def _accrued(account: Working, on: date) -> int:
    """The interest of the running period: of a daily line to the day, else shared by its days."""
    for item in account.items:
        row = item.row
        if not row.start_date <= on < row.due_date:
            continue
        if account.plan is not None and account.terms.method is Method.REVOLVING_DAILY:
            return interest_to(account.plan, row.number - 1, on)
        share = Fraction((on - row.start_date).days, (row.due_date - row.start_date).days)
        return to_minor(row.interest_minor * share, account.terms.rounding)
    return 0
