"""Fold: from terms and events to the state on a day.

Events are taken in the order of the days they count for, not of their arrival. Penalty is never
stored: it follows from what was unpaid on which days.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.account.events import Disbursed, Event, FeeCharged, Repaid, Reversed
from loanops.kernel.account.state import AccountState, Instalment, Repayment
from loanops.kernel.allocation import Component, OpenPart, Parts, Slice, allocate
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.money import to_minor
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Penalty, PenaltyBase, PenaltyStart, Row, Terms, schedule


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


PartKey = tuple[int, Component, date]


@dataclass(slots=True)
class _Open:
    """An instalment while the fold runs: its row, what is unpaid, and the penalty so far."""

    row: Row
    penalised_to: date
    penalty_exact: Fraction = Fraction(0)
    penalty_minor: int = 0
    settled_on: date | None = None


@dataclass(slots=True)
class _Account:
    """The account while the fold runs."""

    terms: Terms
    working_days: WorkingDays | None
    disbursed_minor: int = 0
    items: list[_Open] = field(default_factory=list)
    due: dict[PartKey, int] = field(default_factory=dict)
    paid: dict[PartKey, int] = field(default_factory=dict)
    repayments: list[Repayment] = field(default_factory=list)

    def open_minor(self, key: PartKey) -> int:
        """What is unpaid of one part."""
        return self.due.get(key, 0) - self.paid.get(key, 0)

    def sum_of(self, amounts: Mapping[PartKey, int], number: int) -> Parts:
        """The amounts of one instalment by component."""
        parts = Parts()
        for (of, component, _), amount_minor in amounts.items():
            if of == number:
                parts = parts.plus(component, amount_minor)
        return parts


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
    account = _Account(terms, working_days)
    live = _live(events, on)
    days = sorted({event.on for event in live})
    for day in days:
        _reach(account, day)
        for event in live:
            if event.on == day:
                _APPLY[type(event)](account, event)
                _use_credit(account, day)
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


def _disburse(account: _Account, event: Disbursed) -> None:
    if account.disbursed_minor:
        raise DisbursedTwice
    if event.amount_minor != account.terms.principal_minor:
        agreed = account.terms.principal_minor
        raise DisbursementDiffers(found=event.amount_minor, agreed=agreed)
    if event.on != account.terms.start_date:
        account.terms = replace(account.terms, start_date=event.on)
    account.disbursed_minor = event.amount_minor
    plan = schedule(account.terms, working_days=account.working_days)
    for row in plan.rows:
        account.items.append(_Open(row, _penalty_start(account.terms.penalty, row.due_date)))
        for component, amount_minor in (
            (Component.PRINCIPAL, row.principal_minor),
            (Component.INTEREST, row.interest_minor),
            (Component.FEE, row.fees_minor),
        ):
            account.due[(row.number, component, row.due_date)] = amount_minor


def _repay(account: _Account, event: Repaid) -> None:
    _require_disbursed(account, event)
    account.repayments.append(Repayment(event.key, event.on, event.amount_minor, ()))


def _charge(account: _Account, event: FeeCharged) -> None:
    _require_disbursed(account, event)
    later = (item.row for item in account.items if item.row.due_date >= event.on)
    row = next(later, account.items[-1].row)
    key = (row.number, event.component, event.on)
    account.due[key] = account.due.get(key, 0) + event.amount_minor


_APPLY: Final[Mapping[type[Event], Callable[[_Account, Any], None]]] = MappingProxyType(
    {Disbursed: _disburse, Repaid: _repay, FeeCharged: _charge}
)


def _require_disbursed(account: _Account, event: Event) -> None:
    if not account.disbursed_minor:
        raise NotDisbursed(on=event.on)


def _reach(account: _Account, day: date) -> None:
    """Let time pass up to the day: credit pays what falls due, and penalty accrues."""
    if any(repayment.unapplied_minor for repayment in account.repayments):
        for due in sorted({part_due for _, _, part_due in account.due if part_due <= day}):
            _use_credit(account, due)
    _penalise(account, day)


def _use_credit(account: _Account, day: date) -> None:
    """Lay every repayment that has money left over what is open."""
    for place, repayment in enumerate(account.repayments):
        if not repayment.unapplied_minor or repayment.on > day:
            continue
        _penalise(account, day)
        laid = allocate(
            repayment.unapplied_minor, _open_parts(account), account.terms.allocation, day
        )
        for piece in laid.slices:
            key = (piece.number, piece.component, piece.due_date)
            account.paid[key] = account.paid.get(key, 0) + piece.amount_minor
        account.repayments[place] = replace(repayment, slices=(*repayment.slices, *laid.slices))
        _mark_settled(account, laid.slices, day)


def _open_parts(account: _Account) -> list[OpenPart]:
    return [
        OpenPart(number, component, due_date, account.open_minor((number, component, due_date)))
        for number, component, due_date in account.due
    ]


def _mark_settled(account: _Account, slices: Sequence[Slice], day: date) -> None:
    for number in {piece.number for piece in slices}:
        left = account.sum_of(account.due, number) - account.sum_of(account.paid, number)
        if left.total_minor == 0:
            account.items[number - 1].settled_on = day


def _penalty_start(rule: Penalty | None, due: date) -> date:
    """The day from which days of penalty are counted."""
    if rule is not None and rule.runs_from is PenaltyStart.GRACE_END:
        return due + timedelta(days=rule.grace_days)
    return due


def _penalise(account: _Account, day: date) -> None:
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


def _penalty_base(account: _Account, row: Row, rule: Penalty) -> int:
    base_minor = account.open_minor((row.number, Component.PRINCIPAL, row.due_date))
    if rule.base is PenaltyBase.PRINCIPAL_AND_INTEREST:
        base_minor += account.open_minor((row.number, Component.INTEREST, row.due_date))
    return base_minor


def _frozen(account: _Account, on: date) -> AccountState:
    instalments = tuple(
        Instalment(
            number=item.row.number,
            start_date=item.row.start_date,
            due_date=item.row.due_date,
            due=account.sum_of(account.due, item.row.number),
            paid=account.sum_of(account.paid, item.row.number),
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
        owed=_unpaid(account, on),
        overdue=_unpaid(account, on - timedelta(days=1)),
    )


def _unpaid(account: _Account, until: date) -> Parts:
    """What is unpaid of the parts due on or before a day."""
    parts = Parts()
    for key in account.due:
        _, component, due_date = key
        if due_date <= until:
            parts = parts.plus(component, account.open_minor(key))
    return parts


def _accrued(account: _Account, on: date) -> int:
    """The interest of the running period, shared by its days."""
    for item in account.items:
        row = item.row
        if row.start_date <= on < row.due_date:
            share = Fraction((on - row.start_date).days, (row.due_date - row.start_date).days)
            return to_minor(row.interest_minor * share, account.terms.rounding)
    return 0
