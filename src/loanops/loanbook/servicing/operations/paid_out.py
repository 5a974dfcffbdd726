"""Paid out: sums of principal by agreement and year, of which ceilings of guarantors are shares."""

from __future__ import annotations

from collections.abc import Iterable

from loanops.loanbook.servicing.models import PaidOut
from loanops.platform.db import execute, upsert_many
from loanops.platform.work import Work

_TABLE = PaidOut._meta.db_table


def count_paid_out(work: Work, payouts: Iterable[tuple[str, int, int]]) -> None:
    """Add payouts to the sums: each its agreement, calendar year and principal in minor units."""
    sums: dict[tuple[str, int], int] = {}
    for agreement, year, principal_minor in payouts:
        sums[agreement, year] = sums.get((agreement, year), 0) + principal_minor
    if not sums:
        return
    upsert_many(
        _TABLE,
        ("book_id", "agreement", "year", "principal_minor"),
        [(work.book, *place, 0) for place in sorted(sums)],
        conflict=("agreement", "year", "book_id"),
    )
    for place, principal_minor in sorted(sums.items()):
        execute(
            f"UPDATE {_TABLE} SET principal_minor = principal_minor + %s "  # noqa: S608
            "WHERE agreement = %s AND year = %s AND book_id = %s",
            [principal_minor, *place, work.book],
        )
