"""INV-07 and INV-15: where loans come from, and that what belongs together is in one book."""

from __future__ import annotations

from collections.abc import Iterator

from loanops.loanbook.servicing.models import Instalment, Loan, LoanTerms, Pool
from loanops.origination.applications import queries as applications
from loanops.origination.routing import queries as routing
from loanops.platform.audit import Violation
from loanops.platform.db import fetch
from loanops.platform.outbox import queries as outbox

_AGREEMENT_UNKNOWN = ("", 0)
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
            f"SELECT l.intent, l.serial, l.book_id, l.application, l.contract, l.funder, "  # noqa: S608
            f"l.principal_minor, l.guarantor, l.product_version, t.agreement, "
            f"t.agreement_version, l.number "
            f"FROM {_LOAN} l JOIN {LoanTerms._meta.db_table} t ON t.loan_id = l.id"
        )
    }
    waiting = outbox.pending() > 0
    for paid in routing.all_paid():
        loan = loans.get(paid.intent)
        expected = (
            paid.serial, paid.book, paid.application, paid.contract, paid.funder, paid.amount_minor,
            paid.guarantor, paid.product_version, paid.agreement, paid.agreement_version,
        )  # fmt: skip
        if loan and loan[-3:-1] == _AGREEMENT_UNKNOWN:
            # Payouts announced before agreements were named opened loans without one.
            expected = (*expected[:-2], *_AGREEMENT_UNKNOWN)
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


def strayed_askers() -> Iterator[Violation]:
    """Loans of somebody else than who asked for them, or of another channel."""
    loans = fetch(
        f"SELECT number, application, party, origin_channel FROM {_LOAN} "  # noqa: S608
        f"WHERE application <> ''"
    )
    asked = applications.parties_of(loan[1] for loan in loans)
    channels = applications.channels_of(loan[1] for loan in loans)
    for number, application, party, channel in loans:
        if asked.get(application, party) != party:
            yield Violation(
                code="INV-15",
                object=f"loan {number}",
                expected=f"the party of {application}",
                found=f"{party or 'none'}",
                hint="a loan is that of who asked for it",
            )
        # While an earlier version still ran beside this one, loans were opened without a channel.
        if channel and channel != channels.get(application, channel):
            yield Violation(
                code="INV-15",
                object=f"loan {number}",
                expected=channels[application],
                found=channel,
                hint="a loan came by the channel of its application",
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
