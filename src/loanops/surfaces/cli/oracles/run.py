"""Run cases: read the files, answer each case, compare, count."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from loanops.kernel.refusals import Refusal
from loanops.surfaces.cli.framing import stop
from loanops.surfaces.cli.oracles import allocations, changes, figures
from loanops.surfaces.cli.oracles.compare import differences
from loanops.surfaces.cli.oracles.read import Inputs, Unsupported

FORMAT: Final = "loan-oracle/1"

ANSWERS: Final[Mapping[str, Callable[[Inputs, Inputs], Inputs]]] = MappingProxyType(
    {
        "schedule": changes.answer,
        "reschedule": changes.answer,
        "prepayment": changes.answer,
        "accrual": changes.answer,
        "allocation": allocations.answer,
        "apr": figures.apr,
        "xirr": figures.xirr,
        "daycount": figures.daycount,
        "tvm": figures.tvm,
    }
)

_FAULTS: Final = (
    Refusal,
    ArithmeticError,
    AttributeError,
    DecimalException,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What comes of a case whose inputs are not of the documented form."""


@dataclass(slots=True)
class Count:
    """How many cases of a kind ended which way."""

    passed: int = 0
    failed: int = 0
    unsupported: int = 0


@dataclass(slots=True)
class Report:
    """What came of all cases."""

    by_kind: dict[str, Count] = field(default_factory=dict)
    failures: list[dict[str, Any]] = field(default_factory=list)

    def total(self, outcome: str) -> int:
        """How many cases ended this way."""
        return sum(getattr(count, outcome) for count in self.by_kind.values())

    @property
    def all_pass(self) -> bool:
        """Whether no case failed and none was left out."""
        return self.total("failed") == 0 and self.total("unsupported") == 0

    def to_dict(self) -> dict[str, Any]:
        """The report as the JSON document of the command."""
        return {
            "passed": self.total("passed"),
            "failed": self.total("failed"),
            "unsupported": self.total("unsupported"),
            "by_kind": {
                kind: {
                    "passed": count.passed,
                    "failed": count.failed,
                    "unsupported": count.unsupported,
                }
                for kind, count in sorted(self.by_kind.items())
            },
            "failures": self.failures,
        }


def cases_of(folder: Path) -> list[dict[str, Any]]:
    """Every case of every oracle file of the folder, in the order of the files' names."""
    cases: list[dict[str, Any]] = []
    for path in sorted(folder.glob("oracle-*.json")):
        try:
            document = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except (OSError, RecursionError, ValueError) as fault:
            stop(f"{path.name} cannot be read as JSON: {fault}.")
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            stop(f'{path.name} is not an oracle file; its "format" must be "{FORMAT}".')
        cases += _cases_in(document)
    return cases


def _cases_in(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The cases of a file; what is no case becomes one that cannot be answered."""
    kind, found = str(document.get("kind", "")), document.get("cases", [])
    listed = found if isinstance(found, list) else [found]
    return [
        {"kind": kind, **case} if isinstance(case, dict) else {"kind": kind, "inputs": case}
        for case in listed
    ]


def run(cases: Iterable[Mapping[str, Any]]) -> Report:
    """Answer and compare every case; one that cannot be answered does not stop the others."""
    report = Report()
    for case in cases:
        count = report.by_kind.setdefault(str(case["kind"]), Count())
        expected = case.get("expected", {})
        try:
            got = _answer(case)
            wrong = differences(expected, got, _tolerance(case))
        except Unsupported as reason:
            count.unsupported += 1
            report.failures.append(_failure(case, expected, f"unsupported: {reason}"))
            continue
        except _FAULTS as fault:
            count.failed += 1
            error = f"{type(fault).__name__}: {fault}"
            report.failures.append(_failure(case, expected, error))
            continue
        if wrong:
            count.failed += 1
            asked = {key: got[key] for key in expected if key in got}
            report.failures.append(_failure(case, expected, asked))
        else:
            count.passed += 1
    return report


def _answer(case: Mapping[str, Any]) -> Inputs:
    answer = ANSWERS.get(str(case["kind"]))
    if answer is None:
        raise Unsupported(f"kind {case['kind']}")
    inputs, expected = case.get("inputs", {}), case.get("expected", {})
    if not isinstance(inputs, Mapping) or not isinstance(expected, Mapping):
        raise TypeError("inputs and expected must be objects")
    return answer(inputs, expected)


def _tolerance(case: Mapping[str, Any]) -> Decimal:
    return Decimal(str(case.get("tolerance") or "0"))


def _failure(case: Mapping[str, Any], expected: Any, got: Any) -> dict[str, Any]:
    return {"id": _plain(case.get("id", "")), "expected": _plain(expected), "got": _plain(got)}


def _plain(value: Any) -> Any:
    """Decimals as strings, so that a failure reads like its expectation."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
