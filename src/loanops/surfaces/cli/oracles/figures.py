"""Figures: rates of return, annual percentage rates, day counts, time value of money."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel import daycount as counts
from loanops.kernel import rates
from loanops.kernel import tvm as functions
from loanops.kernel.pricing import UnitFlow, appendix_j, display, eu_rate
from loanops.kernel.refusals import BadField
from loanops.surfaces.cli.oracles.read import Inputs, Unsupported, day, first_of, fraction, number


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
    return {"apr_pct": Decimal(display(rate, int(inputs.get("round_to", 2))))}


def _unit_flows(items: list[Inputs]) -> list[UnitFlow]:
    flows = []
    for item in items:
        step = int(item.get("step", 1))
        for place in range(int(item.get("count", 1))):
            periods = int(item["t"]) + place * step
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
        )
    }
    | {"IRR": rates.irr}
)
_OTHER_NAMES: Final = MappingProxyType(
    {
        "type": "when",
        "nominal_rate": "nominal",
        "effect_rate": "effect",
        "effective": "effect",
        "values": "amounts",
        "start": "start_period",
        "end": "end_period",
        "finance": "finance_rate",
        "reinvest": "reinvest_rate",
    }
)
_WHEN: Final = MappingProxyType({"begin": "1", "start": "1", "end": "0", "finish": "0"})


def tvm(inputs: Inputs, _: Inputs) -> Inputs:
    """Spreadsheet functions."""
    function = _FUNCTIONS.get(str(inputs.get("function", "")).upper())
    if function is None:
        raise Unsupported(f"function {inputs.get('function')}")
    known = inspect.signature(function).parameters
    arguments: dict[str, Any] = {}
    for name, value in inputs["args"].items():
        known_as = name if name in known else _OTHER_NAMES.get(name, name)
        if known_as not in known:
            raise Unsupported(f"argument {name} of {inputs['function']}")
        arguments[known_as] = _argument(known_as, value)
    return {"value": function(**arguments)}


def _argument(name: str, value: Any) -> Any:
    if name == "flows":
        return [(day(flow["date"]), number(flow["amount"])) for flow in value]
    if isinstance(value, list):
        return [number(item) for item in value]
    if name == "when":
        return number(_WHEN.get(str(value).lower(), value))
    return number(value)
