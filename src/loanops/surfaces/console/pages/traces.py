"""A strategy and its verdicts as tables that a person reads: rows, cells, points, trace."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from loanops.origination.decisioning.queries import StrategyCard, VerdictCard
from loanops.platform.web.templatetags import in_language, listed
from loanops.surfaces.console.pages.sentences import fact_in_words
from loanops.surfaces.console.pages.words import TABLES, word_of

_NUMBER = re.compile(r"-?\d+")
_QUOTED = re.compile(r'"([^"]*)"')
_CODES = re.compile(r'"[^"]*"(?:, *"[^"]*")*')
_BETWEEN = re.compile(r"\[(.+?)\.\.(.+?)\)")
_REASONS_OF = re.compile(r"map\((\w+), #\.reason\)")
_UNITS = ("_minor", "_bp", "_ppm")
_TABLE = "decisionTableNode"
_WORDS_OF = {"identity_check": "match", "purpose": "loan_purpose", "region": "region"}
Reasons = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Condition:
    """One cell that a row asks, and what was read for it."""

    field: str
    asks: str
    read: str


@dataclass(frozen=True)
class Hit:
    """A row that fitted."""

    row: int
    conditions: list[Condition]
    says: list[tuple[str, str]]


@dataclass(frozen=True)
class Step:
    """One table of a verdict's trace with the rows that fitted; none means it let pass."""

    node: str
    rows: int
    hits: list[Hit]


@dataclass(frozen=True)
class Points:
    """What one characteristic gave; ``share`` is its part of the widest bar in per cent."""

    field: str
    value: str
    points: int
    share: int


@dataclass(frozen=True)
class Table:
    """One decision table of a strategy."""

    node: str
    policy: str
    inputs: list[str]
    outputs: list[str]
    rows: list[tuple[list[str], list[str]]]


@dataclass(frozen=True)
class Bin:
    """One range or set of values of a characteristic with its points."""

    range: str
    points: int


def field_name(field: str) -> str:
    """What a cell looks at, in words."""
    known = TABLES["decision_field"].get(field)
    return str(known.text if known else word_of("fact", field).text)


def value_in_words(field: str, value: Any, currency: str) -> str:
    """A value that a strategy read, in words."""
    if isinstance(value, str) and field in _WORDS_OF:
        return str(word_of(_WORDS_OF[field], value).text)
    return fact_in_words(field, value, currency)


def cell_in_words(field: str, cell: str, currency: str) -> str:
    """A condition with its figures in the units that a person reads."""
    if not cell:
        return ""
    shown = _BETWEEN.sub(r"≥ \1, < \2", cell.replace(">=", "≥").replace("<=", "≤"))
    if field.endswith(_UNITS):
        return _NUMBER.sub(lambda found: fact_in_words(field, int(found[0]), currency), shown)
    if _CODES.fullmatch(shown):
        return listed(value_in_words(field, code, currency) for code in _QUOTED.findall(shown))
    return _QUOTED.sub(lambda found: value_in_words(field, found[1], currency), shown)


def says_in_words(field: str, cell: str, reasons: Reasons, currency: str) -> str:
    """What a row says: an outcome, the sentence of a reason, a figure, or the expression."""
    text = cell.strip()
    if text in ("", "null", "[]"):
        return "—"
    if field == "outcome":
        return str(word_of("outcome", text.strip('"')).text)
    codes = _QUOTED.findall(text)
    if codes and all(code in reasons for code in codes):
        return " ".join(in_language(dict(reasons[code])) for code in codes)
    if text.isdecimal() and field.endswith(_UNITS):
        return fact_in_words(field, int(text), currency)
    if found := _REASONS_OF.fullmatch(text):
        return _("those of: %(table)s") % {"table": word_of("node", found[1]).text}
    return field_name(text) if text in TABLES["decision_field"] else text


def _nodes(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [node for node in document["graph"]["nodes"] if node["type"] == _TABLE]


def steps(verdict: VerdictCard, strategy: StrategyCard, currency: str) -> list[Step]:
    """The trace of a verdict: per table which rows fitted, on which values."""
    document = strategy.document
    by_name = {node["name"]: node["content"] for node in _nodes(document)}
    found = []
    for step in verdict.trace:
        content = by_name.get(step["node"])
        if content is not None:
            rules = {rule["_id"]: rule for rule in content["rules"]}
            hits = [
                _hit(hit, rules[hit["rule"]], content, document["reasons"], currency)
                for hit in step["hits"]
                if hit["rule"] in rules
            ]
            found.append(Step(step["node"], len(rules), hits))
    return found


def _hit(
    hit: Mapping[str, Any],
    rule: Mapping[str, str],
    content: Mapping[str, Any],
    reasons: Reasons,
    currency: str,
) -> Hit:
    return Hit(
        row=hit["row"],
        conditions=[
            Condition(
                field=field_name(each["field"]),
                asks=cell_in_words(each["field"], rule[each["id"]], currency),
                read=value_in_words(each["field"], hit["read"].get(each["field"]), currency),
            )
            for each in content["inputs"]
            if rule.get(each["id"])
        ],
        says=[
            (
                field_name(each["field"]),
                says_in_words(each["field"], rule.get(each["id"], ""), reasons, currency),
            )
            for each in content["outputs"]
        ],
    )


def points(verdict: VerdictCard, currency: str) -> list[Points]:
    """What each characteristic gave, the best first."""
    given: Mapping[str, int] = verdict.outputs.get("points", {})
    read: Mapping[str, Any] = verdict.outputs.get("inputs", {})
    widest = max((abs(value) for value in given.values()), default=0) or 1
    ranked = sorted(given.items(), key=lambda each: -each[1])
    return [
        Points(
            field=field_name(name),
            value=value_in_words(name, read.get(name), currency),
            points=value,
            share=round(abs(value) * 100 / widest),
        )
        for name, value in ranked
    ]


def inputs(verdict: VerdictCard, currency: str) -> list[tuple[str, str]]:
    """The frozen inputs, read as the strategy read them."""
    read: Mapping[str, Any] = verdict.outputs.get("inputs", verdict.inputs)
    return [
        (field_name(name), value_in_words(name, value, currency)) for name, value in read.items()
    ]


def tables(document: Mapping[str, Any], currency: str) -> list[Table]:
    """The decision tables of a strategy as tables."""
    return [
        Table(
            node=node["name"],
            policy=node["content"]["hitPolicy"],
            inputs=[field_name(each["field"]) for each in node["content"]["inputs"]],
            outputs=[field_name(each["field"]) for each in node["content"]["outputs"]],
            rows=[
                (
                    [
                        cell_in_words(each["field"], rule.get(each["id"], ""), currency)
                        for each in node["content"]["inputs"]
                    ],
                    [
                        says_in_words(
                            each["field"],
                            rule.get(each["id"], ""),
                            document["reasons"],
                            currency,
                        )
                        for each in node["content"]["outputs"]
                    ],
                )
                for rule in node["content"]["rules"]
            ],
        )
        for node in _nodes(document)
    ]


def characteristics(
    document: Mapping[str, Any], currency: str
) -> list[tuple[str, list[Bin], int | None]]:
    """The scorecard: each characteristic with its bins, and the points where it is missing."""
    card = document.get("scorecard") or {"characteristics": ()}
    return [
        (
            field_name(each["input"]),
            list(_bins(each["input"], each["bins"], currency)),
            each.get("missing"),
        )
        for each in card["characteristics"]
    ]


def _bins(field: str, bins: Iterable[Mapping[str, Any]], currency: str) -> Iterable[Bin]:
    least = ""
    for each in bins:
        if "in" in each:
            words = listed(value_in_words(field, value, currency) for value in each["in"])
            yield Bin(words, each["points"])
        elif "below" in each:
            most = value_in_words(field, each["below"], currency)
            yield Bin(f"{least} – {most}" if least else f"< {most}", each["points"])
            least = most
        else:
            yield Bin(f"≥ {least}", each["points"])
