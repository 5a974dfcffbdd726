"""Compensations: what guarantors are to pay for from the new day on, told once."""

from __future__ import annotations

from loanops.loanbook.servicing import events
from loanops.loanbook.servicing.operations.loading import chunks
from loanops.loanbook.servicing.operations.steps.ageing import ROWS_PER_EVENT
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.compensations import (
    CompensationDue,
    compensations_falling_due,
    loans_falling_due,
)
from loanops.platform.work import Work


def compensated(closing: Closing) -> list[int]:
    """The loans that the step treats."""
    return loans_falling_due(book=closing.book, on=closing.opens_on)


def announce_compensations(work: Work, closing: Closing) -> int:
    """Step ``compensations``: tell which claims come to the day on which their guarantor pays.

    Those of earlier days are told no more; the list of compensations due holds them all.
    """
    due = compensations_falling_due(book=closing.book, on=closing.opens_on)
    if not due:
        return 0
    on = closing.opens_on.isoformat()
    work.record_batch(
        "servicing.compensations_due",
        subjects=[line.loan for line in due],
        on=on,
        amount_minor=sum(line.price_minor for line in due),
    )
    for part in chunks(due, ROWS_PER_EVENT):
        work.announce(
            events.CompensationsFellDue(
                subject=work.book, on=on, rows=tuple(_row(line) for line in part)
            )
        )
    return len(due)


def _row(line: CompensationDue) -> dict[str, object]:
    return {
        "loan": line.loan,
        "number": line.number,
        "guarantor": line.guarantor,
        "funder": line.funder,
        "agreement": line.agreement,
        "due_on": line.due_on.isoformat(),
        "principal_minor": line.principal_minor,
        "interest_minor": line.interest_minor,
        "fee_minor": line.fee_minor,
        "penalty_minor": line.penalty_minor,
        "price_minor": line.price_minor,
    }
