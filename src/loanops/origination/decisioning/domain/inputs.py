"""What a strategy looks at: named inputs with types and bounds, and features made of facts.

A fact that is absent is *missing*. It is never read as zero: an input either has to be there
(else the application is referred to a person) or is allowed to be missing, and then only a
scorecard bin for missing values may speak about it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from loanops.origination.decisioning.domain.refusals import StrategyWrong

Fact = str | int | bool | None
Facts = Mapping[str, Fact]
Kind = Literal["integer", "text", "boolean"]

_KINDS: Final[Mapping[str, Kind]] = {"integer": "integer", "text": "text", "boolean": "boolean"}


@dataclass(frozen=True)
class InputSpec:
    """One input: its type, its bounds or words, and whether it may be missing."""

    name: str
    kind: Kind
    least: int
    most: int
    choices: frozenset[str]
    may_be_missing: bool


@dataclass(frozen=True)
class Feature:
    """A figure made of facts: a ratio scaled to a whole number, or the first that is known."""

    name: str
    kind: Literal["ratio", "first"]
    sources: tuple[str, ...]
    scale: int

    def of(self, facts: Facts) -> Fact:
        """The feature's value; missing where a source is missing or a divisor is not positive."""
        if self.kind == "first":
            known = (facts.get(source) for source in self.sources)
            return next((value for value in known if value is not None), None)
        over, under = (facts.get(source) for source in self.sources)
        if not _is_whole(over) or not _is_whole(under):
            return None
        assert isinstance(over, int) and isinstance(under, int)  # noqa: S101, PT018 - for types
        return None if under <= 0 else over * self.scale // under


@dataclass(frozen=True)
class Inputs:
    """The inputs of one decision: values by name, and what stops the decision."""

    values: dict[str, Fact]
    missing: tuple[str, ...]
    wrong: tuple[str, ...]


def _is_whole(value: Fact) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


Check = Callable[[Fact], bool]


def _check_of(spec: InputSpec) -> Check:
    """A test of one value, made once per strategy so that a decision pays one call."""
    if spec.kind == "integer":
        least, most = spec.least, spec.most
        return lambda value: type(value) is int and least <= value <= most
    if spec.kind == "boolean":
        return lambda value: value is True or value is False
    choices = spec.choices
    if choices:
        return lambda value: isinstance(value, str) and value in choices
    return lambda value: isinstance(value, str) and len(value) <= spec.most


class InputReader:
    """Reads the inputs of one strategy out of facts."""

    def __init__(self, specs: Sequence[InputSpec], features: Sequence[Feature]) -> None:
        self.specs = tuple(specs)
        self.features = tuple(features)
        self._checks = tuple((spec.name, _check_of(spec), spec.may_be_missing) for spec in specs)

    def sources(self) -> frozenset[str]:
        """Every fact that this strategy can see."""
        made = {feature.name for feature in self.features}
        read = {source for feature in self.features for source in feature.sources}
        return frozenset((read | {spec.name for spec in self.specs}) - made)

    def read(self, facts: Facts) -> Inputs:
        """The inputs, with every missing and every impossible one named."""
        known: dict[str, Fact] = dict(facts)
        for feature in self.features:
            known[feature.name] = feature.of(known)
        values: dict[str, Fact] = {}
        missing: list[str] = []
        wrong: list[str] = []
        for name, is_good, may_be_missing in self._checks:
            value = known.get(name)
            values[name] = value
            if value is None:
                if not may_be_missing:
                    missing.append(name)
            elif not is_good(value):
                wrong.append(name)
        return Inputs(values, tuple(missing), tuple(wrong))


def parse_specs(entries: Sequence[Mapping[str, Any]]) -> tuple[InputSpec, ...]:
    """The inputs of a strategy document.

    :raises StrategyWrong: an entry is incomplete, unknown or named twice.
    """
    specs = tuple(_spec(entry, f"inputs[{place}]") for place, entry in enumerate(entries))
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise StrategyWrong(place=f"inputs.{name}", problem="the name stands twice")
    return specs


def _spec(entry: Mapping[str, Any], place: str) -> InputSpec:
    unknown = set(entry) - {"name", "type", "min", "max", "choices", "missing"}
    if unknown:
        raise StrategyWrong(place=place, problem=f"unknown key {min(unknown)}")
    kind = _KINDS.get(str(entry.get("type")))
    if not isinstance(entry.get("name"), str) or kind is None:
        raise StrategyWrong(place=place, problem="a name and a type are needed")
    if entry.get("missing", "refer") not in {"refer", "allowed"}:
        raise StrategyWrong(place=place, problem="missing is refer or allowed")
    if kind == "integer" and not {"min", "max"} <= set(entry):
        raise StrategyWrong(place=place, problem="an integer needs min and max")
    return InputSpec(
        name=entry["name"],
        kind=kind,
        least=int(entry.get("min", 0)),
        most=int(entry.get("max", 200)),
        choices=frozenset(entry.get("choices", ())),
        may_be_missing=entry.get("missing", "refer") == "allowed",
    )


def parse_features(entries: Sequence[Mapping[str, Any]]) -> tuple[Feature, ...]:
    """The features of a strategy document.

    :raises StrategyWrong: an entry is neither a ratio of two facts nor a first of some.
    """
    made = []
    for place, entry in enumerate(entries):
        where = f"features[{place}]"
        kind: Literal["ratio", "first"] = "ratio" if "ratio" in entry else "first"
        sources = tuple(entry.get(kind, ()))
        if not isinstance(entry.get("name"), str) or set(entry) - {"name", kind, "scale"}:
            raise StrategyWrong(place=where, problem="name with ratio and scale, or with first")
        if not sources or (kind == "ratio" and len(sources) != 2):
            raise StrategyWrong(place=where, problem="a ratio has two sources, a first has some")
        made.append(Feature(entry["name"], kind, sources, int(entry.get("scale", 1))))
    return tuple(made)
