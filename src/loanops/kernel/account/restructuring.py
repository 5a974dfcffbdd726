"""Restructuring: what is left of a loan agreed anew, component by component."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from loanops.kernel.account.events import Overdue, Restructured, Treatment
from loanops.kernel.account.following import follow_rate
from loanops.kernel.account.passing import mark_settled
from loanops.kernel.account.replanning import fall_due, lay_out
from loanops.kernel.account.state import Repayment, Treated
from loanops.kernel.account.working import PartKey, Working
from loanops.kernel.allocation import Component, Parts, Slice, parts_of
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.schedule import InterestUntil, Terms
from loanops.kernel.schedule.methods import plan_of
from loanops.kernel.schedule.rows import assemble

_COMPONENTS = (Component.INTEREST, Component.FEE, Component.PENALTY)


class NothingOwed(Refusal):
    """A loan that owes no principal cannot be agreed anew."""

    code = "loan_nothing_owed"
    sentence = "No principal of this loan is unpaid on {on}; there is nothing to restructure."


def restructure(account: Working, event: Restructured) -> None:
    """Put a new schedule in the place of everything that is unpaid.

    Principal that is unpaid, overdue or to come, is scheduled anew, but for what is waived or
    carried of it. What interest, fees and penalty owe up to the day is made principal, carried to
    the first new instalment, or waived; penalty that is carried stays due where it is.

    :raises NothingOwed: no principal is unpaid.
    :raises BadField: all principal would be waived, or none would be left to schedule anew.
    """
    follow_rate(account, event.on, event.annual_rate)
    fall_due(account, event.on, InterestUntil.PAYOFF_DATE, with_fees=False)
    account.ended_on = None
    # What is agreed anew may be late anew, though penalty had ended when the loan was called in.
    account.penalty_ended_on = account.written_off_on
    overdue_minor = sum(
        account.open_minor(key) for key in _open(account, Component.PRINCIPAL) if key[2] < event.on
    )
    principal_minor = _close_principal(account)
    if principal_minor <= 0:
        raise NothingOwed(on=event.on)
    account.carried = {}
    waived_before = account.waived
    principal_minor -= _waive_principal(account, event, principal_minor)
    if event.principal is Overdue.CARRY:
        carried_minor = max(overdue_minor - event.principal_waived_minor, 0)
        account.carried[Component.PRINCIPAL] = carried_minor
        principal_minor -= carried_minor
    capital: list[Slice] = []
    left = Parts()
    for component in _COMPONENTS:
        treatment = Treatment(getattr(event, component.value))
        for key in _open(account, component):
            left = left.plus(component, _treat(account, key, treatment, capital))
    capitalised_minor = sum(piece.amount_minor for piece in capital)
    _capitalise(account, event, capital, capitalised_minor)
    for item in account.items:
        if item.settled_on is None and not any(
            account.open_minor(key) for key in account.due if key[0] == item.row.number
        ):
            item.settled_on = event.on
    if not principal_minor + capitalised_minor:
        raise BadField(field="principal", problem="must be spread: all that is unpaid is overdue")
    carried = left
    for component, minor in account.carried.items():
        carried = carried.plus(component, minor)
    account.treated.append(
        Treated(event.key, parts_of(capital), carried, account.waived - waived_before)
    )
    _schedule(account, event, principal_minor + capitalised_minor)


def _close_principal(account: Working) -> int:
    """Let every instalment ask only the principal that was paid; returns what was unpaid."""
    unpaid_minor = 0
    for key in _open(account, Component.PRINCIPAL):
        open_minor = account.open_minor(key)
        account.add_due(key, -open_minor)
        unpaid_minor += open_minor
    return unpaid_minor


def _waive_principal(account: Working, event: Restructured, unpaid_minor: int) -> int:
    """Give up a part of the principal: the loan is as if it had not been advanced."""
    waived_minor = event.principal_waived_minor
    if waived_minor >= unpaid_minor:
        raise BadField(
            field="principal_waived_minor", problem="must be less than the principal unpaid"
        )
    account.advanced_minor -= waived_minor
    account.waived = account.waived.plus(Component.PRINCIPAL, waived_minor)
    return waived_minor


def _open(account: Working, component: Component) -> list[PartKey]:
    return [key for key in account.due if key[1] is component and account.open_minor(key) > 0]


def _treat(account: Working, key: PartKey, treatment: Treatment, capital: list[Slice]) -> int:
    """Treat one part; returns what stays due where it is, which is penalty that is carried."""
    open_minor = account.open_minor(key)
    if treatment is Treatment.CAPITALISE:
        capital.append(Slice(*key, open_minor))
        return 0
    if treatment is Treatment.CARRY and key[1] is Component.PENALTY:
        return open_minor
    account.add_due(key, -open_minor)
    if treatment is Treatment.CARRY:
        account.carried[key[1]] = account.carried.get(key[1], 0) + open_minor
    else:
        account.waived = account.waived.plus(key[1], open_minor)
    return 0


def _capitalise(
    account: Working, event: Restructured, capital: list[Slice], amount_minor: int
) -> None:
    """Pay parts with new principal: the balance grows by what they owed."""
    if not capital:
        return
    account.pay(capital)
    account.receive(
        Repayment(
            event.key,
            event.on,
            amount_minor,
            tuple(capital),
            is_capital=True,
            owners=("",) * len(capital),
        )
    )
    account.advanced_minor += amount_minor
    account.capitalised_minor += amount_minor
    mark_settled(account, capital, event.on)


def _schedule(account: Working, event: Restructured, principal_minor: int) -> None:
    agreed = account.terms if account.plan is None else account.plan.terms
    account.plan = plan_of(_terms(agreed, event, principal_minor))
    # What stood before is a fact: no later change of the new plan writes it anew.
    account.first = len(account.items)
    account.planned.clear()
    rows = assemble(account.plan, account.working_days).rows
    lay_out(account, [replace(row, number=account.first + row.number) for row in rows])


def _terms(agreed: Terms, event: Restructured, principal_minor: int) -> Terms:
    """The terms of the new schedule; what is not agreed anew stays as it was."""
    return replace(
        agreed,
        method=event.method,
        principal_minor=principal_minor,
        annual_rate=event.annual_rate,
        instalments=event.instalments,
        start_date=event.on,
        first_due_date=event.first_due_date,
        due_day=agreed.due_day if event.first_due_date is None else None,
        principal_grace=event.principal_grace,
        interest_grace=0,
        instalment_minor=None,
        down_payment_rate=Decimal(0),
        rows=(),
    )
