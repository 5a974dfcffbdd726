"""One seeded life of a loan in the kernel alone: whatever happens to it, its account holds.

``live(seed, steps)`` draws terms, lets days pass and has everything happen to the loan that can:
on time, late, twice, undone, undone again. What the kernel refuses changes nothing. After each step
the account has to add up; now and then the same history is told in another order, in JSON, without
what was undone, with a payment in two halves, and shared among owners.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from loanops.kernel.account import (
    AccountState,
    BroughtIn,
    CountingPaused,
    Disbursed,
    Drawn,
    Event,
    EventRepeated,
    Repaid,
    Reversed,
    event_from_dict,
    event_to_dict,
    owned,
    state,
)
from loanops.kernel.account import live as alive
from loanops.kernel.allocation import Component, Parts
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.kernel.sharing import Portion, Sharing
from tests.soak import happenings

LATE_DAYS_MAX: Final = 90
CLOSELY_EVERY: Final = 25
SHARED: Final = Sharing(
    principal=(
        Portion(owner="lead", share=Decimal("0.7")),
        Portion(owner="second", share=Decimal("0.3")),
    )
)
PAYEES: Final = {"guarantor": "guarantor", "platform": "platform"}


class Broken(AssertionError):
    """Something that always holds did not; the words say what."""


def hold(what: str, found: object, expected: object) -> None:
    """Let the life go on only where both are equal.

    :raises Broken: they are not.
    """
    if found != expected:
        raise Broken(f"{what}: found {found}, expected {expected}")


class Life:
    """A loan, the events it has met, and the day it is today."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.terms: Terms = happenings.agreed(self.chance)
        self.today = self.terms.start_date
        self.events: list[Event] = [self._beginning()]
        self.now: AccountState = self.seen(self.events)
        self.met: Counter[str] = Counter()

    def _beginning(self) -> Event:
        if self.chance.random() < 0.15:
            return happenings.brought(self.chance, self.terms)
        return Disbursed(key="out", on=self.today, amount_minor=self.terms.principal_minor)

    def seen(self, events: Sequence[Event], on: date | None = None) -> AccountState:
        """The account as these events make it."""
        return state(self.terms, events, on or self.today)

    def step(self, place: int) -> None:
        """Let one thing happen; :raises Broken:."""
        roll = self.chance.random()
        if roll < 0.30:
            self.today += timedelta(days=self.chance.randint(1, 20))
            self.now = self.seen(self.events)
        elif roll < 0.42:
            self._undo(f"undo-{place}")
        elif roll < 0.46:
            self._say_again()
        else:
            self._happen(f"e-{place}")
        add_up(self.now, self.events, self.today)
        if place % CLOSELY_EVERY == 0:
            self._look_closely()

    def _happen(self, key: str) -> None:
        late = self.chance.random() < 0.35
        days = self.chance.randint(1, LATE_DAYS_MAX) if late else 0
        on = max(self.today - timedelta(days=days), self.terms.start_date)
        event = happenings.event(self.chance, key, on, self.now)
        self._accept(event, "late" if late else event.KIND)

    def _undo(self, key: str) -> None:
        of = self.chance.choice(self.events)
        self._accept(Reversed(key=key, on=self.today, of=of.key), "undone")

    def _accept(self, event: Event, name: str) -> None:
        """Take an event in, unless the loan as it stands refuses it."""
        try:
            self.now = self.seen([*self.events, event])
        except Refusal:
            self.met["refused"] += 1
            return
        self.events.append(event)
        self.met[name] += 1

    def _say_again(self) -> None:
        """The same key a second time is refused, whatever it says."""
        # A pause of before would end before it begins.
        movable = [each for each in self.events if not isinstance(each, CountingPaused)]
        again = replace(self.chance.choice(movable), on=self.today)
        try:
            self.seen([*self.events, again])
        except EventRepeated:
            return
        raise Broken(f"{again.key} was taken twice")

    def _look_closely(self) -> None:
        told = json.loads(json.dumps([event_to_dict(event) for event in self.events]))
        hold("events as JSON", [event_from_dict(row) for row in told], self.events)
        hold(
            "terms as JSON",
            Terms.from_dict(json.loads(json.dumps(self.terms.to_dict()))),
            self.terms,
        )
        hold("the same in another order", self.seen(self._shuffled()), self.now)
        hold("without what was undone", self.seen(alive(self.events, self.today)), self.now)
        self._look_back()
        self._undone_at_once()
        self._in_two_halves()
        share_out(self.now)

    def _shuffled(self) -> list[Event]:
        """The events as they might have arrived: only those of one kind and day keep their order,
        and reversals theirs."""
        places: dict[object, list[Event]] = {}
        for event in self.events:
            places.setdefault(_queue(event), []).append(event)
        order = [_queue(event) for event in self.events]
        self.chance.shuffle(order)
        return [places[queue].pop(0) for queue in order]

    def _look_back(self) -> None:
        """What comes later changes no day before it."""
        days = (self.today - self.terms.start_date).days
        day = self.terms.start_date + timedelta(days=self.chance.randint(0, days))
        before = [event for event in self.events if event.on <= day]
        known = {event.key for event in before}
        told = [e for e in before if not isinstance(e, Reversed) or e.of in known]
        try:
            then = self.seen(told, day)
        except Refusal as refused:
            then = None
            said = str(refused)
        try:
            now = self.seen(self.events, day)
        except Refusal as refused:
            hold("refused for a day gone by", str(refused), said if then is None else None)
            return
        hold("as seen for a day gone by", now, then)

    def _undone_at_once(self) -> None:
        event = happenings.event(self.chance, "passing", self.today, self.now)
        try:
            self.seen([*self.events, event])
        except Refusal:
            return
        gone = Reversed(key="gone", on=self.today, of="passing")
        hold(f"{event.KIND} undone", self.seen([*self.events, event, gone]), self.now)

    def _in_two_halves(self) -> None:
        amount_minor = self.chance.randint(2, 2 * self.terms.principal_minor)
        first_minor = self.chance.randint(1, amount_minor - 1)
        whole = Repaid(key="whole", on=self.today, amount_minor=amount_minor)
        one = Repaid(key="one", on=self.today, amount_minor=first_minor)
        two = Repaid(key="two", on=self.today, amount_minor=amount_minor - first_minor)
        try:
            at_once = self.seen([*self.events, whole])
        except Refusal:
            return
        in_two = self.seen([*self.events, one, two])
        hold("a payment in two halves", figures(in_two), figures(at_once))


def _queue(event: Event) -> object:
    return "reversals" if isinstance(event, Reversed) else (event.on, event.KIND)


def figures(account: AccountState) -> tuple[object, ...]:
    """What an account says, leaving out which payment paid it."""
    return (
        account.instalments,
        account.owed,
        account.overdue,
        account.unapplied_minor,
        account.accrued_interest_minor,
    )


def add_up(account: AccountState, events: Sequence[Event], on: date) -> None:
    """Hold that nothing is below zero, and that every unit received is somewhere.

    :raises Broken: it is not so.
    """
    for item in account.instalments:
        for component in Component:
            due, paid = item.due.of(component), item.paid.of(component)
            if not 0 <= paid <= due:
                raise Broken(f"instalment {item.number}: {paid} of {due} {component} is paid")
    if not 0 <= account.principal_outstanding_minor <= account.advanced_minor:
        raise Broken(
            f"{account.principal_outstanding_minor} of {account.advanced_minor} stands out"
        )
    if account.unapplied_minor < 0:
        raise Broken(f"{account.unapplied_minor} is left over")
    left = account.owed - account.overdue
    if min(left.of(component) for component in Component) < 0:
        raise Broken(f"{account.overdue} is overdue of {account.owed} that is owed")
    happened = alive(events, on)
    received = sum(e.amount_minor for e in happened if isinstance(e, Repaid))
    lent = sum(e.amount_minor for e in happened if isinstance(e, Disbursed | BroughtIn | Drawn))
    money = [each for each in account.repayments if not each.is_capital]
    hold("money received", sum(each.amount_minor for each in money), received)
    made_minor = account.capitalised_minor - account.waived.principal_minor
    hold("advanced", account.advanced_minor, lent + made_minor)
    laid = sum((each.parts for each in account.repayments), Parts())
    hold("what was laid", laid, account.paid)
    in_money = sum((each.parts for each in money), Parts())
    hold("by whom it was received", sum((p for _, p in account.received), Parts()), in_money)
    hold("fees by whom", sum(minor for *_, minor in account.received_fees), in_money.fee_minor)


def share_out(account: AccountState) -> None:
    """Hold that what the owners received and are owed is all there is; :raises Broken:."""
    money = (each.parts for each in account.repayments if not each.is_capital)
    shares = owned(account, SHARED, lender="lead", payees=PAYEES).values()
    hold("received by owners", sum((s.received for s in shares), Parts()), sum(money, Parts()))
    open_ = sum((item.open for item in account.instalments), Parts())
    hold("open by owners", sum((s.open for s in shares), Parts()), open_)
    hold("accrued", sum(s.accrued_minor for s in shares), account.accrued_interest_minor)


def live(seed: int, steps: int) -> tuple[str, ...]:
    """One life; empty where everything held, else what did not, with the history that led there."""
    life = Life(seed)
    for place in range(1, steps + 1):
        try:
            life.step(place)
        except Exception as broken:
            told = json.dumps([event_to_dict(event) for event in life.events])
            terms = json.dumps(life.terms.to_dict())
            what = type(broken).__name__
            return (
                f"step {place} on {life.today}: {what} {broken}",
                f"terms {terms}",
                f"events {told}",
            )
    return ()
