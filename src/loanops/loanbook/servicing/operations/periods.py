"""Periods of pools held against the instalments that they sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from loanops.loanbook.servicing.models import (
    Instalment,
    PeriodCohort,
    PeriodMove,
    Pool,
    Unfolded,
)
from loanops.loanbook.servicing.operations.loading import as_date
from loanops.platform.db import fetch

_COLUMNS = ("principal_minor", "interest_minor", "fee_minor")


@dataclass(frozen=True, slots=True)
class StrayedPeriod:
    """A period whose sums differ: principal, interest and fees by instalments, and as kept."""

    pool_id: int
    pool: str
    starts_on: date
    due_on: date
    expected: tuple[int, ...]
    found: tuple[int, ...]


def strayed_periods(*, book: str | None = None) -> Iterator[StrayedPeriod]:
    """Periods whose cohort, with the moves that wait, is not the sum of its instalments.

    Loans that no close has folded yet are in no cohort. One statement reads all of it, so that
    what is ordered meanwhile stands on both sides or on none.
    """
    sums = ", ".join(f"SUM({column}) AS {column}" for column in _COLUMNS)
    period = "pool_id, starts_on, due_on"
    columns = ", ".join(_COLUMNS)
    kept = f"""
        SELECT {period}, {sums} FROM (
            SELECT {period}, {columns} FROM {PeriodCohort._meta.db_table}
            UNION ALL SELECT {period}, {columns} FROM {PeriodMove._meta.db_table}
        ) m GROUP BY {period}
        """  # noqa: S608 - names come from the models
    asked = f"""
        SELECT {period}, {sums} FROM {Instalment._meta.db_table}
        WHERE loan_id NOT IN (SELECT loan_id FROM {Unfolded._meta.db_table}) GROUP BY {period}
        """  # noqa: S608 - names come from the models
    differs = " OR ".join(f"COALESCE(c.{each}, 0) <> COALESCE(i.{each}, 0)" for each in _COLUMNS)
    shown = ", ".join(f"COALESCE({side}.{each}, 0)" for side in "ic" for each in _COLUMNS)
    mine = "" if book is None else "AND p.book_id = %s"
    for pool_id, pool, starts_on, due_on, *amounts in fetch(
        f"""
        SELECT p.id, p.code, k.starts_on, k.due_on, {shown} FROM (
            SELECT {period} FROM ({kept}) a UNION SELECT {period} FROM ({asked}) b
        ) k JOIN {Pool._meta.db_table} p ON p.id = k.pool_id
        LEFT JOIN ({kept}) c ON c.pool_id = k.pool_id
            AND c.starts_on = k.starts_on AND c.due_on = k.due_on
        LEFT JOIN ({asked}) i ON i.pool_id = k.pool_id
            AND i.starts_on = k.starts_on AND i.due_on = k.due_on
        WHERE ({differs}) {mine}
        """,  # noqa: S608 - names come from the models
        [] if book is None else [book],
    ):
        minor = tuple(int(each) for each in amounts)
        yield StrayedPeriod(
            pool_id, pool, as_date(starts_on), as_date(due_on),
            minor[: len(_COLUMNS)], minor[len(_COLUMNS) :],
        )  # fmt: skip
