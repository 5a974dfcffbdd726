"""Leaving: money and claims that leave a loan's owner or its borrower, as entries and orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from loanops.kernel.account import ClaimPassed, Compensated, Event, Refunded, Reversed, met_by
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.compensating import Agreed, as_agreed
from loanops.loanbook.servicing.domain.owners import price_by
from loanops.loanbook.servicing.operations.loading import Held, History, Replayed
from loanops.loanbook.servicing.operations.projecting import payable
from loanops.loanbook.servicing.queries.guarantees import agreed_of
from loanops.money.ledger.operations import EntryIn, entry
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as receipts
from loanops.platform.work import Work


class RefundGone(Refusal):
    """A refund cannot be undone while its money is on its way or with the borrower."""

    code = "servicing_refund_gone"
    sentence = "The refund is on its way or was paid; undo it once the bank did not take it."


def completed(
    values: Mapping[str, Any], kind: type[Event], held: Held, history: History, on: date
) -> dict[str, Any]:
    """What a change says, completed by what is agreed of claims that pass.

    :raises Refusal: a compensation is not as the agreement has it.
    """
    if kind is Compensated:
        met = met_by(history.terms, history.events, kind, on)
        return as_agreed(values, agreed_of([held.id])[held.id], met)
    if issubclass(kind, ClaimPassed):
        return {"owner": held.funder, **values}
    return dict(values)


def leaving_entries(event: Event, held: Held, history: History) -> tuple[EntryIn, ...]:
    """The price of a claim from one owner to the next and back, or a refund on its way.

    :raises BadField: the claim is the buyer's already.
    """
    if isinstance(event, Refunded):
        return entry(payments.UNAPPLIED, payments.REFUNDS_PAYABLE, event.amount_minor)
    if isinstance(event, Reversed):
        return _taken_back(event, held, history)
    if not isinstance(event, ClaimPassed):
        return ()
    prices = prices_of(event, held, history.terms, history.events)
    if not prices:
        raise BadField(field="owner", problem="owns the claim already")
    return tuple(
        each
        for seller, price_minor in prices.items()
        for each in entry(payable(seller), payable(event.owner), price_minor)
    )


def prices_of(
    event: ClaimPassed, held: Held, terms: Terms, before: Sequence[Event]
) -> dict[str, int]:
    """The price of a claim by who sells it; ``before`` are the events booked before it.

    It is the same whenever it is asked, so that what was paid goes back to the minor unit. A
    compensation by agreement pays each owner for what is theirs.
    """
    met = met_by(terms, before, type(event), event.on)
    if isinstance(event, Compensated) and event.base is not None:
        agreed = Agreed(held.number, held.funder, held.rules.sharing, event.owner)
        paid_for = agreed.paid_for(met, event.base, event.number)
        prices = {owner: parts.total_minor for owner, parts in paid_for.items()}
        if sum(prices.values()) == event.price_minor:
            return prices
    owner = met.owner
    if event.number is not None:
        owner = next((i.owner for i in met.instalments if i.number == event.number), owner)
    lenders = () if owner else held.rules.sharing.principal
    return price_by(lenders, owner or held.funder, event)


def _taken_back(event: Reversed, held: Held, history: History) -> tuple[EntryIn, ...]:
    """The price of a claim back from its sellers; forth again where the undoing is undone."""
    known = {each.key: each for each in history.events}
    target, is_back = known[event.of], True
    while isinstance(target, Reversed):
        target, is_back = known[target.of], not is_back
    if not isinstance(target, ClaimPassed):
        return ()
    before = history.events[: history.events.index(target)]
    entries: tuple[EntryIn, ...] = ()
    for seller, price_minor in prices_of(target, held, history.terms, before).items():
        ends = payable(target.owner), payable(seller)
        entries += entry(*(ends if is_back else ends[::-1]), price_minor)
    return entries


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
