"""Published figures: every public oracle case, and the Chinese examples that fit."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.pricing import display, periodic_cost
from loanops.kernel.rates import irr
from loanops.kernel.schedule import Terms, schedule
from loanops.surfaces.cli.oracles import cases_of, command, run
from tests.domain.kernel.loans import plain

ORACLES = Path(__file__).resolve().parents[4] / "shared" / "oracles"
needs_oracles = pytest.mark.skipif(
    not ORACLES.exists(), reason="published figures need the oracle files in ../shared/oracles"
)


def written(folder: Path, kind: str, *cases: dict[str, Any]) -> Path:
    document = {"format": "loan-oracle/1", "kind": kind, "cases": list(cases)}
    (folder / f"oracle-{kind}.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


THIRD = {
    "id": "third",
    "inputs": {"function": "PMT", "args": {"rate": "0", "nper": "3", "pv": "100"}},
    "expected": {"value": "-33.33"},
    "tolerance": "0.005",
}


@needs_oracles
class TestPublicCases:
    def test_all_pass(self) -> None:
        report = run(cases_of(ORACLES))

        assert report.failures == []
        assert report.total("passed") == len(cases_of(ORACLES)) > 100

    @pytest.mark.parametrize("kind", ["schedule", "apr", "xirr", "daycount", "tvm", "allocation"])
    def test_fail_when_the_expected_figure_is_another(self, kind: str) -> None:
        cases = [case for case in cases_of(ORACLES) if case["kind"] == kind]
        for case in cases:
            case["expected"] = _raised(case["expected"])

        assert run(cases).total("passed") == 0


def _raised(expected: Any) -> Any:
    """The expectation with every number (and date) another one."""
    if isinstance(expected, dict):
        return {key: _raised(value) for key, value in expected.items()}
    if isinstance(expected, list):
        return [_raised(value) for value in expected]
    if isinstance(expected, str) and expected[4:5] == "-":
        return "1999-01-01"
    return str(Decimal(str(expected)) + 7)


class TestCommand:
    def test_counts_and_names_failures_as_json(self, tmp_path: Path) -> None:
        wrong = {**THIRD, "id": "wrong", "expected": {"value": "-34"}}
        strange = {**THIRD, "id": "strange", "inputs": {"function": "LAMBDA", "args": {}}}
        folder = written(tmp_path, "tvm", THIRD, wrong, strange)

        done = CliRunner().invoke(command, [str(folder), "--json"])

        report = json.loads(done.stdout)
        assert done.exit_code == 1
        assert (report["passed"], report["failed"], report["unsupported"]) == (1, 1, 1)
        assert report["by_kind"] == {"tvm": {"passed": 1, "failed": 1, "unsupported": 1}}
        assert [failure["id"] for failure in report["failures"]] == ["wrong", "strange"]
        assert report["failures"][0]["expected"] == {"value": "-34"}
        assert report["failures"][0]["got"]["value"].startswith("-33.333333333333333333")

    def test_ends_with_0_only_when_all_pass(self, tmp_path: Path) -> None:
        done = CliRunner().invoke(command, [str(written(tmp_path, "tvm", THIRD))])

        assert done.exit_code == 0
        assert "1 passed" in done.stdout

    def test_leaves_a_kind_it_does_not_know_unsupported(self, tmp_path: Path) -> None:
        done = CliRunner().invoke(command, [str(written(tmp_path, "astrology", THIRD)), "--json"])

        assert json.loads(done.stdout)["unsupported"] == 1
        assert done.exit_code == 1

    def test_goes_on_after_a_case_that_cannot_be_computed(self, tmp_path: Path) -> None:
        broken = {
            "id": "broken",
            "inputs": {"function": "PMT", "args": {"rate": "x"}},
            "expected": {},
        }
        folder = written(tmp_path, "tvm", broken, THIRD)

        report = json.loads(CliRunner().invoke(command, [str(folder), "--json"]).stdout)

        assert (report["passed"], report["failed"]) == (1, 1)

    @pytest.mark.parametrize("content", ["not json", "[]", '{"format": "other/1"}'])
    def test_says_which_file_it_cannot_read(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "oracle-x.json").write_text(content, encoding="utf-8")

        done = CliRunner().invoke(command, [str(tmp_path)])

        assert done.exit_code == 2
        assert "oracle-x.json" in done.stderr

    def test_needs_a_folder(self, tmp_path: Path) -> None:
        done = CliRunner().invoke(command, [str(tmp_path / "nowhere")])

        assert done.exit_code == 2
        assert "is not a folder" in done.stderr


def level(case: dict[str, Any]) -> dict[str, Any]:
    inputs = case["inputs"]
    terms = {
        "principal_minor": parse_amount(inputs["principal"], "CNY"),
        "annual_rate": Decimal(inputs["annual_rate_pct"]) / 100,
        "instalments": inputs["periods"],
    }
    if "disbursement_date" in inputs:
        terms["start_date"] = date.fromisoformat(inputs["disbursement_date"])
    return terms


def equal_principal(case: dict[str, Any]) -> dict[str, Any]:
    plan = schedule(plain(method="equal_principal", **level(case)))
    return {
        "principal_each": text(plan.rows[0].principal_minor),
        "interest": [text(row.interest_minor) for row in plan.rows],
        "total_interest": text(plan.interest_minor),
        "first_due": text(plan.rows[0].total_minor),
        "last_due": text(plan.rows[-1].total_minor),
    }


def interest_only(case: dict[str, Any]) -> dict[str, Any]:
    plan = schedule(plain(method="interest_only", **level(case)))
    return {
        "interest_each": text(plan.rows[0].interest_minor),
        "periods_1_to_7_due": text(plan.rows[6].total_minor),
        "last_due": text(plan.rows[-1].total_minor),
        "total_due": text(plan.total_minor),
    }


def biweekly(case: dict[str, Any]) -> dict[str, Any]:
    plan = schedule(
        plain(
            **level(case),
            frequency=Terms.from_dict(
                {**plain().to_dict(), "frequency": {"every": 2, "unit": "weeks"}}
            ).frequency,
            residue="refit_once",
        )
    )
    return {
        "instalment": text(plan.rows[0].total_minor),
        "last_instalment": text(plan.rows[-1].total_minor),
        "interest": [text(row.interest_minor) for row in plan.rows],
        "total_interest": text(plan.interest_minor),
        "total_due": text(plan.total_minor),
    }


def annualised(case: dict[str, Any]) -> dict[str, Any]:
    inputs = case["inputs"]
    net_minor = parse_amount(inputs["net_proceeds"], "CNY")
    each_minor = parse_amount(inputs["payment_per_period"], "CNY")
    cost = periodic_cost([-net_minor] + [each_minor] * inputs["periods"], 12)
    return {
        "apr_simple_pct": display(cost.simple),
        "apr_irr_pct": display(cost.effective),
        "period_rate": str(round(cost.simple / 12, 4)),
        "period_irr": f"{irr([-net_minor] + [each_minor] * inputs['periods']):.16f}",
    }


def _shortened(value: Any) -> Any:
    return f"{Decimal(value):.16f}" if isinstance(value, str) and len(value) > 18 else value


def text(amount_minor: int) -> str:
    return format_amount(amount_minor, "CNY")


EXAMPLES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "equal_principal_schedule": equal_principal,
    "interest_only_bullet": interest_only,
    "equal_instalment_biweekly": biweekly,
    "annualised_rate": annualised,
    "apr_simple": annualised,
}


@needs_oracles
class TestChineseExamples:
    def test_give_the_expected_figures(self) -> None:
        cases = json.loads((ORACLES / "examples-cn.json").read_text(encoding="utf-8"))
        fitting = [case for case in cases if case["kind"] in EXAMPLES]

        wrong = {}
        for case in fitting:
            found = EXAMPLES[case["kind"]](case)
            # The period rate is printed as a double: sixteen places of it mean something.
            expected = {key: _shortened(value) for key, value in case["expected"].items()}
            if any(found[key] != value for key, value in expected.items()):
                wrong[case["id"]] = found

        assert wrong == {}
        assert len(fitting) >= 5

    def test_give_the_expected_equal_instalments(self) -> None:
        cases = json.loads((ORACLES / "examples-cn.json").read_text(encoding="utf-8"))
        counts = {"30/360": "30/360", "actual/actual": "ACT/ACT_DEC31", "actual/365": "ACT/365F"}
        fitting = [
            case
            for case in cases
            if case["kind"] == "equal_instalment_schedule"
            and case["inputs"].get("day_count") in counts
            and "schedule" in case["expected"]
        ]

        wrong = {}
        for case in fitting:
            terms = plain(
                **level(case),
                day_count=counts[case["inputs"]["day_count"]],
                rounding="half_even",
                residue="refit_once",
            )
            found = [
                (row.due_date.isoformat(), text(row.principal_minor), text(row.interest_minor))
                for row in schedule(terms).rows
            ]
            expected = [
                (row["due_date"], row["principal"], row["interest"])
                for row in case["expected"]["schedule"]
            ]
            if found != expected:
                wrong[case["id"]] = found

        assert wrong == {}
        assert len(fitting) >= 4
