"""INV-07 and INV-15: where loans come from, and that what belongs together is in one book."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.loanbook.servicing.models import Instalment, Loan, Pool
from loanops.origination.routing import queries as routing
from loanops.platform.audit import Violation
from loanops.platform.db import fetch
from loanops.platform.outbox import queries as outbox

_INSTALMENT = Instalment._meta.db_table
_LOAN = Loan._meta.db_table
_POOL = Pool._meta.db_table


def unpaid_loans() -> Iterator[Violation]:
    """Payouts without their loan, and loans that differ from the payout they came from.

    A loan is opened after its payout; while events wait to be delivered, none is missed.
    """
    loans = {
        row[0]: row[1:]
        for row in fetch(
            f"SELECT intent, serial, book_id, application, contract, funder, principal_minor, "  # noqa: S608
            f"number FROM {_LOAN}"
        )
    }
    waiting = outbox.pending() > 0
    for paid in routing.all_paid():
        loan = loans.get(paid.intent)
        expected = (
            paid.serial, paid.book, paid.application, paid.contract, paid.funder, paid.amount_minor,
        )  # fmt: skip
        if loan is None and not waiting:
            yield Violation(
                code="INV-07",
                object=f"payout {paid.serial}",
                expected="one loan",
                found="none",
                hint="look for the delivery of its event on the page of jobs",
            )
        elif loan is not None and loan[:-1] != expected:
            yield Violation(
                code="INV-07",
                object=f"loan {loan[-1]}",
                expected=str(expected),
                found=str(loan[:-1]),
                hint="the loan is not that of the payout it came from",
            )


def strayed_pools() -> Iterator[Violation]:
    """Loans in a pool of another book, and instalments in another pool than their loan."""
    for number, book, found in fetch(
        f"""
        SELECT l.number, l.book_id, p.book_id FROM {_LOAN} l
        JOIN {_POOL} p ON p.id = l.pool_id WHERE p.book_id <> l.book_id
        """  # noqa: S608 - names come from the models
    ):
        yield _strayed(f"loan {number}", f"a pool of book {book}", f"a pool of book {found}")
    for number, place, pool, found in fetch(
        f"""
        SELECT l.number, i.number, l.pool_id, i.pool_id FROM {_INSTALMENT} i
        JOIN {_LOAN} l ON l.id = i.loan_id WHERE i.pool_id <> l.pool_id
        """  # noqa: S608 - names come from the models
    ):
        yield _strayed(f"loan {number} instalment {place}", f"pool {pool}", f"pool {found}")


def _strayed(name: str, expected: str, found: str) -> Violation:
    return Violation(
        code="INV-15", object=name, expected=expected, found=found,
        hint="a row was moved by hand to where it does not belong",
    )  # fmt: skip
