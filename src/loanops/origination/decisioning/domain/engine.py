"""The rule engine behind one narrow door: a graph of tables, keyed by the hash of its strategy.

zen-engine is fast only with a static loader and ``engine.evaluate(key)``; a handle compiles the
graph again on each call. It also fails open: a broken cell or a null simply does not match. The
publish gate and the reader of inputs stand before it for that reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import zen

from loanops.origination.decisioning.domain.inputs import Fact


class EngineFault(Exception):
    """The graph could not be evaluated; the caller refers to a person."""


@dataclass(frozen=True)
class Answer:
    """What the graph answered, and by which rows of which tables."""

    result: dict[str, Any]
    trace: tuple[dict[str, Any], ...]


class Graph:
    """One compiled graph."""

    def __init__(self, key: str, graph: Mapping[str, Any]) -> None:
        """:raises EngineFault: the graph cannot be read."""
        self._key = key
        loader: Any = {"type": "static", "content": {key: dict(graph)}}
        try:
            self._engine = zen.ZenEngine({"loader": loader})
        except Exception as fault:  # the engine has no exceptions of its own
            raise EngineFault(_first_line(fault)) from None

    def evaluate(self, context: dict[str, Fact]) -> dict[str, Any]:
        """The result alone, where no trace is kept.

        :raises EngineFault: anything goes wrong inside the engine.
        """
        try:
            return self._engine.evaluate(self._key, context)["result"]
        except Exception as fault:  # the engine has no exceptions of its own
            raise EngineFault(_first_line(fault)) from None

    def explain(self, context: dict[str, Fact]) -> Answer:
        """The result with the trace: per node, which rows matched on which values.

        :raises EngineFault: anything goes wrong inside the engine.
        """
        try:
            answer = self._engine.evaluate(self._key, context, {"trace": True})
        except Exception as fault:  # the engine has no exceptions of its own
            raise EngineFault(_first_line(fault)) from None
        nodes = sorted(answer["trace"].values(), key=lambda node: int(node["order"]))
        return Answer(
            answer["result"],
            tuple(_steps_of(node) for node in nodes if node["traceData"] is not None),
        )


def _steps_of(node: Mapping[str, Any]) -> dict[str, Any]:
    """One node of the trace without timings, which differ from run to run."""
    rows = node["traceData"]
    if isinstance(rows, dict):
        rows = [rows] if "rule" in rows else []
    hits = [
        {"rule": row["rule"].get("_id", ""), "row": row["index"] + 1, "read": row["reference_map"]}
        for row in rows
    ]
    return {"node": node["name"], "hits": hits}


def _first_line(fault: Exception) -> str:
    # What follows the first line is a native stack with the paths of the build machine.
    return (str(fault).splitlines() or [type(fault).__name__])[0][:300]


def compile_fault(expression: str, *, unary: bool) -> str | None:
    """Why an expression (or the test of a cell, ``unary``) does not compile; None where it does."""
    try:
        if unary:
            zen.compile_unary_expression(expression)
        else:
            zen.compile_expression(expression)
    except Exception as fault:  # the engine has no exceptions of its own
        return _first_line(fault)
    return None
