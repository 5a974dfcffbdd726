"""Receipts: money that came in, each once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound, Refusal
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn
from loanops.money.payments import permissions
from loanops.money.payments.models import Receipt
from loanops.money.payments.queries import ReceiptCard, receipt_card
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch, insert_many, new_numbers, update_many
from loanops.platform.work import Work, once_more, unit_of_work

_RECEIPT = Receipt._meta.db_table
_COLUMNS = (
    "number",
    "book_id",
    "channel",
    "pay_no",
    "subject",
    "amount_minor",
    "allocated_minor",
    "refunded_minor",
    "received_on",
    "at",
)
UNAPPLIED = AccountKey("unapplied")


class ReceiptReused(Refusal):
    """The channel's payment number came again with other content."""

    code = "payments_receipt_reused"
    sentence = (
        "Payment {pay_no} of {channel} was booked before with another amount, day or subject; "
        "check the channel's file."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptIn:
    """Money that came in for a subject; (channel, pay_no) names it once and for all."""

    channel: str
    pay_no: str
    subject: str
    amount_minor: int
    received_on: date

    def __post_init__(self) -> None:
        """Refuse what cannot be a receipt.

        :raises BadField: the amount is not above zero, or a name is missing.
        """
        if self.amount_minor <= 0:
            raise BadField(field="amount", problem="must be above zero")
        for name in ("channel", "pay_no"):
            if not getattr(self, name).strip():
                raise BadField(field=name, problem="must not be empty")

    def entries(self) -> tuple[EntryIn, ...]:
        """The ledger's side of money in: with the channel, and not yet applied."""
        clearing = AccountKey(f"cash.clearing:{self.channel}")
        return (EntryIn(clearing, UNAPPLIED, self.amount_minor),)

    def is_same(self, card: ReceiptCard) -> bool:
        """Whether a receipt that exists is this one."""
        return (card.subject, card.amount_minor, card.received_on) == (
            self.subject,
            self.amount_minor,
            self.received_on,
        )


def receive(
    *,
    book: str,
    channel: str,
    pay_no: str,
    amount_minor: int,
    on: date,
    loan: str,
    actor: Actor,
    at: datetime,
) -> ReceiptCard:
    """Take money in and leave it unapplied. The same money again answers the same receipt.

    :raises NotPermitted: the actor may not receive money.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the amount is not above zero, or channel or pay_no is empty.
    :raises ReceiptReused: channel and pay_no were used for other money.
    """
    require(actor, permissions.RECEIVE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    given = ReceiptIn(
        channel=channel, pay_no=pay_no, subject=loan, amount_minor=amount_minor, received_on=on
    )
    return once_more(lambda: _receive(book, given, actor, at))


def _receive(book: str, given: ReceiptIn, actor: Actor, at: datetime) -> ReceiptCard:
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        known = Receipt.objects.filter(channel=given.channel, pay_no=given.pay_no).first()
        if known is not None:
            card = receipt_card(known)
            if not given.is_same(card):
                raise ReceiptReused(channel=given.channel, pay_no=given.pay_no)
            work.unchanged()
            return card

        number = take(work=work, receipt=given, allocated_minor=0)
        subject = given.subject or number
        ledger.post(
            work=work,
            on=work.on,
            journal=JournalIn(kind="payments.received", subject=subject, entries=given.entries()),
        )

        work.record(
            "payments.received",
            subject=subject,
            channel=given.channel,
            amount_minor=given.amount_minor,
            receipt=number,
        )
    return receipt_card(Receipt.objects.get(number=number))


def take(*, work: Work, receipt: ReceiptIn, allocated_minor: int) -> str:
    """Write one receipt with what of it is allocated at once; the caller posts and records.

    :raises IntegrityError: channel and pay_no were used, or more is allocated than received.
    """
    return take_many(work=work, receipts=[(receipt, allocated_minor)])[0]


def take_many(*, work: Work, receipts: Sequence[tuple[ReceiptIn, int]]) -> list[str]:
    """Write many receipts, each with what of it is allocated at once; returns their numbers.

    :raises IntegrityError: channel and pay_no were used, or more is allocated than received.
    """
    numbers = new_numbers("RC", work.at, len(receipts))
    insert_many(
        _RECEIPT,
        _COLUMNS,
        (
            (
                number,
                work.book,
                given.channel,
                given.pay_no,
                given.subject,
                given.amount_minor,
                allocated_minor,
                0,
                given.received_on,
                work.at,
            )
            for number, (given, allocated_minor) in zip(numbers, receipts, strict=True)
        ),
    )
    return numbers


def allocate_many(*, work: Work, rows: Iterable[tuple[str, int]]) -> None:
    """Add to what is allocated of receipts: rows of (number, further amount, may be negative).

    :raises IntegrityError: more would be allocated than was received.
    """
    further: dict[str, int] = {}
    for number, amount_minor in rows:
        further[number] = further.get(number, 0) + amount_minor
    wanted = sorted(number for number, amount_minor in further.items() if amount_minor)
    if not wanted:
        return
    marks = ", ".join(["%s"] * len(wanted))
    known = dict(
        fetch(
            f"SELECT number, allocated_minor FROM {_RECEIPT} "  # noqa: S608
            f"WHERE book_id = %s AND number IN ({marks})",
            [work.book, *wanted],
        )
    )
    update_many(
        _RECEIPT,
        ("number",),
        ("allocated_minor",),
        [(number, known[number] + further[number]) for number in wanted],
    )
