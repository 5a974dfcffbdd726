"""Entering: a running loan comes from another system, with its balances at a cut-off date.

What was before is not known day by day: before the cut-off the account is empty. What is unpaid of
what was due by then are its first instalments, numbered from 1; what runs on is planned by the
terms, which are those of the rest and not of the whole loan.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import ClassVar

from loanops.kernel import wire
from loanops.kernel.account.base import Event
from loanops.kernel.account.lateness import mark_late
from loanops.kernel.account.replanning import lay_out, penalty_start
from loanops.kernel.account.state import NO_PARTS
from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.schedule import Penalty, Row, Terms
from loanops.kernel.schedule.methods import plan_of
from loanops.kernel.schedule.rows import assemble


class RestDiffers(Refusal):
    """What is left beside the arrears is not what the terms schedule."""

    code = "loan_rest_differs"
    sentence = "{found} runs on beside the arrears where the terms say {agreed}; correct one."


@dataclass(frozen=True, slots=True)
class Arrear:
    """What is unpaid of an instalment that was due by the cut-off, by component.

    Its penalty is what had run up by then. All zero, it says that nothing is owed any more.
    """

    start_date: date
    due_date: date
    principal_minor: int
    interest_minor: int = 0
    fee_minor: int = 0
    penalty_minor: int = 0

    def __post_init__(self) -> None:
        """Hold that amounts and days can be; :raises BadField:."""
        wire.not_negative(
            principal_minor=self.principal_minor,
            interest_minor=self.interest_minor,
            fee_minor=self.fee_minor,
            penalty_minor=self.penalty_minor,
        )
        if self.due_date <= self.start_date:
            raise BadField(field="due_date", problem="must follow start_date")

    @property
    def total_minor(self) -> int:
        """Everything unpaid of it."""
        return self.principal_minor + self.interest_minor + self.fee_minor + self.penalty_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtIn(Event):
    """The loan enters the book (迁入): ``amount_minor`` is the principal outstanding.

    ``paid`` is what had been paid before, as information.
    """

    KIND: ClassVar[str] = "brought_in"

    amount_minor: int
    arrears: tuple[Arrear, ...] = ()
    paid: Parts = NO_PARTS

    def __post_init__(self) -> None:
        """Hold that the balances can be; :raises BadField:."""
        wire.not_negative(amount_minor=self.amount_minor)
        dues = [arrear.due_date for arrear in self.arrears]
        if dues != sorted(set(dues)) or any(due > self.on for due in dues):
            raise BadField(
                field="arrears", problem="must have due dates that rise and reach the cut-off"
            )
        if self.rest_minor < 0:
            raise BadField(field="arrears", problem="must not exceed what is outstanding")
        if not self.arrears and not self.rest_minor:
            raise BadField(field="arrears", problem="must be given where nothing runs on")

    @property
    def rest_minor(self) -> int:
        """The principal that was not due by the cut-off."""
        return self.amount_minor - sum(arrear.principal_minor for arrear in self.arrears)


def bring_in(account: Working, event: BroughtIn) -> None:
    """Let the loan enter an empty account.

    :raises RestDiffers: the terms do not schedule what runs on.
    """
    account.advanced_minor = event.amount_minor
    for row, arrear in zip(_arrears(event), event.arrears, strict=True):
        item = Open(row, penalised_to(account.terms.penalty, row.due_date, event.on))
        mark_late(account, item, event.on)
        if not arrear.total_minor:
            item.settled_on = row.due_date
        account.items.append(item)
        for component, amount_minor in (
            (Component.PRINCIPAL, arrear.principal_minor),
            (Component.INTEREST, arrear.interest_minor),
            (Component.FEE, arrear.fee_minor),
            (Component.PENALTY, arrear.penalty_minor),
        ):
            account.add_due((row.number, component, row.due_date), amount_minor)
    account.first = len(event.arrears)
    if not event.rest_minor:
        return
    if event.rest_minor != account.terms.principal_minor:
        terms = account.terms
        raise RestDiffers(
            found=spoken_amount(event.rest_minor, terms.currency),
            agreed=spoken_amount(terms.principal_minor, terms.currency),
        )
    account.plan = plan_of(account.terms)
    lay_out(account, _numbered(assemble(account.plan, account.working_days).rows, account.first))


def rows_of(
    event: BroughtIn, terms: Terms, *, working_days: WorkingDays | None = None
) -> list[Row]:
    """The instalments of a loan that is brought in: its arrears, and what runs on."""
    rows = _arrears(event)
    if event.rest_minor:
        days = working_days or terms.working_days
        rows += _numbered(assemble(plan_of(terms), days).rows, len(rows))
    return rows


def penalised_to(rule: Penalty | None, due: date, on: date) -> date:
    """The day up to which penalty of an arrear is counted: what ran up before came with it.

    Within its grace none had run up; once that has passed, it is counted as for any instalment.
    """
    if rule is not None and on <= due + timedelta(days=rule.grace_days):
        return penalty_start(rule, due)
    return on


def _arrears(event: BroughtIn) -> list[Row]:
    return [
        Row(
            number=number,
            start_date=arrear.start_date,
            due_date=arrear.due_date,
            principal_minor=arrear.principal_minor,
            interest_minor=arrear.interest_minor,
            fees_minor=arrear.fee_minor,
            balance_minor=event.rest_minor,
        )
        for number, arrear in enumerate(event.arrears, start=1)
    ]


def _numbered(rows: tuple[Row, ...], held: int) -> list[Row]:
    return [replace(row, number=row.number + held) for row in rows] if held else list(rows)
