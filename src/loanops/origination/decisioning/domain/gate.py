"""The publish gate: what a strategy must be before it may judge anybody.

The engine lets a broken cell, a misspelt name or a null silently not match, and falls through to
the next row. So every cell is compiled, every name must be known, an approval always needs a
condition, and the last row of a table that decides never approves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from loanops.origination.decisioning.domain.engine import compile_fault
from loanops.origination.decisioning.domain.inputs import InputSpec
from loanops.origination.decisioning.domain.judging import SCORE_LOW, judge
from loanops.origination.decisioning.domain.refusals import StrategyWrong
from loanops.origination.decisioning.domain.strategy import (
    LANGUAGES,
    Outcome,
    Strategy,
    load_strategy,
)

_NODES: Final = frozenset({"inputNode", "outputNode", "decisionTableNode", "expressionNode"})
_WORDS: Final = frozenset({"and", "or", "not", "in", "true", "false", "null"})
_TEXT: Final = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_NAME: Final = re.compile(r"(?<![.\w#$])([A-Za-z_]\w*)(?!\w)(\s*\()?")
_JSON_TYPES: Final = {"integer": "integer", "text": "string", "boolean": "boolean"}


@dataclass
class _Report:
    """Every fault, so that an author mends them at once."""

    faults: list[tuple[str, str]] = field(default_factory=list)

    def say(self, place: str, problem: str) -> None:
        self.faults.append((place, problem))


def schema_of(strategy: Strategy) -> dict[str, Any]:
    """The JSON Schema that the graph's input node must hold: the required inputs, and the score."""
    properties: dict[str, Any] = {
        spec.name: _schema(spec) for spec in strategy.reader.specs if not spec.may_be_missing
    }
    if strategy.scorecard is not None:
        properties |= {"score": {"type": "integer"}, "grade": {"type": "string"}}
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _schema(spec: InputSpec) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": _JSON_TYPES[spec.kind]}
    if spec.choices:
        schema["enum"] = sorted(spec.choices)
    if spec.kind == "integer":
        schema |= {"minimum": spec.least, "maximum": spec.most}
    return schema


def pass_gate(document: Mapping[str, Any]) -> Strategy:
    """The strategy, if it may be published.

    :raises StrategyWrong: it may not; place and problem of the first fault, and how many more.
    """
    strategy = load_strategy(document)
    report = _Report()
    try:
        _check(strategy, document["graph"].get("nodes", ()), report)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        report.say("the document", f"malformed near {fault}")
    if report.faults:
        place, problem = report.faults[0]
        more = f" (and {len(report.faults) - 1} more)" if len(report.faults) > 1 else ""
        raise StrategyWrong(place=place, problem=problem + more)
    return strategy


def _check(strategy: Strategy, nodes: Sequence[Mapping[str, Any]], report: _Report) -> None:
    _check_nodes(strategy, nodes, report)
    given = set(strategy.graph_inputs) | ({"score", "grade"} if strategy.scorecard else set())
    for node in nodes:
        # A node cannot read what it only makes itself (an expression node may, as `$.name`).
        names = given | set(_outputs([other for other in nodes if other is not node]))
        if node.get("type") == "decisionTableNode":
            _check_table(node, names, report)
        if node.get("type") == "expressionNode":
            _check_expressions(node, names, report)
    _check_reasons(strategy, nodes, report)
    if not report.faults:
        _check_tests(strategy, report)


def _check_nodes(strategy: Strategy, nodes: Sequence[Mapping[str, Any]], report: _Report) -> None:
    for node in nodes:
        if node.get("type") not in _NODES:
            # A function node runs JavaScript that can call the network; a custom node, our code.
            report.say(f"node {node.get('name')}", f"{node.get('type')} is not allowed")
    starts = [node for node in nodes if node.get("type") == "inputNode"]
    if len(starts) != 1:
        report.say("graph", "exactly one input node is needed")
        return
    try:
        found = json.loads(starts[0].get("content", {}).get("schema", ""))
    except (TypeError, ValueError):
        found = None
    if found != schema_of(strategy):
        report.say("graph.input", "its schema is not the one of the strategy's required inputs")
    deciding = [node for node in nodes if "outcome" in set(_outputs([node]))]
    if len(deciding) != 1 or deciding[0].get("type") != "decisionTableNode":
        report.say("graph", "exactly one table must give the outcome")


def _outputs(nodes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for node in nodes:
        content = node.get("content") or {}
        if node.get("type") == "decisionTableNode":
            path = content.get("outputPath")
            yield from [path] if path else [str(out.get("field")) for out in content["outputs"]]
        elif node.get("type") == "expressionNode":
            yield from (str(entry.get("key")) for entry in content.get("expressions", ()))


def _check_table(node: Mapping[str, Any], names: set[str], report: _Report) -> None:
    content, title = node["content"], f"table {node.get('name')}"
    inputs, outputs, rules = content["inputs"], content["outputs"], content["rules"]
    for column in inputs:
        if column.get("field"):
            _check_expression(str(column["field"]), names, f"{title} column", report)
    seen: set[tuple[str, ...]] = set()
    closed = False
    for row, rule in enumerate(rules, start=1):
        place = f"{title} row {row}"
        cells = tuple(str(rule.get(column["id"], "")).strip() for column in inputs)
        for column, cell in zip(inputs, cells, strict=True):
            if cell:
                _check_cell(cell, names, place, report, unary=bool(column.get("field")))
        for column in outputs:
            cell = str(rule.get(column["id"], "")).strip()
            if not cell:
                report.say(place, f"the output {column.get('field')} is empty")
            else:
                _check_expression(cell, names, place, report)
        if cells in seen:
            report.say(place, "another row has the same conditions")
        if closed and content.get("hitPolicy") == "first":
            report.say(place, "it can never be reached: a row above takes everything")
        seen.add(cells)
        closed = closed or not any(cells)
    column = next((out for out in outputs if out.get("field") == "outcome"), None)
    if column is not None:
        _check_outcomes(content, str(column["id"]), title, report)


def _check_outcomes(content: Mapping[str, Any], column: str, title: str, report: _Report) -> None:
    if content.get("hitPolicy") != "first":
        report.say(title, "a table that decides takes the first row that matches")
    literals = {json.dumps(outcome.value): outcome for outcome in Outcome}
    ids = [str(one["id"]) for one in content["inputs"]]
    for row, rule in enumerate(content["rules"], start=1):
        outcome = literals.get(str(rule.get(column, "")).strip())
        conditions = any(str(rule.get(one, "")).strip() for one in ids)
        if outcome is None:
            report.say(f"{title} row {row}", "its outcome is not approve, decline or refer")
        elif outcome is Outcome.APPROVE and not conditions:
            report.say(f"{title} row {row}", "an approval needs a condition")
    rules = content["rules"]
    if not rules or any(str(rules[-1].get(one, "")).strip() for one in ids):
        report.say(title, "the last row must take everything that is left")


def _check_cell(cell: str, names: set[str], place: str, report: _Report, *, unary: bool) -> None:
    fault = compile_fault(cell, unary=unary)
    if fault:
        report.say(place, f"{cell} does not compile: {fault}")
    _check_names(cell, names, place, report)


def _check_expression(text: str, names: set[str], place: str, report: _Report) -> None:
    _check_cell(text, names, place, report, unary=False)


def _check_expressions(node: Mapping[str, Any], names: set[str], report: _Report) -> None:
    for entry in node.get("content", {}).get("expressions", ()):
        place = f"expression {node.get('name')}.{entry.get('key')}"
        _check_expression(str(entry.get("value", "")), names, place, report)


def _check_names(text: str, names: set[str], place: str, report: _Report) -> None:
    """A name nobody gives is always null, and a null never matches: it must not be published."""
    for name, is_call in _NAME.findall(_TEXT.sub("", text)):
        if not is_call and name not in _WORDS and name not in names:
            report.say(place, f"nothing gives {name}")


def _check_reasons(strategy: Strategy, nodes: Sequence[Mapping[str, Any]], report: _Report) -> None:
    said = {SCORE_LOW} & set(strategy.reasons)
    for node in nodes:
        for rule in (node.get("content") or {}).get("rules", ()):
            said |= {code for cell in rule.values() for code in re.findall(r'"([A-Z][A-Z0-9_]+)"', str(cell))}  # fmt: skip  # noqa: E501
    if strategy.scorecard is not None:
        said |= {one.reason for one in strategy.scorecard.characteristics}
    for code in sorted(said):
        sentences = strategy.reasons.get(code, {})
        if not all(sentences.get(language) for language in LANGUAGES):
            report.say(f"reasons.{code}", "a sentence in Chinese and one in English are needed")


def _check_tests(strategy: Strategy, report: _Report) -> None:
    """The strategy's own cases hold, each outcome has one, and no approval survives a gap."""
    outcomes: set[str] = set()
    for test in strategy.document["tests"]:
        found = judge(strategy, test["facts"])
        outcomes.add(found.outcome)
        place = f"test {test.get('name')}"
        if found.outcome != test["outcome"]:
            report.say(place, f"{test['outcome']} expected, {found.outcome} found")
        if not set(test.get("reasons", ())) <= set(found.reasons):
            report.say(place, f"{test['reasons']} expected, {list(found.reasons)} found")
        if found.outcome is Outcome.APPROVE:
            for name in strategy.graph_inputs:
                _check_gap(strategy, test["facts"], name, place, report)
    if outcomes != {outcome.value for outcome in Outcome}:
        report.say("tests", "at least one case for each of approve, decline and refer is needed")


def _check_gap(
    strategy: Strategy, facts: Mapping[str, Any], name: str, place: str, report: _Report
) -> None:
    made = {feature.name: feature.sources for feature in strategy.reader.features}
    gone = {name, *made.get(name, ())}
    kept = {fact: value for fact, value in facts.items() if fact not in gone}
    if judge(strategy, kept).outcome is not Outcome.REFER:
        report.say(place, f"without {name} it is not referred")
