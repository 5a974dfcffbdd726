"""Debit orders out: made set-based, frozen into a file, handed to the channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.money.payments import permissions
from loanops.money.payments.domain.debits import FILES, FileMove, FileState, OrderState
from loanops.money.payments.models import DebitFile, DebitOrder
from loanops.money.payments.ports import CHANNELS, DebitFileOut, DebitLine
from loanops.platform.books import queries as books
from loanops.platform.db import execute, fetch, insert_many, new_numbers, update_many, write
from loanops.platform.work import Work, unit_of_work

_FILE = DebitFile._meta.db_table
_ORDER = DebitOrder._meta.db_table
FIRST_LOOK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DebitRows:
    """The rows to order, as a query over the caller's own tables.

    ``sql`` yields (number, channel, subject, account, amount_minor); ``number`` names the attempt
    (the same attempt again is not ordered twice), ``account`` is how the channel knows the debtor.
    """

    sql: str
    params: Sequence[Any]
    channels: Sequence[str]


@dataclass(frozen=True, slots=True)
class DebitRow:
    """One debit to order, as the columns of :class:`DebitRows`."""

    number: str
    channel: str
    subject: str
    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Ordered:
    """What came of an order: how many, how much, and the subjects in the order of the rows."""

    count: int
    total_minor: int
    subjects: list[str]


def order_debits_from(*, work: Work, due_on: date, window: int, rows: DebitRows) -> Ordered:
    """Make the debit orders of a day and window, one file per channel, without a loop.

    A subject that has a live order gets no second one. The caller records.

    :raises DatabaseError: the query does not yield the columns of :class:`DebitRows`.
    """
    files = _open_files(work, due_on, window, rows.channels)
    made = fetch(
        f"""
        INSERT INTO {_ORDER} (number, book_id, file_id, channel, subject, account, due_on,
            "window", amount_minor, collected_minor, state, reason, at)
        SELECT r.number, %s, f.id, r.channel, r.subject, r.account, %s, %s, r.amount_minor, 0,
            '{OrderState.ORDERED}', '', %s
        FROM ({rows.sql}) r
        JOIN {_FILE} f ON f.book_id = %s AND f.channel = r.channel
            AND f.due_on = %s AND f."window" = %s AND f.state = '{FileState.MADE}'
        WHERE r.amount_minor > 0
        ON CONFLICT DO NOTHING
        RETURNING file_id, subject, amount_minor
        """,  # noqa: S608 - names and states come from the code
        [work.book, due_on, window, work.at, *rows.params, work.book, due_on, window],
    )
    _close_files(work, files, made)
    return Ordered(
        count=len(made),
        total_minor=sum(amount_minor for _, _, amount_minor in made),
        subjects=[subject for _, subject, _ in made],
    )


def order_debits(*, work: Work, due_on: date, window: int, rows: Sequence[DebitRow]) -> Ordered:
    """Make debit orders of given rows, with what holds for :func:`order_debits_from`.

    :raises IntegrityError: a subject stands in two rows.
    """
    files = _open_files(work, due_on, window, [row.channel for row in rows])
    by_channel = {channel: id_ for id_, (_, _, _, channel) in files.items()}
    taken = _taken(rows)
    fresh = [row for row in rows if row.subject not in taken and row.number not in taken]
    insert_many(
        _ORDER,
        (
            "number",
            "book_id",
            "file_id",
            "channel",
            "subject",
            "account",
            "due_on",
            "window",
            "amount_minor",
            "collected_minor",
            "state",
            "reason",
            "at",
        ),
        (
            (
                row.number,
                work.book,
                by_channel[row.channel],
                row.channel,
                row.subject,
                row.account,
                due_on,
                window,
                row.amount_minor,
                0,
                OrderState.ORDERED.value,
                "",
                work.at,
            )
            for row in fresh
        ),
    )
    made = [(by_channel[row.channel], row.subject, row.amount_minor) for row in fresh]
    _close_files(work, files, made)
    return Ordered(
        len(fresh), sum(row.amount_minor for row in fresh), [row.subject for row in fresh]
    )


_CHUNK = 5_000


def _taken(rows: Sequence[DebitRow]) -> set[str]:
    """The subjects that have a live order, and the numbers that are used."""
    taken: set[str] = set()
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK]
        live = DebitOrder.objects.filter(
            subject__in=[row.subject for row in part], state=OrderState.ORDERED
        )
        used = DebitOrder.objects.filter(number__in=[row.number for row in part])
        taken |= {*live.values_list("subject", flat=True), *used.values_list("number", flat=True)}
    return taken


def _open_files(
    work: Work, due_on: date, window: int, channels: Sequence[str]
) -> dict[int, tuple[str, int, int, str]]:
    """The files of the day and window that take orders, new where there is none yet."""
    wanted = sorted(set(channels))
    found = {
        (channel): (id_, number, count, total)
        for id_, number, channel, count, total in fetch(
            f"SELECT id, number, channel, order_count, total_minor FROM {_FILE} "  # noqa: S608
            'WHERE book_id = %s AND due_on = %s AND "window" = %s',
            [work.book, due_on, window],
        )
    }
    missing = [channel for channel in wanted if channel not in found]
    if missing:
        insert_many(
            _FILE,
            (
                "number",
                "book_id",
                "channel",
                "due_on",
                "window",
                "state",
                "order_count",
                "total_minor",
                "partner_reference",
                "sha256",
                "at",
            ),
            (
                (number, work.book, channel, due_on, window, FileState.MADE, 0, 0, "", "", work.at)
                for number, channel in zip(
                    new_numbers("DF", work.at, len(missing)), missing, strict=True
                )
            ),
        )
        return _open_files(work, due_on, window, channels)
    return {found[channel][0]: (*found[channel][1:], channel) for channel in wanted}


def _close_files(
    work: Work, files: dict[int, tuple[str, int, int, str]], made: list[tuple[Any, ...]]
) -> None:
    """Count what went into each file, send those with orders on their way, drop empty ones."""
    counts: dict[int, list[int]] = {
        id_: [count, total] for id_, (_, count, total, _) in files.items()
    }
    for file_id, _, amount_minor in made:
        counts[file_id][0] += 1
        counts[file_id][1] += amount_minor
    update_many(
        _FILE,
        ("id",),
        ("order_count", "total_minor"),
        [(id_, *counted) for id_, counted in counts.items()],
    )
    for id_, (number, _, _, _) in files.items():
        if counts[id_][0]:
            work.enqueue(
                "payments.send_debit_file", key=f"debit-file:{number}", payload={"file": number}
            )
        else:
            execute(f"DELETE FROM {_FILE} WHERE id = %s", [id_])  # noqa: S608


def stop_debits(*, work: Work, subjects: Sequence[str]) -> None:
    """Stop the orders of subjects that have not gone out yet: the money came another way.

    :raises DatabaseError: nothing else; what is not live is left as it is.
    """
    if not subjects:
        return
    marks = ", ".join(["%s"] * len(subjects))
    write(
        f"""
        UPDATE {_ORDER} SET state = '{OrderState.STOPPED}', reason = 'paid'
        WHERE subject IN ({marks}) AND state = '{OrderState.ORDERED}' AND book_id = %s
            AND file_id IN (SELECT id FROM {_FILE} WHERE state = '{FileState.MADE}')
        """,  # noqa: S608 - names and states come from the code
        [*subjects, work.book],
    )


def send_debit_file(*, number: str, actor: Actor, at: datetime) -> str:
    """Hand a debit file to its channel; returns the channel's reference.

    The lines are frozen and committed before the first byte leaves, so that a repeat after a
    crash sends the same file under the same number.

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
        DebitFile.objects.filter(pk=file.pk, state=file.state).update(state=frozen)
        work.unchanged()
    orders = DebitOrder.objects.filter(file=file, state=OrderState.ORDERED).order_by("id")
    lines = [
        DebitLine(order, account, amount_minor)
        for order, account, amount_minor in orders.values_list("number", "account", "amount_minor")
    ]
    gateway, _, party = file.channel.partition(":")
    reference = CHANNELS[gateway].send_debit_file(
        file=DebitFileOut(number, party, book.currency, file.due_on, lines)
    )
    with unit_of_work(actor=actor, at=at, book=book.code, on=book.business_date) as work:
        sent = FILES.after(FileState.SENDING, FileMove.SEND)
        DebitFile.objects.filter(pk=file.pk, state=FileState.SENDING).update(
            state=sent, partner_reference=reference
        )
        work.record(
            "payments.debit_file_sent", subject=number, orders=len(lines), channel=file.channel
        )
        work.enqueue(
            "payments.take_debit_results",
            key=f"debit-results:{number}:0",
            payload={"file": number, "look": 0},
            run_at=at + FIRST_LOOK,
        )
    return reference
