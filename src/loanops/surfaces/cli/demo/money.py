"""What staff do about money in a season: debit in two windows, returned debits, refunds."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from loanops.money.payments import operations, queries
from loanops.money.payments.queries import DebitPolicy, OrderFilter
from loanops.platform.books import queries as books
from loanops.surfaces.cli.demo import staff

# Business days left, as in `trouble`.
TAKEN_BACK, STRAY, STRAY_AGAIN = 12, 7, 1
STRAY_MINOR = 128_000
CHANNEL = "counter"


def agree_policy(*, book: str, at: datetime) -> None:
    """Debit in the morning and once more in the late afternoon, parts of 50.00 and more."""
    on = books.business_date(book)
    operations.set_debit_policy(
        book=book,
        channel="",
        policy=DebitPolicy(windows=("09:00", "16:30"), part_min_minor=5_000, tries_per_month=8),
        effective_from=on + timedelta(days=1),
        actor=staff.actor("finance", on=on),
        at=at,
    )


def look_after(*, book: str, on: date, left: int, at: datetime) -> None:
    """What the day brings: a debit that the bank takes back, or money that is nobody's."""
    if left == TAKEN_BACK:
        _take_back(on=on, at=at)
    if left in {STRAY, STRAY_AGAIN}:
        _give_back(book=book, on=on, at=at, decided=left == STRAY)


def _take_back(*, on: date, at: datetime) -> None:
    """The bank takes the newest debit of a loan back: its account had been closed."""
    finance = staff.actor("finance", on=on)
    wanted = OrderFilter(state="collected", limit=1)
    for order in queries.list_orders(wanted=wanted, viewer=finance):
        for receipt in queries.list_receipts(subject=order.subject, viewer=finance):
            if (receipt.channel, receipt.amount_minor) == (order.channel, order.collected_minor):
                operations.return_receipt(
                    receipt=receipt.number,
                    amount_minor=receipt.amount_minor,
                    reason="D102",
                    on=on,
                    actor=finance,
                    at=at,
                )
                return


def _give_back(*, book: str, on: date, at: datetime, decided: bool) -> None:
    """Money comes in that is nobody's: one goes back by two hands, another waits for the second."""
    ops, finance = staff.actor("ops", on=on), staff.actor("finance", on=on)
    receipt = operations.receive(
        book=book,
        channel=CHANNEL,
        pay_no=f"STRAY-{on:%Y%m%d}",
        amount_minor=STRAY_MINOR,
        on=on,
        loan="",
        actor=ops,
        at=at,
    )
    refund = operations.request_refund(
        receipt=receipt.number, amount_minor=STRAY_MINOR, reason="not_ours", actor=ops, at=at
    )
    if decided:
        operations.approve_refund(number=refund.number, actor=finance, at=at)
        operations.confirm_refund(
            number=refund.number, reference=f"WIRE-{on:%Y%m%d}", actor=finance, at=at
        )
