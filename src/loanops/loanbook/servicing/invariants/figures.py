"""INV-03, 04, 05, 07: the figures of loans against their instalments and the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from loanops.kernel.access import Viewer
from loanops.kernel.allocation import Component
from loanops.loanbook.servicing.domain.importing.entering import BROUGHT
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import (
    Instalment,
    InterestAccrual,
    Loan,
    PenaltyAccrual,
    Pool,
)
from loanops.money.ledger import queries as ledger
from loanops.platform.audit import Violation, named
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_INSTALMENT = Instalment._meta.db_table
_LOAN = Loan._meta.db_table
_POOL = Pool._meta.db_table


def principal() -> Iterator[Violation]:
    """Loans whose principal outstanding is not what was posted on their behalf."""
    posted: dict[str, int] = defaultdict(int)
    for _, subject, _, debit, credit in ledger.moved_by_subject(head="loans.principal"):
        posted[subject] += debit - credit
    for number, outstanding in fetch(f"SELECT number, outstanding_minor FROM {_LOAN}"):  # noqa: S608
        booked = posted.pop(number, 0)
        if booked != outstanding:
            yield Violation(
                code="INV-03",
                object=f"loan {number}",
                expected=f"principal {booked}",
                found=f"principal {outstanding}",
                hint="the loan and its journals differ",
            )
    for subject, booked in sorted(posted.items()):
        if booked:
            yield Violation(
                code="INV-03",
                object=f"journals of {subject}",
                expected="principal 0",
                found=f"principal {booked}",
                hint="principal was posted on behalf of something that is no loan",
            )


def pools() -> Iterator[Violation]:
    """Pools whose sums over loans are not the balances of their accounts."""
    house = Viewer.house("verify")
    heads = ("loans.principal", *_RECEIVABLES)
    for card in books.list_books(viewer=house):
        wanted = _of_loans(card.code)
        found = ledger.balances_of(book=card.code, heads=heads, viewer=house)
        kept = {(key.code, key.dimension): amount for key, amount in found.items()}
        for code, dimension in sorted(wanted.keys() | kept.keys()):
            expected = wanted.get((code, dimension), 0)
            balance = kept.get((code, dimension), 0)
            if expected != balance:
                yield Violation(
                    code="INV-03",
                    object=f"account {card.code} {code} {dimension}",
                    expected=str(expected),
                    found=str(balance),
                    hint="the loans of the pool and the ledger differ",
                )


_RECEIVABLES = (
    "loans.interest_receivable",
    "loans.fee_receivable",
    "loans.penalty_receivable",
)


def _of_loans(book: str) -> dict[tuple[str, str], int]:
    """What the accounts of a book's pools should hold, from loans and accruals."""
    wanted: dict[tuple[str, str], int] = {}
    for pool, bucket, outstanding in fetch(
        f"""
        SELECT p.code, l.bucket, SUM(l.outstanding_minor) FROM {_LOAN} l
        JOIN {_POOL} p ON p.id = l.pool_id WHERE p.book_id = %s GROUP BY p.code, l.bucket
        """,  # noqa: S608 - names come from the models
        [book],
    ):
        wanted[("loans.principal", f"{pool}/M{bucket}")] = int(outstanding)
    accrued = _accrued(book)
    received = {
        pool_id: paid
        for pool_id, *paid in fetch(
            f"""
            SELECT p.id, SUM(i.paid_interest_minor), SUM(i.paid_fee_minor),
                SUM(i.paid_penalty_minor)
            FROM {_INSTALMENT} i JOIN {_POOL} p ON p.id = i.pool_id
            WHERE p.book_id = %s GROUP BY p.id
            """,  # noqa: S608 - names come from the models
            [book],
        )
    }
    # Of every pool: one whose loans were taken back has no instalment and earned by its accruals.
    for pool_id, pool in Pool.objects.filter(book_id=book).values_list("id", "code"):
        earned = accrued.get(pool_id, (0, 0, 0))
        paid = received.get(pool_id, (0, 0, 0))
        for code, earned_minor, paid_minor in zip(_RECEIVABLES, earned, paid, strict=True):
            wanted[(code, pool)] = earned_minor - int(paid_minor)
    return wanted


def _accrued(book: str) -> dict[int, tuple[int, int, int]]:
    """Interest, fees and penalty accrued by the last close, by pool."""
    accrued: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for pool_id, interest, fee in newest(
        InterestAccrual._meta.db_table, "a.interest_minor, a.fee_minor", book
    ):
        accrued[pool_id][:2] = [interest, fee]
    for pool_id, penalty in newest(PenaltyAccrual._meta.db_table, "a.penalty_minor", book):
        accrued[pool_id][2] += penalty
    return {pool_id: (sums[0], sums[1], sums[2]) for pool_id, sums in accrued.items()}


def newest(table: str, columns: str, book: str) -> list[tuple[Any, ...]]:
    """The pool and some columns of the newest accrual of every pool of a book."""
    return fetch(
        f"""
        SELECT a.pool_id, {columns} FROM {table} a JOIN {_POOL} p ON p.id = a.pool_id
        WHERE p.book_id = %s AND a.closed_on = (
            SELECT MAX(l.closed_on) FROM {table} l WHERE l.pool_id = a.pool_id)
        """,  # noqa: S608 - names come from the models
        [book],
    )


def instalments() -> Iterator[Violation]:
    """Loans whose instalments do not add up to the loan."""
    for number, principal_minor, outstanding, due, unpaid in fetch(
        f"""
        SELECT l.number, l.advanced_minor, l.outstanding_minor, x.due, x.unpaid
        FROM {_LOAN} l LEFT JOIN (
            SELECT loan_id, SUM(principal_minor) AS due,
                SUM(principal_minor - paid_principal_minor) AS unpaid
            FROM {_INSTALMENT} GROUP BY loan_id
        ) x ON x.loan_id = l.id
        WHERE (x.due IS NULL AND l.state <> '{LoanState.WITHDRAWN}')
            OR x.due <> l.advanced_minor OR x.unpaid <> l.outstanding_minor
            OR (x.due IS NULL AND l.advanced_minor + l.outstanding_minor <> 0)
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-04",
            object=f"loan {number}",
            expected=f"principal {principal_minor}, outstanding {outstanding}",
            found=f"principal {due or 0}, outstanding {unpaid or 0}",
            hint="instalments and loan differ",
        )


def schedules() -> Iterator[Violation]:
    """Loans whose instalments have a gap, a number too many, or a due date that does not rise."""
    for number, count, found, first, last in fetch(
        f"""
        SELECT l.number, l.instalment_count, COUNT(i.id), MIN(i.number), MAX(i.number)
        FROM {_LOAN} l LEFT JOIN {_INSTALMENT} i ON i.loan_id = l.id
        GROUP BY l.id, l.number, l.instalment_count
        HAVING COUNT(i.id) <> l.instalment_count OR MIN(i.number) <> 1
            OR MAX(i.number) <> l.instalment_count
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-05",
            object=f"loan {number}",
            expected=f"instalments 1 to {count}",
            found=f"{found} instalments, {first} to {last}",
            hint="an instalment is missing or too many",
        )
    for loan, number, due_on, before in fetch(
        f"""
        SELECT l.number, x.number, x.due_on, x.before FROM (
            SELECT loan_id, number, due_on,
                LAG(due_on) OVER (PARTITION BY loan_id ORDER BY number) AS before
            FROM {_INSTALMENT}
        ) x JOIN {_LOAN} l ON l.id = x.loan_id WHERE x.due_on <= x.before
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-05",
            object=f"loan {loan} instalment {number}",
            expected=f"due after {before}",
            found=f"due {due_on}",
            hint="due dates rise from instalment to instalment",
        )
    rows = fetch(
        f"""
        SELECT 'loan ' || l.number || ' instalment ' || i.number, 'no days of penalty',
            i.penal_minor_days
        FROM {_INSTALMENT} i JOIN {_LOAN} l ON l.id = i.loan_id
        WHERE i.penal_minor_days > 0 AND i.penal_to IS NULL
        """  # noqa: S608 - names come from the models
    )
    yield from named("INV-04", "nothing has borne penalty that was never overdue", rows)


def payouts() -> Iterator[Violation]:
    """Loans without exactly one payout journal of their amount and lenders, and the reverse.

    Loans that came from another system were paid out there.
    """
    posted = {card.subject: card for card in ledger.list_once(prefix="disbursed:")}
    for number, intent, principal_minor, funder, rules in fetch(
        f"SELECT l.number, l.intent, l.principal_minor, l.funder, p.rules_json "  # noqa: S608
        f"FROM {_LOAN} l JOIN {_POOL} p ON p.id = l.pool_id WHERE l.intent NOT LIKE %s",
        [f"{BROUGHT}%"],
    ):
        card = posted.pop(number, None)
        sharing = read_rules(rules).sharing
        lenders = {funder: principal_minor}
        if sharing:
            lenders = sharing.split(Component.PRINCIPAL, principal_minor)
        credited = tuple(sorted((f"funder.payable:{code}", lenders[code]) for code in lenders))
        expected = (f"disbursed:{intent}", principal_minor, credited)
        found = (card.once, card.total_minor, card.credited) if card else None
        if found != expected:
            yield Violation(
                code="INV-07",
                object=f"loan {number}",
                expected=f"payout {expected}",
                found=f"payout {found}" if found else "no payout journal",
                hint="the loan and the journal of its payout differ",
            )
    for subject, card in sorted(posted.items()):
        yield Violation(
            code="INV-07",
            object=f"journal {card.once}",
            expected=f"loan {subject}",
            found="none",
            hint="a payout was posted for a loan that does not exist",
        )
