"""Debits that a bank took back: the repayment is undone, and its receipt gives what was taken."""

from __future__ import annotations

from datetime import date, datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.account import Reversed
from loanops.kernel.account.events import Cause
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.operations.changing import (
    change,
    find,
    preview_change,
)
from loanops.loanbook.servicing.operations.loading import histories
from loanops.loanbook.servicing.operations.ordering import ChangeIn
from loanops.money.payments import operations as payments
from loanops.platform.books.operations import hold_date
from loanops.platform.work import unit_of_work


def take_back(*, loan: str, receipt: str, on: date, actor: Actor, at: datetime) -> bool:
    """Undo the repayment of a receipt that a bank took back; whether there was one to undo.

    The same receipt again changes nothing.

    :raises NotPermitted: the actor may not undo.
    :raises NotFound: there is no such loan in the actor's books.
    :raises Refusal: the loan cannot be without the repayment; a person has to look at it.
    """
    require(actor, permissions.UNDO)
    loan_id, book = find(loan, actor)
    history = histories([loan_id])[loan_id]
    undone = {event.of for event in history.events if isinstance(event, Reversed)}
    key = next(
        (
            key
            for key, number in history.receipts.items()
            if number == receipt and key not in undone
        ),
        None,
    )
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        if key is not None:
            asked = ChangeIn(
                loan=loan,
                kind=Reversed.KIND,
                on=on,
                values={"of": key, "cause": Cause.DEBIT_RETURNED.value},
            )
            seen = preview_change(asked=asked, viewer=actor).digest
            change(asked=asked, seen=seen, reason=Cause.DEBIT_RETURNED.value, actor=actor, at=at)
        payments.cover_returns(work=work, receipts=[receipt])
        work.unchanged()
    return key is not None
