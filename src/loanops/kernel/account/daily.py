"""Daily lines (随借随还): money beyond what is due lowers the balance on the day it comes.

The interest of the running period and of the later ones then follows from the lower balance. It
stays due on its due date; only money that is left when no principal is owed pays it at once.
"""

from __future__ import annotations

from datetime import date

from loanops.kernel.account.working import Working
from loanops.kernel.allocation import Component, Slice
from loanops.kernel.schedule.plan import Extra


def repay_line(account: Working, amount_minor: int, day: date) -> list[Slice]:
    """Pay principal that is not due yet, and then the interest run up so far."""
    slices: list[Slice] = []
    for component in (Component.PRINCIPAL, Component.INTEREST):
        for key in [key for key in account.due if key[1] is component and key[2] > day]:
            taken_minor = min(amount_minor, account.open_minor(key))
            if taken_minor <= 0:
                continue
            piece = Slice(*key, taken_minor)
            account.pay((piece,))
            amount_minor -= taken_minor
            slices.append(piece)
            if component is Component.PRINCIPAL:
                _lower(account, key[2], taken_minor, day)
    return slices


def _lower(account: Working, due: date, amount_minor: int, day: date) -> None:
    """Let the amount bear no interest from the day on, and reckon later interest anew."""
    plan = account.plan
    if plan is None:
        return
    plan.relief.append(Extra(day, due, -amount_minor))
    lines = plan.run(plan.targets)
    for item, line in zip(account.items[account.first :], lines, strict=False):
        if item.row.due_date > day:
            key = (item.row.number, Component.INTEREST, item.row.due_date)
            account.add_due(key, line.interest_minor - account.due.get(key, 0))
