"""INV-09: what cohorts say falls due is what the instalments of their pools say."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.loanbook.servicing.models import (
    Instalment,
    PeriodCohort,
    PeriodMove,
    Pool,
    Unfolded,
)
from loanops.platform.audit import Violation
from loanops.platform.db import fetch

_COLUMNS = ("principal_minor", "interest_minor", "fee_minor")


def cohorts() -> Iterator[Violation]:
    """Periods of a pool whose cohort, with the moves that wait, is not that of its instalments."""
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
    for pool, starts_on, due_on, *amounts in fetch(
        f"""
        SELECT p.code, k.starts_on, k.due_on, {shown} FROM (
            SELECT {period} FROM ({kept}) a UNION SELECT {period} FROM ({asked}) b
        ) k JOIN {Pool._meta.db_table} p ON p.id = k.pool_id
        LEFT JOIN ({kept}) c ON c.pool_id = k.pool_id
            AND c.starts_on = k.starts_on AND c.due_on = k.due_on
        LEFT JOIN ({asked}) i ON i.pool_id = k.pool_id
            AND i.starts_on = k.starts_on AND i.due_on = k.due_on
        WHERE {differs}
        """  # noqa: S608 - names come from the models
    ):
        expected, found = amounts[: len(_COLUMNS)], amounts[len(_COLUMNS) :]
        yield Violation(
            code="INV-09",
            object=f"cohort of {pool} {starts_on} {due_on}",
            expected="/".join(str(int(each)) for each in expected),
            found="/".join(str(int(each)) for each in found),
            hint="principal, interest and fees of the cohort are not those of its instalments",
        )
