"""Withdrawing: loans that an import brought in leave the projection, in few statements for all."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from loanops.kernel.account import BroughtIn, Reversed
from loanops.loanbook.servicing.domain.importing.entering import AGAIN, BROUGHT
from loanops.loanbook.servicing.domain.lifecycle import LoanMove, LoanState
from loanops.loanbook.servicing.domain.position import NO_PENAL, Penal, penal_of
from loanops.loanbook.servicing.domain.replay import content_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import (
    BookImport,
    Change,
    PeriodMove,
    Pool,
    RateReset,
    SetAside,
    Unfolded,
)
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    INSTALMENT,
    ITEM_COLUMNS,
    LOAN,
    TERMS,
    as_date,
    item_of,
)
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS
from loanops.loanbook.servicing.operations.paid_out import count_paid_out
from loanops.loanbook.servicing.operations.projecting import (
    CHANGE_COLUMNS,
    PERIOD_COLUMNS,
    PenalKey,
    move_penal,
)
from loanops.platform.db import execute, fetch, for_change, insert_many
from loanops.platform.work import Work

_CHANGE = Change._meta.db_table
_PERIOD_MOVE = PeriodMove._meta.db_table
_UNFOLDED = Unfolded._meta.db_table
# SQLite knows no alias in what a removal returns.
_REMOVED = ITEM_COLUMNS.replace("i.", "")
CAME = f"""
    l.book_id = %s AND l.number BETWEEN %s AND %s AND EXISTS (
        SELECT 1 FROM {EVENT} e WHERE e.loan_id = l.id AND e.key = '{BroughtIn.KIND}'
            AND e.values_json = %s)
    """  # noqa: S608 - names come from the models
"""Whether a loan ``l`` came by an import; asks what :func:`came_by` answers."""
_MINE = f"SELECT l.id FROM {LOAN} l WHERE {CAME}"  # noqa: S608 - names come from the models


def came_by(row: BookImport) -> list[Any]:
    """The values of ``CAME`` for an import: its book, first and last loan, and what they say."""
    return [row.book_id, row.first_loan, row.last_loan, json.dumps({"import": row.number})]


def insert_reversals(
    work: Work, origin: str, reason: str, rows: Iterable[tuple[int, str, str]]
) -> None:
    """Write a reversal for each loan, key and what it undoes."""
    values = json.dumps({"import": origin, "reason": reason})
    insert_many(
        EVENT,
        (*EVENT_COLUMNS, "content_json"),
        (
            (
                loan_id,
                key,
                Reversed.KIND,
                work.on,
                work.on,
                work.at,
                0,
                "",
                values,
                content_of(Reversed(key=key, on=work.on, of=of)),
            )
            for loan_id, key, of in rows
        ),
    )


def withdraw_loans(work: Work, row: BookImport) -> None:
    """Let the loans of an import owe nothing and have no instalment, and tell their pools.

    The number elsewhere is free again: that of the loan here gets a sign behind it.
    """
    mine = came_by(row)
    _take_out(work, mine)
    _count_less(work, mine)
    execute(
        f"""
        INSERT INTO {_CHANGE} ({", ".join(CHANGE_COLUMNS)})
        SELECT id, %s, %s, '{LoanMove.WITHDRAW}', state, '{LoanState.WITHDRAWN}', bucket, 0
        FROM {LOAN} WHERE id IN ({_MINE})
        """,  # noqa: S608 - names come from the models
        [work.on, work.at, *mine],
    )
    execute(
        f"UPDATE {SetAside._meta.db_table} SET released_at = %s "  # noqa: S608
        f"WHERE released_at IS NULL AND loan_id IN ({_MINE})",
        [work.at, *mine],
    )
    for table in (RateReset._meta.db_table, _UNFOLDED):
        execute(f"DELETE FROM {table} WHERE loan_id IN ({_MINE})", mine)  # noqa: S608
    execute(
        f"""
        UPDATE {LOAN} SET state = '{LoanState.WITHDRAWN}', bucket = 0, outstanding_minor = 0,
            advanced_minor = 0, credit_minor = 0, instalment_count = 0, oldest_due_on = NULL,
            counted_from = NULL, settled_on = NULL, last_event_on = %s, changed_on = %s,
            set_aside = %s, contract = substr(intent, {len(BROUGHT) + 1}) || CASE
                WHEN intent LIKE %s THEN '' ELSE '{AGAIN}1' END
        WHERE id IN ({_MINE})
        """,  # noqa: S608 - names come from the models
        [work.on, work.on, False, f"%{AGAIN}%", *mine],
    )


def _take_out(work: Work, mine: list[Any]) -> None:
    """Remove the instalments, and with them what periods ask and what bears penalty.

    What may have begun to bear penalty is removed as it is read: a close may count beside this.
    """
    unfolded = {
        loan_id
        for (loan_id,) in fetch(
            f"SELECT u.loan_id FROM {_UNFOLDED} u WHERE u.loan_id IN ({_MINE}) "  # noqa: S608
            f"ORDER BY u.loan_id {for_change('u')}",
            mine,
        )
    }
    rules = {row.pk: read_rules(row.rules_json) for row in Pool.objects.filter(book_id=work.book)}
    penal: dict[PenalKey, Penal] = {}
    periods: dict[tuple[Any, ...], list[int]] = {}
    for loan_id, pool_id, *values in fetch(
        f"""
        DELETE FROM {INSTALMENT} WHERE loan_id IN ({_MINE})
            AND (due_on <= %s OR penal_to IS NOT NULL OR penalty_adjust_minor <> 0)
        RETURNING loan_id, pool_id, {_REMOVED}
        """,  # noqa: S608 - names come from the models
        [*mine, work.on],
    ):
        item = item_of(values)
        key = pool_id, item.penal_rate
        penal[key] = penal.get(key, NO_PENAL).minus(penal_of(item, rules[pool_id]))
        if loan_id not in unfolded:
            place = pool_id, as_date(item.starts_on), item.due_on
            total = periods.setdefault(place, [0, 0, 0])
            total[0] -= item.principal_minor
            total[1] -= item.interest_minor
            total[2] -= item.fee_minor
    insert_many(
        _PERIOD_MOVE, PERIOD_COLUMNS, [(*place, *total) for place, total in periods.items()]
    )
    execute(
        f"""
        INSERT INTO {_PERIOD_MOVE} ({", ".join(PERIOD_COLUMNS)})
        SELECT i.pool_id, i.starts_on, i.due_on, -SUM(i.principal_minor), -SUM(i.interest_minor),
            -SUM(i.fee_minor)
        FROM {INSTALMENT} i WHERE i.loan_id IN ({_MINE})
            AND i.loan_id NOT IN (SELECT loan_id FROM {_UNFOLDED})
        GROUP BY i.pool_id, i.starts_on, i.due_on
        """,  # noqa: S608 - names come from the models
        mine,
    )
    execute(f"DELETE FROM {INSTALMENT} WHERE loan_id IN ({_MINE})", mine)  # noqa: S608
    move_penal(penal)


def _count_less(work: Work, mine: list[Any]) -> None:
    """Take the principal of loans out of what was paid out under their agreements."""
    rows = fetch(
        f"""
        SELECT t.agreement, l.disbursed_on, SUM(l.principal_minor)
        FROM {LOAN} l JOIN {TERMS} t ON t.loan_id = l.id
        WHERE t.agreement <> '' AND l.id IN ({_MINE}) GROUP BY t.agreement, l.disbursed_on
        """,  # noqa: S608 - names come from the models
        mine,
    )
    count_paid_out(work, [(name, as_date(day).year, -int(minor)) for name, day, minor in rows])
