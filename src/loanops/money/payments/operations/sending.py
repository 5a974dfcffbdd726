"""Debit files out: frozen, without what was paid meanwhile, and handed to the channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.debits import FILES, FileMove, FileState, OrderState, digest
from loanops.money.payments.models import DebitFile, DebitOrder, Receipt
from loanops.money.payments.ports import CHANNELS, DebitFileOut, DebitLine
from loanops.platform.books import queries as books
from loanops.platform.db import fetch, update_many
from loanops.platform.work import Work, unit_of_work

_ORDER = DebitOrder._meta.db_table
_RECEIPT = Receipt._meta.db_table
FIRST_LOOK: Final = timedelta(minutes=1)


def _take_off_paid(file: DebitFile) -> None:
    """Ask for nothing that came in since the orders were made, and stop those it covers."""
    if not file.stop_if_paid:
        return
    came = fetch(
        f"""
        SELECT o.id, o.amount_minor, SUM(r.amount_minor) FROM {_ORDER} o
        JOIN {_RECEIPT} r ON r.subject = o.subject AND r.book_id = o.book_id AND r.at > o.at
        WHERE o.file_id = %s AND o.state = '{OrderState.ORDERED}'
        GROUP BY o.id, o.amount_minor
        """,  # noqa: S608 - names and states come from the code
        [file.pk],
    )
    less = [(id_, amount - int(paid)) for id_, amount, paid in came if paid < amount]
    covered = [
        (id_, OrderState.STOPPED.value, "paid") for id_, amount, paid in came if paid >= amount
    ]
    update_many(_ORDER, ("id",), ("amount_minor",), less)
    update_many(_ORDER, ("id",), ("state", "reason"), covered)
    if less:
        asked = sum(int(paid) for _, amount, paid in came if paid < amount)
        DebitFile.objects.filter(pk=file.pk).update(total_minor=F("total_minor") - asked)


def _asked(file: DebitFile) -> list[tuple[str, str, int]]:
    """What a file asks for: order, account and minor units of each that waits, oldest first."""
    orders = DebitOrder.objects.filter(file=file, state=OrderState.ORDERED).order_by("id")
    return list(orders.values_list("number", "account", "amount_minor"))


def _drop(work: Work, file: DebitFile) -> None:
    """Keep a file back that asks for nothing."""
    empty = FILES.after(FileState.SENDING, FileMove.DROP)
    DebitFile.objects.filter(pk=file.pk, state=FileState.SENDING).update(state=empty)
    work.record("payments.debit_file_empty", subject=file.number, channel=file.channel)


def send_debit_file(*, number: str, actor: Actor, at: datetime) -> str:
    """Hand a debit file to its channel; returns the channel's reference.

    A file in which nothing is left to ask for does not go out: the reference is empty, and the file
    says so.

    The lines are frozen and committed with their digest before the first byte leaves, so that a
    repeat after a crash sends the same file under the same number.

    :raises NotPermitted: the actor may not send debits.
    :raises NotFound: there is no such file.
    :raises MoveNotAllowed: the file was sent already.
    :raises OSError: the channel could not be reached.
    """
    require(actor, permissions.SEND_DEBITS)
    file = DebitFile.objects.filter(number=number).first()
    if file is None or not actor.sees_book(file.book_id):
        raise NotFound(kind="debit file", number=number)
    book = books.get_book(file.book_id)
    with unit_of_work(actor=actor, at=at, book=book.code, on=book.business_date) as work:
        frozen = FILES.after(FileState(file.state), FileMove.FREEZE)
        if DebitFile.objects.filter(pk=file.pk, state=FileState.MADE).update(state=frozen):
            _take_off_paid(file)
        asked = _asked(file)
        if not asked:
            _drop(work, file)
            return ""
        # Of a file, too, that was frozen before its digest was kept.
        DebitFile.objects.filter(pk=file.pk, sha256="").update(sha256=digest(asked))
        work.unchanged()
    lines = [DebitLine(*line) for line in asked]
    gateway, _, party = file.channel.partition(":")
    reference = CHANNELS[gateway].send_debit_file(
        file=DebitFileOut(number, party, book.currency, file.due_on, lines, file.part_min_minor)
    )
    with unit_of_work(actor=actor, at=at, book=book.code, on=book.business_date) as work:
        sent = FILES.after(FileState.SENDING, FileMove.SEND)
        DebitFile.objects.filter(pk=file.pk, state=FileState.SENDING).update(
            state=sent, partner_reference=reference
        )
        work.record(
            "payments.debit_file_sent",
            subject=number,
            orders=len(lines),
            channel=file.channel,
            sha256=digest(asked),
        )
        work.enqueue(
            "payments.take_debit_results",
            key=f"debit-results:{number}:0",
            payload={"file": number, "look": 0},
            run_at=at + FIRST_LOOK,
        )
    return reference
