"""Applying: what each kind of event does to an account, as one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.account import events as ev
from loanops.kernel.account.base import Event
from loanops.kernel.account.entering import BroughtIn, bring_in
from loanops.kernel.account.following import follow_rate
from loanops.kernel.account.passing import accrued_interest, lay_new, mark_settled, use_credit
from loanops.kernel.account.pausing import CountingPaused, CountingResumed, pause, resume
from loanops.kernel.account.replanning import (
    NothingFallsDue,
    ahead_minor,
    carried_minor,
    fall_due,
    lay_out,
    plan_from,
    replan,
    running,
)
from loanops.kernel.account.restructuring import restructure
from loanops.kernel.account.state import Repayment
from loanops.kernel.account.working import Working
from loanops.kernel.allocation import Component, Parts, Slice
from loanops.kernel.guarantee import GuaranteeBase
from loanops.kernel.money import spoken_amount, to_minor
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.schedule import InterestUntil, Terms, amending
from loanops.kernel.schedule.methods import plan_of
from loanops.kernel.schedule.plan import Plan
from loanops.kernel.schedule.rows import assemble

_DAY: Final = timedelta(days=1)


class NotDisbursed(Refusal):
    """Something happened to a loan before its principal was paid out."""

    code = "loan_not_disbursed"
    sentence = "The loan was not disbursed by {on}; nothing can be booked on it before that."


class DisbursementDiffers(Refusal):
    """What was paid out is not what was agreed."""

    code = "disbursement_differs"
    sentence = "{found} was disbursed where the terms say {agreed}; correct the terms."


def disbursement_differs(terms: Terms, found_minor: int) -> DisbursementDiffers:
    """The refusal of a payout of another principal than the terms have."""
    return DisbursementDiffers(
        found=spoken_amount(found_minor, terms.currency),
        agreed=spoken_amount(terms.principal_minor, terms.currency),
    )


class DisbursedTwice(Refusal):
    """A second payout of the same loan."""

    code = "disbursed_twice"
    sentence = "The loan is disbursed already; reverse the first disbursement before another."


class InstalmentUnknown(Refusal):
    """A claim passes of an instalment that does not exist."""

    code = "loan_instalment_unknown"
    sentence = "This loan has no instalment {number}; it has {count}."


class CreditTooSmall(Refusal):
    """More is refunded of a payment than was left over of it."""

    code = "loan_credit_too_small"
    sentence = "Of payment {key} only {left} is left over on {on}; refund no more."


_BEGINS: Final = (ev.Disbursed, BroughtIn)


def apply(account: Working, event: Event) -> None:
    """Let an event happen to an account that has reached its day.

    :raises NotDisbursed, DisbursedTwice, DisbursementDiffers, NothingFallsDue, InstalmentUnknown:
    :raises CreditTooSmall: a refund takes money that has a place, or was never paid.
    :raises RestDiffers: a loan that is brought in does not fit its terms.
    :raises BadField: the event does not fit the schedule as it stands on its day.
    """
    if not account.items and not isinstance(event, _BEGINS):
        raise NotDisbursed(on=event.on)
    _APPLY[type(event)](account, event)
    if account.loose:
        use_credit(account, event.on)


def _disburse(account: Working, event: ev.Disbursed) -> None:
    if account.advanced_minor:
        raise DisbursedTwice
    if event.amount_minor != account.terms.principal_minor:
        raise disbursement_differs(account.terms, event.amount_minor)
    if event.on != account.terms.start_date:
        account.terms = replace(account.terms, start_date=event.on)
    account.advanced_minor = event.amount_minor
    account.plan = plan_of(account.terms)
    lay_out(account, assemble(account.plan, account.working_days).rows)


def _bring_in(account: Working, event: BroughtIn) -> None:
    if account.items:
        raise DisbursedTwice
    bring_in(account, event)


def _draw(account: Working, event: ev.Drawn) -> None:
    amending.draw(plan_from(account, event.on), event.on, event.amount_minor)
    account.advanced_minor += event.amount_minor
    replan(account, event.on)


def _repay(account: Working, event: ev.Repaid) -> None:
    if account.loose:
        # What was left over before goes first.
        _receive(account, event)
    else:
        lay_new(account, event.key, event.on, event.amount_minor)


def _receive(account: Working, event: ev.Repaid | ev.Prepaid | ev.SettledEarly) -> None:
    account.receive(Repayment(event.key, event.on, event.amount_minor, ()))


def _prepay(account: Working, event: ev.Prepaid) -> None:
    """What is due first; the rest pays its fee and lowers the balance."""
    _receive(account, event)
    if account.plan is None or account.ended_on is not None or account.is_line:
        return
    use_credit(account, event.on, ahead=False)
    account.take_back(event.on + _DAY)
    mine = account.repayments[-1]
    prepaid_minor, fee_minor = _less_fee(account, event.on, mine.unapplied_minor)
    if prepaid_minor <= 0:
        return
    amending.prepay(account.plan, event.on, prepaid_minor, event.keep)
    replan(account, event.on)
    use_credit(account, event.on, ahead=False)
    number = running(account, event.on)
    slices = [
        Slice(number, component, event.on, amount_minor)
        for component, amount_minor in (
            (Component.PRINCIPAL, prepaid_minor),
            (Component.FEE, fee_minor),
        )
        if amount_minor
    ]
    for piece in slices:
        account.add_due((number, piece.component, event.on), piece.amount_minor)
    account.pay(slices)
    account.lay(-1, slices)
    mark_settled(account, slices, event.on)


def _less_fee(account: Working, on: date, money_minor: int) -> tuple[int, int]:
    """How money splits into principal prepaid and the fee for it."""
    most_minor = ahead_minor(account, on) - carried_minor(account, on)
    if account.plan is not None and account.working_days is not None:
        # What a holiday moved behind the day is due by the plan: it cannot be prepaid any more.
        most_minor = min(most_minor, amending.left_minor(account.plan, on))
    prepaid_minor = min(money_minor, most_minor)
    fee_minor = prepayment_fee(account, on, prepaid_minor)
    if prepaid_minor + fee_minor > money_minor:
        # The fee is a share of what it leaves; a unit more or less is what rounding makes of it.
        without_fee = prepayment_fee(account, on, money_minor)
        scaled = Fraction(money_minor * money_minor, money_minor + without_fee)
        prepaid_minor = min(int(scaled), most_minor)
        while prepaid_minor + prepayment_fee(account, on, prepaid_minor) > money_minor:
            prepaid_minor -= 1
        fee_minor = prepayment_fee(account, on, prepaid_minor)
    return prepaid_minor, fee_minor


def prepayment_fee(account: Working, on: date, prepaid_minor: int) -> int:
    """The fee for paying principal before it is due, in minor units."""
    rule = account.terms.prepayment_fee
    if rule is None or prepaid_minor <= 0:
        return 0
    exact = rule.fee(
        prepaid_minor=prepaid_minor,
        original_minor=account.terms.principal_minor,
        instalments_due=sum(item.row.due_date <= on for item in account.items),
    )
    return to_minor(exact, account.terms.rounding)


def _settle(account: Working, event: ev.SettledEarly) -> None:
    if account.ended_on is None:
        fee_minor = prepayment_fee(account, event.on, ahead_minor(account, event.on))
        fall_due(account, event.on, account.terms.settlement_interest)
        if fee_minor:
            account.add_due((len(account.items), Component.FEE, event.on), fee_minor)
    _receive(account, event)
    account.is_settling = True
    use_credit(account, event.on)
    account.is_settling = False


def _refund(account: Working, event: ev.Refunded) -> None:
    """Take away what no rule found a place for; what time and the day's money need comes first."""
    use_credit(account, event.on)
    for place, paid in enumerate(account.repayments):
        if paid.key == event.of and event.amount_minor <= paid.unapplied_minor:
            refunded_minor = paid.refunded_minor + event.amount_minor
            account.keep(place, replace(paid, refunded_minor=refunded_minor))
            return
    left_minor = sum(r.unapplied_minor for r in account.repayments if r.key == event.of)
    left = spoken_amount(left_minor, account.terms.currency)
    raise CreditTooSmall(key=event.of, left=left, on=event.on)


def _charge(account: Working, event: ev.FeeCharged) -> None:
    _add_charge(account, event.on, event.component, event.amount_minor)


def _add_charge(account: Working, on: date, component: Component, amount_minor: int) -> None:
    """A charge joins the first instalment due on or after its day, else the last one."""
    later = (item.row for item in account.items if item.row.due_date >= on)
    row = next(later, account.items[-1].row)
    account.add_due((row.number, component, on), amount_minor)


def _waive(account: Working, event: ev.Waived) -> None:
    left_minor = event.amount_minor
    due = [key for key in account.due if key[1] is event.component and key[2] <= event.on]
    for key in sorted(due):
        given_minor = min(left_minor, account.open_minor(key))
        if given_minor > 0:
            account.add_due(key, -given_minor)
            account.waived = account.waived.plus(event.component, given_minor)
            mark_settled(account, (Slice(*key, given_minor),), event.on)
            left_minor -= given_minor


def _change_rate(account: Working, event: ev.RateChanged) -> None:
    amending.change_rate(plan_from(account, event.on), event.on, event.annual_rate)
    follow_rate(account, event.on, event.annual_rate)
    replan(account, event.on)


def _move_due(account: Working, event: ev.DueMoved) -> None:
    plan = plan_from(account, event.on)
    amending.move_due(plan, _plan_due(account, plan, event.due, event.on), event.to)
    if _asked_on(account, plan, event.to) < event.on:
        raise BadField(field="to", problem="must not lie before the day it is agreed on")
    replan(account, event.on)


def _defer(account: Working, event: ev.Deferred) -> None:
    plan = plan_from(account, event.on)
    due = _plan_due(account, plan, event.due, event.on)
    amending.defer(
        plan, due, event.periods, extends=event.extends, interest_free=event.interest_free
    )
    replan(account, event.on)


def _plan_due(account: Working, plan: Plan, due: date, on: date) -> date:
    """The due date of the plan, before it was moved off a holiday, of an instalment to come."""
    if due < on:
        raise BadField(field="due", problem="must not lie before the day it is agreed on")
    dues = (period.due for period in plan.periods)
    return next((d for d in dues if _asked_on(account, plan, d) == due), due)


def _asked_on(account: Working, plan: Plan, due: date) -> date:
    """The day on which a due date of the plan is asked: a holiday may move it."""
    days = account.working_days
    return due if days is None else days.roll(due, plan.terms.roll)


def _extend(account: Working, event: ev.Extended) -> None:
    amending.extend(plan_from(account, event.on), event.periods, event.on)
    replan(account, event.on)
    if event.fee_minor:
        _add_charge(account, event.on, Component.FEE, event.fee_minor)


def _accelerate(account: Working, event: ev.Accelerated) -> None:
    plan_from(account, event.on)
    fall_due(account, event.on, InterestUntil.PAYOFF_DATE)
    rule = account.terms.penalty
    if rule is not None and rule.stops_at_acceleration:
        account.penalty_ended_on = event.on


def _pass_claim(account: Working, event: ev.ClaimPassed) -> None:
    count = len(account.items)
    if event.number is not None and not 1 <= event.number <= count:
        raise InstalmentUnknown(number=event.number, count=count)
    if isinstance(event, ev.Compensated) and event.base is not None:
        _keep_back(account, event, event.base)
    if event.number is None:
        account.owner, account.owners = event.owner, {}
    else:
        account.owners[event.number] = event.owner


def _keep_back(account: Working, event: ev.Compensated, base: GuaranteeBase) -> None:
    """What was owed by the day and the guarantor did not pay for stays with whose it is."""
    by_day = {key: minor for key, minor in account.left.items() if key[2] <= event.on}
    owed = account.by_instalment(by_day)
    row = account.running_row(event.on)
    if row is not None:
        # Of the running period what is earned by the day, as far as it was not paid ahead.
        paid_minor = account.paid.get((row.number, Component.INTEREST, row.due_date), 0)
        earned_minor = max(0, accrued_interest(account, event.on) - paid_minor)
        earned = Parts(interest_minor=earned_minor)
        owed[row.number] = owed.get(row.number, Parts()) + earned
    for number, parts in owed.items():
        if event.number in {None, number} and account.owner_of(number) != event.owner:
            for component in Component:
                if component not in base.components:
                    account.keep_back(number, component, parts.of(component))


def _write_off(account: Working, event: ev.WrittenOff) -> None:
    if account.written_off_on is not None:
        raise NothingFallsDue(on=event.on)
    if account.ended_on is None:
        fall_due(account, event.on, InterestUntil.PAYOFF_DATE)
    account.written_off_on = event.on
    account.penalty_ended_on = account.penalty_ended_on or event.on


_APPLY: Final[Mapping[type[Event], Callable[[Working, Any], None]]] = MappingProxyType(
    {
        ev.Disbursed: _disburse,
        BroughtIn: _bring_in,
        ev.Drawn: _draw,
        ev.Repaid: _repay,
        ev.Prepaid: _prepay,
        ev.SettledEarly: _settle,
        ev.Refunded: _refund,
        ev.FeeCharged: _charge,
        ev.Waived: _waive,
        ev.RateChanged: _change_rate,
        ev.DueMoved: _move_due,
        ev.Deferred: _defer,
        ev.Extended: _extend,
        CountingPaused: pause,
        CountingResumed: resume,
        ev.Restructured: restructure,
        ev.Accelerated: _accelerate,
        ev.Compensated: _pass_claim,
        ev.BoughtBack: _pass_claim,
        ev.Assigned: _pass_claim,
        ev.WrittenOff: _write_off,
    }
)
