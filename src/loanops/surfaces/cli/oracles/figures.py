"""Figures: rates of return, annual percentage rates, day counts, time value of money."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel import daycount as counts
from loanops.kernel import rates
from loanops.kernel import tvm as functions
from loanops.kernel.pricing import UnitFlow, appendix_j, display, eu_rate
from loanops.kernel.refusals import BadField
from loanops.surfaces.cli.oracles.read import (
    DECIMALS_MAX,
    Inputs,
    Unsupported,
    day,
    first_of,
    fraction,
    number,
    whole,
)


def xirr(inputs: Inputs, _: Inputs) -> Inputs:
    """Periodic and dated rates of return."""
    method = inputs.get("method")
    if method == "irr":
        return {"rate": rates.irr([number(amount) for amount in inputs["flows"]])}
    if method == "xirr":
        dated = [(day(flow["date"]), number(flow["amount"])) for flow in inputs["flows"]]
        return {"rate": rates.xirr(dated, convention(inputs.get("day_count", "ACT/365F")))}
    raise Unsupported(f"xirr method {method}")


def apr(inputs: Inputs, _: Inputs) -> Inputs:
    """Annual percentage rates by the American and the European equation."""
    method = inputs.get("method")
    if method == "reg_z_appendix_j":
        rate = appendix_j(
            _unit_flows(inputs["advances"]),
            _unit_flows(inputs["payments"]),
            fraction(inputs["unit_periods_per_year"]),
        )
    elif method == "eu_equation":
        rate = eu_rate([_yearly_flow(flow, inputs) for flow in inputs["flows"]])
    else:
        raise Unsupported(f"apr method {method}")
    return {"apr_pct": Decimal(display(rate, whole(inputs.get("round_to", 2), DECIMALS_MAX)))}


def _unit_flows(items: list[Inputs]) -> list[UnitFlow]:
    flows = []
    for item in items:
        step = whole(item.get("step", 1))
        for place in range(whole(item.get("count", 1))):
            periods = whole(item["t"]) + place * step
            flows.append(UnitFlow(number(item["amount"]), periods, fraction(item.get("f", 0))))
    return flows


def _yearly_flow(flow: Inputs, inputs: Inputs) -> rates.Flow:
    """Times in years as given, else actual days over 365 from the start."""
    years = first_of(flow, "years", "t", "time", "year")
    if years is not None:
        return rates.Flow(fraction(years), number(flow["amount"]))
    since = day(inputs.get("start", inputs["flows"][0].get("date")))
    elapsed = Fraction((day(flow["date"]) - since).days, 365)
    return rates.Flow(elapsed, number(flow["amount"]))


def convention(name: str) -> counts.DayCount:
    """The day count of this name."""
    try:
        return counts.parse(name)
    except BadField:
        raise Unsupported(f"day count {name}") from None


def daycount(inputs: Inputs, _: Inputs) -> Inputs:
    """Days and year fractions."""
    named = convention(inputs["convention"])

    def given(*names: str) -> Any:
        value = first_of(inputs, *names)
        return None if value is None else day(value)

    reference = counts.Reference(
        start=given("reference_start", "ref_start"),
        end=given("reference_end", "ref_end"),
        termination=given("termination", "termination_date"),
    )
    start, end = day(inputs["start"]), day(inputs["end"])
    years = counts.year_fraction(named, start, end, reference)
    return {
        "days": Decimal(counts.days(named, start, end, reference)),
        "year_fraction": number(years),
    }


_FUNCTIONS: Final[Mapping[str, Callable[..., Decimal]]] = MappingProxyType(
    {
        name.upper(): getattr(functions, name)
        for name in (
            "pmt",
            "ipmt",
            "ppmt",
            "cumipmt",
            "cumprinc",
            "fv",
            "pv",
            "nper",
            "rate",
            "npv",
            "xnpv",
            "mirr",
            "effect",
            "nominal",
            "ispmt",
            "sln",
            "rri",
            "pduration",
        )
    }
    | {"IRR": rates.irr, "XIRR": rates.xirr}
)
_OTHER_NAMES: Final = MappingProxyType(
    {
        "type": "when",
        "nominal_rate": "nominal",
        "effect_rate": "effect",
        "effective": "effect",
        "start": "start_period",
        "end": "end_period",
        "finance": "finance_rate",
        "reinvest": "reinvest_rate",
    }
)
_SERIES: Final = ("values", "flows", "amounts", "dated", "cashflows")
"""Names of the one argument that is a series, in cases and in the kernel."""
_NOT_NEEDED: Final = "guess"
"""Where a spreadsheet's search begins; a search that finds the root from anywhere ignores it."""
_COUNTS: Final = ("start_period", "end_period")
_WHEN: Final = MappingProxyType({"begin": "1", "start": "1", "end": "0", "finish": "0"})


def tvm(inputs: Inputs, _: Inputs) -> Inputs:
    """Spreadsheet functions."""
    function = _FUNCTIONS.get(str(inputs.get("function", "")).upper())
    if function is None:
        raise Unsupported(f"function {inputs.get('function')}")
    known = inspect.signature(function).parameters
    given = dict(inputs["args"])
    if "dates" in given:
        amounts = given.pop(next((name for name in _SERIES if name in given), "values"))
        dated = zip(given.pop("dates"), amounts, strict=True)
        given["flows"] = [{"date": on, "amount": amount} for on, amount in dated]
    arguments: dict[str, Any] = {}
    for name, value in given.items():
        known_as = _known_as(name, known)
        if known_as is None:
            raise Unsupported(f"argument {name} of {inputs['function']}")
        if known_as != _NOT_NEEDED:
            arguments[known_as] = _argument(value, known_as)
    return {"value": function(**arguments)}


def _known_as(name: str, known: Collection[str]) -> str | None:
    """The kernel's name of an argument; every function takes at most one series of amounts."""
    if name in known:
        return name
    if name in _SERIES:
        return next((series for series in _SERIES if series in known), None)
    if name == _NOT_NEEDED:
        return name
    other = _OTHER_NAMES.get(name)
    return other if other in known else None


def _argument(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_flow(item) for item in value]
    if name in _COUNTS:
        return Decimal(whole(value))
    if name == "when":
        return number(_WHEN.get(str(value).lower(), value))
    return number(value)


def _flow(item: Any) -> Any:
    if isinstance(item, Mapping):
        return day(item["date"]), number(item["amount"])
    return number(item)
