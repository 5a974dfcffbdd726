"""Schedules: the terms of a case as terms of the kernel, and its rows as the case shows them.

A case whose interest is not rounded is one whose minor unit is very small: the same method with
more decimals, shown with fewer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.calendar import Frequency, MonthEnd, Unit, add_months, due_dates
from loanops.kernel.daycount import DayCount
from loanops.kernel.money import Rounding
from loanops.kernel.schedule import (
    InterestRounding,
    LevelBasis,
    Method,
    Residue,
    Row,
    Schedule,
    Terms,
)
from loanops.kernel.schedule.changes import Drawn
from loanops.kernel.schedule.methods import plan_of
from loanops.surfaces.cli.oracles.read import (
    DECIMALS_MAX,
    Inputs,
    Unsupported,
    day,
    first_of,
    fraction,
    major,
    minor,
    rate,
    rounding_of,
    whole,
)

_FINE_DECIMALS: Final = 20
_INSTALMENTS_OPEN: Final = 1200
_ANY_CURRENCY: Final = "USD"
_CURRENCY_OF: Final = MappingProxyType({0: "JPY", 2: _ANY_CURRENCY, 3: "KWD"})
"""A currency with so many decimals."""
_GIVEN_INSTALMENT: Final = ("instalment", "instalment_amount", "fixed_instalment", "emi")
_HOW_TO_SHOW: Final = ("decimals",)
"""Keys of an expectation that say how its figures are written, not what they are."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case made ready for the kernel: terms, later draws, and the decimals of its unit."""

    terms: Terms
    draws: tuple[Drawn, ...]
    decimals: int

    def minor(self, amount: Any) -> int:
        """An amount of the case in its minor units."""
        return minor(amount, self.decimals)


def shown(schedule: Schedule, decimals: int) -> dict[str, Any]:
    """Rows, totals and the other figures that cases ask for."""
    rows = [shown_row(row, decimals) for row in schedule.rows]
    return {
        "rows": rows,
        "sample_rows": {str(row["n"]): row for row in rows},
        "due_dates": {str(row["n"]): row["due_date"] for row in rows},
        "row_count": len(rows),
        "instalment": major(_level_minor(schedule), decimals),
        "total_interest": major(schedule.interest_minor, decimals),
        "total_principal": major(schedule.principal_minor, decimals),
        "totals": {
            "principal": major(schedule.principal_minor, decimals),
            "interest": major(schedule.interest_minor, decimals),
            "total": major(schedule.total_minor, decimals),
        },
    }


def _level_minor(schedule: Schedule) -> int:
    """The first instalment that repays principal; a down payment is none."""
    repaying = (row for row in schedule.rows if row.start_date < row.due_date)
    first = next((row for row in repaying if row.principal_minor), schedule.rows[0])
    return first.total_minor


def as_wanted(got: Inputs, expected: Inputs) -> dict[str, Any]:
    """Rows wanted as a list of some of them, dates wanted as a list, and how figures are shown."""
    again: dict[str, Any] = {key: expected[key] for key in _HOW_TO_SHOW if key in expected}
    if isinstance(expected.get("sample_rows"), list):
        found = got["sample_rows"]
        again["sample_rows"] = [found.get(str(row["n"])) for row in expected["sample_rows"]]
    if isinstance(expected.get("due_dates"), list):
        again["due_dates"] = list(got["due_dates"].values())
    return again


def shown_row(row: Row, decimals: int) -> dict[str, Any]:
    """One row with amounts in the major unit."""
    return {
        "n": row.number,
        "due_date": row.due_date.isoformat(),
        "principal": major(row.principal_minor, decimals),
        "interest": major(row.interest_minor, decimals),
        "total": major(row.total_minor, decimals),
        "balance": major(row.balance_minor, decimals),
    }


def case_of(inputs: Inputs) -> Case:
    """The terms of a case.

    :raises Unsupported: the method or a convention is not known.
    """
    conventions = _METHODS.get(str(inputs.get("method")))
    if conventions is None:
        raise Unsupported(f"method {inputs.get('method')}")
    decimals = _decimals(inputs)
    values = {**_common(inputs, decimals), **conventions(inputs, decimals)}
    first, *later = sorted(inputs["disbursements"], key=lambda draw: str(draw["date"]))
    values["principal_minor"] = minor(first["amount"], decimals)
    values["start_date"] = day(first["date"])
    draws = tuple(
        Drawn(on=day(draw["date"]), amount_minor=minor(draw["amount"], decimals)) for draw in later
    )
    terms = Terms(currency=_CURRENCY_OF.get(decimals, _ANY_CURRENCY), **values)
    if inputs["method"] == "fixed_instalment" and terms.instalment_minor is None and draws:
        terms = _level_for_all(terms, draws)
    return Case(terms, draws, decimals)


def _level_for_all(terms: Terms, draws: tuple[Drawn, ...]) -> Terms:
    """The instalment fixed from the start as the one that repays all that will be drawn."""
    total_minor = terms.principal_minor + sum(draw.amount_minor for draw in draws)
    plan = plan_of(replace(terms, principal_minor=total_minor))
    return replace(terms, instalment_minor=plan.targets[terms.principal_grace])


def _decimals(inputs: Inputs) -> int:
    if inputs["method"] not in {"ceil_emi", "tvm_unrounded"}:
        return whole(inputs.get("currency_decimals", 2), DECIMALS_MAX)
    return whole(inputs.get("round_rows_to", _FINE_DECIMALS), DECIMALS_MAX)


def _common(inputs: Inputs, decimals: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "annual_rate": rate(inputs.get("annual_rate_pct", "0")),
        "instalments": whole(inputs.get("number_of_repayments", _INSTALMENTS_OPEN)),
        "frequency": frequency_of(inputs.get("frequency", {})),
        "month_end": MonthEnd(str(inputs.get("missing_day", "LAST_DAY")).lower()),
        "rounding": rounding_of(inputs),
        "principal_grace": whole(inputs.get("principal_grace", 0)),
        "interest_grace": whole(inputs.get("interest_payment_grace", 0)),
        "down_payment_rate": rate(inputs.get("down_payment_pct", "0")),
    }
    multiple = inputs.get("instalment_multiple_of")
    if multiple is not None and fraction(multiple):
        values["instalment_multiple_minor"] = max(minor(multiple, decimals), 1)
        values["instalment_rounding"] = Rounding.HALF_EVEN
    given = first_of(inputs, *_GIVEN_INSTALMENT)
    if given is not None:
        values["instalment_minor"] = minor(given, decimals)
    named = first_of(inputs, "first_due_date", "first_due", "first_repayment_date")
    if named is not None:
        values["first_due_date"] = day(named)
    return values


def frequency_of(row: Inputs) -> Frequency:
    """A frequency such as every 2 WEEKS."""
    unit = str(row.get("unit", "MONTHS")).lower()
    every = whole(row.get("every", 1))
    if unit in {"year", "years"}:
        return Frequency(12 * every, Unit.MONTHS)
    return Frequency(every, Unit(unit if unit.endswith("s") else unit + "s"))


def _progressive(inputs: Inputs, _: int) -> dict[str, Any]:
    by_stretch = str(inputs.get("interest_rounding", "")).lower() == "per_sub_period"
    return {
        "method": Method.EQUAL_INSTALMENT,
        "residue": Residue.REFIT_ONCE,
        "day_count": day_count_of(inputs),
        "interest_rounding": (
            InterestRounding.PER_STRETCH if by_stretch else InterestRounding.PER_PERIOD
        ),
    }


def day_count_of(inputs: Inputs) -> DayCount:
    """Days in the year and in the month as one convention."""
    row = inputs.get("day_count", {})
    year, month = str(row.get("days_in_year", "360")), str(row.get("days_in_month", "30"))
    if year == "ACTUAL":
        split = str(first_of(inputs, "year_split") or row.get("year_split", ""))
        return DayCount.ACT_ACT_ISDA if split == "JAN_1" else DayCount.ACT_ACT_DEC31
    if (year, month) == ("360", "30"):
        return DayCount.MONTHS_30_360
    named = {"360": DayCount.ACT_360, "364": DayCount.ACT_364, "365": DayCount.ACT_365}
    if year not in named:
        raise Unsupported(f"days in year {year}")
    return named[year]


def _cumulative(method: Method) -> Callable[[Inputs, int], dict[str, Any]]:
    def conventions(inputs: Inputs, _: int) -> dict[str, Any]:
        daily = inputs.get("interest_period", "SAME_AS_REPAYMENT") == "DAILY"
        return {
            "method": method,
            "day_count": DayCount.ACT_365 if daily else DayCount.MONTHS_30_360,
            "interest_rounding": InterestRounding.PER_STRETCH,
            "level_basis": LevelBasis.FIRST_PERIOD,
        }

    return conventions


def _zero_interest(_: Inputs, __: int) -> dict[str, Any]:
    return {"method": Method.EQUAL_PRINCIPAL, "annual_rate": Decimal(0)}


def _flat(_: Inputs, __: int) -> dict[str, Any]:
    return {"method": Method.FLAT}


def _whole_units_up(_: Inputs, decimals: int) -> dict[str, Any]:
    return {
        "method": Method.EQUAL_INSTALMENT,
        "instalment_multiple_minor": 10**decimals,
        "instalment_rounding": Rounding.UP,
    }


def _unrounded(_: Inputs, __: int) -> dict[str, Any]:
    return {"method": Method.EQUAL_INSTALMENT}


_METHODS: Final[Mapping[str, Callable[[Inputs, int], dict[str, Any]]]] = MappingProxyType(
    {
        "progressive_emi": _progressive,
        "cumulative_emi": _cumulative(Method.EQUAL_INSTALMENT),
        "cumulative_equal_principal": _cumulative(Method.EQUAL_PRINCIPAL),
        "fixed_instalment": _cumulative(Method.EQUAL_INSTALMENT),
        "flat": _flat,
        "zero_interest": _zero_interest,
        "ceil_emi": _whole_units_up,
        "tvm_unrounded": _unrounded,
    }
)


def due_dates_of(inputs: Inputs, expected: Inputs) -> Any:
    """The due dates that a rule makes, as a list or by their numbers as expected."""
    start, count = day(inputs["start"]), whole(inputs["count"], _INSTALMENTS_OPEN)
    dates = _RULES[_rule(str(inputs.get("rule", "")))](start, count)
    if isinstance(expected.get("due_dates"), list):
        return [due.isoformat() for due in dates]
    return {str(number): due.isoformat() for number, due in enumerate(dates, start=1)}


def _rule(name: str) -> str:
    words = set(name.upper().split("_"))
    if {"NEXT", "MONTH"} <= words:
        return "start_of_next_month"
    if {"END", "MONTH"} <= words:
        return "end_of_month"
    if {"START", "DATE"} <= words:
        return "from_start_date"
    raise Unsupported(f"due-date rule {name}")


def _month_ends(start: date, count: int) -> list[date]:
    following = [add_months(start.replace(day=1), ahead) for ahead in range(1, count + 1)]
    return [first - timedelta(days=1) for first in following]


_RULES: Final[Mapping[str, Callable[[date, int], list[date]]]] = MappingProxyType(
    {
        "from_start_date": lambda start, count: due_dates(start, count, first=start),
        "start_of_next_month": lambda start, count: due_dates(
            start, count, first=add_months(start.replace(day=1), 1)
        ),
        "end_of_month": _month_ends,
    }
)
