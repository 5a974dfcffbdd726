"""Allocations: payments laid over instalments and charges by an order."""

from __future__ import annotations

from datetime import date

from loanops.kernel.allocation import Component, OpenPart, Order, allocate
from loanops.surfaces.cli.oracles.read import Inputs, Unsupported, day, major, minor

_DECIMALS = 2


def answer(inputs: Inputs, _: Inputs) -> Inputs:
    """What each payment in turn pays of each component."""
    if inputs.get("future_rule", "NEXT_INSTALMENT") != "NEXT_INSTALMENT":
        raise Unsupported(f"future rule {inputs['future_rule']}")
    order = Order.from_dict(inputs["component_order"])
    due = _due(inputs)
    paid: dict[tuple[int, Component, date], int] = {}
    payments = []
    for payment in inputs["payments"]:
        parts = [
            OpenPart(*key, amount_minor - paid.get(key, 0)) for key, amount_minor in due.items()
        ]
        amount_minor = minor(payment["amount"], _DECIMALS)
        laid = allocate(amount_minor, parts, order, day(payment["date"]))
        for piece in laid.slices:
            key = (piece.number, piece.component, piece.due_date)
            paid[key] = paid.get(key, 0) + piece.amount_minor
        payments.append(
            {part.value: major(laid.parts.of(part), _DECIMALS) for part in Component}
            | {"unapplied": major(laid.unapplied_minor, _DECIMALS)}
        )
    return {"payments": payments}


def _due(inputs: Inputs) -> dict[tuple[int, Component, date], int]:
    """What is due; a charge joins the first instalment due on or after its own due date."""
    due: dict[tuple[int, Component, date], int] = {}
    dates = [day(instalment["due_date"]) for instalment in inputs["instalments"]]
    for number, instalment in enumerate(inputs["instalments"], start=1):
        for part in Component:
            amount_minor = minor(instalment.get(part.value, "0"), _DECIMALS)
            due[(number, part, dates[number - 1])] = amount_minor
    for charge in inputs.get("charges", []):
        charged_on = day(charge["due_date"])
        later = (n for n, date_due in enumerate(dates, start=1) if date_due >= charged_on)
        key = (next(later, len(dates) + 1), Component(charge["component"]), charged_on)
        due[key] = due.get(key, 0) + minor(charge["amount"], _DECIMALS)
    return due
