"""INV-08, 09, 10, 13: debits, returns and refunds are of those that they say they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from loanops.kernel.refusals import Refusal
from loanops.money.payments.domain import policy
from loanops.money.payments.domain.debits import FileState, OrderState
from loanops.money.payments.domain.debits import digest as asked
from loanops.money.payments.domain.refunds import RefundState, digest
from loanops.money.payments.models import (
    DebitFile,
    DebitOrder,
    DebitPolicy,
    Receipt,
    Refund,
    Return,
)
from loanops.platform.audit import Violation, named
from loanops.platform.db import fetch

_FILE = DebitFile._meta.db_table
_ORDER = DebitOrder._meta.db_table
_POLICY = DebitPolicy._meta.db_table
_RECEIPT = Receipt._meta.db_table
_REFUND = Refund._meta.db_table
_RETURN = Return._meta.db_table


def strayed_orders() -> Iterator[Violation]:
    """Orders of another channel, day or window than their file, or without their receipt."""
    attempt = "REPLACE(CAST(o.due_on AS VARCHAR(10)), '-', '') || '-' || o.\"window\""
    subject = "SUBSTR(o.subject, 4)"
    yield from named(
        "INV-08",
        "an order, its file or its receipt was changed by hand",
        fetch(
            f"""
            SELECT 'debit order ' || o.number,
                COALESCE(f.channel || ' ' || CAST(f.due_on AS VARCHAR(10)), 'a file'),
                o.channel || ' ' || CAST(o.due_on AS VARCHAR(10))
            FROM {_ORDER} o LEFT JOIN {_FILE} f ON f.id = o.file_id
            WHERE f.id IS NULL OR o.channel <> f.channel
                OR o.due_on <> f.due_on OR o."window" <> f."window"
                -- Orders of earlier versions name the subject before the attempt.
                OR o.number NOT IN ('DD-' || {attempt} || '-' || {subject},
                    'DD-' || {subject} || '-' || {attempt})
            UNION ALL
            SELECT 'debit order ' || o.number, 'the receipt of ' || o.pay_no,
                COALESCE(r.subject, 'none')
            FROM {_ORDER} o LEFT JOIN {_RECEIPT} r
                ON r.channel = o.channel AND r.pay_no = o.pay_no
            WHERE o.pay_no <> '' AND (r.id IS NULL OR r.subject <> o.subject
                OR r.book_id <> o.book_id OR r.amount_minor < o.collected_minor)
            """  # noqa: S608 - names come from the models
        ),
    )


def wrong_ends() -> Iterator[Violation]:
    """Orders whose state is not what was collected, and files that are not where they are."""
    nothing = "', '".join((OrderState.ORDERED, OrderState.FAILED, OrderState.STOPPED))
    yield from named(
        "INV-10",
        "the state or the amount collected was changed by hand",
        fetch(
            f"""
            SELECT 'debit order ' || o.number, o.state, CAST(o.collected_minor AS VARCHAR(20))
            FROM {_ORDER} o LEFT JOIN {_RECEIPT} r
                ON r.channel = o.channel AND r.pay_no = o.pay_no AND o.pay_no <> ''
            LEFT JOIN {_RETURN} t ON t.receipt_id = r.id
            WHERE (o.state IN ('{nothing}')) <> (o.collected_minor = 0)
                OR (o.state = '{OrderState.COLLECTED}' AND o.collected_minor <> o.amount_minor)
                OR (o.state = '{OrderState.PARTLY}' AND o.collected_minor >= o.amount_minor)
                OR (o.state = '{OrderState.RETURNED}') <> (t.id IS NOT NULL)
                OR (o.pay_no <> '' AND o.collected_minor = 0)
                OR (o.reason <> '' AND o.state IN ('{OrderState.COLLECTED}'))
            UNION ALL
            SELECT 'debit file ' || f.number, f.state, 'orders that wait'
            FROM {_FILE} f WHERE (f.state IN ('{FileState.ANSWERED}', '{FileState.EMPTY}')
                AND EXISTS (
                    SELECT 1 FROM {_ORDER} o
                    WHERE o.file_id = f.id AND o.state = '{OrderState.ORDERED}'))
                OR (f.state IN ('{FileState.MADE}', '{FileState.SENDING}', '{FileState.EMPTY}')
                    AND EXISTS (
                    SELECT 1 FROM {_ORDER} o
                    WHERE o.file_id = f.id AND o.collected_minor > 0))
            """  # noqa: S608 - names come from the models
        ),
    )


def strayed_returns() -> Iterator[Violation]:
    """Returns and refunds of another book than their receipt, and returns of a part."""
    yield from named(
        "INV-08",
        "a return takes back all of a receipt, in the receipt's book and after it came",
        fetch(
            f"""
            SELECT 'return ' || t.number, r.amount_minor, t.amount_minor
            FROM {_RETURN} t JOIN {_RECEIPT} r ON r.id = t.receipt_id
            WHERE t.amount_minor <> r.amount_minor OR t.book_id <> r.book_id
                OR t.returned_on < r.received_on
            UNION ALL
            SELECT 'refund ' || f.number, 0, f.amount_minor
            FROM {_REFUND} f JOIN {_RECEIPT} r ON r.id = f.receipt_id
            WHERE f.book_id <> r.book_id OR f.amount_minor > r.amount_minor
            """  # noqa: S608 - names come from the models
        ),
    )


def changed_refunds() -> Iterator[Violation]:
    """Refunds that are not what was asked for, or were decided by nobody."""
    rows = fetch(
        f"""
        SELECT f.number, r.number, f.amount_minor, f.reason, f.sha256, f.state, f.decided_by
        FROM {_REFUND} f JOIN {_RECEIPT} r ON r.id = f.receipt_id ORDER BY f.id
        """  # noqa: S608 - names come from the models
    )
    hint = "a refund is let go by a second person, as it was asked for"
    for number, receipt, amount_minor, reason, sha256, state, decided_by in rows:
        wanted = digest(receipt=receipt, amount_minor=amount_minor, reason=reason)
        decided = state != RefundState.REQUESTED
        if wanted != sha256 or decided != bool(decided_by):
            found = f"{sha256[:12]} decided by {decided_by or 'nobody'}"
            yield from named("INV-13", hint, [(f"refund {number}", wanted[:12], found)])


def changed_files() -> Iterator[Violation]:
    """Debit files whose orders are not what they asked for when they went out.

    Files that were frozen before their digest was kept are not held to one.
    """
    rows = fetch(
        f"""
        SELECT f.number, f.sha256, o.number, o.account, o.amount_minor
        FROM {_FILE} f
        LEFT JOIN {_ORDER} o ON o.file_id = f.id AND o.state <> '{OrderState.STOPPED}'
        WHERE f.sha256 <> '' ORDER BY f.id, o.id
        """  # noqa: S608 - names and states come from the code
    )
    hint = "an order was changed, added or removed after its file went out"
    for (number, sha256), lines in groupby(rows, key=lambda row: (row[0], row[1])):
        found = asked((order, account, amount) for _, _, order, account, amount in lines if order)
        if found != sha256:
            yield from named("INV-13", hint, [(f"debit file {number}", sha256[:12], found[:12])])


def strayed_policies() -> Iterator[Violation]:
    """Policies with a gap before them, of an earlier day than the one before, or unreadable."""
    yield from named(
        "INV-09",
        "a policy of debits is missing or was changed",
        fetch(
            f"""
            SELECT 'debit policy ' || x.book_id || ' ' || x.channel || ' ' || x.number,
                x.place, x.number
            FROM (
                SELECT book_id, channel, number, effective_from,
                    ROW_NUMBER() OVER (PARTITION BY book_id, channel ORDER BY id) AS place,
                    LAG(effective_from) OVER (
                        PARTITION BY book_id, channel ORDER BY id) AS before_on
                FROM {_POLICY}
            ) x WHERE x.number <> x.place OR x.effective_from < x.before_on
            """  # noqa: S608 - names come from the models
        ),
    )
    for name, text in fetch(f"SELECT id, policy_json FROM {_POLICY} ORDER BY id"):  # noqa: S608
        try:
            policy.DebitPolicy.from_dict(json.loads(text))
        except (Refusal, ValueError) as broken:
            row = (f"debit policy {name}", "a policy", type(broken).__name__)
            yield from named("INV-09", "the policy cannot be read", [row])
