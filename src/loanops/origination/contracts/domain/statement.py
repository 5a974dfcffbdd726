"""The all-in cost disclosure statement (综合融资成本明示表) as plain data.

Fields after 《个人贷款业务明示综合融资成本规定》(金规〔2026〕2号): principal; each interest or fee
item with way, standard and charging party, made annual; the annual cost in normal performance;
what is charged on default, by item, standard and party; and that nothing else is charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from loanops.kernel import wire
from loanops.kernel.calendar import add_months
from loanops.kernel.pricing import AllInCost
from loanops.kernel.schedule import (
    Fee,
    FeeBase,
    FeeTiming,
    FirstRead,
    Row,
    Schedule,
    Terms,
    late_fees,
)

STATEMENT_VERSION: Final = "statement-1"
_RATE_PLACES: Final = Decimal("1e-8")
_DAYS_IN_YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Party:
    """A charging party: its role in the fee, and its registered name."""

    role: str
    name: str


def statement(
    *,
    offer: str,
    book: str,
    terms: Terms,
    plan: Schedule,
    cost: AllInCost,
    measure: str,
    parties: Mapping[str, Party],
    rule: Mapping[str, Any],
    first: FirstRead | None = None,
) -> dict[str, Any]:
    """The statement of one offer; ``parties`` by role (``funder`` always, others as charged).

    ``rule`` is the kept answer of compliance about the cost; ``first`` what the first rate was
    read from, where it was.
    """
    items = [_interest_item(terms, plan, parties["funder"], first)]
    late = late_fees(terms.fees)
    planned = [fee for fee in terms.fees if fee not in late]
    items += [_fee_item(fee, terms, plan, parties[fee.charging_party]) for fee in planned]
    return {
        "version": STATEMENT_VERSION,
        "offer": offer,
        "book": book,
        "currency": terms.currency,
        "principal_minor": terms.principal_minor,
        "net_received_minor": terms.principal_minor - plan.upfront_fees_minor,
        "instalments": len(plan.rows),
        "method": terms.method.value,
        "start_date": terms.start_date.isoformat(),
        "first_due_date": plan.rows[0].due_date.isoformat(),
        "last_due_date": plan.rows[-1].due_date.isoformat(),
        "items": items,
        "interest_minor": plan.interest_minor,
        "fees_minor": plan.fees_minor,
        "total_minor": plan.total_minor,
        "cost": {
            "simple": str(cost.simple),
            "effective": str(cost.effective),
            "method": cost.method,
            "measure": measure,
        },
        "contingent": [
            *_contingent(terms, parties["funder"]),
            *(_late_item(fee, parties[fee.charging_party]) for fee in late),
        ],
        "nothing_else": True,
        "rule": {key: rule[key] for key in ("rule", "limit", "source", "article", "verified")},
    }


def _interest_item(
    terms: Terms, plan: Schedule, party: Party, first: FirstRead | None
) -> dict[str, Any]:
    return {
        "kind": "interest",
        "name": "interest",
        "way": terms.method.value,
        "standard": {"rate_annual": format(terms.annual_rate, "f")},
        "party": party.role,
        "party_name": party.name,
        "annual_rate": format(terms.annual_rate, "f"),
        "total_minor": plan.interest_minor,
        **({"floating": wire.write_row(terms.floating)} if terms.floating else {}),
        **({"first_read": wire.write_row(first)} if first else {}),
    }


def _fee_item(fee: Fee, terms: Terms, plan: Schedule, party: Party) -> dict[str, Any]:
    total_minor = sum(
        charge.amount_minor
        for charge in plan.charges
        if (charge.name, charge.charging_party) == (fee.name, fee.charging_party)
    )
    # A rate a year on the balance is annual already; anything else is divided by what was occupied.
    runs = fee.annual and fee.base is FeeBase.BALANCE and not fee.instalments
    if fee.rate is not None and runs:
        yearly = Fraction(fee.rate)
    else:
        weight = _principal_years(terms, plan)
        yearly = Fraction(total_minor) / weight if weight else Fraction(0)
    return {
        "kind": "fee",
        "name": fee.name,
        "way": _way(fee),
        "standard": _standard(fee),
        "party": party.role,
        "party_name": party.name,
        "annual_rate": _rate(yearly),
        "total_minor": total_minor,
    }


def _standard(fee: Fee) -> dict[str, Any]:
    if fee.amount_minor is not None:
        return {"amount_minor": fee.amount_minor}
    rate = format(fee.rate or Decimal(0), "f")
    return {"rate": rate, "base": fee.base.value, "annual": fee.annual}


def _way(fee: Fee) -> str:
    if fee.timing is FeeTiming.UPFRONT:
        return "upfront"
    return "some_instalments" if fee.instalments else "per_instalment"


def _contingent(terms: Terms, party: Party) -> list[dict[str, Any]]:
    if terms.penalty is None:
        return []
    penalty = terms.penalty
    rate = penalty.annual_rate
    if rate is None:
        rate = terms.annual_rate * (penalty.multiplier or Decimal(0))
    return [
        {
            "name": "overdue_penalty",
            "multiplier": None if penalty.multiplier is None else format(penalty.multiplier, "f"),
            "rate_annual": format(rate, "f"),
            "base": penalty.base.value,
            "grace_days": penalty.grace_days,
            "runs_from": penalty.runs_from.value,
            **({"follows": penalty.follows.value} if penalty.follows_rate else {}),
            **({} if penalty.stop_days is None else {"stop_days": penalty.stop_days}),
            **({} if penalty.cap is None else {"cap": format(penalty.cap, "f")}),
            **({"compounds_days": penalty.compounds_days} if penalty.compounds_days else {}),
            **({"stops_at_acceleration": True} if penalty.stops_at_acceleration else {}),
            "party": party.role,
            "party_name": party.name,
        }
    ]


def _late_item(fee: Fee, party: Party) -> dict[str, Any]:
    """A fee for being late, once for an instalment that is later than its days."""
    return {
        "name": fee.name,
        "kind": "late_fee",
        "standard": _standard(fee),
        "overdue_days": fee.overdue_days,
        "party": party.role,
        "party_name": party.name,
    }


def _principal_years(terms: Terms, plan: Schedule) -> Fraction:
    """The principal really occupied, times its years: what a fee is divided by to be annual."""
    return sum(
        ((row.balance_minor + row.principal_minor) * _years(terms, row) for row in plan.rows),
        Fraction(0),
    )


def _years(terms: Terms, row: Row) -> Fraction:
    """Whole months as twelfths; anything else as actual days over 365."""
    months = 12 * (row.due_date.year - row.start_date.year)
    months += row.due_date.month - row.start_date.month
    if terms.frequency.days is None and _is_months(row.start_date, row.due_date, months):
        return Fraction(months, 12)
    return Fraction((row.due_date - row.start_date).days, _DAYS_IN_YEAR)


def _is_months(start: date, due: date, months: int) -> bool:
    """Whether a date is that many months later, the end of a month counting as any later day."""
    return due == add_months(start, months) or start == add_months(due, -months)


def _rate(value: Fraction) -> str:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return format(exact.quantize(_RATE_PLACES), "f")


def rows_of(plan: Schedule) -> list[list[Any]]:
    """The schedule as compact rows: number, due date, principal, interest, fees, balance."""
    return [
        [
            row.number,
            row.due_date.isoformat(),
            row.principal_minor,
            row.interest_minor,
            row.fees_minor,
            row.balance_minor,
        ]
        for row in plan.rows
    ]
