"""Project: the only writer of what can be derived from events, and of its postings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from loanops.kernel.allocation import Component
from loanops.loanbook.servicing.domain.position import NO_PENAL, Item, Penal
from loanops.loanbook.servicing.domain.turn import Turn
from loanops.loanbook.servicing.models import Change, PenalMove
from loanops.loanbook.servicing.operations.loading import INSTALMENT, LOAN, Held
from loanops.money.ledger.operations import AccountKey, EntryIn, entry
from loanops.money.payments.operations import UNAPPLIED
from loanops.platform.db import insert_many, update_many
from loanops.platform.work import Work

_ITEM_COLUMNS = (
    "paid_principal_minor",
    "paid_interest_minor",
    "paid_fee_minor",
    "paid_penalty_minor",
    "open_minor",
    "penal_to",
    "penal_minor_days",
    "settled_on",
)
_LOAN_COLUMNS = (
    "state",
    "bucket",
    "outstanding_minor",
    "oldest_due_on",
    "credit_minor",
    "last_event_on",
    "settled_on",
)
CHANGE_COLUMNS = (
    "loan_id",
    "changed_on",
    "at",
    "move",
    "from_state",
    "to_state",
    "from_bucket",
    "to_bucket",
)
PENAL_COLUMNS = ("pool_id", "base_minor", "base_days", "frozen_minor_days", "settled_minor")


class Turned(NamedTuple):
    """A loan and the turn it takes."""

    held: Held
    turn: Turn


def project(*, work: Work, turned: Sequence[Turned]) -> None:
    """Write the turns of loans: instalments, figures, log, and what bears penalty.

    Turns of one loan come in their order; the last word on a row is the one that is written.
    """
    items = {(held.id, item.number): item for held, turn in turned for item in turn.items}
    figures = {held.id: turn.after for held, turn in turned}
    update_many(
        INSTALMENT,
        ("loan_id", "number"),
        _ITEM_COLUMNS,
        [_item_row(loan_id, item) for (loan_id, _), item in items.items()],
    )
    update_many(
        LOAN, ("id",), _LOAN_COLUMNS, [(loan_id, *after) for loan_id, after in figures.items()]
    )
    insert_many(
        Change._meta.db_table,
        CHANGE_COLUMNS,
        [(held.id, work.on, work.at, *step) for held, turn in turned for step in turn.steps],
    )
    penal: dict[int, Penal] = {}
    for held, turn in turned:
        if turn.penal != NO_PENAL:
            penal[held.pool_id] = penal.get(held.pool_id, NO_PENAL).plus(turn.penal)
    move_penal(penal)


def move_penal(penal: dict[int, Penal]) -> None:
    """Append changes of what bears penalty, by pool; the close folds them."""
    insert_many(
        PenalMove._meta.db_table,
        PENAL_COLUMNS,
        [(pool_id, *moved) for pool_id, moved in sorted(penal.items()) if moved != NO_PENAL],
    )


def _item_row(loan_id: int, item: Item) -> tuple[object, ...]:
    return (
        loan_id,
        item.number,
        item.paid_principal_minor,
        item.paid_interest_minor,
        item.paid_fee_minor,
        item.paid_penalty_minor,
        item.open_minor,
        item.penal_to,
        item.penal_minor_days,
        item.settled_on,
    )


def principal(pool: str, bucket: int) -> AccountKey:
    """The account of a pool's principal in one bucket of days past due."""
    return AccountKey("loans.principal", f"{pool}/M{bucket}")


_RECEIVABLE = {
    Component.INTEREST: "loans.interest_receivable",
    Component.FEE: "loans.fee_receivable",
    Component.PENALTY: "loans.penalty_receivable",
}


def applied(held: Held, turn: Turn) -> tuple[EntryIn, ...]:
    """The entries of a turn: unapplied money against what it paid, principal to its bucket."""
    stands = principal(held.pool, turn.before.bucket)
    entries = entry(UNAPPLIED, stands, turn.parts.principal_minor)
    for component, code in _RECEIVABLE.items():
        receivable = AccountKey(code, held.pool)
        entries += entry(UNAPPLIED, receivable, turn.parts.of(component))
    if turn.after.bucket != turn.before.bucket:
        moved = principal(held.pool, turn.after.bucket)
        entries += entry(moved, stands, turn.after.outstanding_minor)
    return entries
