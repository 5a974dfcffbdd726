"""Compounds: unpaid penalty that begins on the new day to bear penalty itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loanops.loanbook.servicing.domain.position import NO_PENAL, Penal, compounded, penal_of
from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    ITEM_COLUMNS,
    LOAN,
    as_date,
    chunks,
    item_of,
    marks,
)
from loanops.loanbook.servicing.operations.projecting import PenalKey
from loanops.loanbook.servicing.ports import Closing
from loanops.platform.db import fetch, lock, update_many

_COLUMNS = ("penal_to", "penal_minor_days", "compounded_minor")


def compound(
    closing: Closing, pools: Mapping[int, Rules], entered: Mapping[PenalKey, Penal]
) -> dict[PenalKey, Penal]:
    """Take in the penalty of instalments whose day it is; what bears penalty now, by pool and rate.

    Nothing is asked where no pool compounds.
    """
    moved = dict(entered)
    for pool_id, rules in sorted(pools.items(), key=lambda pool: pool[0]):
        if rules.compounds_days is None:
            continue
        rows: list[tuple[Any, ...]] = []
        for part in chunks(_loans(closing, pool_id, rules)):
            lock(LOAN, part)
            for loan_id, *values in fetch(
                f"""
                SELECT i.loan_id, {ITEM_COLUMNS} FROM {INSTALMENT} i
                WHERE i.loan_id IN ({marks(part)}) AND i.open_minor > 0
                    AND i.penal_to IS NOT NULL AND i.penal_end IS NULL
                """,  # noqa: S608 - names come from the models
                part,
            ):
                was = item_of(values)
                now = compounded(was, rules, closing.opens_on)
                if now != was:
                    key = pool_id, was.penal_rate
                    grown = penal_of(now, rules).minus(penal_of(was, rules))
                    moved[key] = moved.get(key, NO_PENAL).plus(grown)
                    counted = (now.penal_to, now.penal_minor_days, now.compounded_minor)
                    rows.append((loan_id, now.number, *counted))
        update_many(INSTALMENT, ("loan_id", "number"), _COLUMNS, rows)
    return moved


def _loans(closing: Closing, pool_id: int, rules: Rules) -> list[int]:
    """The loans of a pool with an instalment whose penalty is taken in by the new day."""
    days = [
        (as_date(due_on), as_date(penal_to))
        for due_on, penal_to in fetch(
            f"""
            SELECT DISTINCT due_on, penal_to FROM {INSTALMENT}
            WHERE due_on < %s AND pool_id = %s AND open_minor > 0
                AND penal_to IS NOT NULL AND penal_end IS NULL
            """,  # noqa: S608 - names come from the models
            [closing.opens_on, pool_id],
        )
    ]
    dues = {
        due_on
        for due_on, penal_to in days
        if rules.compounding_days(due_on, penal_to, closing.opens_on)
    }
    return sorted(
        {
            loan_id
            for part in chunks(sorted(dues))
            for (loan_id,) in fetch(
                f"""
                SELECT loan_id FROM {INSTALMENT}
                WHERE due_on IN ({marks(part)}) AND pool_id = %s AND open_minor > 0
                    AND penal_to IS NOT NULL AND penal_end IS NULL
                """,  # noqa: S608 - names come from the models
                [*part, pool_id],
            )
        }
    )
