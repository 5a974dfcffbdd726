"""Cases of published figures in every documented form, and in forms that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loanops.surfaces.cli.oracles import command, run

LOAN = {
    "method": "progressive_emi",
    "disbursements": [{"date": "2024-01-01", "amount": "100.00"}],
    "annual_rate_pct": "7",
    "frequency": {"every": 1, "unit": "MONTHS"},
    "number_of_repayments": 6,
    "day_count": {"days_in_year": "360", "days_in_month": "30"},
}
CUMULATIVE = {
    "method": "cumulative_emi",
    "disbursements": [{"date": "2022-11-01", "amount": "5000.00"}],
    "annual_rate_pct": "12",
    "number_of_repayments": 6,
    "interest_period": "SAME_AS_REPAYMENT",
    "instalment_multiple_of": "1",
}
DRAWN_THRICE = [
    {"date": "2022-11-01", "amount": "5000.00"},
    {"date": "2023-01-01", "amount": "3000.00"},
    {"date": "2023-03-01", "amount": "2000.00"},
]


def got(kind: str, inputs: Any, expected: Any, tolerance: str = "0") -> Any:
    """What is answered instead of the expectation; nothing when it is met."""
    case = {"kind": kind, "inputs": inputs, "expected": expected, "tolerance": tolerance}
    failures = run([case]).failures
    return failures[0]["got"] if failures else None


class TestSchedule:
    def test_takes_every_event_whatever_the_kind_of_its_file_is(self) -> None:
        change = {"type": "rate_change", "date": "2024-02-02", "annual_rate_pct": "4"}
        rows = [{"total": "17.01"}, *[{"total": "16.88"}] * 4, {"total": "16.89"}]

        assert got("schedule", {**LOAN, "events": [change]}, {"rows": rows}) is None

    def test_counts_a_new_rate_of_a_due_date_before_a_draw_of_that_day(self) -> None:
        # The rate holds from the last night of the period, the draw from the first of the next.
        change = {"type": "rate_change", "date": "2024-03-01", "annual_rate_pct": "0"}
        draws = [*LOAN["disbursements"], {"date": "2024-03-01", "amount": "100.00"}]
        inputs = {**LOAN, "disbursements": draws, "events": [change]}

        rows = [{"total": "17.01"}, {"total": "16.81"}, *[{"total": "41.81"}] * 3]

        assert got("reschedule", inputs, {"rows": [*rows, {"total": "41.80"}]}) is None

    def test_fixes_the_instalment_for_all_that_will_be_drawn(self) -> None:
        # Apache Fineract, LoanRepayment.feature RP16 (C2634).
        inputs = {**CUMULATIVE, "method": "fixed_instalment", "disbursements": DRAWN_THRICE}
        balances = ["3325.00", "4633.25", "2954.58", "3259.13", "1566.72", "0.00"]

        rows = [{"balance": balance} for balance in balances]

        assert got("schedule", inputs, {"instalment": "1725", "rows": rows}) is None

    def test_names_the_first_instalment_that_repays(self) -> None:
        down = {**LOAN, "down_payment_pct": "25"}
        grace = {**LOAN, "principal_grace": 5}

        assert got("schedule", down, {"instalment": "12.76"}) is None
        assert got("schedule", grace, {"instalment": "100.58"}) is None

    def test_shows_some_rows_or_the_due_dates_as_a_list(self) -> None:
        some = [{"n": 2, "interest": "0.49"}, {"n": 6, "balance": "0.00"}]
        dates = [f"2024-0{month}-01" for month in range(2, 8)]

        assert got("schedule", LOAN, {"sample_rows": some, "due_dates": dates}) is None
        assert got("schedule", LOAN, {"sample_rows": [{"n": 2, "interest": "0.50"}]})

    def test_rounds_by_the_names_of_other_libraries(self) -> None:
        rows = [{"interest": "0.59"}, *[{}] * 5]

        assert got("schedule", {**LOAN, "rounding": "CEILING"}, {"rows": rows}) is None
        assert "rounding SIDEWAYS" in got("schedule", {**LOAN, "rounding": "SIDEWAYS"}, {})

    def test_moves_unpaid_principal_in_the_decimals_of_the_currency(self) -> None:
        due = [{"due_date": f"2024-0{month}-01", "principal": "1000"} for month in (1, 2, 3)]
        inputs = {
            "method": "re_age",
            "currency_decimals": 0,
            "instalments": due,
            "start_date": "2024-05-31",
            "number_of_instalments": 7,
        }

        rows = [*[{"total": "0"}] * 3, *[{"total": "429"}] * 6, {"total": "426"}]

        assert got("reschedule", inputs, {"rows": rows}) is None


class TestDailyAccrual:
    SIMPLE = {
        "method": "simple_accrual",
        "balance": "1000.00",
        "annual_rate_pct": "9.9",
        "start": "2021-01-01",
        "end": "2021-01-04",
    }

    def test_of_a_balance_adds_up_to_its_interest(self) -> None:
        expected = {"amount": "0.81", "daily_accrual": ["0.27", "0.27", "0.27"]}

        assert got("accrual", self.SIMPLE, expected) is None

    def test_counts_the_first_day_where_both_ends_count(self) -> None:
        inputs = {**self.SIMPLE, "include_both_ends": True}
        expected = {"amount": "1.08", "daily_accrual": {"2021-01-01": "0.27"}}

        assert got("accrual", inputs, expected) is None

    @pytest.mark.parametrize(
        "wanted",
        [
            ["0.02", "0.02", "0.02", "0.02", "0.01"],
            {"2024-01-02": "0.02", "2024-01-06": "0.01"},
            {"1": "0.02", "5": "0.01"},
            [{"n": 5, "amount": "0.01"}, {"date": "2024-01-06", "cumulative": "0.09"}],
        ],
    )
    def test_of_a_schedule_may_be_asked_for_in_several_shapes(self, wanted: Any) -> None:
        assert got("accrual", LOAN, {"daily_accrual": wanted}) is None


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


class TestMalformedCase:
    @pytest.mark.parametrize(
        ("kind", "inputs", "expected"),
        [
            ("schedule", None, {}),
            ("schedule", LOAN, ["rows"]),
            ("schedule", {**LOAN, "disbursements": None}, {}),
            ("schedule", {**LOAN, "disbursements": [5]}, {}),
            ("schedule", {**LOAN, "frequency": "MONTHLY"}, {}),
            ("schedule", {**LOAN, "events": [None]}, {}),
            ("daycount", {"convention": None, "start": "2024-01-01", "end": "2024-02-01"}, {}),
            ("tvm", {"function": "PMT", "args": None}, {}),
            ("tvm", {"function": "PMT", "args": {"rate": "1e999999999", "nper": "3"}}, {}),
            ("tvm", {"function": "PMT", "args": {"rate": "0.1"}}, {"value": "1"}),
            ("accrual", {**TestDailyAccrual.SIMPLE, "round_to": 10**9}, {}),
            ("allocation", {"instalments": [None], "component_order": {}, "payments": []}, {}),
        ],
    )
    def test_is_a_failure_and_does_not_stop_the_others(
        self, kind: str, inputs: Any, expected: Any
    ) -> None:
        broken = {"kind": kind, "inputs": inputs, "expected": expected}
        sound = {"kind": "schedule", "inputs": LOAN, "expected": {"row_count": 6}}

        report = run([broken, sound])

        assert report.total("passed") == 1
        assert len(report.failures) == 1

    @pytest.mark.parametrize("cases", [None, "none", [None], [[]], {"id": "alone"}])
    def test_may_be_no_case_at_all(self, tmp_path: Path, cases: Any) -> None:
        document = {"format": "loan-oracle/1", "kind": "tvm", "cases": cases}
        (tmp_path / "oracle-tvm.json").write_text(json.dumps(document), encoding="utf-8")

        done = CliRunner().invoke(command, [str(tmp_path), "--json"])

        assert json.loads(done.stdout)["passed"] == 0
        assert done.exit_code == 1
