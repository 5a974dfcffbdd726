"""Replay: the position that the kernel's account makes of a loan's whole history."""

from __future__ import annotations

from datetime import date, timedelta

from loanops.kernel.account import AccountState, Instalment
from loanops.kernel.allocation import Component, Slice
from loanops.loanbook.servicing.domain.position import Item, reach
from loanops.loanbook.servicing.domain.rules import Rules


def items_of(state: AccountState, rules: Rules) -> list[Item]:
    """Every instalment of an account as the projection keeps it."""
    slices: dict[int, list[tuple[date, Slice]]] = {}
    for repayment in state.repayments:
        for piece in repayment.slices:
            slices.setdefault(piece.number, []).append((repayment.on, piece))
    return [_item(each, slices.get(each.number, []), rules, state.on) for each in state.instalments]


def _item(instalment: Instalment, slices: list[tuple[date, Slice]], rules: Rules, on: date) -> Item:
    """One instalment: paid as it was by the end of its grace, then moved on payment by payment."""
    due = instalment.due
    item = Item(
        number=instalment.number,
        due_on=instalment.due_date,
        principal_minor=due.principal_minor,
        interest_minor=due.interest_minor,
        fee_minor=due.fee_minor,
    )
    last_free = instalment.due_date + timedelta(days=rules.grace_days)
    # Money kept as credit is laid at the due date, long before penalty could begin.
    late = [(day, piece) for day, piece in slices if day > last_free]
    for day, piece in slices:
        if day <= last_free:
            item = _with(item, piece)
    if on > last_free and item.open_minor > 0:
        item = item._replace(penal_to=rules.penalty_from(instalment.due_date))
    for day, piece in sorted(late, key=lambda dated: dated[0]):
        item = _with(reach(item, rules, day), piece)
    return item._replace(settled_on=instalment.settled_on)


_PAID_FIELD = {component: f"paid_{component.value}_minor" for component in Component}


def _with(item: Item, piece: Slice) -> Item:
    field = _PAID_FIELD[piece.component]
    return item._replace(**{field: getattr(item, field) + piece.amount_minor})
