"""Cases of published figures in every documented form."""

from __future__ import annotations

from typing import Any

import pytest

from loanops.surfaces.cli.oracles import run


def got(kind: str, inputs: Any, expected: Any, tolerance: str = "0") -> Any:
    """What is answered instead of the expectation; nothing when it is met."""
    case = {"kind": kind, "inputs": inputs, "expected": expected, "tolerance": tolerance}
    failures = run([case]).failures
    return failures[0]["got"] if failures else None


class TestFunction:
    SERIES = ["-100", "39", "59", "55", "20"]
    # Microsoft Excel function documentation, XIRR and XNPV.
    DATES = ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"]
    AMOUNTS = ["-10000", "2750", "4250", "3250", "2750"]

    @pytest.mark.parametrize("name", ["values", "flows", "amounts"])
    def test_takes_a_series_by_any_of_its_names(self, name: str) -> None:
        rate = {"function": "IRR", "args": {name: self.SERIES, "guess": "0.1"}}
        worth = {"function": "NPV", "args": {name: ["-100", "110"], "rate": "0.1"}}

        assert got("tvm", rate, {"value": "0.28095"}) is None
        assert got("tvm", worth, {"value": "0"}) is None

    def test_takes_dated_amounts_as_flows_or_as_two_series(self) -> None:
        dated = zip(self.DATES, self.AMOUNTS, strict=True)
        flows = [{"date": on, "amount": amount} for on, amount in dated]
        series = {"values": self.AMOUNTS, "dates": self.DATES}

        for args in ({"flows": flows}, series):
            worth = {"function": "XNPV", "args": {"rate": "0.09", **args}}
            assert got("tvm", {"function": "XIRR", "args": args}, {"value": "0.373363"}) is None
            assert got("tvm", worth, {"value": "2086.65"}) is None

    @pytest.mark.parametrize(
        ("function", "args", "value"),
        [
            # Microsoft Excel function documentation of each.
            ("ISPMT", {"rate": "0.1/12", "per": "1", "nper": "36", "pv": "8000000"}, "-64814.8"),
            ("SLN", {"cost": "30000", "salvage": "7500", "life": "10"}, "2250"),
            ("RRI", {"nper": "96", "pv": "10000", "fv": "11000"}, "0.0009933"),
            ("PDURATION", {"rate": "0.025", "pv": "2000", "fv": "2200"}, "3.86"),
        ],
    )
    def test_gives_the_published_example(
        self, function: str, args: dict[str, str], value: str
    ) -> None:
        assert got("tvm", {"function": function, "args": args}, {"value": value}) is None

    def test_is_compared_to_more_digits_than_a_decimal_has_by_itself(self) -> None:
        third = {"function": "PMT", "args": {"rate": "0", "nper": "3", "pv": "100"}}

        assert got("tvm", third, {"value": "-33." + "3" * 30}) is None
