"""Accruals: interest up to a day, and what of it falls to each day.

A day's accrual is the rounded interest to that day less the rounded interest to the day before,
so that the days add up to the interest of the period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from loanops.kernel.daycount import DayCount, year_fraction
from loanops.kernel.money import to_minor
from loanops.kernel.schedule.payoff import accrued
from loanops.kernel.schedule.plan import Plan
from loanops.surfaces.cli.oracles.read import (
    DECIMALS_MAX,
    Inputs,
    Unsupported,
    day,
    first_of,
    fraction,
    major,
    rounding_of,
    whole,
)

_CENTS: Final = 2
_NIGHT: Final = timedelta(days=1)
_WHICH_DAY: Final = ("date", "n", "day")
"""Keys of an expected day that name it; every other key of it is a figure."""


def simple(inputs: Inputs, expected: Inputs) -> Inputs:
    """Interest on a balance that does not change, as one amount and by the day."""
    start, end = day(inputs["start"]), day(inputs["end"])
    first = start - _NIGHT if inputs.get("include_both_ends") else start
    decimals = whole(inputs.get("round_to", _CENTS), DECIMALS_MAX)

    def to_day(on: date) -> Decimal:
        exact = fraction(inputs["balance"]) * fraction(inputs["annual_rate_pct"]) / 100
        exact *= _years(first, on, str(inputs.get("days_in_year", "365")))
        return major(to_minor(exact * 10**decimals, rounding_of(inputs)), decimals)

    got: dict[str, Any] = {"amount": to_day(end)}
    if "daily_accrual" in expected:
        got["daily_accrual"] = by_day(to_day, first, expected["daily_accrual"])
    return got


def _years(start: date, end: date, days_in_year: str) -> Fraction:
    if days_in_year.isdigit():
        return Fraction((end - start).days, int(days_in_year))
    return year_fraction(DayCount.ACT_ACT_ISDA, start, end)


def of_plan(plan: Plan, decimals: int, wanted: Any) -> Any:
    """What a schedule accrues on the days that are wanted."""
    lines = plan.run(plan.targets)

    def to_day(on: date) -> Decimal:
        begun = (line for line in lines if line.period.start < on)
        return major(sum(accrued(plan, line, on) for line in begun), decimals)

    return by_day(to_day, plan.periods[0].start, wanted)


def by_day(to_day: Callable[[date], Decimal], start: date, wanted: Any) -> Any:
    """The accruals in the shape they are wanted; the first day is the one after ``start``.

    Wanted is a list of amounts or of rows that name their day, or a mapping of days to amounts.
    """

    def amount(on: date) -> Decimal:
        return to_day(on) - to_day(on - _NIGHT)

    if isinstance(wanted, Mapping):
        return {name: amount(_named(name, start)) for name in wanted}
    if not isinstance(wanted, list):
        raise Unsupported("daily accrual that is neither a list nor a mapping")
    found: list[Any] = []
    for place, item in enumerate(wanted, start=1):
        if not isinstance(item, Mapping):
            found.append(amount(start + place * _NIGHT))
            continue
        on = _named(first_of(item, *_WHICH_DAY) or place, start)
        figures = {key: amount(on) for key in item if key not in _WHICH_DAY}
        if "cumulative" in item:
            figures["cumulative"] = to_day(on)
        found.append({**item, **figures})
    return found


def _named(name: Any, start: date) -> date:
    """A day given by its date, or by its number from the start."""
    text = str(name)
    return start + whole(text) * _NIGHT if text.isdigit() else day(text)
