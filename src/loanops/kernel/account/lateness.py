"""Lateness: fees that an instalment comes to bear by being late, as time passes.

Nobody books them: they follow from what was unpaid on which day, so that money which counts for an
earlier day takes them away again.
"""

from __future__ import annotations

from datetime import date

from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component


def charge_late(account: Working, day: date) -> None:
    """Charge every instalment the fees that it has come to bear by a day, each of them once.

    They end where penalty of the whole loan ends, as with a write-off.
    """
    if account.penalty_ended_on is not None:
        day = min(day, account.penalty_ended_on)
    for item in account.items[account.settled :]:
        if item.row.due_date >= day:
            break
        if item.settled_on is None and len(item.late_fees) < len(account.late_fees):
            _charge(account, item, day)


def _charge(account: Working, item: Open, day: date) -> None:
    number, due = item.row.number, item.row.due_date
    unpaid_minor = account.open_minor((number, Component.PRINCIPAL, due))
    unpaid_minor += account.open_minor((number, Component.INTEREST, due))
    late_days = (day - due).days
    for fee in account.late_fees[len(item.late_fees) :]:
        if late_days <= fee.overdue_days or not unpaid_minor:
            return
        charged_minor = fee.late_minor(unpaid_minor, account.terms.rounding)
        account.add_due((number, Component.FEE, due), charged_minor)
        item.late_fees = (*item.late_fees, (fee.charging_party, charged_minor))


def mark_late(account: Working, item: Open, on: date) -> None:
    """Count the fees that an instalment had come to bear elsewhere by a day as charged there."""
    late_days = (on - item.row.due_date).days
    item.late_fees = tuple(
        (fee.charging_party, 0) for fee in account.late_fees if late_days > fee.overdue_days
    )
