"""Debit results in: what the channel collected becomes receipts, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import JournalIn
from loanops.money.payments import events, permissions
from loanops.money.payments.domain.debits import (
    FILES,
    ORDERS,
    FileMove,
    FileState,
    OrderState,
    answer,
)
from loanops.money.payments.models import DebitFile, DebitOrder, Receipt
from loanops.money.payments.operations.receipts import ReceiptIn, take_many
from loanops.money.payments.ports import DebitResult
from loanops.platform.books.operations import hold_date
from loanops.platform.db import lock, update_many
from loanops.platform.work import Work, unit_of_work

ROWS_PER_EVENT = 1_000


@dataclass(frozen=True, slots=True)
class ResultsTaken:
    """What came of an answer. ``unanswered`` orders stay live until the channel answers them."""

    collected: int
    failed: int
    unanswered: int
    repeated: int
    collected_minor: int


def take_debit_results(
    *, number: str, results: Sequence[DebitResult], actor: Actor, at: datetime
) -> ResultsTaken:
    """Take the answer to a debit file: orders end, money becomes unapplied receipts.

    Whoever knows what is owed allocates it, told by ``payments.debits_collected``. An answer that
    was taken before changes nothing.

    :raises NotPermitted: the actor may not send debits.
    :raises NotFound: there is no such file.
    :raises MoveNotAllowed: the file was not sent yet.
    """
    require(actor, permissions.SEND_DEBITS)
    file = DebitFile.objects.filter(number=number).first()
    if file is None or not actor.sees_book(file.book_id):
        raise NotFound(kind="debit file", number=number)
    with unit_of_work(actor=actor, at=at, book=file.book_id, on=hold_date) as work:
        lock(DebitFile._meta.db_table, [file.pk])
        file.refresh_from_db()
        if file.state != FileState.ANSWERED:
            state = FILES.after(FileState(file.state), FileMove.ANSWER)
            DebitFile.objects.filter(pk=file.pk).update(state=state)

        orders = {
            order.number: order
            for order in DebitOrder.objects.filter(file=file, state=OrderState.ORDERED)
        }
        answers = {result.order: result for result in results if result.order in orders}
        taken = _book(work, file, orders, answers)

        if answers:
            work.record(
                "payments.debit_results_taken",
                subject=number,
                collected=taken.collected,
                failed=taken.failed,
                unanswered=taken.unanswered,
                repeated=taken.repeated,
                collected_minor=taken.collected_minor,
            )
        else:
            work.unchanged()
    return taken


def _book(
    work: Work,
    file: DebitFile,
    orders: dict[str, DebitOrder],
    answers: dict[str, DebitResult],
) -> ResultsTaken:
    _end_orders(orders, answers)
    paid = {
        (file.channel, result.pay_no): result
        for result in answers.values()
        if result.collected_minor > 0
    }
    known = set(
        Receipt.objects.filter(
            channel=file.channel, pay_no__in=[pay_no for _, pay_no in paid]
        ).values_list("channel", "pay_no")
    )
    fresh = [result for key, result in paid.items() if key not in known]
    numbers = _receive(work, file, [(orders[result.order], result) for result in fresh])
    rows = [
        {
            "receipt": receipt,
            "subject": orders[result.order].subject,
            "amount_minor": result.collected_minor,
            "on": result.collected_on.isoformat(),
        }
        for receipt, result in zip(numbers, fresh, strict=True)
    ]
    for start in range(0, len(rows), ROWS_PER_EVENT):
        work.announce(
            events.DebitsCollected(
                subject=file.number,
                channel=file.channel,
                on=work.on.isoformat(),
                rows=tuple(rows[start : start + ROWS_PER_EVENT]),
            )
        )
    return ResultsTaken(
        collected=len(paid),
        failed=len(answers) - len(paid),
        unanswered=len(orders) - len(answers),
        repeated=len(paid) - len(fresh),
        collected_minor=sum(result.collected_minor for result in fresh),
    )


def _end_orders(orders: dict[str, DebitOrder], answers: dict[str, DebitResult]) -> None:
    rows: list[tuple[Any, ...]] = []
    for number, result in answers.items():
        order = orders[number]
        move = answer(order.amount_minor, result.collected_minor)
        state = ORDERS.after(OrderState(order.state), move)
        # More than was asked for is still money received; the order shows what it asked for.
        collected_minor = min(max(result.collected_minor, 0), order.amount_minor)
        rows.append((order.pk, state, collected_minor, result.reason[:40], result.pay_no))
    columns = ("state", "collected_minor", "reason", "pay_no")
    update_many(DebitOrder._meta.db_table, ("id",), columns, rows)


def _receive(
    work: Work, file: DebitFile, paid: Sequence[tuple[DebitOrder, DebitResult]]
) -> list[str]:
    receipts = [
        ReceiptIn(
            channel=file.channel,
            pay_no=result.pay_no,
            subject=order.subject,
            amount_minor=result.collected_minor,
            received_on=result.collected_on,
        )
        for order, result in paid
    ]
    numbers = take_many(work=work, receipts=[(receipt, 0) for receipt in receipts])
    ledger.post_many(
        work=work,
        on=work.on,
        journals=[
            JournalIn(
                kind="payments.received",
                subject=receipt.subject,
                entries=receipt.entries(),
            )
            for receipt in receipts
        ],
    )
    return numbers
