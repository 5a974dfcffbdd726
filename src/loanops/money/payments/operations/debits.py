"""Debit orders: made set-based, by window and channel, and stopped while they can be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops.money.payments.domain.debits import UNPAID, FileState, OrderState
from loanops.money.payments.domain.policy import Policies
from loanops.money.payments.models import DebitFile, DebitOrder
from loanops.money.payments.queries.debits import tries_of
from loanops.money.payments.queries.policies import policies_on
from loanops.platform.db import (
    execute,
    fetch,
    insert_many,
    lock,
    new_numbers,
    update_many,
    write,
)
from loanops.platform.work import Work

_FILE = DebitFile._meta.db_table
_ORDER = DebitOrder._meta.db_table
_UNPAID = ", ".join(f"'{state.value}'" for state in UNPAID)


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
    """One debit to order, as the columns of :class:`DebitRows`.

    ``since`` is the due date of the oldest that is asked for, from which its tries are counted.
    """

    number: str
    channel: str
    subject: str
    account: str
    amount_minor: int
    since: date


@dataclass(frozen=True, slots=True)
class Ordered:
    """What came of an order: how many, how much, and the subjects in the order of the rows."""

    count: int
    total_minor: int
    subjects: list[str]


def order_debits_from(*, work: Work, due_on: date, window: int, rows: DebitRows) -> Ordered:
    """Make the debit orders of a day and window, one file per channel, without a loop.

    A subject that has a live order gets no second one, one whose tries of the month are used up
    gets none. The caller records.

    :raises DatabaseError: the query does not yield the columns of :class:`DebitRows`.
    """
    policies = policies_on(book=work.book, on=due_on)
    files = _open_files(work, due_on, window, rows.channels, policies)
    over, over_params = _used_up(work.book, due_on, rows.channels, policies)
    made = fetch(
        f"""
        WITH r AS MATERIALIZED ({rows.sql})
        INSERT INTO {_ORDER} (number, book_id, file_id, channel, subject, account, due_on,
            "window", amount_minor, collected_minor, state, reason, at)
        SELECT r.number, %s, f.id, r.channel, r.subject, r.account, %s, %s, r.amount_minor, 0,
            '{OrderState.ORDERED}', '', %s
        FROM r
        JOIN {_FILE} f ON f.book_id = %s AND f.channel = r.channel
            AND f.due_on = %s AND f."window" = %s AND f.state = '{FileState.MADE}'
        WHERE r.amount_minor > 0 {over}
            AND r.subject NOT IN (
                SELECT subject FROM {_ORDER} WHERE state = '{OrderState.ORDERED}')
            AND r.number NOT IN (
                SELECT o.number FROM {_ORDER} o JOIN {_FILE} d ON d.id = o.file_id
                WHERE d.book_id = %s AND d.due_on = %s AND d."window" = %s)
        RETURNING file_id, subject, amount_minor
        """,  # noqa: S608 - names and states come from the code
        [
            *rows.params,
            *(work.book, due_on, window, work.at),
            *(work.book, due_on, window),
            *over_params,
            *(work.book, due_on, window),
        ],
    )
    _close_files(work, files, made)
    return Ordered(
        count=len(made),
        total_minor=sum(amount_minor for _, _, amount_minor in made),
        subjects=[subject for _, subject, _ in made],
    )


def order_debits(*, work: Work, due_on: date, window: int, rows: Sequence[DebitRow]) -> Ordered:
    """Make debit orders of given rows, with what holds for :func:`order_debits_from`.

    Tries are counted for the instalment too. A file that went out takes no more orders.

    :raises IntegrityError: a subject stands in two rows.
    """
    if not rows:
        return Ordered(0, 0, [])
    policies = policies_on(book=work.book, on=due_on)
    allowed = _allowed(work.book, due_on, rows, policies)
    taken = _taken(allowed)
    fresh = [row for row in allowed if row.subject not in taken and row.number not in taken]
    files = _open_files(work, due_on, window, [row.channel for row in fresh], policies)
    by_channel = {channel: id_ for id_, (_, _, _, channel) in files.items()}
    fresh = [row for row in fresh if row.channel in by_channel]
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
WITHDRAWN = "withdrawn"
"""Why an order was stopped whose debtor never should have been asked."""


def _allowed(book: str, on: date, rows: Sequence[DebitRow], policies: Policies) -> list[DebitRow]:
    """The rows that may be tried once more; nothing is counted where no policy limits tries."""
    if not any(policies.of(row.channel).limits_tries for row in rows):
        return list(rows)
    since = min(on.replace(day=1), *(row.since for row in rows))
    tries = tries_of(book=book, since=since, on=on)
    return [
        row
        for row in rows
        if policies.of(row.channel).allows(tries=tries.get(row.subject, {}), since=row.since, on=on)
    ]


def _used_up(
    book: str, on: date, channels: Sequence[str], policies: Policies
) -> tuple[str, list[Any]]:
    """The condition that leaves out who may not be tried again this month, with its values."""
    limits = {channel: policies.of(channel).tries_per_month for channel in sorted(set(channels))}
    parts, params = [], []
    for channel, most in limits.items():
        if most is not None:
            parts.append(
                f"""
                AND NOT (r.channel = %s AND r.subject IN (
                    SELECT u.subject FROM {_ORDER} u
                    WHERE u.state IN ({_UNPAID}) AND u.book_id = %s AND u.due_on BETWEEN %s AND %s
                    GROUP BY u.subject HAVING COUNT(*) >= %s))
                """  # noqa: S608 - names and states come from the code
            )
            params += [channel, book, on.replace(day=1), on, most]
    return "".join(parts), params


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
    work: Work, due_on: date, window: int, channels: Sequence[str], policies: Policies
) -> dict[int, tuple[str, int, int, str]]:
    """The files of the day and window that take orders, new where there is none yet."""
    wanted = [
        channel for channel in sorted(set(channels)) if policies.of(channel).debits_in(window)
    ]
    found = {
        channel: (id_, number, count, total, state)
        for id_, number, channel, count, total, state in fetch(
            f"SELECT id, number, channel, order_count, total_minor, state "  # noqa: S608
            f'FROM {_FILE} WHERE book_id = %s AND due_on = %s AND "window" = %s',
            [work.book, due_on, window],
        )
    }
    missing = [channel for channel in wanted if channel not in found]
    if missing:
        _insert_files(work, due_on, window, missing, policies)
        return _open_files(work, due_on, window, channels, policies)
    return {
        found[channel][0]: (*found[channel][1:4], channel)
        for channel in wanted
        if found[channel][4] == FileState.MADE
    }


def _insert_files(
    work: Work, due_on: date, window: int, channels: Sequence[str], policies: Policies
) -> None:
    numbers = new_numbers("DF", work.at, len(channels))
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
            "part_min_minor",
            "stop_if_paid",
            "at",
        ),
        [
            (
                number,
                work.book,
                channel,
                due_on,
                window,
                FileState.MADE.value,
                0,
                0,
                "",
                "",
                policies.of(channel).part_min_minor,
                policies.of(channel).stop_if_paid,
                work.at,
            )
            for number, channel in zip(numbers, channels, strict=True)
        ],
    )


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
            AND file_id IN (
                SELECT id FROM {_FILE} WHERE state = '{FileState.MADE}' AND stop_if_paid)
        """,  # noqa: S608 - names and states come from the code
        [*subjects, work.book],
    )


def withdraw_debits(*, work: Work, subjects: Sequence[str]) -> list[str]:
    """Stop the orders of subjects that never should have been asked; the caller records.

    Returns the subjects whose order has gone out to its channel: nothing stops these.

    :raises DatabaseError: nothing else; what is not live is left as it is.
    """
    out: list[str] = []
    for start in range(0, len(subjects), _CHUNK):
        part = subjects[start : start + _CHUNK]
        live = DebitOrder.objects.filter(
            subject__in=part, book_id=work.book, state=OrderState.ORDERED
        )
        # Held, so that no file goes out with an order that is stopped here.
        lock(_FILE, live.values_list("file_id", flat=True))
        live.filter(file__state=FileState.MADE).update(state=OrderState.STOPPED, reason=WITHDRAWN)
        out += live.values_list("subject", flat=True)
    return out
