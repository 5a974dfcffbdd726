"""Following: penalty at a multiple of the rate that is in force on each day.

Where a product's penalty follows the loan's rate, every change of it closes what ran before: that
penalty is rounded and stays, and the days from the change on are counted anew, at the new rate.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component
from loanops.kernel.money import round_ratio
from loanops.kernel.schedule import Penalty


def follow_rate(account: Working, on: date, rate: Decimal) -> None:
    """Let penalty of the days from a day on, which was reached, be of this annual rate."""
    rule = account.terms.penalty
    if rule is None or not rule.follows_rate:
        return
    account.rates.append((on, rate))
    account.rate = None if rate == account.terms.annual_rate else rate
    account.penalty_run = None
    for item in account.items[account.settled :]:
        if item.settled_on is None:
            begin_anew(item, account.rate)
            item.capped_on = capped_on(account, item.row.due_date)


def capped_on(account: Working, due: date) -> date | None:
    """The day from which the cap leaves no more, where the rate that penalty follows changed."""
    rule = account.terms.penalty
    if rule is None or not account.rates:
        return None
    return rule.capped_on(due, account.terms.annual_rate, account.rates)


def begin_anew(item: Open, rate: Decimal | None) -> None:
    """Let what an instalment bore so far stand as it is, and count its later days by themselves."""
    item.rate = rate
    item.penalty_minor = item.penal_minor_days = item.held_minor_days = 0
    item.held_from = None


def count_earlier(
    account: Working, item: Open, rule: Penalty, base_minor: int, until: date
) -> None:
    """Count the days up to a day that earlier rates ran on, where only now grace has passed."""
    rate = account.terms.annual_rate
    for since, later in account.rates:
        days = (min(since, until) - item.penalised_to).days
        if days > 0:
            numerator, denominator = rule.daily(rate).as_integer_ratio()
            rounding = rule.rounding(account.terms.rounding)
            minor = round_ratio(numerator * base_minor * days, denominator, rounding)
            account.add_due((item.row.number, Component.PENALTY, item.row.due_date), minor)
            item.penalised_to = min(since, until)
        rate = later
