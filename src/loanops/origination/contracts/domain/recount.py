"""Recount: an independent check of a stored cost, by putting it back into the cash flows.

The kernel *solves* for the rate; this only discounts with it, so a mistake in the solver or a
changed row shows as money that is left over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final

from loanops.kernel.pricing import PERIODIC
from loanops.kernel.schedule import Terms

TOLERANCE_MINOR: Final = Decimal("0.5")
"""Rates are kept to twelve places, which on any real amount leaves far less than half a unit."""
_DIGITS: Final = 40
_DAYS_IN_YEAR: Final = 365


def left_over_minor(
    terms: Terms,
    rows: Sequence[Sequence[Any]],
    upfront_fees_minor: int,
    *,
    simple: Decimal,
    effective: Decimal,
    method: str,
) -> Decimal:
    """The present value of everything received and paid, at the stored cost; zero when it is right.

    ``rows`` are the compact rows of the schedule.
    """
    received = Decimal(terms.principal_minor - upfront_fees_minor)
    with localcontext(prec=_DIGITS):
        if method == PERIODIC:
            rate = _period_rate(terms, rows, simple)
            return _present(rows, rate) - received
        paid = (
            Decimal(_total(row)) / (1 + effective) ** _years(terms.start_date, row[1])
            for row in rows
        )
        return sum(paid, Decimal(0)) - received


def _period_rate(terms: Terms, rows: Sequence[Sequence[Any]], simple: Decimal) -> Decimal:
    if len(rows) == 1:
        # A single repayment is one period of all the months (or days) together.
        return simple * _length_years(terms) * terms.instalments
    return simple * _length_years(terms)


def _length_years(terms: Terms) -> Decimal:
    days = terms.frequency.days
    if days is None:
        return Decimal(terms.frequency.every) / 12
    return Decimal(days) / _DAYS_IN_YEAR


def _present(rows: Sequence[Sequence[Any]], rate: Decimal) -> Decimal:
    """Horner's scheme: one multiplication a row."""
    factor = 1 / (1 + rate)
    value = Decimal(0)
    for row in reversed(rows):
        value = (value + _total(row)) * factor
    return value


def _total(row: Sequence[Any]) -> int:
    return int(row[2]) + int(row[3]) + int(row[4])


def _years(start: date, due: str) -> Decimal:
    return Decimal((date.fromisoformat(due) - start).days) / _DAYS_IN_YEAR
