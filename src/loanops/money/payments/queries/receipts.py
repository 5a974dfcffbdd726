"""Questions about money that came in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import F

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.refunds import REFUNDS, RefundState
from loanops.money.payments.models import Receipt, Refund, Return
from loanops.platform.db import fetch


@dataclass(frozen=True)
class ReceiptCard:
    """Money that came in, and what of it found its place."""

    number: str
    book: str
    channel: str
    pay_no: str
    subject: str
    amount_minor: int
    allocated_minor: int
    refunded_minor: int
    returned_minor: int
    received_on: date

    @property
    def unapplied_minor(self) -> int:
        """What has no place yet: the payer's credit."""
        return self.amount_minor - self.allocated_minor - self.refunded_minor - self.returned_minor


@dataclass(frozen=True)
class ReturnCard:
    """Money that a bank took back; ``covered_minor`` is what the receipt gave for it so far."""

    number: str
    book: str
    receipt: str
    channel: str
    pay_no: str
    subject: str
    amount_minor: int
    covered_minor: int
    reason: str
    returned_on: date

    @property
    def waiting_minor(self) -> int:
        """What a loan has still to give back."""
        return self.amount_minor - self.covered_minor


@dataclass(frozen=True)
class RefundCard:
    """Money on its way back to its payer."""

    number: str
    book: str
    receipt: str
    channel: str
    subject: str
    amount_minor: int
    reason: str
    state: str
    requested_by: str
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    partner_reference: str
    problem: str
    ended_at: datetime | None
    moves: tuple[str, ...]


def return_card(row: Return) -> ReturnCard:
    """What was taken back as a card."""
    return ReturnCard(
        number=row.number,
        book=row.book_id,
        receipt=row.receipt.number,
        channel=row.receipt.channel,
        pay_no=row.receipt.pay_no,
        subject=row.receipt.subject,
        amount_minor=row.amount_minor,
        covered_minor=row.covered_minor,
        reason=row.reason,
        returned_on=row.returned_on,
    )


def refund_card(row: Refund) -> RefundCard:
    """A refund as a card."""
    return RefundCard(
        number=row.number,
        book=row.book_id,
        receipt=row.receipt.number,
        channel=row.receipt.channel,
        subject=row.receipt.subject,
        amount_minor=row.amount_minor,
        reason=row.reason,
        state=row.state,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        partner_reference=row.partner_reference,
        problem=row.problem,
        ended_at=row.ended_at,
        moves=tuple(move.value for move in REFUNDS.moves(RefundState(row.state))),
    )


def receipt_card(row: Receipt) -> ReceiptCard:
    """A receipt as a card."""
    return ReceiptCard(
        number=row.number,
        book=row.book_id,
        channel=row.channel,
        pay_no=row.pay_no,
        subject=row.subject,
        amount_minor=row.amount_minor,
        allocated_minor=row.allocated_minor,
        refunded_minor=row.refunded_minor,
        returned_minor=row.returned_minor,
        received_on=row.received_on,
    )


def get_receipt(*, number: str, viewer: Viewer) -> ReceiptCard:
    """One receipt.

    :raises NotPermitted: the viewer may not see payments.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    row = Receipt.objects.filter(number=number).first()
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="receipt", number=number)
    return receipt_card(row)


def list_receipts(*, subject: str, viewer: Viewer, limit: int = 200) -> list[ReceiptCard]:
    """The receipts of a subject, oldest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    rows = Receipt.objects.filter(subject=subject).order_by("id")[:limit]
    return [receipt_card(row) for row in rows if viewer.sees_book(row.book_id)]


def find_receipts(*, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], ReceiptCard]:
    """The receipts that exist of (channel, pay_no) pairs; for rooms that order payments."""
    found: dict[tuple[str, str], ReceiptCard] = {}
    for channel in sorted({channel for channel, _ in keys}):
        pay_nos = sorted({pay_no for of, pay_no in keys if of == channel})
        # Read without the ORM: every single repayment asks this once.
        for start in range(0, len(pay_nos), _CHUNK):
            part = pay_nos[start : start + _CHUNK]
            rows = fetch(
                f"SELECT {_COLUMNS} FROM {Receipt._meta.db_table} "  # noqa: S608
                f"WHERE channel = %s AND pay_no IN ({', '.join(['%s'] * len(part))})",
                [channel, *part],
            )
            found |= {(row[2], row[3]): _receipt_of(row) for row in rows}
    return found


_CHUNK = 5_000
_COLUMNS = """number, book_id, channel, pay_no, subject, amount_minor, allocated_minor,
    refunded_minor, returned_minor, received_on"""


_UNAPPLIED = "(amount_minor - allocated_minor - refunded_minor - returned_minor)"


def _receipt_of(row: Sequence[Any]) -> ReceiptCard:
    day = row[9]
    return ReceiptCard(
        number=row[0],
        book=row[1],
        channel=row[2],
        pay_no=row[3],
        subject=row[4],
        amount_minor=row[5],
        allocated_minor=row[6],
        refunded_minor=row[7],
        returned_minor=row[8],
        received_on=day if isinstance(day, date) else date.fromisoformat(day),
    )


def receipts_by_number(
    *, numbers: Collection[str], with_returned: bool = False
) -> dict[str, ReceiptCard]:
    """Receipts by number; for rooms that order payments.

    What was taken back whole is no more, but for those who ask ``with_returned``.
    """
    rows = Receipt.objects.filter(number__in=sorted(set(numbers)))
    if not with_returned:
        rows = rows.filter(amount_minor__gt=F("returned_minor"))
    return {row.number: receipt_card(row) for row in rows}


def allocated_of(*, numbers: Collection[str]) -> dict[str, int]:
    """What is allocated of receipts; for rooms that order payments."""
    rows = Receipt.objects.filter(number__in=sorted(set(numbers))) if numbers else ()
    return {row.number: row.allocated_minor for row in rows}


def unapplied_of(*, subjects: Collection[str]) -> dict[str, int]:
    """What came in for subjects and has no place yet; for rooms that order payments."""
    wanted = sorted(set(subjects))
    kept: dict[str, int] = {}
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = fetch(
            f"SELECT subject, SUM({_UNAPPLIED}) FROM {Receipt._meta.db_table} "  # noqa: S608
            f"WHERE subject IN ({', '.join(['%s'] * len(part))}) AND {_UNAPPLIED} > 0 "
            "GROUP BY subject",
            part,
        )
        kept |= {subject: int(total) for subject, total in rows}
    return kept
