"""Money that a bank took back: off the channel at once, off a loan when servicing has undone it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn
from loanops.money.payments import events, permissions
from loanops.money.payments.domain.debits import ORDERS, OrderMove, OrderState
from loanops.money.payments.domain.refusals import (
    DayOutside,
    ReturnedAlready,
    ReturnedInPart,
    plain,
)
from loanops.money.payments.models import DebitOrder, Receipt, Return
from loanops.money.payments.operations.receipts import UNAPPLIED
from loanops.money.payments.ports import kept_of
from loanops.money.payments.queries.receipts import ReturnCard, return_card
from loanops.platform.books.operations import hold_date
from loanops.platform.db import insert_many, lock, new_numbers, update_many
from loanops.platform.work import Work, unit_of_work

TAKEN_BACK = AccountKey("suspense.returned")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnIn:
    """A payment that the bank took back, as a whole."""

    receipt: str
    amount_minor: int
    reason: str
    on: date


def return_receipt(
    *, receipt: str, amount_minor: int, reason: str, on: date, actor: Actor, at: datetime
) -> ReturnCard:
    """Record that a bank took a payment back. Whoever laid the money hears of it and undoes that.

    :raises NotPermitted: the actor may not record what was taken back.
    :raises NotFound: there is no such receipt in the actor's books.
    :raises ReturnedAlready: it was taken back before.
    :raises ReturnedInPart: the amount is not that of the payment.
    :raises DayOutside: the day lies before the payment or after the business date.
    """
    require(actor, permissions.RETURN)
    row = Receipt.objects.filter(number=receipt).first()
    if row is None or not actor.sees_book(row.book_id):
        raise NotFound(kind="receipt", number=receipt)
    given = ReturnIn(receipt=receipt, amount_minor=amount_minor, reason=reason, on=on)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        lock(Receipt._meta.db_table, [row.pk])
        row.refresh_from_db()
        check_return(row, given, work.on, returned=Return.objects.filter(receipt=row).exists())

        take_back_many(work=work, rows=[(row, given)])

        work.record(
            "payments.debit_returned",
            subject=row.subject or receipt,
            receipt=receipt,
            amount_minor=amount_minor,
            reason=reason,
        )
    return return_card(Return.objects.select_related("receipt").get(receipt=row))


def check_return(receipt: Receipt, given: ReturnIn, open_on: date, *, returned: bool) -> None:
    """Hold that a payment can have been taken back so.

    :raises ReturnedAlready, ReturnedInPart, DayOutside:
    """
    if returned:
        raise ReturnedAlready(pay_no=receipt.pay_no)
    if given.amount_minor != receipt.amount_minor:
        raise ReturnedInPart(field="amount", amount=plain(receipt.amount_minor))
    if not receipt.received_on <= given.on <= open_on:
        raise DayOutside(field="on", found=given.on, first=receipt.received_on, last=open_on)


def take_back_many(*, work: Work, rows: Sequence[tuple[Receipt, ReturnIn]]) -> None:
    """Write and post what was taken back, end its orders and tell; the caller checks and records.

    A receipt whose money nobody laid gives it at once. What a loan has waits until the loan gave
    it back, and stands in an account of its own meanwhile.

    :raises IntegrityError: a receipt was taken back before.
    """
    if not rows:
        return
    kept = kept_of([(receipt.number, receipt.subject) for receipt, _ in rows])
    covered = [
        0 if receipt.number in kept else min(given.amount_minor, _unapplied(receipt))
        for receipt, given in rows
    ]
    _write(work, rows, covered)
    ledger.post_many(
        work=work,
        on=work.on,
        journals=[
            JournalIn(
                kind="payments.returned",
                subject=receipt.subject or receipt.number,
                entries=_entries(receipt.channel, given.amount_minor, cover),
            )
            for (receipt, given), cover in zip(rows, covered, strict=True)
        ],
    )
    _end_orders([receipt for receipt, _ in rows])
    for receipt, given in rows:
        work.announce(
            events.DebitReturned(
                subject=receipt.subject or receipt.number,
                receipt=receipt.number,
                channel=receipt.channel,
                pay_no=receipt.pay_no,
                amount_minor=given.amount_minor,
                on=given.on.isoformat(),
                reason=given.reason,
            )
        )


def _write(work: Work, rows: Sequence[tuple[Receipt, ReturnIn]], covered: Sequence[int]) -> None:
    numbers = new_numbers("RT", work.at, len(rows))
    insert_many(
        Return._meta.db_table,
        (
            "number",
            "book_id",
            "receipt_id",
            "amount_minor",
            "covered_minor",
            "reason",
            "returned_on",
            "at",
        ),
        [
            (
                number,
                work.book,
                receipt.pk,
                given.amount_minor,
                cover,
                given.reason[:40],
                given.on,
                work.at,
            )
            for number, (receipt, given), cover in zip(numbers, rows, covered, strict=True)
        ],
    )
    update_many(
        Receipt._meta.db_table,
        ("id",),
        ("returned_minor",),
        [
            (receipt.pk, receipt.returned_minor + cover)
            for (receipt, _), cover in zip(rows, covered, strict=True)
            if cover
        ],
    )


def cover_returns(*, work: Work, receipts: Sequence[str]) -> int:
    """Give what was taken back from receipts whose money has no place again; returns how much.

    For whoever laid the money and has undone that. The caller records.

    :raises DatabaseError: nothing else; a receipt that nothing was taken back of is left alone.
    """
    found = [
        row
        for row in Return.objects.select_related("receipt").filter(
            receipt__number__in=sorted(set(receipts)), book_id=work.book
        )
        if row.covered_minor < row.amount_minor and _unapplied(row.receipt)
    ]
    gives = [
        (row, min(row.amount_minor - row.covered_minor, _unapplied(row.receipt))) for row in found
    ]
    update_many(
        Return._meta.db_table,
        ("id",),
        ("covered_minor",),
        [(row.pk, row.covered_minor + given) for row, given in gives],
    )
    update_many(
        Receipt._meta.db_table,
        ("id",),
        ("returned_minor",),
        [(row.receipt_id, row.receipt.returned_minor + given) for row, given in gives],
    )
    ledger.post_many(
        work=work,
        on=work.on,
        journals=[
            JournalIn(
                kind="payments.return_covered",
                subject=row.receipt.subject or row.receipt.number,
                entries=(EntryIn(UNAPPLIED, TAKEN_BACK, given),),
            )
            for row, given in gives
        ],
    )
    return sum(given for _, given in gives)


def _unapplied(receipt: Receipt) -> int:
    return (
        receipt.amount_minor
        - receipt.allocated_minor
        - receipt.refunded_minor
        - receipt.returned_minor
    )


def _entries(channel: str, amount_minor: int, covered_minor: int) -> tuple[EntryIn, ...]:
    clearing = AccountKey(f"cash.clearing:{channel}")
    parts = ((UNAPPLIED, covered_minor), (TAKEN_BACK, amount_minor - covered_minor))
    return tuple(EntryIn(account, clearing, minor) for account, minor in parts if minor)


def _end_orders(receipts: Sequence[Receipt]) -> None:
    """The orders that brought the money did not bring it after all."""
    orders = DebitOrder.objects.filter(
        pay_no__in=[receipt.pay_no for receipt in receipts],
        channel__in=sorted({receipt.channel for receipt in receipts}),
    ).exclude(pay_no="")
    mine = {(receipt.channel, receipt.pay_no) for receipt in receipts}
    update_many(
        DebitOrder._meta.db_table,
        ("id",),
        ("state",),
        [
            (order.pk, ORDERS.after(OrderState(order.state), OrderMove.RETURN).value)
            for order in orders
            if (order.channel, order.pay_no) in mine
        ],
    )
