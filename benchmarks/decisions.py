"""Decisions in process: a table of 30 rules, and the graph of a shipped strategy with its trace.

Inputs are read and checked in the timed run. The peer is the engine's own handle, the way its
introduction shows; every answer of the table is compared with a plain reading of its rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import resources
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

import zen

from benchmarks.figure import Figure
from loanops.origination import decisioning
from loanops.origination.decisioning.domain.engine import Graph
from loanops.origination.decisioning.domain.inputs import Fact, InputReader, parse_specs
from loanops.origination.decisioning.domain.judging import judge
from loanops.origination.decisioning.domain.strategy import Strategy, load_strategy

TITLE = "Decisions in process"
SEED = 30
RULES = 30
FIELDS = ("income", "debt", "age", "inquiries", "overdue", "months")
MOST = 1_000
TABLE_MOST, GRAPH_MOST = 20.0, 100.0
STRATEGY = "us-2018.json"


def measure(*, quick: bool) -> Iterator[Figure]:
    """The table, then the graph with its trace, then the whole judgement of the strategy."""
    cases = 200 if quick else 3_000
    yield from _table(cases, quick=quick)
    yield from _graph(cases, quick=quick)


def _table(cases: int, *, quick: bool) -> Iterator[Figure]:
    chance = Random(SEED)
    rules = [_rule(chance, place) for place in range(RULES)]
    document = _document(rules)
    graph = Graph("table", document)
    reader = InputReader(
        parse_specs([{"name": name, "type": "integer", "min": 0, "max": MOST} for name in FIELDS]),
        (),
    )
    facts: list[dict[str, Fact]] = [
        {name: chance.randrange(MOST) for name in FIELDS} for _ in range(cases)
    ]
    handle = zen.ZenEngine().create_decision(json.dumps(document))

    def ours(given: dict[str, Fact]) -> dict[str, Any]:
        return graph.evaluate(reader.read(given).values)

    taken, naive = _in_turn(ours, handle.evaluate, facts)
    differing = sum(ours(given) != _by_hand(rules, given) for given in facts)
    yield Figure(
        f"table of {RULES} rules, inputs checked",
        taken,
        "µs",
        "faster than the engine's handle",
        naive / taken,
        f"at most {TABLE_MOST:g} µs",
        None if quick else taken <= TABLE_MOST and not differing,
        f"{differing} of {cases:,} answers differ from a plain reading of the rules",
    )


def _graph(cases: int, *, quick: bool) -> Iterator[Figure]:
    folder = resources.files(decisioning) / "data" / "strategies"
    strategy = load_strategy(json.loads((folder / STRATEGY).read_text(encoding="utf-8")))
    nodes = sum(node["type"] == "decisionTableNode" for node in strategy.document["graph"]["nodes"])
    facts = _facts(strategy, cases)
    handle = zen.ZenEngine().create_decision(json.dumps(strategy.document["graph"]))

    def context(given: dict[str, Fact]) -> dict[str, Fact]:
        values = strategy.reader.read(given).values
        return {**{name: values[name] for name in strategy.graph_inputs}, "score": 600, "grade": ""}

    def ours(given: dict[str, Fact]) -> dict[str, Any]:
        return strategy.graph.explain(context(given)).result

    def naively(given: dict[str, Fact]) -> dict[str, Any]:
        return handle.evaluate(context(given), {"trace": True})["result"]

    taken, naive = _in_turn(ours, naively, facts)
    differing = sum(ours(given) != naively(given) for given in facts)
    yield Figure(
        f"graph of {nodes} tables ({STRATEGY}), inputs checked, trace kept",
        taken,
        "µs",
        "faster than the engine's handle",
        naive / taken,
        f"at most {GRAPH_MOST:g} µs",
        None if quick else taken <= GRAPH_MOST and not differing,
        f"{differing} of {cases:,} answers differ from the handle's",
    )
    whole = _micros(lambda given: judge(strategy, given), facts)
    yield Figure("whole judgement with features, scorecard, graph, trace", whole, "µs")


def _in_turn(
    ours: Callable[[dict[str, Fact]], object],
    other: Callable[[dict[str, Fact]], object],
    facts: list[dict[str, Fact]],
) -> tuple[float, float]:
    """Medians of passes in turn, in microseconds, so that both meet the machine in one mood."""
    passes = [(_micros(ours, facts), _micros(other, facts)) for _ in range(7)]
    return median(each[0] for each in passes), median(each[1] for each in passes)


def _micros(work: Callable[[dict[str, Fact]], object], facts: list[dict[str, Fact]]) -> float:
    began = perf_counter()
    for given in facts:
        work(given)
    return 1e6 * (perf_counter() - began) / len(facts)


def _rule(chance: Random, place: int) -> dict[str, Any]:
    """Bounds on three of the inputs; the last rule takes what no other took."""
    named = chance.sample(FIELDS, 3) if place < RULES - 1 else []
    return {
        "tests": {name: (chance.choice("<>"), chance.randrange(200, 800)) for name in named},
        "answer": {"outcome": f"rule-{place}", "limit": place * 1_000, "review": place % 3 == 0},
    }


def _document(rules: list[dict[str, Any]]) -> dict[str, Any]:
    fields = [{"id": f"i-{name}", "name": name, "field": name} for name in FIELDS]
    outputs = [{"id": f"o-{name}", "name": name, "field": name} for name in rules[0]["answer"]]
    rows = [
        {
            "_id": f"row-{place}",
            **{f"i-{name}": "" for name in FIELDS},
            **{f"i-{name}": f"{sign} {bound}" for name, (sign, bound) in rule["tests"].items()},
            **{f"o-{name}": json.dumps(value) for name, value in rule["answer"].items()},
        }
        for place, rule in enumerate(rules)
    ]
    table = {"hitPolicy": "first", "inputs": fields, "outputs": outputs, "rules": rows}
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode"},
            {"id": "table", "name": "table", "type": "decisionTableNode", "content": table},
            {"id": "out", "name": "out", "type": "outputNode"},
        ],
        "edges": [
            {"id": "e1", "sourceId": "in", "targetId": "table", "type": "edge"},
            {"id": "e2", "sourceId": "table", "targetId": "out", "type": "edge"},
        ],
    }


def _by_hand(rules: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    for rule in rules:
        if all(
            given[name] < bound if sign == "<" else given[name] > bound
            for name, (sign, bound) in rule["tests"].items()
        ):
            answer: dict[str, Any] = rule["answer"]
            return answer
    raise LookupError("the last rule takes everything")


def _facts(strategy: Strategy, cases: int) -> list[dict[str, Fact]]:
    """The facts of the strategy's own tests, their amounts varied, where nothing is missing."""
    chance = Random(SEED)
    told = [test["facts"] for test in strategy.document["tests"]]
    found: list[dict[str, Fact]] = []
    while len(found) < cases:
        given = {name: _varied(chance, value) for name, value in chance.choice(told).items()}
        read = strategy.reader.read(given)
        if not read.missing and not read.wrong:
            found.append(given)
    return found


def _varied(chance: Random, value: Fact) -> Fact:
    return value * chance.randint(80, 120) // 100 if type(value) is int else value
