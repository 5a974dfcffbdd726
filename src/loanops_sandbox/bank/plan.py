"""The bank's legal repayment schedule, made from the terms on the wire by the shared kernel."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Row, Terms, schedule
from loanops_sandbox.amounts import Malformed, amount_of, minor_of

PLAIN = frozenset(
    {
        "method", "annual_rate", "instalments", "start_date", "frequency", "first_due_date",
        "due_day", "first_period_days_min", "month_end", "roll", "day_count", "rounding",
        "instalment_rounding", "residue", "stub", "level_basis", "interest_rounding",
        "principal_grace", "interest_grace", "calendar", "closed_days", "exchanged_days",
    }
)  # fmt: skip
AMOUNTS = {
    "instalment_amount": "instalment_minor",
    "instalment_multiple": "instalment_multiple_minor",
}


def read_terms(content: Mapping[str, Any]) -> Terms:
    """The terms of a drawdown as the kernel knows them.

    :raises Malformed: a key is unknown, or the terms make no schedule
    """
    wire = content.get("terms")
    if not isinstance(wire, dict):
        raise Malformed("terms", "a JSON object is needed")
    unknown = sorted(set(wire) - PLAIN - set(AMOUNTS) - {"fees"})
    if unknown:
        raise Malformed(f"terms.{unknown[0]}", "no such term in this protocol")
    row = {key: value for key, value in wire.items() if key in PLAIN}
    for name, ours in AMOUNTS.items():
        if wire.get(name) is not None:
            row[ours] = minor_of(wire[name], f"terms.{name}")
    row["fees"] = [_fee(entry) for entry in wire.get("fees", ())]
    row["principal_minor"] = minor_of(content.get("amount"), "amount")
    row["currency"] = content.get("currency")
    try:
        terms = Terms.from_dict(row)
    except Refusal as wrong:
        raise Malformed(f"terms.{wrong.field or ''}", str(wrong)) from wrong
    if terms.start_date.isoformat() != content.get("value_date"):
        raise Malformed("terms.start_date", "interest starts on the value date")
    return terms


def _fee(entry: object) -> dict[str, Any]:
    if not isinstance(entry, dict):
        raise Malformed("terms.fees", "every fee is a JSON object")
    row = {key: value for key, value in entry.items() if key != "amount"}
    if entry.get("amount") is not None:
        row["amount_minor"] = minor_of(entry["amount"], "terms.fees.amount")
    return row


def instalments_of(terms: Terms) -> tuple[Row, ...]:
    return schedule(terms).rows


def plan_digest(lines: Sequence[Row]) -> str:
    """One digest over all instalments, so that two sides can tell that they agree."""
    texts = [
        "|".join(
            (
                str(line.number),
                line.due_date.isoformat(),
                amount_of(line.principal_minor),
                amount_of(line.interest_minor),
                amount_of(line.fees_minor),
            )
        )
        for line in lines
    ]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()
