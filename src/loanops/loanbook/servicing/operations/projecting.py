"""Project: the only writer of what can be derived from events, and of its postings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from loanops.kernel.aging import WRITTEN_OFF_BUCKET
from loanops.kernel.allocation import Component
from loanops.loanbook.servicing.domain.owners import CONTRA, RECEIVED
from loanops.loanbook.servicing.domain.position import NO_PENAL, Item, Penal
from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.domain.turn import Turn, asks
from loanops.loanbook.servicing.models import Change, PenalMove, PeriodMove, Unfolded
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    LOAN,
    Held,
    chunks,
    marks,
)
from loanops.money.ledger.operations import AccountKey, EntryIn, entry
from loanops.money.payments.operations import UNAPPLIED
from loanops.platform.db import execute, fetch, for_change, insert_many, update_many
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
_ASKED_COLUMNS = (
    "starts_on",
    "due_on",
    "principal_minor",
    "interest_minor",
    "fee_minor",
    "penalty_adjust_minor",
    "penal_end",
    "owner",
    "late_fee_minor",
    "late_fee_count",
    "penal_rate",
    "compounded_minor",
    "capped_on",
)
_LOAN_COLUMNS = (
    "state",
    "bucket",
    "outstanding_minor",
    "oldest_due_on",
    "credit_minor",
    "last_event_on",
    "settled_on",
    "counted_from",
)
_SHAPE_COLUMNS = ("advanced_minor", "instalment_count", "claim_owner", "changed_on")
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
PENAL_COLUMNS = ("pool_id", "rate", "base_minor", "base_days", "frozen_minor_days", "settled_minor")
PERIOD_COLUMNS = (
    "pool_id",
    "starts_on",
    "due_on",
    "principal_minor",
    "interest_minor",
    "fee_minor",
)


PenalKey = tuple[int, str]
"""Whose penalty: of a pool, at the rate that it follows, which is empty for the agreed one."""


class Turned(NamedTuple):
    """A loan and the turn it takes."""

    held: Held
    turn: Turn


def project(*, work: Work, turned: Sequence[Turned]) -> None:
    """Write the turns of loans: instalments, figures, log, and what bears penalty.

    Turns of one loan come in their order; the last word on a row is the one that is written.
    """
    replanned = [each for each in turned if each.turn.is_replanned]
    if replanned:
        _replan(replanned)
    items = {
        (held.id, item.number): item
        for held, turn in turned
        if not turn.is_replanned
        for item in turn.items
    }
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
    penal: dict[PenalKey, Penal] = {}
    for held, turn in turned:
        for rate, grown in turn.penal.items():
            key = held.pool_id, rate
            penal[key] = penal.get(key, NO_PENAL).plus(grown)
    move_penal(penal)


def shape(*, loans: Iterable[Held]) -> None:
    """Write what a loan is as a changed schedule or owner left it.

    What is outstanding is held to what was advanced by a constraint: they change together.
    """
    rows = [
        (
            held.id,
            *held.figures,
            held.advanced_minor,
            len(held.items),
            held.claim_owner,
            held.changed_on,
        )
        for held in loans
    ]
    update_many(LOAN, ("id",), (*_LOAN_COLUMNS, *_SHAPE_COLUMNS), rows)


def rewrite(*, loans: Sequence[Held]) -> None:
    """Write loans and all of their instalments anew, whatever stood there; pools are not told."""
    if not loans:
        return
    ids = [held.id for held in loans]
    execute(f"DELETE FROM {INSTALMENT} WHERE loan_id IN ({marks(ids)})", ids)  # noqa: S608
    insert_items((held.id, held.pool_id, item) for held in loans for item in held.items.values())
    shape(loans=loans)


def _replan(turned: Sequence[Turned]) -> None:
    """Write instalments that ask for something else than before, and tell the pools."""
    pools = {held.id: held.pool_id for held, _ in turned}
    existed: dict[tuple[int, int], bool] = {}
    last: dict[tuple[int, int], Item | None] = {}
    for held, turn in turned:
        was = turn.was or {}
        for item in turn.items:
            existed.setdefault((held.id, item.number), item.number in was)
            last[(held.id, item.number)] = item
        for item in turn.gone:
            existed.setdefault((held.id, item.number), True)
            last[(held.id, item.number)] = None
    _delete([key for key, item in last.items() if item is None and existed[key]])
    insert_items(
        (key[0], pools[key[0]], item)
        for key, item in last.items()
        if item is not None and not existed[key]
    )
    # Amounts asked and paid are held to each other by constraints: they change together.
    update_many(
        INSTALMENT,
        ("loan_id", "number"),
        (*_ITEM_COLUMNS, *_ASKED_COLUMNS),
        [
            (*_item_row(key[0], item), *asks(item))
            for key, item in last.items()
            if item is not None and existed[key]
        ],
    )
    _move_periods(turned)


def insert_items(rows: Iterable[tuple[int, int, Item]]) -> None:
    """Write instalments that were not there before, each with its loan and its pool."""
    insert_many(
        INSTALMENT,
        ("loan_id", "number", *_ITEM_COLUMNS, *_ASKED_COLUMNS, "pool_id"),
        ((*_item_row(loan_id, item), *asks(item), pool_id) for loan_id, pool_id, item in rows),
    )


def _delete(gone: Sequence[tuple[int, int]]) -> None:
    """Delete instalments, named by loan and number, with one statement for each loan."""
    numbers: dict[int, list[int]] = {}
    for loan_id, number in gone:
        numbers.setdefault(loan_id, []).append(number)
    for loan_id, each in numbers.items():
        execute(
            f"DELETE FROM {INSTALMENT} WHERE loan_id = %s AND number IN ({marks(each)})",  # noqa: S608
            [loan_id, *each],
        )


def _move_periods(turned: Sequence[Turned]) -> None:
    """Append how the periods of pools change; loans that no close has folded yet move nothing."""
    ids = sorted({held.id for held, _ in turned})
    unfolded = {
        loan_id
        for part in chunks(ids)
        for (loan_id,) in fetch(
            f"""
            SELECT u.loan_id FROM {Unfolded._meta.db_table} u
            WHERE u.loan_id IN ({marks(part)}) ORDER BY u.loan_id {for_change("u")}
            """,  # noqa: S608 - names come from the models
            part,
        )
    }
    sums: dict[tuple[object, ...], list[int]] = {}
    for held, turn in turned:
        if held.id in unfolded:
            continue
        was = turn.was or {}
        moved = [(was[item.number], -1) for item in turn.items if item.number in was]
        moved += [(item, -1) for item in turn.gone]
        moved += [(item, 1) for item in turn.items]
        for item, sign in moved:
            total = sums.setdefault((held.pool_id, item.starts_on, item.due_on), [0, 0, 0])
            total[0] += sign * item.principal_minor
            total[1] += sign * item.interest_minor
            total[2] += sign * item.fee_minor
    rows = [(*period, *total) for period, total in sums.items() if any(total)]
    insert_many(PeriodMove._meta.db_table, PERIOD_COLUMNS, rows)


def move_penal(penal: dict[PenalKey, Penal]) -> None:
    """Append changes of what bears penalty, by pool and rate; the close folds them."""
    insert_many(
        PenalMove._meta.db_table,
        PENAL_COLUMNS,
        [(*key, *moved) for key, moved in sorted(penal.items()) if moved != NO_PENAL],
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


@lru_cache(maxsize=1024)
def principal(pool: str, bucket: int) -> AccountKey:
    """The account of a pool's principal in one bucket of days past due."""
    return AccountKey("loans.principal", f"{pool}/M{bucket}")


@lru_cache(maxsize=1024)
def _receivables(pool: str) -> tuple[tuple[Component, AccountKey], ...]:
    return tuple((component, AccountKey(code, pool)) for component, code in _RECEIVABLE.items())


_RECEIVABLE = {
    Component.INTEREST: "loans.interest_receivable",
    Component.FEE: "loans.fee_receivable",
    Component.PENALTY: "loans.penalty_receivable",
}


def applied(held: Held, turn: Turn) -> tuple[EntryIn, ...]:
    """The entries of a turn: unapplied money against what it paid, principal to its bucket."""
    stands = principal(held.pool, turn.before.bucket)
    entries = entry(UNAPPLIED, stands, turn.parts.principal_minor)
    if turn.drawn_minor:
        for owner, drawn_minor in lent(held.rules, held.funder, turn.drawn_minor).items():
            entries += entry(stands, payable(owner), drawn_minor)
    if turn.waived_minor:
        entries += entry(AccountKey("expense.waiver", held.pool), stands, turn.waived_minor)
    for component, receivable in _receivables(held.pool):
        capital_minor = turn.capital.of(component)
        entries += entry(UNAPPLIED, receivable, turn.parts.of(component) - capital_minor)
        entries += entry(stands, receivable, capital_minor)
    if turn.after.bucket != turn.before.bucket:
        moved = principal(held.pool, turn.after.bucket)
        entries += entry(moved, stands, turn.after.outstanding_minor)
    return entries + _written_off(held, turn) + _received(held, turn)


def lent(rules: Rules, funder: str, amount_minor: int) -> dict[str, int]:
    """Principal by who lends it."""
    if not rules.sharing:
        return {funder: amount_minor}
    return rules.sharing.split(Component.PRINCIPAL, amount_minor)


def _received(held: Held, turn: Turn) -> tuple[EntryIn, ...]:
    """What each owner of a shared loan received more than before: told beside the books."""
    if not turn.received:
        return ()
    contra = AccountKey(CONTRA, held.pool)
    return tuple(
        each
        for owner, parts in sorted(turn.received.items())
        for component in Component
        for each in entry(
            contra, AccountKey(f"{RECEIVED}:{owner}", component.value), parts.of(component)
        )
    )


def payable(partner: str) -> AccountKey:
    """The account of what is owed to the owner of claims."""
    return AccountKey(f"funder.payable:{partner}")


def _written_off(held: Held, turn: Turn) -> tuple[EntryIn, ...]:
    """What a write-off costs, and what money brings back after it: the claim stays at no value.

    What else changes the principal that was written off (a waiver that is undone) changes its cost.
    """
    was_off = turn.before.bucket == WRITTEN_OFF_BUCKET
    is_off = turn.after.bucket == WRITTEN_OFF_BUCKET
    if not was_off and not is_off:
        return ()
    allowance = AccountKey("loans.written_off", held.pool)
    cost = AccountKey("expense.write_off", held.pool)
    recovered = AccountKey("income.recovery", held.pool)
    before_minor = turn.before.outstanding_minor if was_off else 0
    grown_minor = _off_minor(turn) - before_minor
    if was_off and (is_off or turn.after.settled_on is not None):
        paid_minor = turn.parts.principal_minor
        back = entry(allowance, recovered, paid_minor)
        return back + entry(cost, allowance, grown_minor + paid_minor)
    return entry(cost, allowance, grown_minor)


def _off_minor(turn: Turn) -> int:
    off = turn.after.bucket == WRITTEN_OFF_BUCKET
    return turn.after.outstanding_minor if off else 0
