"""Later windows of a day: what earlier ones did not collect is asked for once more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.days import FIRST_WINDOW
from loanops.loanbook.servicing.operations.loading import LOAN, POOL, chunks, marks, see_book
from loanops.loanbook.servicing.operations.steps.debits import channels_of, rows_of
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as payments_asked
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch
from loanops.platform.work import Work, once_more, unit_of_work


@dataclass(frozen=True, slots=True)
class WindowOrdered:
    """What a later window asks for."""

    window: int
    orders: int
    total_minor: int


def order_window(
    *, book: str, window: int, channel: str, actor: Actor, at: datetime
) -> WindowOrdered:
    """Order the debits of a later window of the open business day, by one channel or (empty) all.

    Asked for is what an earlier window of the day did not bring and is still owed. Who is not
    answered yet, has paid otherwise, or has used up the tries of the policy, is left alone. The
    same window again orders nothing twice, nor do two who order it at once: the second is answered
    that nothing is left to be debited.

    :raises NotPermitted: the actor may not order debits.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: no such channel has such a window, or it is the one that the close orders.
    """
    require(actor, permissions.ORDER_DEBITS)
    see_book(actor, book)
    if window <= FIRST_WINDOW:
        raise BadField(field="window", problem="must be 2 or later; the close orders the first")

    def unit() -> WindowOrdered:
        with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
            return _order(work, window, channel)

    return once_more(unit)


def _order(work: Work, window: int, channel: str) -> WindowOrdered:
    book, on = work.book, work.on
    policies = payments_asked.policies_on(book=book, on=on)
    channels = [
        each
        for each in channels_of(book)
        if channel in {"", each} and policies.of(each).debits_in(window)
    ]
    if not channels:
        raise BadField(
            field="window", problem="no channel debits in window {window}", window=window
        )
    wanted = [
        card.subject
        for card in payments_asked.unpaid_today(book=book, on=on, before=window)
        if card.channel in channels
        and (not card.partly or policies.of(card.channel).rest_in_next_window)
    ]
    made = payments.order_debits(
        work=work, due_on=on, window=window, rows=rows_of(_loans(wanted), on, window)
    )
    if made.subjects:
        work.record_batch(
            "servicing.debits_ordered",
            subjects=made.subjects,
            amount_minor=made.total_minor,
            due_on=on,
            window=window,
        )
    else:
        work.unchanged()
    return WindowOrdered(window, made.count, made.total_minor)


def _loans(numbers: list[str]) -> list[tuple[Any, ...]]:
    """The loans of these numbers that no person has to look at first."""
    return [
        row
        for part in chunks(sorted(numbers))
        for row in fetch(
            f"""
            SELECT l.id, l.number, l.serial, l.pool_id, p.channel FROM {LOAN} l
            JOIN {POOL} p ON p.id = l.pool_id
            WHERE l.number IN ({marks(part)}) AND p.channel <> '' AND NOT l.set_aside
            """,  # noqa: S608 - names come from the models
            part,
        )
    ]
