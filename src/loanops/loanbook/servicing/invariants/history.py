"""INV-10: the log of states and buckets is a chain of allowed moves that ends where loans stand."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.loanbook.servicing.domain.lifecycle import LOANS, LoanState
from loanops.loanbook.servicing.models import Change, Loan
from loanops.platform.audit import Violation
from loanops.platform.db import fetch

_CHANGE = Change._meta.db_table
_LOAN = Loan._meta.db_table


def illegal_changes() -> Iterator[Violation]:
    """Moves that are not in the lifecycle, do not follow each other, or do not end at the loan."""
    yield from _not_in_lifecycle()
    yield from _not_consecutive()
    yield from _not_where_they_end()


def _not_in_lifecycle() -> Iterator[Violation]:
    allowed = {(was.value, move.value, to.value) for was, move, to in LOANS.edges()}
    for was, move, to in fetch(
        f"SELECT DISTINCT from_state, move, to_state FROM {_CHANGE}"  # noqa: S608
    ):
        if (was, move, to) in allowed:
            continue
        for loan, change in fetch(
            f"""
            SELECT l.number, c.id FROM {_CHANGE} c JOIN {_LOAN} l ON l.id = c.loan_id
            WHERE c.from_state = %s AND c.move = %s AND c.to_state = %s ORDER BY c.id
            """,  # noqa: S608 - names come from the models
            [was, move, to],
        ):
            yield Violation(
                code="INV-10",
                object=f"loan {loan} change {change}",
                expected="a move of the lifecycle",
                found=f"{was} {move} {to}",
                hint="this move does not exist",
            )


def _not_consecutive() -> Iterator[Violation]:
    for loan, change, was, bucket, before, before_bucket in fetch(
        f"""
        SELECT l.number, x.id, x.from_state, x.from_bucket, x.before, x.before_bucket FROM (
            SELECT id, loan_id, from_state, from_bucket, changed_on,
                LAG(to_state) OVER (PARTITION BY loan_id ORDER BY id) AS before,
                LAG(to_bucket) OVER (PARTITION BY loan_id ORDER BY id) AS before_bucket,
                LAG(changed_on) OVER (PARTITION BY loan_id ORDER BY id) AS before_on
            FROM {_CHANGE}
        ) x JOIN {_LOAN} l ON l.id = x.loan_id
        WHERE x.from_state <> COALESCE(x.before, '{LOANS.start}')
            OR x.from_bucket <> COALESCE(x.before_bucket, 0) OR x.changed_on < x.before_on
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-10",
            object=f"loan {loan} change {change}",
            expected=f"from {before or LOANS.start} M{before_bucket or 0}, on a later day",
            found=f"from {was} M{bucket}",
            hint="a change before it is missing or was changed",
        )


def _not_where_they_end() -> Iterator[Violation]:
    for loan, state, bucket, last, last_bucket in fetch(
        f"""
        SELECT l.number, l.state, l.bucket, c.to_state, c.to_bucket
        FROM {_LOAN} l LEFT JOIN {_CHANGE} c ON c.id = (
            SELECT MAX(n.id) FROM {_CHANGE} n WHERE n.loan_id = l.id)
        WHERE l.state <> COALESCE(c.to_state, '{LoanState.ACTIVE}')
            OR l.bucket <> COALESCE(c.to_bucket, 0)
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-10",
            object=f"loan {loan}",
            expected=f"{last or LOANS.start} M{last_bucket or 0}",
            found=f"{state} M{bucket}",
            hint="the loan does not stand where its last change left it",
        )
