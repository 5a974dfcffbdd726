"""`loanops quote`: terms on standard input, figures on standard output, one sentence if not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loanops.surfaces.cli.quote import command

SOURCE = Path(__file__).resolve().parents[3] / "src"
ASKED: dict[str, Any] = {
    "principal": "10000.00",
    "annual_rate": "0.12",
    "instalments": 12,
    "method": "equal_instalment",
    "start_date": "2026-01-15",
    "day_count": "30/360",
    "rounding": "half_up",
    "fees": [
        {"name": "service", "rate": "0.01", "timing": "upfront", "charging_party": "platform"},
        {
            "name": "guarantee",
            "amount": "5.00",
            "timing": "per_instalment",
            "charging_party": "guarantor",
        },
    ],
}


def quoted(asked: dict[str, Any]) -> dict[str, Any]:
    done = CliRunner().invoke(command, ["--json"], input=json.dumps(asked))
    assert done.exit_code == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def refused(text: str) -> str:
    done = CliRunner().invoke(command, ["--json"], input=text)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


class TestAnswer:
    def test_lists_every_instalment_with_its_parts(self) -> None:
        rows = quoted(ASKED)["schedule"]

        assert len(rows) == 12
        assert rows[0] == {
            "number": 1,
            "due_date": "2026-02-15",
            "principal": "788.49",
            "interest": "100.00",
            "fees": "5.00",
            "total": "893.49",
            "balance": "9211.51",
        }
        assert rows[11]["balance"] == "0.00"

    def test_adds_up_and_counts_fees_by_party(self) -> None:
        answer = quoted(ASKED)

        assert answer["totals"] == {
            "principal": "10000.00",
            "interest": "661.86",
            "fees": "160.00",
            "upfront_fees": "100.00",
            "total": "10821.86",
        }
        assert answer["fees_by_party"] == {"platform": "100.00", "guarantor": "60.00"}

    def test_gives_the_all_in_cost_unrounded(self) -> None:
        cost = quoted({**ASKED, "fees": []})["all_in_cost"]

        assert cost["simple"].startswith("0.12000")
        assert cost["effective"].startswith("0.12682")
        assert cost["method"] == "periodic_irr"

    def test_needs_only_four_keys(self) -> None:
        answer = quoted(
            {"principal": "1200", "annual_rate": "0", "instalments": 3, "start_date": "2026-01-31"}
        )

        assert [row["due_date"] for row in answer["schedule"]] == [
            "2026-02-28",
            "2026-03-31",
            "2026-04-30",
        ]

    def test_writes_amounts_with_the_decimals_of_the_currency(self) -> None:
        answer = quoted({**ASKED, "principal": "100000", "currency": "JPY", "fees": []})

        assert answer["schedule"][0]["principal"] == "7885"

    def test_prints_a_table_for_people(self) -> None:
        done = CliRunner().invoke(command, [], input=json.dumps(ASKED))

        assert done.exit_code == 0
        assert "2026-02-15" in done.stdout
        assert "% simple" in done.stdout


class TestRefusal:
    @pytest.mark.parametrize(
        ("key", "value", "said"),
        [
            ("principal", "10,000", "principal: 10,000 is not an amount"),
            ("principal", "0", "principal: must be above zero"),
            ("principal", True, "principal: must be an amount"),
            ("principal_minor", 5, "principal_minor: is not a key"),
            ("annual_rate", "12%", "annual_rate: must be a decimal number"),
            ("annual_rate", None, "annual_rate: must be a decimal number"),
            ("instalments", 2.5, "instalments: must be a whole number"),
            ("instalments", 0, "instalments: must be from 1 to 1200"),
            ("method", "balloon", "method: must be one of equal_instalment"),
            ("start_date", "15/01/2026", "start_date: must be a date"),
            ("day_count", "lunar", "day_count: lunar is not a day count"),
            ("day_count", 5, "day_count: must be one of"),
            ("rounding", "sideways", "rounding: must be one of half_up"),
            ("currency", "ZZZ", "currency: ZZZ is not a currency"),
            ("currency", 5, "currency: 5 is not a currency"),
            ("fees", {}, "fees: must be a list"),
            ("fees", ["x"], "fees[0]: must be an object"),
            ("fees", [{"name": "x", "timing": "upfront"}], "fees[0].charging_party: is missing"),
            ("frequency", "monthly", "frequency: must be an object"),
            ("speed", 1, "speed: is not a key"),
        ],
    )
    def test_names_the_key(self, key: str, value: object, said: str) -> None:
        assert refused(json.dumps({**ASKED, key: value})).startswith(said)

    @pytest.mark.parametrize("key", ["principal", "annual_rate", "instalments", "start_date"])
    def test_says_what_is_missing(self, key: str) -> None:
        asked = {name: value for name, value in ASKED.items() if name != key}

        assert refused(json.dumps(asked)) == f"{key}: is missing.\n"

    def test_names_the_fee_whose_amount_is_wrong(self) -> None:
        fee = {**ASKED["fees"][1], "amount": "5.001"}

        said = refused(json.dumps({**ASKED, "fees": [fee]}))

        assert said.startswith("fees[0].amount: 5.001 has more decimals")

    @pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"annual_rate": NaN}', "[" * 100_000])
    def test_asks_for_one_json_object(self, text: str) -> None:
        assert "Standard input" in refused(text)

    def test_a_cost_that_does_not_exist(self) -> None:
        all_of_it = {**ASKED["fees"][0], "rate": "1"}

        assert "no rate of return" in refused(json.dumps({**ASKED, "fees": [all_of_it]}))


class TestStart:
    def test_loads_neither_django_nor_numpy(self) -> None:
        program = (
            "import sys; import loanops.surfaces.cli.quote, loanops.surfaces.cli.oracles; "
            "sys.exit(bool({'django', 'numpy'} & set(sys.modules)))"
        )

        env = {**os.environ, "PYTHONPATH": str(SOURCE)}
        done = subprocess.run([sys.executable, "-c", program], env=env, check=False)

        assert done.returncode == 0
