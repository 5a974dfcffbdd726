"""Lateness: fees that instalments come to bear by being late, written where their day has come.

The close charges those whose day it is; a loan that is opened late, what it bears already. All else
follows from the replay of a loan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from loanops.loanbook.servicing.domain.position import Item, late
from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.models import PeriodMove, Unfolded
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    ITEM_COLUMNS,
    LOAN,
    chunks,
    item_of,
    marks,
)
from loanops.loanbook.servicing.operations.projecting import PERIOD_COLUMNS
from loanops.platform.db import fetch, insert_many, lock, update_many

_COLUMNS = ("fee_minor", "open_minor", "late_fee_minor", "late_fee_count")


def loans_turning_late(pools: Mapping[int, Rules], on: date) -> list[int]:
    """The loans with an instalment that comes to bear a fee on a day, in ascending order."""
    by_due: dict[date, list[int]] = {}
    for pool_id, rules in pools.items():
        for days in {fee.overdue_days for fee in rules.late_fees}:
            by_due.setdefault(on - timedelta(days=days + 1), []).append(pool_id)
    # Each half is answered by an index of its own.
    found = {
        loan_id
        for due_on, ids in by_due.items()
        for entered in ("IS NULL", "IS NOT NULL")
        for (loan_id,) in fetch(
            f"""
            SELECT loan_id FROM {INSTALMENT}
            WHERE due_on = %s AND open_minor > 0 AND penal_to {entered}
                AND penal_end IS NULL AND pool_id IN ({marks(ids)})
            """,  # noqa: S608 - names come from the models
            [due_on, *ids],
        )
    }
    return sorted(found)


def charge_late(loan_ids: Sequence[int], pools: Mapping[int, Rules], on: date) -> tuple[int, int]:
    """Charge what instalments of loans bear by a day; returns how many bear more, and how much.

    What the pools have earned follows with the moves of their periods.
    """
    rows: list[tuple[Any, ...]] = []
    charged: list[tuple[int, int, Item, Item]] = []
    for part in chunks(loan_ids):
        lock(LOAN, part)
        for loan_id, pool_id, *values in fetch(
            f"""
            SELECT i.loan_id, i.pool_id, {ITEM_COLUMNS} FROM {INSTALMENT} i
            WHERE i.loan_id IN ({marks(part)}) AND i.due_on < %s AND i.open_minor > 0
            """,  # noqa: S608 - names come from the models
            [*part, on],
        ):
            was = item_of(values)
            now = late(was, pools[pool_id], on)
            if now != was:
                charged.append((loan_id, pool_id, was, now))
                bears = (now.fee_minor, now.open_minor, now.late_fee_minor, now.late_fee_count)
                rows.append((loan_id, now.number, *bears))
    update_many(INSTALMENT, ("loan_id", "number"), _COLUMNS, rows)
    _move_periods(charged)
    return len(charged), sum(now.fee_minor - was.fee_minor for *_, was, now in charged)


def _move_periods(charged: Sequence[tuple[int, int, Item, Item]]) -> None:
    """Let the periods of pools ask for more; loans that no close has folded are folded with it."""
    unfolded = {
        loan_id
        for part in chunks(sorted({loan_id for loan_id, *_ in charged}))
        for (loan_id,) in fetch(
            f"SELECT loan_id FROM {Unfolded._meta.db_table} WHERE loan_id IN ({marks(part)})",  # noqa: S608
            part,
        )
    }
    sums: dict[tuple[int, date | None, date], int] = {}
    for loan_id, pool_id, was, now in charged:
        if loan_id not in unfolded:
            period = (pool_id, now.starts_on, now.due_on)
            sums[period] = sums.get(period, 0) + now.fee_minor - was.fee_minor
    rows = [(*period, 0, 0, minor) for period, minor in sorted(sums.items()) if minor]
    insert_many(PeriodMove._meta.db_table, PERIOD_COLUMNS, rows)
