"""Fold: from terms and events to the state on a day.

Events are taken in the order of the days they count for, not of their arrival. Penalty is never
stored: it follows from what was unpaid on which days.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from loanops.kernel.account.applying import apply, prepayment_fee
from loanops.kernel.account.base import Event
from loanops.kernel.account.events import TURN, Reversed, SettledEarly
from loanops.kernel.account.passing import accrued_interest, hold, reach
from loanops.kernel.account.replanning import ahead_minor
from loanops.kernel.account.state import NO_PARTS, AccountState, Instalment
from loanops.kernel.account.working import Working
from loanops.kernel.allocation import PLACES, Component, Parts
from loanops.kernel.calendar import WorkingDays
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms


class EventUnknown(Refusal):
    """A reversal of something that never was."""

    code = "loan_event_unknown"
    sentence = "There is no event {key} on this loan that could be reversed."
    status = 404


class EventRepeated(Refusal):
    """Two events under one key."""

    code = "loan_event_repeated"
    sentence = "The event {key} is on this loan already; use a new key."


def state(
    terms: Terms,
    events: Sequence[Event],
    on: date,
    *,
    working_days: WorkingDays | None = None,
) -> AccountState:
    """The account at the end of day ``on``, from the events that count for it.

    A reversal takes effect from its own day: asked for an earlier day, the account still shows
    what was then believed. A reversal can be reversed as any other event.

    :raises NotDisbursed, DisbursedTwice, DisbursementDiffers, EventUnknown, EventRepeated:
    :raises NothingFallsDue, InstalmentUnknown, NothingOwed, RestDiffers, CreditTooSmall: an event
        does not fit the loan as it stands on its day.
    :raises BadField: the same, naming the value.
    """
    account = Working(terms, working_days or terms.working_days)
    for event in sorted(live(events, on), key=turn_of):
        reach(account, event.on)
        apply(account, event)
    reach(account, on)
    hold(account)
    return _frozen(account, on)


def settlement_fee_minor(terms: Terms, events: Sequence[Event], on: date) -> int:
    """The fee for early settlement among the events up to a day, in minor units; nought if none.

    :raises Refusal: an event does not fit the loan, as in ``state``.
    """
    account = Working(terms, terms.working_days)
    for event in sorted(live(events, on), key=turn_of):
        reach(account, event.on)
        if isinstance(event, SettledEarly) and account.ended_on is None:
            return prepayment_fee(account, event.on, ahead_minor(account, event.on))
        apply(account, event)
    return 0


def live(events: Sequence[Event], on: date) -> list[Event]:
    """The events up to the day that are not reversed by then, in the order in which they came.

    :raises EventUnknown: a reversal names no event.
    :raises EventRepeated: two events have one key.
    """
    keys = [event.key for event in events]
    known = set(keys)
    if len(known) != len(keys):
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise EventRepeated(key=repeated)
    reversals = [event for event in events if isinstance(event, Reversed)]
    for reversal in reversals:
        if reversal.of not in known:
            raise EventUnknown(key=reversal.of)
    undone: set[str] = set()
    # The last word first: a reversal that was itself reversed undoes nothing.
    for reversal in reversed(reversals):
        if reversal.on <= on and reversal.key not in undone:
            undone.add(reversal.of)
    return [
        event
        for event in events
        if event.on <= on and event.key not in undone and not isinstance(event, Reversed)
    ]


def met_by(terms: Terms, events: Sequence[Event], kind: type[Event], on: date) -> AccountState:
    """The account as an event of a kind meets it on a day: before what comes later on that day.

    ``events`` are all that were booked before it, for whatever day; what they undid is left out.

    :raises Refusal: an event does not fit the loan, as in ``state``.
    """
    turn = on, _PLACE[kind]
    standing = [each for each in live(events, date.max) if turn_of(each) <= turn]
    return state(terms, standing, on)


_PLACE: Final = {kind: place for place, kind in enumerate(TURN)}


def turn_of(event: Event) -> tuple[date, int]:
    """When an event counts: by day, and then by what it is; one kind stays in its order."""
    return event.on, _PLACE[type(event)]


def _frozen(account: Working, on: date) -> AccountState:
    due, paid = account.by_instalment(account.due), account.by_instalment(account.paid)
    instalments = tuple(
        Instalment(
            number=row.number,
            start_date=row.start_date,
            due_date=row.due_date,
            due=due.get(row.number, NO_PARTS),
            paid=paid.get(row.number, NO_PARTS),
            settled_on=item.settled_on,
            accrued_penalty_minor=item.penalty_minor,
            penal_minor_days=item.penal_minor_days,
            held_from=item.held_from or item.penalised_to,
            held_minor_days=item.held_minor_days,
            owner=account.owner_of(row.number),
            fees=row.fees,
            late_fees=item.late_fees,
            penalty_rate=item.rate,
            capped_on=item.capped_on,
            compounded_minor=item.compounded_minor,
        )
        for item in account.items
        for row in (item.row,)
    )
    if account.kept:
        instalments = tuple(
            item._replace(kept=account.kept_of(item.number, item.open)) for item in instalments
        )
    received, received_fees = _received(account)
    return AccountState(
        on=on,
        currency=account.terms.currency,
        advanced_minor=account.advanced_minor,
        instalments=instalments,
        repayments=tuple(account.repayments),
        accrued_interest_minor=accrued_interest(account, on),
        owed=account.unpaid(on),
        overdue=account.unpaid(on, today=False),
        capitalised_minor=account.capitalised_minor,
        waived=account.waived,
        received=received,
        received_fees=received_fees,
        owner=account.owner,
        written_off_on=account.written_off_on,
        penalty_ended_on=account.penalty_ended_on,
        treated=tuple(account.treated),
        pauses=tuple(account.pauses),
    )


def _received(
    account: Working,
) -> tuple[tuple[tuple[str, Parts], ...], tuple[tuple[str, int, int], ...]]:
    """The money that was laid by who received it, and the fees among it by instalment."""
    received: dict[str, list[int]] = {}
    fees: dict[tuple[str, int], int] = {}
    for repayment in account.repayments:
        if repayment.is_capital:
            continue
        for piece, owner in zip(repayment.slices, repayment.owners, strict=True):
            number, component, _, amount_minor = piece
            if owner not in received:
                received[owner] = [0, 0, 0, 0]
            received[owner][PLACES[component]] += amount_minor
            if component is Component.FEE:
                fees[owner, number] = fees.get((owner, number), 0) + amount_minor
    by_owner = tuple((owner, Parts(*received[owner])) for owner in sorted(received))
    return by_owner, tuple((*place, minor) for place, minor in sorted(fees.items()))
