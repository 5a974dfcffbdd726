"""Orders: which changes of a loan may be ordered, and in which state of the loan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.account import (
    Accelerated,
    AccountState,
    Assigned,
    BoughtBack,
    BroughtIn,
    Compensated,
    CountingPaused,
    CountingResumed,
    Deferred,
    Disbursed,
    Drawn,
    DueMoved,
    Event,
    Extended,
    FeeCharged,
    Prepaid,
    RateChanged,
    Refunded,
    Restructured,
    Reversed,
    SettledEarly,
    Waived,
    WrittenOff,
    live,
)
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import BadField, Refusal
from loanops.loanbook.servicing.domain.floating import is_reset
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState


class NotInState(Refusal):
    """The change does not fit where the loan stands."""

    code = "servicing_change_not_in_state"
    sentence = "A loan that is {state} cannot be changed like this; look at what happened to it."


class TooManyExtensions(Refusal):
    """The product lets a loan be extended only so often."""

    code = "servicing_too_many_extensions"
    sentence = "The loan was extended {count} times already; its product allows {most}."


class NotSettled(Refusal):
    """The money does not end the loan."""

    code = "servicing_not_settled"
    sentence = "Settling the loan on {on} takes {payoff}; {given} was given."
    status = 422


class NothingPrepaid(Refusal):
    """The money is used up by what is due: nothing is left to repay early."""

    code = "servicing_nothing_prepaid"
    sentence = "What is due on {on} takes all of this money; book it as a plain repayment."
    status = 422


class ClaimParted(Refusal):
    """A new schedule has one owner; what others own of the loan would be taken from them."""

    code = "servicing_claim_parted"
    sentence = "Instalment {number} belongs to {owner}; pass the claim to one owner first."


class IndexReadSince(Refusal):
    """The rate would be fixed from a day after which the loan read its index."""

    code = "servicing_index_read_since"
    sentence = (
        "The loan read its index on {on}, after the rate would be fixed; undo that first, or let "
        "the rate go on floating."
    )


class ClaimKept(Refusal):
    """A new schedule would take what an earlier owner of the claim kept."""

    code = "servicing_claim_kept"
    sentence = (
        "Of instalment {number} {amount} is still owed to an earlier owner of the claim; "
        "let it be paid or waive it first."
    )


class NothingToUndo(Refusal):
    """The event was undone before, or cannot be."""

    code = "servicing_nothing_to_undo"
    sentence = "Event {key} cannot be undone: it was undone already, or it began the loan."


@dataclass(frozen=True, slots=True)
class OrderKind:
    """One kind of change: its event, and the states it fits.

    ``needs_second`` asks for a second person; ``takes_money`` says that a receipt comes with it.
    """

    event: type[Event]
    states: tuple[LoanState, ...] = LIVE
    needs_second: bool = False
    takes_money: bool = False


_CLAIM_STATES: Final = (*LIVE, LoanState.WRITTEN_OFF)
_ANY_STATE: Final = tuple(state for state in LoanState if state is not LoanState.WITHDRAWN)

ORDERS: Final[Mapping[str, OrderKind]] = MappingProxyType(
    {
        kind.event.KIND: kind
        for kind in (
            OrderKind(Prepaid, takes_money=True),
            OrderKind(SettledEarly, takes_money=True),
            OrderKind(Refunded, _ANY_STATE, needs_second=True),
            OrderKind(FeeCharged, _ANY_STATE),
            OrderKind(Waived, _CLAIM_STATES),
            OrderKind(RateChanged),
            OrderKind(DueMoved),
            OrderKind(Deferred, needs_second=True),
            OrderKind(Extended, needs_second=True),
            OrderKind(Restructured, needs_second=True),
            OrderKind(CountingPaused, needs_second=True),
            OrderKind(CountingResumed),
            OrderKind(Accelerated, needs_second=True),
            OrderKind(Drawn, needs_second=True),
            OrderKind(Compensated, _CLAIM_STATES),
            OrderKind(BoughtBack, _CLAIM_STATES),
            OrderKind(Assigned, _CLAIM_STATES, needs_second=True),
            OrderKind(WrittenOff, needs_second=True),
            OrderKind(Reversed, _ANY_STATE),
        )
    }
)
"""Every change that can be ordered, by the kind of its event."""


def order_kind(kind: str) -> OrderKind:
    """The order of a kind.

    :raises BadField: there is none.
    """
    found = ORDERS.get(kind)
    if found is None:
        raise BadField(field="kind", problem="must be one of {known}", known=", ".join(ORDERS))
    return found


def check_before(
    event: Event, state: LoanState, history: Sequence[Event], extensions_max: int | None
) -> None:
    """Hold what a change needs before it can be worked out.

    :raises NotInState, TooManyExtensions, NothingToUndo, IndexReadSince:
    """
    if state not in ORDERS[event.KIND].states:
        raise NotInState(state=state.value)
    standing = live(history, event.on)
    if isinstance(event, Extended) and extensions_max is not None:
        count = sum(isinstance(each, Extended) for each in standing)
        if count >= extensions_max:
            raise TooManyExtensions(count=count, most=extensions_max)
    if isinstance(event, Restructured) and event.floats is False:
        for each in live(history, date.max):
            if isinstance(each, RateChanged) and is_reset(each) and each.on > event.on:
                raise IndexReadSince(on=each.on)
    if isinstance(event, Reversed):
        known = {each.key: each for each in history}
        target = known.get(event.of)
        undone = {each.of for each in history if isinstance(each, Reversed)}
        if target is None or isinstance(target, Disbursed | BroughtIn) or event.of in undone:
            raise NothingToUndo(key=event.of)


def check_after(event: Event, before: AccountState, after: AccountState) -> None:
    """Hold that a payment does what it says, and that a new schedule takes nothing from anybody.

    :raises NotSettled, NothingPrepaid, ClaimParted, ClaimKept:
    """
    if isinstance(event, Restructured):
        for item in before.instalments:
            if item.owner != before.owner and item.open.principal_minor:
                raise ClaimParted(number=item.number, owner=item.owner)
            if kept_minor := sum(minor for _, _, minor in item.kept):
                amount = spoken_amount(kept_minor, before.currency)
                raise ClaimKept(number=item.number, amount=amount)
    if isinstance(event, SettledEarly) and not after.is_settled:
        left = after.due - after.paid
        payoff_minor = event.amount_minor + left.total_minor
        raise NotSettled(
            on=event.on,
            payoff=spoken_amount(payoff_minor, after.currency),
            given=spoken_amount(event.amount_minor, after.currency),
        )
    if isinstance(event, Prepaid) and (
        after.principal_outstanding_minor >= before.principal_outstanding_minor
        or not _pays_ahead(after, event)
    ):
        raise NothingPrepaid(on=event.on)


def _pays_ahead(account: AccountState, event: Prepaid) -> bool:
    mine = next(each for each in account.repayments if each.key == event.key)
    dues = {item.number: item.due_date for item in account.instalments}
    return any(dues[piece.number] > piece.due_date == event.on for piece in mine.slices)


def values_of(event: Event) -> dict[str, Any]:
    """What an event says, as plain values for a sentence about it."""
    from_event = {
        name: getattr(event, name) for name in event.__dataclass_fields__ if name != "key"
    }
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else str(value)
        for name, value in from_event.items()
        if value is not None and not isinstance(value, int)
    } | {name: value for name, value in from_event.items() if isinstance(value, int)}
