"""Ageing: loans whose oldest unpaid instalment has grown older than their bucket."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, NamedTuple

from loanops.kernel.aging import BUCKET_LAST
from loanops.loanbook.servicing import events
from loanops.loanbook.servicing.domain.days import latest_due_of, thresholds
from loanops.loanbook.servicing.domain.lifecycle import LOANS, LoanState, moves_between
from loanops.loanbook.servicing.models import Change, Pool
from loanops.loanbook.servicing.operations.loading import LOAN, as_date, chunks
from loanops.loanbook.servicing.operations.projecting import CHANGE_COLUMNS, principal
from loanops.loanbook.servicing.ports import Closing
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import EntryIn, JournalIn
from loanops.platform.db import fetch, insert_many
from loanops.platform.work import Work

ROWS_PER_EVENT = 1_000


class _Aged(NamedTuple):
    loan_id: int
    number: str
    pool_id: int
    outstanding_minor: int
    due_on: date
    from_bucket: int
    to_bucket: int


def growing_older(closing: Closing) -> list[int]:
    """The loans that the step treats."""
    return [
        loan_id
        for bucket in range(BUCKET_LAST)
        for (loan_id,) in fetch(
            f"SELECT id FROM {LOAN} WHERE {_OLDER}",  # noqa: S608
            [closing.book, bucket, *[latest_due_of(bucket + 1, closing.opens_on)] * 2],
        )
    ]


_COUNTED = "COALESCE(counted_from, oldest_due_on)"
# By the due day too, as the index has it: nothing counts from before it.
_OLDER = (
    "book_id = %s AND bucket = %s AND oldest_due_on <= %s AND NOT set_aside "
    "AND (counted_from IS NULL OR counted_from <= %s)"
)


def age(work: Work, closing: Closing) -> int:
    """Step ``ageing``: states, buckets, log, principal by bucket; reads only what grows older."""
    aged = [row for bucket in range(BUCKET_LAST) for row in _age_bucket(closing, bucket)]
    if not aged:
        return 0
    insert_many(Change._meta.db_table, CHANGE_COLUMNS, [_change(work, row) for row in aged])
    _reclassify(work, aged)
    _tell(work, aged)
    return len(aged)


def _age_bucket(closing: Closing, bucket: int) -> list[_Aged]:
    """Move the loans of one bucket that are older than it, all at once."""
    later = [(to, due) for to, due in thresholds(closing.opens_on) if to > bucket]
    cases = " ".join([f"WHEN {_COUNTED} <= %s THEN %s"] * len(later))
    rows = fetch(
        f"""
        UPDATE {LOAN} SET state = %s, bucket = CASE {cases} END WHERE {_OLDER}
        RETURNING id, number, pool_id, outstanding_minor, oldest_due_on, bucket
        """,  # noqa: S608 - names come from the models
        [
            LoanState.OVERDUE.value,
            *(value for to, due in later for value in (due, to)),
            closing.book,
            bucket,
            later[-1][1],
            later[-1][1],
        ],
    )
    return [
        _Aged(loan_id, number, pool_id, outstanding_minor, as_date(due_on), bucket, to)
        for loan_id, number, pool_id, outstanding_minor, due_on, to in rows
    ]


_STATE_OF = (LoanState.ACTIVE, LoanState.OVERDUE)


def _change(work: Work, row: _Aged) -> tuple[Any, ...]:
    before = _STATE_OF[row.from_bucket > 0]
    [move] = moves_between(before, LoanState.OVERDUE)
    after = LOANS.after(before, move)
    return (
        row.loan_id,
        work.on,
        work.at,
        move.value,
        before.value,
        after.value,
        row.from_bucket,
        row.to_bucket,
    )


def _reclassify(work: Work, aged: list[_Aged]) -> None:
    """One entry for each pool and pair of buckets, whatever the number of loans."""
    sums: dict[tuple[int, int, int], int] = defaultdict(int)
    for row in aged:
        sums[(row.pool_id, row.from_bucket, row.to_bucket)] += row.outstanding_minor
    codes = dict(
        Pool.objects.filter(id__in={pool for pool, _, _ in sums}).values_list("id", "code")
    )
    entries = tuple(
        EntryIn(principal(codes[pool], to), principal(codes[pool], was), amount_minor)
        for (pool, was, to), amount_minor in sorted(sums.items())
        if amount_minor
    )
    if entries:
        journal = JournalIn(
            kind="servicing.aged", subject=f"{work.book}:{work.on}", entries=entries
        )
        ledger.post(work=work, on=work.on, journal=journal)


def _tell(work: Work, aged: list[_Aged]) -> None:
    work.record_batch(
        "servicing.aged",
        subjects=[row.number for row in aged],
        outstanding_minor=sum(row.outstanding_minor for row in aged),
    )
    for part in chunks(aged, ROWS_PER_EVENT):
        work.announce(
            events.LoansOverdue(
                subject=work.book,
                on=work.on.isoformat(),
                rows=tuple(
                    {
                        "loan": row.number,
                        "from_bucket": row.from_bucket,
                        "to_bucket": row.to_bucket,
                        "due_on": row.due_on.isoformat(),
                        "outstanding_minor": row.outstanding_minor,
                    }
                    for row in part
                ),
            )
        )
