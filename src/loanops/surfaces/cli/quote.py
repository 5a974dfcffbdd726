"""`loanops quote`: terms in, schedule and all-in cost out; nothing is stored."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NoReturn

import click

from loanops.kernel import daycount
from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.pricing import AllInCost, all_in_cost, display
from loanops.kernel.refusals import BadField, Refusal
from loanops.kernel.schedule import Schedule, Terms, schedule
from loanops.surfaces.cli.framing import emit, stop

DEFAULTS: Final = MappingProxyType({"currency": "CNY", "method": "equal_instalment"})
AMOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "principal": "principal_minor",
        "instalment": "instalment_minor",
        "instalment_multiple": "instalment_multiple_minor",
    }
)
FEE_AMOUNTS: Final[Mapping[str, str]] = MappingProxyType({"amount": "amount_minor"})
ROW_AMOUNTS: Final[Mapping[str, str]] = MappingProxyType(
    {"principal": "principal_minor", "interest": "interest_minor", "fees": "fees_minor"}
)
AS_GIVEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        minor: given
        for amounts in (AMOUNTS, FEE_AMOUNTS, ROW_AMOUNTS)
        for given, minor in amounts.items()
    }
)


@click.command("quote")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:
    """Read terms as JSON from standard input; print the schedule and the all-in cost."""
    given = _read(sys.stdin.read())
    try:
        terms = terms_of(given)
        plan = schedule(terms)
        cost = all_in_cost(terms, plan)
    except BadField as refusal:
        stop(f"{refusal}.")
    except Refusal as refusal:
        stop(f"{refusal.field}: {refusal}" if refusal.field else str(refusal))
    if as_json:
        emit(quote_of(terms, plan, cost))
    else:
        _print(terms, plan, cost)


def terms_of(given: Mapping[str, Any]) -> Terms:
    """The terms that a quote asks for.

    :raises Refusal: naming the key that cannot be read.
    """
    values = {**DEFAULTS, **given}
    code = values["currency"]
    values = _minor(values, AMOUNTS, code, "")
    for name in ("principal", "annual_rate", "instalments", "start_date"):
        if name not in given:
            raise BadField(field=name, problem="is missing")
    for name, amounts in (("fees", FEE_AMOUNTS), ("rows", ROW_AMOUNTS)):
        if isinstance(values.get(name), list):
            values[name] = [
                _minor(item, amounts, code, f"{name}[{place}].")
                for place, item in enumerate(values[name])
            ]
    if isinstance(values.get("day_count"), str):
        values["day_count"] = daycount.parse(values["day_count"])
    try:
        return Terms.from_dict(values)
    except BadField as refusal:
        field = _as_given(refusal.field or "")
        raise BadField(field=field, **refusal.values) from None


def _minor(row: Any, amounts: Mapping[str, str], code: Any, place: str) -> dict[str, Any]:
    """The row with its decimal strings turned to minor units under the terms' own keys."""
    if not isinstance(row, Mapping):
        raise BadField(field=place.rstrip("."), problem="must be an object of keys and values")
    values: dict[str, Any] = {}
    for key, value in row.items():
        if key in AS_GIVEN:
            raise BadField(field=f"{place}{key}", problem="is not a key that is known here")
        if key not in amounts or value is None:
            values[key] = value
            continue
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise BadField(field=f"{place}{key}", problem='must be an amount such as "1234.50"')
        try:
            values[amounts[key]] = parse_amount(str(value), str(code))
        except Refusal as refusal:
            refusal.field = refusal.field or f"{place}{key}"
            raise
    return values


def quote_of(terms: Terms, plan: Schedule, cost: AllInCost) -> dict[str, Any]:
    """The quote as the JSON document of the command; amounts and rates are decimal strings."""

    def text(amount_minor: int) -> str:
        return format_amount(amount_minor, terms.currency)

    return {
        "currency": terms.currency,
        "schedule": [
            {
                "number": row.number,
                "due_date": row.due_date.isoformat(),
                "principal": text(row.principal_minor),
                "interest": text(row.interest_minor),
                "fees": text(row.fees_minor),
                "total": text(row.total_minor),
                "balance": text(row.balance_minor),
            }
            for row in plan.rows
        ],
        "totals": {
            "principal": text(plan.principal_minor),
            "interest": text(plan.interest_minor),
            "fees": text(plan.fees_minor),
            "upfront_fees": text(plan.upfront_fees_minor),
            "total": text(plan.total_minor),
        },
        "fees_by_party": {
            party: text(sum(c.amount_minor for c in plan.charges if c.charging_party == party))
            for party in dict.fromkeys(charge.charging_party for charge in plan.charges)
        },
        "all_in_cost": {
            "simple": str(cost.simple),
            "effective": str(cost.effective),
            "method": cost.method,
        },
    }


def _read(text: str) -> dict[str, Any]:
    try:
        given = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        stop(f"Standard input is not JSON: {fault}.")
    if not isinstance(given, dict):
        stop('Standard input must be one JSON object, such as {"principal": "10000.00"}.')
    return given


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _as_given(field: str) -> str:
    """The key as it was written: the terms know it in minor units."""
    *path, last = field.split(".")
    return ".".join([*path, AS_GIVEN.get(last, last)])


def _print(terms: Terms, plan: Schedule, cost: AllInCost) -> None:
    quote = quote_of(terms, plan, cost)
    columns = ("number", "due_date", "principal", "interest", "fees", "total", "balance")
    lines = [columns, *(tuple(str(row[c]) for c in columns) for row in quote["schedule"])]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for line in lines:
        click.echo("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)))
    totals = quote["totals"]
    click.echo(f"principal {totals['principal']}  interest {totals['interest']}", nl=False)
    click.echo(f"  fees {totals['fees']}  total {totals['total']} {terms.currency}")
    click.echo(
        f"all-in cost: {display(cost.simple)} % simple, {display(cost.effective)} % effective"
    )
