"""Debits: orders for what falls due on the new day, and for what was not paid before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from loanops.loanbook.servicing.domain.days import FIRST_WINDOW
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import Pool
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    ITEM_COLUMNS,
    LOAN,
    POOL,
    as_date,
    chunks,
    item_of,
    marks,
)
from loanops.loanbook.servicing.ports import Closing
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as payments_asked
from loanops.money.payments.operations import DebitRow, DebitRows
from loanops.platform.db import fetch
from loanops.platform.work import Work

_DUE = f"""
    FROM {INSTALMENT} i JOIN {POOL} p ON p.id = i.pool_id JOIN {LOAN} l ON l.id = i.loan_id
    WHERE i.due_on = %s AND i.open_minor > 0 AND i.penal_to IS NULL
        AND p.book_id = %s AND p.channel <> '' AND NOT l.set_aside
    """


def debited(closing: Closing) -> list[int]:
    """The loans that the step treats."""
    due = fetch(f"SELECT l.id {_DUE}", [closing.opens_on, closing.book])
    return sorted({row[0] for row in due} | {row[0] for row in _retried(closing)})


def order_debits(work: Work, closing: Closing) -> int:
    """Step ``debit_orders``: one order for each loan with an instalment due or tried again."""
    channels = channels_of(closing.book)
    if not channels:
        return 0
    start = _number_start(closing.opens_on, FIRST_WINDOW)
    again = payments.order_debits(
        work=work,
        due_on=closing.opens_on,
        window=FIRST_WINDOW,
        rows=rows_of(_retried(closing), closing.opens_on, FIRST_WINDOW),
    )
    first = payments.order_debits_from(
        work=work,
        due_on=closing.opens_on,
        window=FIRST_WINDOW,
        rows=DebitRows(
            sql=f"""
                SELECT %s || substr(l.number, 4) AS number, p.channel AS channel,
                    l.number AS subject, l.serial AS account, i.open_minor AS amount_minor
                {_DUE}
                """,
            params=[start, closing.opens_on, closing.book],
            channels=channels,
        ),
    )
    subjects = again.subjects + first.subjects
    if subjects:
        work.record_batch(
            "servicing.debits_ordered",
            subjects=subjects,
            amount_minor=again.total_minor + first.total_minor,
            due_on=closing.opens_on,
        )
    return len(subjects)


def channels_of(book: str) -> list[str]:
    """The channels by which loans of a book are debited."""
    found = fetch(
        f"SELECT DISTINCT channel FROM {POOL} WHERE book_id = %s AND channel <> ''",  # noqa: S608
        [book],
    )
    return sorted(channel for (channel,) in found)


def _number_start(on: date, window: int) -> str:
    """How the number of an attempt begins; the loan follows, asked once in a window of a day.

    The day stands first: what is ordered later sorts later, and goes in at the end of the index.
    """
    return f"DD-{on:%Y%m%d}-{window}-"


def _retried(closing: Closing) -> list[tuple[Any, ...]]:
    """Overdue loans whose days past due are among those on which their channel tries again."""
    policies = payments_asked.policies_on(book=closing.book, on=closing.opens_on)
    days: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for channel in channels_of(closing.book):
        if policies.of(channel).retry_dpd:
            days[policies.of(channel).retry_dpd].append(channel)
    if not days:
        return []
    found, params = [], []
    for dpds, channels in days.items():
        dues = [closing.opens_on - timedelta(days=dpd) for dpd in dpds]
        found.append(f"(l.oldest_due_on IN ({marks(dues)}) AND p.channel IN ({marks(channels)}))")
        params += [*dues, *channels]
    return fetch(
        f"""
        SELECT l.id, l.number, l.serial, l.pool_id, p.channel FROM {LOAN} l
        JOIN {POOL} p ON p.id = l.pool_id
        WHERE l.book_id = %s AND l.bucket = 1 AND ({" OR ".join(found)}) AND NOT l.set_aside
        """,  # noqa: S608 - names come from the models
        [closing.book, *params],
    )


def rows_of(loans: Sequence[tuple[Any, ...]], on: date, window: int) -> list[DebitRow]:
    """All that loans owe on a day, penalty included, less what came in and has no place yet.

    Money that was collected and is not laid on its loan yet must not be asked for again.
    """
    if not loans:
        return []
    owed = _owed([loan[0] for loan in loans], on)
    kept = payments_asked.unapplied_of(subjects=[loan[1] for loan in loans])
    start = _number_start(on, window)
    return [
        DebitRow(
            number=f"{start}{number[3:]}",
            channel=channel,
            subject=number,
            account=serial,
            amount_minor=owed[loan_id][0] - kept.get(number, 0),
            since=owed[loan_id][1],
        )
        for loan_id, number, serial, _, channel in loans
        if owed[loan_id][0] > kept.get(number, 0)
    ]


def _owed(loan_ids: Sequence[int], on: date) -> dict[int, tuple[int, date]]:
    """What loans owe on a day, and since when, in one read for a few thousand."""
    rules = {id_: read_rules(text) for id_, text in Pool.objects.values_list("id", "rules_json")}
    owed: dict[int, tuple[int, date]] = defaultdict(lambda: (0, on))
    for part in chunks(sorted(set(loan_ids))):
        for loan_id, pool_id, *values in fetch(
            f"""
            SELECT i.loan_id, i.pool_id, {ITEM_COLUMNS} FROM {INSTALMENT} i
            WHERE i.loan_id IN ({marks(part)}) AND i.due_on <= %s AND i.settled_on IS NULL
            """,  # noqa: S608 - names come from the models
            [*part, on],
        ):
            item = item_of(values)
            minor, since = owed[loan_id]
            minor += item.open_minor + item.penalty_open_minor(rules[pool_id], on)
            owed[loan_id] = minor, min(since, as_date(item.due_on))
    return owed
