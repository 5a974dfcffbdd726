"""INV-08: money in is allocated, unapplied or refunded, and the ledger knows all of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from loanops.kernel.access import Viewer
from loanops.money.ledger import queries as ledger
from loanops.money.payments.domain.refunds import RefundState
from loanops.money.payments.invariants import debits, witnessed
from loanops.money.payments.models import DebitFile, DebitOrder, Receipt, Refund, Return
from loanops.platform.audit import Check, Violation
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_FILE = DebitFile._meta.db_table
_ORDER = DebitOrder._meta.db_table
_RECEIPT = Receipt._meta.db_table
_REFUND = Refund._meta.db_table
_RETURN = Return._meta.db_table


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
    for channel, subject, total in fetch(
        f"""
        SELECT r.channel, CASE WHEN r.subject = '' THEN r.number ELSE r.subject END,
            SUM(g.amount_minor)
        FROM (
            SELECT receipt_id, amount_minor FROM {_RETURN}
            UNION ALL
            SELECT receipt_id, amount_minor FROM {_REFUND} WHERE state = '{RefundState.SENT}'
        ) g JOIN {_RECEIPT} r ON r.id = g.receipt_id GROUP BY 1, 2
        """  # noqa: S608 - names come from the models
    ):
        received[(channel, subject)] = received.get((channel, subject), 0) - int(total)
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
            f"SELECT book_id, SUM(amount_minor - allocated_minor - refunded_minor "  # noqa: S608
            f"- returned_minor) FROM {_RECEIPT} GROUP BY book_id"
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


def wrong_leavings() -> Iterator[Violation]:
    """Books whose refunds on their way, or payments taken back, are not what the ledger holds."""
    house = Viewer.house("verify")
    kept: dict[tuple[str, str], int] = defaultdict(int)
    for book, total in fetch(
        f"SELECT book_id, SUM(amount_minor) FROM {_REFUND} "  # noqa: S608
        f"WHERE state = '{RefundState.APPROVED}' GROUP BY book_id"
    ):
        kept[(book, "refunds.payable")] = int(total)
    for book, total in fetch(
        f"SELECT book_id, SUM(amount_minor - covered_minor) FROM {_RETURN} "  # noqa: S608
        "GROUP BY book_id"
    ):
        kept[(book, "suspense.returned")] = int(total)
    for card in books.list_books(viewer=house):
        for head in ("refunds.payable", "suspense.returned"):
            found = sum(ledger.balances_of(book=card.code, heads=[head], viewer=house).values())
            if found != kept[(card.code, head)]:
                yield Violation(
                    code="INV-08",
                    object=f"account {card.code} {head}",
                    expected=str(kept[(card.code, head)]),
                    found=str(found),
                    hint="a refund or a return was changed without the ledger",
                )


def wrong_receipts() -> Iterator[Violation]:
    """Receipts whose refunds and returns are not those counted into them."""
    for number, refunded, returned, found_refunded, found_returned in fetch(
        f"""
        SELECT r.number, r.refunded_minor, r.returned_minor, COALESCE(f.total, 0),
            COALESCE(t.covered_minor, 0)
        FROM {_RECEIPT} r
        LEFT JOIN (
            SELECT receipt_id, SUM(amount_minor) AS total FROM {_REFUND}
            WHERE state IN ('{RefundState.APPROVED}', '{RefundState.SENT}') GROUP BY receipt_id
        ) f ON f.receipt_id = r.id
        LEFT JOIN {_RETURN} t ON t.receipt_id = r.id
        WHERE r.refunded_minor <> COALESCE(f.total, 0)
            OR r.returned_minor <> COALESCE(t.covered_minor, 0)
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-08",
            object=f"receipt {number}",
            expected=f"refunded {found_refunded}, taken back {found_returned}",
            found=f"refunded {refunded}, taken back {returned}",
            hint="a refund or a return was changed, added or removed",
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
        code="INV-14",
        statement="Rows of payments were written when the audit saw something done in their book.",
        find=witnessed.unwitnessed,
    ),
    Check(
        code="INV-14",
        statement="Policies of debits are those that the audit saw being set.",
        find=witnessed.changed_policies,
    ),
    Check(
        code="INV-09",
        statement="Debit files keep the policy of their day, and went out under their number.",
        find=witnessed.strayed_files,
    ),
    Check(
        code="INV-08",
        statement="Every debit order is of its file's window and brought what its receipt says.",
        find=debits.strayed_orders,
    ),
    Check(
        code="INV-10",
        statement="Debit orders and files stand where their answers left them.",
        find=debits.wrong_ends,
    ),
    Check(
        code="INV-08",
        statement="Returns are whole and of the book of their receipts.",
        find=debits.strayed_returns,
    ),
    Check(
        code="INV-13",
        statement="Refunds are what was asked for, and were let go by somebody else.",
        find=debits.changed_refunds,
    ),
    Check(
        code="INV-13",
        statement="Debit files ask for what they asked for when they went out.",
        find=debits.changed_files,
    ),
    Check(
        code="INV-09",
        statement="Policies of debits follow each other without a gap and can be read.",
        find=debits.strayed_policies,
    ),
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
        statement="Refunds on their way and payments taken back are what their accounts hold.",
        find=wrong_leavings,
    ),
    Check(
        code="INV-08",
        statement="Receipts count the refunds and returns that there are of them.",
        find=wrong_receipts,
    ),
    Check(
        code="INV-08",
        statement="Debit files hold the orders that were counted into them.",
        find=wrong_files,
    ),
)
