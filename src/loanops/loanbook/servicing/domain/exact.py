"""Exact: money that is just what a loan in good standing owes, on its day: most payments are.

What ``pay`` and ``turn`` make of such a payment is known beforehand, whatever the order of
components: the one instalment that is due is paid, nothing else is touched, nothing bears penalty.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from loanops.kernel.allocation import Parts
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.position import Item
from loanops.loanbook.servicing.domain.turn import Figures, Turn


def exact_turn(
    *,
    before: Figures,
    items: Iterable[Item],
    amount_minor: int,
    paid_on: date,
    on: date,
) -> Turn | None:
    """The turn of an exact payment of the day ``paid_on``, seen on the business day ``on``.

    ``items`` are the open instalments that the money can reach and one more at least. None where
    the payment is not exact, comes after its day, or the loan is not in good standing.
    """
    if before.bucket or before.state is not LoanState.ACTIVE or before.credit_minor:
        return None
    due: Item | None = None
    next_on: date | None = None
    for item in items:
        if item.due_on <= paid_on:
            if due is not None:
                return None
            due = item
        elif item.open_minor and (next_on is None or item.due_on < next_on):
            next_on = item.due_on
    if due is None or next_on is None or due.due_on < on or not _is_untouched(due):
        return None
    if due.open_minor != amount_minor:
        return None
    paid = due._replace(
        paid_principal_minor=due.principal_minor,
        paid_interest_minor=due.interest_minor,
        paid_fee_minor=due.fee_minor,
        settled_on=paid_on,
    )
    after = before._replace(
        outstanding_minor=before.outstanding_minor - due.principal_minor,
        oldest_due_on=next_on,
        last_event_on=max(before.last_event_on, paid_on),
        settled_on=None,
    )
    parts = Parts(due.principal_minor, due.interest_minor, due.fee_minor)
    return Turn(before=before, after=after, items=(paid,), parts=parts, penal={}, steps=())


def _is_untouched(item: Item) -> bool:
    """Whether nothing was paid of an instalment, and no penalty was counted, charged or ended."""
    paid_minor = item.paid_principal_minor + item.paid_interest_minor + item.paid_fee_minor
    return (
        not (paid_minor or item.paid_penalty_minor or item.penalty_adjust_minor)
        and item.penal_to is None
        and item.penal_end is None
    )
