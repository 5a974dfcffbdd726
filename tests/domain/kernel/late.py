"""A loan whose first instalment is late: what happened, by days since 15 February."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from loanops.kernel.account import AccountState, Disbursed, Event, RateChanged, state
from loanops.kernel.schedule import Terms

FIRST_DUE = date(2026, 2, 15)


def after(days: int) -> date:
    return FIRST_DUE + timedelta(days=days)


def changed(days: int, rate: str | Decimal, key: str = "rate") -> RateChanged:
    return RateChanged(key=key, on=after(days), annual_rate=Decimal(rate))


def seen(terms: Terms, days: int, *events: Event) -> AccountState:
    """The loan so many days later, paid out and met by these events."""
    out = Disbursed(key="out", on=terms.start_date, amount_minor=terms.principal_minor)
    return state(terms, [out, *events], after(days))
