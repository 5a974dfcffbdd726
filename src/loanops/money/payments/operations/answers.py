"""Files of channels that a person takes in: all rows or none, and each file once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import MoveNotAllowed, NotFound, Refusal
from loanops.money.payments import permissions
from loanops.money.payments.domain.answers import AnswerRow, AnswersRead, read_answers
from loanops.money.payments.domain.debits import AnswerKind, FileState, OrderState
from loanops.money.payments.domain.refusals import (
    AnswerFileCount,
    AnswerFileShort,
    AnswerFileTaken,
    AnswerFileTotal,
    AnswerFileWrong,
    CollectedTooMuch,
    DayOutside,
    OrderAnsweredOtherwise,
    OrderUnknown,
    PaymentUnknown,
    plain,
)
from loanops.money.payments.models import AnswerFile, DebitFile, DebitOrder, Receipt, Return
from loanops.money.payments.operations.results import take_debit_results
from loanops.money.payments.operations.returns import ReturnIn, check_return, take_back_many
from loanops.money.payments.ports import DebitResult
from loanops.platform.books.operations import hold_date
from loanops.platform.db import lock, new_number
from loanops.platform.sheets.opening import open_sheet
from loanops.platform.sheets.rows import RowRefusal
from loanops.platform.work import Work, unit_of_work

_CHUNK = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """What whoever sent a file says of it: how many rows, and what their amounts add up to."""

    count: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class FileTaken:
    """A file that was taken in."""

    number: str
    version: int
    rows: int
    total_minor: int


def take_answer_file(
    *, file: str, name: str, content: bytes, announced: Announced, actor: Actor, at: datetime
) -> FileTaken:
    """Take the answer to a debit file from a CSV or XLSX file, as its channel would have given it.

    :raises NotPermitted: the actor may not take answers.
    :raises NotFound: there is no such debit file in the actor's books.
    :raises MoveNotAllowed: the debit file did not go out yet.
    :raises FileUnreadable, ColumnMissing, ColumnTwice: it is no such file.
    :raises AnswerFileTaken: the very same file came before.
    :raises AnswerFileCount, AnswerFileTotal, AnswerFileShort: it is not whole.
    :raises AnswerFileWrong: rows cannot be taken; it says which and why.
    """
    require(actor, permissions.SEND_DEBITS)
    debit = DebitFile.objects.filter(number=file).first()
    if debit is None or not actor.sees_book(debit.book_id):
        raise NotFound(kind="debit file", number=file)
    read = _read(AnswerKind.ANSWERED, name, content)
    with unit_of_work(actor=actor, at=at, book=debit.book_id, on=hold_date) as work:
        lock(DebitFile._meta.db_table, [debit.pk])
        debit.refresh_from_db()
        if debit.state not in {FileState.SENT, FileState.ANSWERED}:
            raise MoveNotAllowed(move="answer", state=debit.state)
        digest = _once(debit.book_id, debit.channel, AnswerKind.ANSWERED, content)
        _hold(read, announced)
        orders = {
            order.number: order
            for order in DebitOrder.objects.filter(file=debit).exclude(state=OrderState.STOPPED)
        }
        refused = [*read.refused, *_wrong_answers(work, debit, orders, read)]
        if refused:
            raise AnswerFileWrong(rows=_in_order(refused))
        if len(read.rows) < len(orders):
            raise AnswerFileShort(found=len(read.rows), expected=len(orders), file=file)

        taken = _keep(work, AnswerKind.ANSWERED, debit.channel, debit, name, digest, read)
        take_debit_results(
            number=file,
            results=[
                DebitResult(row.order, row.pay_no, row.amount_minor, row.on, row.reason)
                for row in read.rows
            ],
            actor=actor,
            at=at,
        )
    return taken


def take_return_file(
    *,
    book: str,
    channel: str,
    name: str,
    content: bytes,
    announced: Announced,
    actor: Actor,
    at: datetime,
) -> FileTaken:
    """Take a file of payments that a channel's bank took back.

    :raises NotPermitted: the actor may not record what was taken back.
    :raises NotFound: there is no such book in the actor's scope.
    :raises FileUnreadable, ColumnMissing, ColumnTwice: it is no such file.
    :raises AnswerFileTaken: the very same file came before.
    :raises AnswerFileCount, AnswerFileTotal: it is not whole.
    :raises AnswerFileWrong: rows cannot be taken; it says which and why.
    """
    require(actor, permissions.RETURN)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    read = _read(AnswerKind.RETURNED, name, content)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        digest = _once(book, channel, AnswerKind.RETURNED, content)
        _hold(read, announced)
        receipts = _receipts(book, channel, [row.pay_no for row in read.rows])
        lock(Receipt._meta.db_table, sorted(row.pk for row in receipts.values()))
        receipts = _receipts(book, channel, [row.pay_no for row in read.rows])
        refused = [*read.refused, *_wrong_returns(work, receipts, read)]
        if refused:
            raise AnswerFileWrong(rows=_in_order(refused))

        taken = _keep(work, AnswerKind.RETURNED, channel, None, name, digest, read)
        take_back_many(
            work=work, rows=[(receipts[row.pay_no], _returned(receipts, row)) for row in read.rows]
        )
    return taken


def _read(kind: AnswerKind, name: str, content: bytes) -> AnswersRead:
    return read_answers(open_sheet(file=name, content=content), kind)


def _once(book: str, channel: str, kind: AnswerKind, content: bytes) -> str:
    """The digest of a file that did not come before.

    :raises AnswerFileTaken:
    """
    digest = hashlib.sha256(content).hexdigest()
    before = AnswerFile.objects.filter(
        book_id=book, channel=channel, kind=kind.value, sha256=digest
    ).first()
    if before is not None:
        raise AnswerFileTaken(number=before.number)
    return digest


def _hold(read: AnswersRead, announced: Announced) -> None:
    """Hold that a file is whole; where a cell cannot be read, its row says so instead.

    :raises AnswerFileCount, AnswerFileTotal:
    """
    if read.count != announced.count:
        raise AnswerFileCount(found=read.count, expected=announced.count)
    if not read.refused and read.total_minor != announced.total_minor:
        raise AnswerFileTotal(found=plain(read.total_minor), expected=plain(announced.total_minor))


def _wrong_answers(
    work: Work, debit: DebitFile, orders: dict[str, DebitOrder], read: AnswersRead
) -> list[RowRefusal]:
    wrong = []
    for row in read.rows:
        order = orders.get(row.order)
        refusal = (
            OrderUnknown(field=read.columns["order"], found=row.order, file=debit.number)
            if order is None
            else _wrong_answer(work, order, row, read)
        )
        if refusal is not None:
            wrong.append(RowRefusal(row.line, refusal.field or "", refusal))
    return wrong


def _wrong_answer(
    work: Work, order: DebitOrder, row: AnswerRow, read: AnswersRead
) -> Refusal | None:
    columns = read.columns
    if row.amount_minor > order.amount_minor:
        asked = plain(order.amount_minor)
        return CollectedTooMuch(field=columns["amount"], found=plain(row.amount_minor), asked=asked)
    if not order.due_on <= row.on <= work.on:
        return DayOutside(field=columns["on"], found=row.on, first=order.due_on, last=work.on)
    said = (row.amount_minor, row.pay_no if row.amount_minor else "")
    if order.state != OrderState.ORDERED and said != (order.collected_minor, order.pay_no):
        return OrderAnsweredOtherwise(
            field=columns["order"], found=row.order, amount=plain(order.collected_minor)
        )
    return None


def _receipts(book: str, channel: str, pay_nos: Sequence[str]) -> dict[str, Receipt]:
    found: dict[str, Receipt] = {}
    for start in range(0, len(pay_nos), _CHUNK):
        rows = Receipt.objects.filter(
            book_id=book, channel=channel, pay_no__in=pay_nos[start : start + _CHUNK]
        )
        found |= {row.pay_no: row for row in rows}
    return found


def _returned(receipts: dict[str, Receipt], row: AnswerRow) -> ReturnIn:
    return ReturnIn(
        receipt=receipts[row.pay_no].number,
        amount_minor=row.amount_minor,
        reason=row.reason,
        on=row.on,
    )


def _wrong_returns(work: Work, receipts: dict[str, Receipt], read: AnswersRead) -> list[RowRefusal]:
    ids = [receipt.pk for receipt in receipts.values()]
    before = set(Return.objects.filter(receipt_id__in=ids).values_list("receipt_id", flat=True))
    wrong = []
    for row in read.rows:
        receipt = receipts.get(row.pay_no)
        try:
            if receipt is None:
                raise PaymentUnknown(field=read.columns["pay_no"], found=row.pay_no)
            check_return(receipt, _returned(receipts, row), work.on, returned=receipt.pk in before)
        except Refusal as refusal:
            wrong.append(RowRefusal(row.line, refusal.field or "", refusal))
    return wrong


def _in_order(refused: Sequence[RowRefusal]) -> tuple[RowRefusal, ...]:
    return tuple(sorted(refused, key=lambda each: each.line))


def _keep(
    work: Work,
    kind: AnswerKind,
    channel: str,
    debit: DebitFile | None,
    name: str,
    digest: str,
    read: AnswersRead,
) -> FileTaken:
    versions = AnswerFile.objects.filter(
        book_id=work.book, channel=channel, kind=kind.value, file=debit
    )
    row = AnswerFile.objects.create(
        number=new_number("AF", work.at),
        book_id=work.book,
        channel=channel,
        kind=kind.value,
        file=debit,
        version=versions.count() + 1,
        name="".join(letter for letter in name if letter.isprintable())[:120],
        sha256=digest,
        row_count=read.count,
        total_minor=read.total_minor,
        taken_by=work.actor.person,
        at=work.at,
    )
    work.record(
        "payments.answer_file_taken",
        subject=debit.number if debit else row.number,
        name=row.name,
        channel=channel,
        rows=read.count,
        total_minor=read.total_minor,
        sha256=digest,
    )
    return FileTaken(row.number, row.version, row.row_count, row.total_minor)
