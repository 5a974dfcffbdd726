"""Outlook: what a payment on a day would do, and what it takes to end a loan; nothing is booked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from loanops.kernel.account import (
    AccountState,
    Event,
    Prepaid,
    Repaid,
    SettledEarly,
    state,
)
from loanops.kernel.allocation import Parts
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.kernel.schedule.amending import Keep
from loanops.loanbook.servicing.domain.effects import total_cost_minor

_KEY: Final = "outlook"


@dataclass(frozen=True)
class Outcome:
    """What one way of paying would do, in minor units, as seen at the end of its day.

    ``way`` is repaid, prepaid or settled_early, ``keep`` what stays of a prepaid loan. ``parts`` is
    what the money pays, ``kept_minor`` what finds no place and stays as credit. ``saving_minor`` is
    how much less the borrower pays in all than without it.
    """

    way: str
    keep: str
    parts: Parts
    kept_minor: int
    outstanding_minor: int
    owed_minor: int
    instalments_left: int
    next_due_on: date | None
    next_due_minor: int
    last_due_on: date | None
    saving_minor: int


@dataclass(frozen=True)
class Outlook:
    """A loan on a day and the ways in which an amount could be paid on it; ``owed`` is due by it.

    ``payoff_minor`` ends the loan on the day; zero where nothing is left to end.
    """

    on: date
    amount_minor: int
    owed: Parts
    outstanding_minor: int
    payoff_minor: int
    outcomes: tuple[Outcome, ...]


def payoff_minor(terms: Terms, events: Sequence[Event], on: date) -> int:
    """What it takes to end a loan on a day: all that is left, interest as agreed, and the fee.

    :raises Refusal: the loan is not one that can be ended on that day.
    """
    # The least money that a payment can be; what is left after it is the rest of what it takes.
    least = SettledEarly(key=_KEY, on=on, amount_minor=1)
    after = state(terms, [*events, least], on)
    return least.amount_minor + (after.due - after.paid).total_minor


def outlook(terms: Terms, events: Sequence[Event], on: date, amount_minor: int) -> Outlook:
    """The ways in which an amount could be paid on a day, each with what it would do."""
    before = state(terms, events, on)
    left_minor = (before.due - before.paid).total_minor
    is_open = before.written_off_on is None
    # Of a claim that was written off nothing falls due any more: what is left is what it takes.
    takes_minor = payoff_minor(terms, events, on) if left_minor and is_open else left_minor
    ways: list[Repaid] = []
    if is_open and 0 < takes_minor <= amount_minor:
        ways.append(SettledEarly(key=_KEY, on=on, amount_minor=amount_minor))
    elif amount_minor > 0 and left_minor:
        ways.append(Repaid(key=_KEY, on=on, amount_minor=amount_minor))
        if amount_minor > before.owed.total_minor and is_open:
            ways += [
                Prepaid(key=_KEY, on=on, amount_minor=amount_minor, keep=keep) for keep in Keep
            ]
    outcomes = (_outcome(terms, events, way, before) for way in ways)
    return Outlook(
        on=on,
        amount_minor=amount_minor,
        owed=before.owed,
        outstanding_minor=before.principal_outstanding_minor,
        payoff_minor=takes_minor,
        outcomes=tuple(each for each in outcomes if each is not None),
    )


def _outcome(
    terms: Terms, events: Sequence[Event], way: Repaid, before: AccountState
) -> Outcome | None:
    """What one way does; nothing where the loan is not one that can be paid so."""
    try:
        after = state(terms, [*events, way], way.on)
    except Refusal:
        return None
    mine = next(each for each in after.repayments if each.key == _KEY)
    is_prepaid = isinstance(way, Prepaid)
    if is_prepaid and after.principal_outstanding_minor >= before.principal_outstanding_minor:
        return None
    waiting = [item for item in after.instalments if item.open.total_minor > 0]
    later = [item for item in waiting if item.due_date >= way.on]
    return Outcome(
        way=way.KIND,
        keep=way.keep.value if isinstance(way, Prepaid) else "",
        parts=mine.parts,
        kept_minor=mine.unapplied_minor,
        outstanding_minor=after.principal_outstanding_minor,
        owed_minor=after.owed.total_minor,
        instalments_left=len(waiting),
        next_due_on=later[0].due_date if later else None,
        next_due_minor=later[0].open.total_minor if later else 0,
        last_due_on=waiting[-1].due_date if waiting else None,
        saving_minor=total_cost_minor(before) - total_cost_minor(after),
    )
