"""Debits: orders for what falls due on the new day, and for what was not paid before."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from loanops.loanbook.servicing.domain.days import DEBIT_RETRY_DPD, FIRST_WINDOW
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import Pool
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    ITEM_COLUMNS,
    LOAN,
    POOL,
    item_of,
    marks,
)
from loanops.loanbook.servicing.ports import Closing
from loanops.money.payments import operations as payments
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
    channels = sorted(
        set(
            Pool.objects.filter(book_id=closing.book)
            .exclude(channel="")
            .values_list("channel", flat=True)
        )
    )
    if not channels:
        return 0
    suffix = f"-{closing.opens_on:%Y%m%d}-{FIRST_WINDOW}"
    again = payments.order_debits(
        work=work, due_on=closing.opens_on, window=FIRST_WINDOW, rows=_retries(closing, suffix)
    )
    first = payments.order_debits_from(
        work=work,
        due_on=closing.opens_on,
        window=FIRST_WINDOW,
        rows=DebitRows(
            sql=f"""
                SELECT 'DD-' || substr(l.number, 4) || %s AS number, p.channel AS channel,
                    l.number AS subject, l.serial AS account, i.open_minor AS amount_minor
                {_DUE}
                """,
            params=[suffix, closing.opens_on, closing.book],
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


def _retried(closing: Closing) -> list[tuple[Any, ...]]:
    """Overdue loans whose days past due are among those on which a debit is tried again."""
    dues = [closing.opens_on - timedelta(days=days) for days in DEBIT_RETRY_DPD]
    return fetch(
        f"""
        SELECT l.id, l.number, l.serial, l.pool_id, p.channel FROM {LOAN} l
        JOIN {POOL} p ON p.id = l.pool_id
        WHERE l.book_id = %s AND l.bucket = 1 AND l.oldest_due_on IN ({marks(dues)})
            AND p.channel <> '' AND NOT l.set_aside
        """,  # noqa: S608 - names come from the models
        [closing.book, *dues],
    )


def _retries(closing: Closing, suffix: str) -> list[DebitRow]:
    """All that such a loan owes on the new day, penalty included."""
    loans = _retried(closing)
    if not loans:
        return []
    owed = _owed(closing)
    return [
        DebitRow(
            number=f"DD-{number[3:]}{suffix}",
            channel=channel,
            subject=number,
            account=serial,
            amount_minor=owed[loan_id],
        )
        for loan_id, number, serial, _, channel in loans
        if owed[loan_id] > 0
    ]


def _owed(closing: Closing) -> dict[int, int]:
    """What the loans to be tried again owe on the new day, in one read."""
    dues = [closing.opens_on - timedelta(days=days) for days in DEBIT_RETRY_DPD]
    rules = {
        id_: read_rules(text)
        for id_, text in Pool.objects.filter(book_id=closing.book).values_list("id", "rules_json")
    }
    owed: dict[int, int] = defaultdict(int)
    for loan_id, pool_id, *values in fetch(
        f"""
        SELECT i.loan_id, i.pool_id, {ITEM_COLUMNS}
        FROM {LOAN} l JOIN {INSTALMENT} i ON i.loan_id = l.id
        WHERE l.book_id = %s AND l.bucket = 1 AND l.oldest_due_on IN ({marks(dues)})
            AND i.due_on <= %s AND i.settled_on IS NULL
        """,  # noqa: S608 - names come from the models
        [closing.book, *dues, closing.opens_on],
    ):
        item = item_of(values)
        penalty_minor = item.penalty_open_minor(rules[pool_id], closing.opens_on)
        owed[loan_id] += item.open_minor + penalty_minor
    return owed
