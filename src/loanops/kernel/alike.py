"""Alike: what many loans ask that were agreed alike in all but their principal.

The arrays of :mod:`loanops.kernel.portfolio` know equal instalments by equal months; the rows of
other loans come of their schedules one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

import numpy as np

from loanops.kernel.portfolio import Ints, PortfolioTooLarge, level_schedules, rates_ppm
from loanops.kernel.schedule import Method, Row, Terms, schedule

_FREE: Final = frozenset(
    [
        *["method", "principal_minor", "currency", "annual_rate", "instalments", "start_date"],
        *["month_end", "roll", "calendar", "closed_days", "exchanged_days"],
        *["rounding", "instalment_rounding", "allocation", "stage_orders", "non_performing_dpd"],
        *["penalty", "prepayment_fee", "settlement_interest", "extensions_max", "floating"],
    ]
)
"""What level instalments by equal months may agree in any way: it moves days, not amounts."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The instalments of loans: their days, and by instalment and loan what they ask."""

    start_dates: tuple[date, ...]
    due_dates: tuple[date, ...]
    principal_minor: Ints
    interest_minor: Ints
    fee_minor: Ints


def asked_alike(terms: Terms, principal_minor: Sequence[int]) -> Asked | None:
    """What loans with these terms ask, each with a principal of its own.

    Nothing where they differ in the days or the number of their instalments.

    :raises BadField: a principal does not fit the terms.
    """
    first = schedule(replace(terms, principal_minor=principal_minor[0])).rows
    level = _level(terms, principal_minor) if len(first) == terms.instalments else None
    if level is not None:
        amounts = level
    else:
        rows = [schedule(replace(terms, principal_minor=each)).rows for each in principal_minor]
        if any(_days(each) != _days(first) for each in rows):
            return None
        amounts = _amounts(rows)
    starts, dues = zip(*_days(first), strict=True)
    return Asked(starts, dues, *amounts)


def _days(rows: Sequence[Row]) -> list[tuple[date, date]]:
    return [(row.start_date, row.due_date) for row in rows]


def _amounts(rows: Sequence[Sequence[Row]]) -> tuple[Ints, Ints, Ints]:
    tables = np.array(
        [
            [(row.principal_minor, row.interest_minor, row.fees_minor) for row in each]
            for each in rows
        ],
        np.int64,
    )
    principal, interest, fee = np.ascontiguousarray(tables.transpose(2, 1, 0))
    return principal, interest, fee


def _level(terms: Terms, principal_minor: Sequence[int]) -> tuple[Ints, Ints, Ints] | None:
    """The amounts of level instalments by the portfolio's arrays, where they know the terms."""
    if terms.method is not Method.EQUAL_INSTALMENT or any(
        getattr(terms, item.name) != item.default
        for item in fields(terms)
        if item.name not in _FREE
    ):
        return None
    count = len(principal_minor)
    try:
        made = level_schedules(
            np.array(principal_minor, np.int64),
            np.repeat(rates_ppm([terms.annual_rate]), count),
            terms.instalments,
            rounding=terms.rounding,
            instalment_rounding=terms.instalment_rounding,
        )
    except (PortfolioTooLarge, ValueError):
        return None
    if not (made.principal_minor[-1] + made.interest_minor[-1]).all():
        # A schedule ends with its last payment: such a loan has fewer rows than the others.
        return None
    return made.principal_minor, made.interest_minor, np.zeros_like(made.principal_minor)
