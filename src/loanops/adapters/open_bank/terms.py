"""The kernel's terms as the protocol writes them, and the digest of a schedule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Final

from loanops.kernel.money import format_amount
from loanops.kernel.schedule import FeeTiming
from loanops.origination.routing.ports import ScheduleRow

_SAID_AS_THEY_ARE: Final = (
    "method",
    "annual_rate",
    "instalments",
    "start_date",
    "frequency",
    "first_due_date",
    "due_day",
    "first_period_days_min",
    "month_end",
    "roll",
    "day_count",
    "rounding",
    "instalment_rounding",
    "residue",
    "stub",
    "level_basis",
    "interest_rounding",
    "principal_grace",
    "interest_grace",
)
_DAYS_OFF: Final = ("calendar", "closed_days", "exchanged_days")
_AMOUNTS: Final = {
    "instalment_minor": "instalment_amount",
    "instalment_multiple_minor": "instalment_multiple",
}


def wire_terms(terms: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """What the funder needs to make its legal schedule; what is borne when late is not sent."""
    said = {name: terms[name] for name in _SAID_AS_THEY_ARE if terms.get(name) is not None}
    said |= {name: terms[name] for name in _DAYS_OFF if terms.get(name)}
    for ours, theirs in _AMOUNTS.items():
        if terms.get(ours) is not None:
            said[theirs] = format_amount(terms[ours], currency)
    planned = [fee for fee in terms.get("fees", ()) if fee["timing"] != FeeTiming.OVERDUE]
    if planned:
        said["fees"] = [_fee(fee, currency) for fee in planned]
    return said


def _fee(fee: Mapping[str, Any], currency: str) -> dict[str, Any]:
    ours = {"amount_minor", "overdue_days"}
    said = {name: value for name, value in fee.items() if name not in ours}
    if fee.get("amount_minor") is not None:
        said["amount"] = format_amount(fee["amount_minor"], currency)
    return said


def schedule_digest(rows: Iterable[ScheduleRow], currency: str) -> str:
    """The digest both sides compute of a schedule, to tell in one comparison that they agree."""
    lines = (
        f"{row.number}|{row.due_date.isoformat()}|{format_amount(row.principal_minor, currency)}"
        f"|{format_amount(row.interest_minor, currency)}|{format_amount(row.fees_minor, currency)}"
        for row in rows
    )
    return sha256("\n".join(lines).encode()).hexdigest()
