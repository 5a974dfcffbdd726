"""Questions about money without a place: what is unapplied, taken back, or on its way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.refunds import RefundState
from loanops.money.payments.models import Receipt, Refund, Return
from loanops.money.payments.ports import kept_of
from loanops.money.payments.queries.receipts import (
    RefundCard,
    ReturnCard,
    receipt_card,
    refund_card,
    return_card,
)


@dataclass(frozen=True)
class UnappliedCard:
    """A receipt with money that has no place; ``kept`` says that it is credit of its subject."""

    receipt: str
    book: str
    channel: str
    pay_no: str
    subject: str
    received_on: date
    amount_minor: int
    unapplied_minor: int
    kept: bool


def list_unapplied(
    *, book: str, viewer: Viewer, before: str = "", limit: int = 50
) -> list[UnappliedCard]:
    """Receipts with money without a place, newest first; ``before`` pages on by number.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Receipt.objects.filter(
        book_id=book,
        amount_minor__gt=F("allocated_minor") + F("refunded_minor") + F("returned_minor"),
    )
    if before:
        rows = rows.filter(number__lt=before)
    cards = [receipt_card(row) for row in rows.order_by("-number")[:limit]]
    kept = kept_of([(card.number, card.subject) for card in cards])
    return [
        UnappliedCard(
            receipt=card.number,
            book=card.book,
            channel=card.channel,
            pay_no=card.pay_no,
            subject=card.subject,
            received_on=card.received_on,
            amount_minor=card.amount_minor,
            unapplied_minor=card.unapplied_minor,
            kept=card.number in kept,
        )
        for card in cards
    ]


def unapplied_minor(*, book: str, viewer: Viewer) -> int:
    """All of a book's money without a place.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return 0
    rows = Receipt.objects.filter(
        book_id=book,
        amount_minor__gt=F("allocated_minor") + F("refunded_minor") + F("returned_minor"),
    )
    total = rows.aggregate(
        total=Sum(
            F("amount_minor") - F("allocated_minor") - F("refunded_minor") - F("returned_minor")
        )
    )["total"]
    return int(total or 0)


def list_returns(*, book: str, viewer: Viewer, limit: int = 50) -> list[ReturnCard]:
    """What banks took back, newest first.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Return.objects.select_related("receipt").filter(book_id=book).order_by("-number")
    return [return_card(row) for row in rows[:limit]]


def list_refunds(
    *, book: str, viewer: Viewer, state: str = "", before: str = "", limit: int = 50
) -> list[RefundCard]:
    """Refunds, newest first; ``before`` pages on by number.

    :raises NotPermitted: the viewer may not see payments.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Refund.objects.select_related("receipt").filter(book_id=book).order_by("-number")
    if state:
        rows = rows.filter(state=state)
    if before:
        rows = rows.filter(number__lt=before)
    return [refund_card(row) for row in rows[:limit]]


def get_refund(*, number: str, viewer: Viewer) -> RefundCard:
    """One refund.

    :raises NotPermitted: the viewer may not see payments.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    row = Refund.objects.select_related("receipt").filter(number=number).first()
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="refund", number=number)
    return refund_card(row)


def count_refunds_open(*, book: str, viewer: Viewer) -> int:
    """Refunds that wait for somebody: to be decided, or to be paid out."""
    if not viewer.sees_book(book):
        return 0
    waiting = (RefundState.REQUESTED, RefundState.APPROVED)
    return Refund.objects.filter(book_id=book, state__in=waiting).count()
