"""Entering: a loan of another system as it stands in the book, made without a fold.

The fold of its events makes the same of it, which a test holds for every kind of loan.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from loanops.kernel.account import BroughtIn, Event, WrittenOff
from loanops.kernel.account.entering import penalised_to, rows_of
from loanops.kernel.aging import WRITTEN_OFF_BUCKET
from loanops.kernel.sharing import ONE_LENDER
from loanops.loanbook.servicing.domain.importing.loans import Incoming
from loanops.loanbook.servicing.domain.lifecycle import LOANS, LoanState, moves_between
from loanops.loanbook.servicing.domain.position import (
    NO_PENAL,
    Item,
    Penal,
    compounded,
    late,
    penal_of,
    standing,
)
from loanops.loanbook.servicing.domain.rules import Rules, pool_code, rules_of
from loanops.loanbook.servicing.domain.turn import Figures, Step

BROUGHT: Final = "brought_in:"
"""Before the name of a loan that came from another system, where others name their payout."""
AGAIN: Final = "~"
"""Before how often it came, of a loan that was taken back and comes again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entering:
    """A loan on its way into the book: its events, instalments, figures and log."""

    loan: Incoming
    contract: str
    intent: str
    party: str
    pool: str
    rules: Rules
    events: tuple[Event, ...]
    items: tuple[Item, ...]
    figures: Figures
    steps: tuple[Step, ...]
    penal: Penal

    @property
    def is_written_off(self) -> bool:
        """Whether its claim is no asset any more."""
        return self.figures.state is LoanState.WRITTEN_OFF


def contract_of(source: str, number: str) -> str:
    """How a loan of another system is known here: where it came from, and its number there."""
    return f"{source}:{number}"


def intent_of(contract: str, turn: int) -> str:
    """How the entry of a loan is named that comes for the first, second or a later time.

    Later ones follow one that was taken back; no number of a loan has the sign between.
    """
    return f"{BROUGHT}{contract}" if turn == 1 else f"{BROUGHT}{contract}{AGAIN}{turn}"


def entering(
    loan: Incoming, *, source: str, cut_off: date, on: date, party: str, turn: int = 1
) -> Entering:
    """A loan as it stands on the business day ``on``, from its balances at the cut-off.

    :raises RestDiffers: its terms do not schedule what runs on.
    """
    rules = rules_of(loan.terms, loan.agreement.sharing if loan.agreement else ONE_LENDER)
    came = BroughtIn(
        key=BroughtIn.KIND,
        on=cut_off,
        amount_minor=loan.outstanding_minor,
        arrears=loan.arrears,
        paid=loan.paid,
    )
    is_off = loan.state == "written_off"
    items = _items(came, loan, rules, end=cut_off if is_off else None)
    if rules.compounds_days is not None:
        items = tuple(compounded(item, rules, on) for item in items)
    if rules.late_fees:
        items = tuple(late(_marked(item, rules, came), rules, on) for item in items)
    figures = _figures(items, loan, rules, cut_off=cut_off, on=on)
    ended = (WrittenOff(key=WrittenOff.KIND, on=cut_off),) if is_off else ()
    contract = contract_of(source, loan.number)
    return Entering(
        loan=loan,
        contract=contract,
        intent=intent_of(contract, turn),
        party=party,
        pool=_pool_code(loan.product, loan.funder, rules, loan.channel),
        rules=rules,
        events=(came, *ended),
        items=items,
        figures=figures,
        steps=tuple(_steps(figures)),
        penal=_penal(items, rules),
    )


@lru_cache(maxsize=4096)
def _pool_code(product: str, funder: str, rules: Rules, channel: str) -> str:
    """Few pools for many loans: the name of each is worked out once."""
    return pool_code(product=product, funder=funder, rules=rules, channel=channel)


def _items(came: BroughtIn, loan: Incoming, rules: Rules, *, end: date | None) -> tuple[Item, ...]:
    """The instalments; those past their grace at the cut-off bear penalty from it on."""
    items = []
    brought = len(came.arrears)
    for row in rows_of(came, loan.terms):
        penal_to, penalty_minor, settled_on = None, 0, None
        if row.number <= brought:
            arrear = came.arrears[row.number - 1]
            penalty_minor = arrear.penalty_minor
            settled_on = None if arrear.total_minor else row.due_date
            is_late = came.on > row.due_date + timedelta(days=rules.grace_days)
            if row.total_minor and (is_late or end is not None):
                since = penalised_to(rules.penalty, row.due_date, came.on)
                penal_to = since if rules.penalty is not None else row.due_date
                penal_to = penal_to if end is None else end
        items.append(
            Item(
                number=row.number,
                due_on=row.due_date,
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
                fee_minor=row.fees_minor,
                penal_to=penal_to,
                settled_on=settled_on,
                starts_on=row.start_date,
                penalty_adjust_minor=penalty_minor,
                penal_end=end,
            )
        )
    return tuple(items)


def _marked(item: Item, rules: Rules, came: BroughtIn) -> Item:
    """An arrear with the fees that it had come to bear by the cut-off, as charged elsewhere."""
    late_days = (came.on - item.due_on).days if item.number <= len(came.arrears) else 0
    return item._replace(
        late_fee_count=sum(late_days > fee.overdue_days for fee in rules.late_fees)
    )


def _figures(
    items: Iterable[Item], loan: Incoming, rules: Rules, *, cut_off: date, on: date
) -> Figures:
    seen = standing(list(items), rules, on)
    state = LoanState.OVERDUE if seen.bucket else LoanState.ACTIVE
    bucket, settled_on = seen.bucket, None
    if loan.state == "written_off":
        state, bucket = LoanState.WRITTEN_OFF, WRITTEN_OFF_BUCKET
    elif seen.is_settled:
        state, settled_on = LoanState.SETTLED, loan.ended_on or cut_off
    return Figures(
        state=state,
        bucket=bucket,
        outstanding_minor=loan.outstanding_minor,
        oldest_due_on=seen.oldest_due_on,
        credit_minor=0,
        last_event_on=cut_off,
        settled_on=settled_on,
    )


def _steps(figures: Figures) -> Iterable[Step]:
    """How the loan comes to stand where it stands, in moves of its lifecycle."""
    if figures.state is LoanState.ACTIVE:
        return
    for move in moves_between(LoanState.ACTIVE, figures.state):
        to = LOANS.after(LoanState.ACTIVE, move)
        yield Step(move, LoanState.ACTIVE, to, 0, figures.bucket)


def _penal(items: Iterable[Item], rules: Rules) -> Penal:
    penal = NO_PENAL
    for item in items:
        if item.penal_to is not None or item.penalty_adjust_minor:
            penal = penal.plus(penal_of(item, rules))
    return penal
