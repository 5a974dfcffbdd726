"""Replay: the position that the kernel's account makes of a loan's whole history."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from loanops.kernel.account import AccountState, Event, Instalment, event_from_dict, event_to_dict
from loanops.loanbook.servicing.domain.position import Item, reach
from loanops.loanbook.servicing.domain.rules import Rules, rate_text

_COLUMNS = ("kind", "key", "on", "amount_minor")


def event_of(key: str, kind: str, on: date, amount_minor: int, content: str) -> Event:
    """A stored event as the kernel folds it.

    :raises BadField: what was stored is no event.
    """
    row: dict[str, Any] = {"kind": kind, "key": key, "on": on}
    if not content:
        return event_from_dict({**row, "amount_minor": amount_minor})
    if json.loads(content).get("with_amount"):
        row["amount_minor"] = amount_minor
    return event_from_dict({**row, **said_of(content)})


def said_of(content: str) -> dict[str, Any]:
    """What an event says beside its kind, key, day and amount, as plain values."""
    said: dict[str, Any] = json.loads(content) if content else {}
    said.pop("with_amount", None)
    return said


def content_of(event: Event) -> str:
    """What an event says beside its kind, key, day and amount; empty where that is all."""
    row = event_to_dict(event)
    said = {name: value for name, value in row.items() if name not in _COLUMNS}
    if not said and "amount_minor" in row:
        return ""
    if "amount_minor" in row:
        said["with_amount"] = True
    return json.dumps(said, separators=(",", ":"), sort_keys=True)


def items_of(state: AccountState, rules: Rules) -> list[Item]:
    """Every instalment of an account as the projection keeps it."""
    return [_item(each, state, rules) for each in state.instalments]


def _item(instalment: Instalment, state: AccountState, rules: Rules) -> Item:
    due, paid = instalment.due, instalment.paid
    item = Item(
        number=instalment.number,
        due_on=instalment.due_date,
        principal_minor=due.principal_minor,
        interest_minor=due.interest_minor,
        fee_minor=due.fee_minor,
        paid_principal_minor=paid.principal_minor,
        paid_interest_minor=paid.interest_minor,
        paid_fee_minor=paid.fee_minor,
        paid_penalty_minor=paid.penalty_minor,
        settled_on=instalment.settled_on,
        starts_on=instalment.start_date,
        penalty_adjust_minor=due.penalty_minor - instalment.accrued_penalty_minor,
        penal_end=state.penalty_ended_on,
        owner=instalment.owner,
        late_fee_minor=sum(minor for _, minor in instalment.late_fees),
        late_fee_count=len(instalment.late_fees),
        penal_rate=rate_text(instalment.penalty_rate),
        compounded_minor=instalment.compounded_minor,
        capped_on=instalment.capped_on,
    )
    ended_on = state.penalty_ended_on
    if ended_on is not None and (item.open_minor or instalment.penal_minor_days):
        # None runs any more: it is counted as far as it ever will be.
        days = instalment.penal_minor_days
        return item._replace(penal_to=ended_on, penal_minor_days=days)
    held = instalment.held_from, instalment.held_minor_days
    return counted(item, instalment.penal_minor_days, held, rules, state.on)


def counted(
    item: Item, minor_days: int, held: tuple[date | None, int], rules: Rules, on: date
) -> Item:
    """An instalment with its penalty as the projection keeps it, seen on a day.

    ``minor_days`` bore penalty so far; ``held`` is since when the same amount bears it, and what
    had been counted then.
    """
    if item.open_minor == 0 and minor_days == 0:
        return item
    if on <= item.due_on + timedelta(days=rules.grace_days):
        return item
    # Not up to the day that is looked from: money may still come that counts before it.
    since = held[0] if rules.penalty is not None else item.due_on
    item = item._replace(penal_to=since, penal_minor_days=held[1])
    end = item.rule_end(rules)
    return item if end is None or on < end else reach(item, rules, end)
