"""Leaving: money and claims that leave a loan's owner or its borrower, as entries and orders."""

from __future__ import annotations

from loanops.kernel.account import AccountState, ClaimPassed, Event, Refunded, Reversed
from loanops.kernel.refusals import BadField, Refusal
from loanops.loanbook.servicing.domain.owners import price_by
from loanops.loanbook.servicing.operations.loading import Held, History, Replayed
from loanops.loanbook.servicing.operations.projecting import payable
from loanops.money.ledger.operations import EntryIn, entry
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as receipts
from loanops.platform.work import Work


class RefundGone(Refusal):
    """A refund cannot be undone while its money is on its way or with the borrower."""

    code = "servicing_refund_gone"
    sentence = "The refund is on its way or was paid; undo it once the bank did not take it."


def leaving_entries(event: Event, held: Held, before: AccountState) -> tuple[EntryIn, ...]:
    """The price of a claim from one owner to the next, or a refund that is on its way.

    :raises BadField: the claim is the buyer's already.
    """
    if isinstance(event, Refunded):
        return entry(payments.UNAPPLIED, payments.REFUNDS_PAYABLE, event.amount_minor)
    if not isinstance(event, ClaimPassed):
        return ()
    owner = before.owner
    if event.number is not None:
        owner = next((i.owner for i in before.instalments if i.number == event.number), owner)
    lenders = () if owner else held.rules.sharing.principal
    shares = price_by(lenders, owner or held.funder, event)
    if not shares:
        raise BadField(field="owner", problem="owns the claim already")
    return tuple(
        each
        for seller, price_minor in shares.items()
        for each in entry(payable(seller), payable(event.owner), price_minor)
    )


def check_refund(event: Event, history: History, after: Replayed) -> None:
    """Hold that a refund is undone only where its money is back; :raises RefundGone:."""
    if not isinstance(event, Reversed):
        return
    target = next((each for each in history.events if each.key == event.of), None)
    if not isinstance(target, Refunded):
        return
    number = history.receipts[target.of]
    left = after.repayments.get(target.of)
    gone_minor = receipts.receipts_by_number(numbers=[number])[number].refunded_minor
    if gone_minor > (left.refunded_minor if left else 0):
        raise RefundGone


def send_back(work: Work, event: Event, history: History, asked_by: str) -> None:
    """Let the money of a refund go, in the names of the two people who agreed on it."""
    if isinstance(event, Refunded):
        payments.refund_credit(
            work=work,
            receipt=history.receipts[event.of],
            amount_minor=event.amount_minor,
            asked_by=asked_by,
        )
