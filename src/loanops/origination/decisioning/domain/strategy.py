"""A strategy: one document with inputs, features, scorecard, graph, reasons and its own tests."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from loanops.origination.decisioning.domain.engine import EngineFault, Graph
from loanops.origination.decisioning.domain.inputs import InputReader, parse_features, parse_specs
from loanops.origination.decisioning.domain.refusals import StrategyWrong
from loanops.origination.decisioning.domain.scorecard import Scorecard, parse_scorecard

_KEYS: Final = frozenset(
    {"code", "version", "name", "description", "packs", "features", "inputs", "scorecard",
     "graph", "reasons", "tests"}
)  # fmt: skip
_NEEDED: Final = _KEYS - {"features", "scorecard"}
LANGUAGES: Final = ("zh-hans", "en")
_CODE: Final = re.compile(r"[a-z0-9-]{1,40}")
_VERSION_END: Final = 2**31


class Outcome(StrEnum):
    """What a strategy can say."""

    APPROVE = "approve"
    DECLINE = "decline"
    REFER = "refer"


@dataclass(frozen=True)
class Strategy:
    """A strategy made ready to judge; ``hash`` names its content for ever."""

    code: str
    version: int
    hash: str
    packs: tuple[str, ...]
    name: Mapping[str, str]
    reader: InputReader
    scorecard: Scorecard | None
    graph: Graph
    graph_inputs: tuple[str, ...]
    reasons: Mapping[str, Mapping[str, str]]
    document: Mapping[str, Any]


def canonical(document: Mapping[str, Any] | list[Any]) -> str:
    """A document as one text: the same content is the same text."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(document: Mapping[str, Any]) -> str:
    """The name of a content."""
    return hashlib.sha256(canonical(document).encode("utf-8")).hexdigest()


def _title(document: Mapping[str, Any]) -> dict[str, Any]:
    code, version, packs, name = (document[key] for key in ("code", "version", "packs", "name"))
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise StrategyWrong(place="code", problem="use small letters, digits and - only, up to 40")
    if type(version) is not int or not 0 < version < _VERSION_END:
        raise StrategyWrong(place="version", problem="is a whole number from 1 on")
    if not isinstance(packs, list) or not all(isinstance(pack, str) for pack in packs):
        raise StrategyWrong(place="packs", problem="is a list of rule packs")
    if not isinstance(name, Mapping) or set(name) != set(LANGUAGES):
        raise StrategyWrong(place="name", problem="give it in zh-hans and in en")
    return {"code": code, "version": version, "packs": tuple(packs), "name": name}


def load_strategy(document: Mapping[str, Any]) -> Strategy:
    """Make a strategy document ready. It says nothing about its fitness: the gate does.

    :raises StrategyWrong: a part is absent or cannot be understood.
    """
    unknown, absent = set(document) - _KEYS, _NEEDED - set(document)
    if unknown or absent:
        problem = f"unknown {sorted(unknown)}, absent {sorted(absent)}"
        raise StrategyWrong(place="the document", problem=problem)
    try:
        specs = parse_specs(document["inputs"])
        reader = InputReader(specs, parse_features(document.get("features", ())))
        entry = document.get("scorecard")
        scorecard = parse_scorecard(entry, specs) if entry else None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as fault:
        raise StrategyWrong(place="the document", problem=f"malformed near {fault}") from None
    name = digest_of(document)
    try:
        graph = Graph(name, document["graph"])
    except (EngineFault, TypeError, ValueError) as fault:
        raise StrategyWrong(place="graph", problem=str(fault)[:200]) from None
    return Strategy(
        **_title(document),
        hash=name,
        reader=reader,
        scorecard=scorecard,
        graph=graph,
        graph_inputs=tuple(spec.name for spec in specs if not spec.may_be_missing),
        reasons=document["reasons"],
        document=document,
    )
