"""A points scorecard: each characteristic gives points by bin, the sum has a grade.

A missing value has a bin of its own or no points at all; then there is no score and a person
looks. It never falls into the bin of zero.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loanops.origination.decisioning.domain.inputs import Fact, InputSpec
from loanops.origination.decisioning.domain.refusals import StrategyWrong


@dataclass(frozen=True)
class Characteristic:
    """Points by the value of one input; ``reason`` is said where it costs the most points."""

    input: str
    reason: str
    edges: tuple[int, ...]
    edge_points: tuple[int, ...]
    words: Mapping[str | bool, int]
    missing_points: int | None

    @property
    def most(self) -> int:
        """The points of the best bin."""
        known = [*self.edge_points, *self.words.values()]
        return max([*known, *([] if self.missing_points is None else [self.missing_points])])

    def points(self, value: Fact) -> int | None:
        """The points of a value, or None where the scorecard has no bin for it."""
        if value is None:
            return self.missing_points
        if self.edge_points:
            return self.edge_points[bisect_right(self.edges, int(value))]
        assert isinstance(value, str | bool)  # noqa: S101 - a characteristic has edges or words
        return self.words.get(value)


@dataclass(frozen=True)
class Score:
    """The sum, its grade, and what each characteristic gave."""

    points: int
    grade: str
    parts: dict[str, int]
    costly: tuple[str, ...]


@dataclass(frozen=True)
class Scorecard:
    """Base points, characteristics, and grades from the highest down."""

    base: int
    characteristics: tuple[Characteristic, ...]
    grades: tuple[tuple[int, str], ...]
    reasons_max: int

    def score(self, values: Mapping[str, Fact]) -> Score | tuple[str, ...]:
        """The score, or the inputs for which there is no bin."""
        parts: dict[str, int] = {}
        unknown: list[str] = []
        lost: list[tuple[int, str]] = []
        for characteristic in self.characteristics:
            points = characteristic.points(values.get(characteristic.input))
            if points is None:
                unknown.append(characteristic.input)
                continue
            parts[characteristic.input] = points
            if points < characteristic.most:
                lost.append((points - characteristic.most, characteristic.reason))
        if unknown:
            return tuple(unknown)
        total = self.base + sum(parts.values())
        costly = tuple(reason for _, reason in sorted(lost)[: self.reasons_max])
        return Score(total, self.grade_of(total), parts, costly)

    def grade_of(self, points: int) -> str:
        """The grade of a sum of points."""
        return next((grade for least, grade in self.grades if points >= least), self.grades[-1][1])


def parse_scorecard(entry: Mapping[str, Any], specs: Sequence[InputSpec]) -> Scorecard:
    """The scorecard of a strategy document.

    :raises StrategyWrong: a bin is out of order, an input is unknown or a missing bin is absent
        where the input may be missing.
    """
    by_name = {spec.name: spec for spec in specs}
    characteristics = tuple(
        _characteristic(item, by_name, f"scorecard.characteristics[{place}]")
        for place, item in enumerate(entry.get("characteristics", ()))
    )
    grades = tuple(
        sorted(((int(item["from"]), str(item["grade"])) for item in entry["grades"]), reverse=True)
    )
    if not characteristics or not grades:
        raise StrategyWrong(place="scorecard", problem="characteristics and grades are needed")
    return Scorecard(int(entry["base"]), characteristics, grades, int(entry.get("reasons_max", 3)))


def _characteristic(
    item: Mapping[str, Any], by_name: Mapping[str, InputSpec], place: str
) -> Characteristic:
    spec = by_name.get(str(item.get("input")))
    if spec is None:
        raise StrategyWrong(place=place, problem="its input is not among the inputs")
    bins = item.get("bins", ())
    missing = item.get("missing")
    if spec.may_be_missing and missing is None:
        raise StrategyWrong(place=place, problem="its input may be missing: give that points")
    edges: tuple[int, ...] = ()
    edge_points: tuple[int, ...] = ()
    words: dict[str | bool, int] = {}
    if spec.kind == "integer":
        edges = tuple(int(one["below"]) for one in bins[:-1])
        edge_points = tuple(int(one["points"]) for one in bins)
        if not bins or list(edges) != sorted(set(edges)) or "below" in bins[-1]:
            raise StrategyWrong(
                place=place, problem="bins rise by 'below', and the last one is open"
            )
    else:
        words = {word: int(one["points"]) for one in bins for word in one["in"]}
        expected = {True, False} if spec.kind == "boolean" else set(spec.choices)
        if set(words) != expected or sum(len(one["in"]) for one in bins) != len(words):
            raise StrategyWrong(place=place, problem="every word of the input has exactly one bin")
    return Characteristic(
        input=spec.name,
        reason=str(item["reason"]),
        edges=edges,
        edge_points=edge_points,
        words=words,
        missing_points=None if missing is None else int(missing),
    )
