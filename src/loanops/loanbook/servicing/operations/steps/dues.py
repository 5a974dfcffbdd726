"""Dues: what falls due on the new day, and credit of borrowers used for it."""

from __future__ import annotations

from loanops.loanbook.servicing import events
from loanops.loanbook.servicing.operations.laying import use_credit
from loanops.loanbook.servicing.operations.loading import INSTALMENT, LOAN, POOL
from loanops.loanbook.servicing.ports import Closing
from loanops.platform.db import fetch
from loanops.platform.work import Work


def with_credit(closing: Closing) -> list[int]:
    """The loans that have credit and something to use it for."""
    return [
        loan_id
        for (loan_id,) in fetch(
            f"""
            SELECT id FROM {LOAN}
            WHERE book_id = %s AND credit_minor > 0 AND oldest_due_on <= %s AND NOT set_aside
            """,  # noqa: S608 - names come from the models
            [closing.book, closing.opens_on],
        )
    ]


def apply_credit(work: Work, closing: Closing) -> int:
    """Step ``credit``: money that a borrower left with us pays what falls due."""
    loans = with_credit(closing)
    if not loans:
        return 0
    turned = use_credit(work=work, loan_ids=loans)
    work.record_batch(
        "servicing.credit_used",
        subjects=[held.number for held, _ in turned],
        amount_minor=sum(made.parts.total_minor for _, made in turned),
    )
    return len(turned)


def announce_dues(work: Work, closing: Closing) -> int:
    """Step ``dues``: count what falls due on the new day, and tell."""
    [(count, amount)] = fetch(
        f"""
        SELECT COUNT(*), SUM(open_minor) FROM {INSTALMENT}
        WHERE due_on = %s AND pool_id IN (SELECT id FROM {POOL} WHERE book_id = %s)
            AND open_minor > 0 AND penal_to IS NULL
        """,  # noqa: S608 - names come from the models
        [closing.opens_on, closing.book],
    )
    if count:
        due_on, amount_minor = closing.opens_on.isoformat(), int(amount)
        work.record(
            "servicing.fell_due",
            subject=closing.book,
            due_on=due_on,
            count=count,
            amount_minor=amount_minor,
        )
        work.announce(
            events.FellDue(
                subject=closing.book, due_on=due_on, count=count, amount_minor=amount_minor
            )
        )
    return int(count)
