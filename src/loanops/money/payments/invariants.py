"""INV-08: money in is allocated, unapplied or refunded, and the ledger knows all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from loanops.kernel.access import Viewer
from loanops.money.ledger import queries as ledger
from loanops.money.payments.models import DebitFile, DebitOrder, Receipt
from loanops.platform.audit import Check, Violation
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_FILE = DebitFile._meta.db_table
_ORDER = DebitOrder._meta.db_table
_RECEIPT = Receipt._meta.db_table


def unposted_receipts() -> Iterator[Violation]:
    """Subjects whose receipts of a channel are not what the ledger took in for them."""
    posted: dict[tuple[str, str], int] = defaultdict(int)
    for _, subject, code, debit, credit in ledger.moved_by_subject(head="cash.clearing"):
        posted[(code.partition(":")[2], subject)] += debit - credit
    received = {
        (channel, subject): int(total)
        for channel, subject, total in fetch(
            f"SELECT channel, CASE WHEN subject = '' THEN number ELSE subject END, "  # noqa: S608
            f"SUM(amount_minor) FROM {_RECEIPT} GROUP BY 1, 2"
        )
    }
    for key in sorted(posted.keys() | received.keys()):
        if posted.get(key, 0) != received.get(key, 0):
            yield Violation(
                code="INV-08",
                object=f"receipts of {key[1]} by {key[0]}",
                expected=str(posted.get(key, 0)),
                found=str(received.get(key, 0)),
                hint="receipts and ledger differ; look for a changed or missing receipt",
            )


def unapplied_differs() -> Iterator[Violation]:
    """Books whose receipts without a place are not the balance of unapplied money."""
    house = Viewer.house("verify")
    kept = {
        book: int(total)
        for book, total in fetch(
            f"SELECT book_id, SUM(amount_minor - allocated_minor - refunded_minor) "  # noqa: S608
            f"FROM {_RECEIPT} GROUP BY book_id"
        )
    }
    for card in books.list_books(viewer=house):
        balances = ledger.balances_of(book=card.code, heads=["unapplied"], viewer=house)
        found = sum(balances.values())
        if found != kept.get(card.code, 0):
            yield Violation(
                code="INV-08",
                object=f"unapplied money of book {card.code}",
                expected=str(found),
                found=str(kept.get(card.code, 0)),
                hint="an allocation was changed without the ledger, or the other way round",
            )


def wrong_files() -> Iterator[Violation]:
    """Debit files whose orders, of the file's book, are not those counted into them."""
    for number, count, total, found_count, found_total in fetch(
        f"""
        SELECT f.number, f.order_count, f.total_minor, COUNT(o.id),
            COALESCE(SUM(o.amount_minor), 0)
        FROM {_FILE} f LEFT JOIN {_ORDER} o ON o.file_id = f.id AND o.book_id = f.book_id
        GROUP BY f.number, f.order_count, f.total_minor
        HAVING COUNT(o.id) <> f.order_count OR COALESCE(SUM(o.amount_minor), 0) <> f.total_minor
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-08",
            object=f"debit file {number}",
            expected=f"{count} orders of {total}",
            found=f"{found_count} orders of {found_total}",
            hint="an order was changed, added or removed",
        )


CHECKS = (
    Check(
        code="INV-08",
        statement="The ledger took in every receipt, once, for its subject.",
        find=unposted_receipts,
    ),
    Check(
        code="INV-08",
        statement="Money that is not allocated or refunded is the balance of unapplied money.",
        find=unapplied_differs,
    ),
    Check(
        code="INV-08",
        statement="Debit files hold the orders that were counted into them.",
        find=wrong_files,
    ),
)
