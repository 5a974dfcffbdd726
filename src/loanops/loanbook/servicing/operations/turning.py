"""Turning loans: from what is stored of them to what their history says they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from loanops.kernel.account import Disbursed, Repaid, Repayment, owned
from loanops.kernel.allocation import Parts
from loanops.loanbook.servicing.domain.owners import payees
from loanops.loanbook.servicing.domain.turn import NO_BACKING, Backing, Turn, turn
from loanops.loanbook.servicing.operations.loading import Held, History, Replayed, replayed
from loanops.money.payments import queries as receipts


def backing_before(history: History, held: Held, on: date) -> Backing:
    """The backing of a loan as its history has it; nothing where it is but payout and money."""
    plain = (Disbursed, Repaid)
    if all(type(event) in plain for event in history.events):
        return NO_BACKING
    return replayed(history, held, [], on).backing


def turn_to(held: Held, was: Backing, after: Replayed, event_on: date, on: date) -> Turn:
    """The turn from the stored instalments to replayed ones; the loan in memory takes it."""
    items = after.items
    made = turn(
        before=held.figures,
        stored=held.items,
        changed={number: item for number, item in items.items() if item != held.items.get(number)},
        gone=held.items.keys() - items.keys(),
        rules=held.rules,
        credit_minor=sum(each.unapplied_minor for each in after.repayments.values()),
        event_on=event_on,
        on=on,
        was=was,
        now=after.backing,
    )
    if held.rules.sharing:
        made = replace(made, received=_received(held, after))
    advance(held, made)
    held.advanced_minor = after.account.advanced_minor
    held.claim_owner = after.account.owner or held.funder
    return made


def _received(held: Held, after: Replayed) -> dict[str, Parts]:
    """By how much what each owner received grows; the loan in memory takes it."""
    now = {
        owner: each.received
        for owner, each in owned(
            after.account,
            held.rules.sharing,
            lender=held.funder,
            payees=payees(held.guarantor),
        ).items()
    }
    was, held.received = held.received, now
    none = Parts()
    return {owner: now.get(owner, none) - was.get(owner, none) for owner in now.keys() | was.keys()}


def allocations(history: History, ended: Mapping[str, Repayment]) -> dict[str, int]:
    """What is to be allocated of each earlier receipt of a loan; nothing of one that is undone."""
    return {
        number: ended[key].laid_minor if key in ended else 0
        for key, number in history.receipts.items()
    }


def growth(wanted: Mapping[str, int]) -> list[tuple[str, int]]:
    """By how much the allocation of receipts changes."""
    before = receipts.allocated_of(numbers=list(wanted))
    return [
        (number, amount_minor - before[number])
        for number, amount_minor in wanted.items()
        if amount_minor != before[number]
    ]


def advance(held: Held, made: Turn) -> None:
    """A loan in memory takes a turn."""
    held.figures = made.after
    for item in made.gone:
        del held.items[item.number]
    held.items |= {item.number: item for item in made.items}
