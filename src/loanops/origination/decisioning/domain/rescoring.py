"""The next version of a strategy with other points: everything else stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from loanops.kernel.refusals import BadField

POINTS_MAX: Final = 2_000
"""No bin, base or grade lies further from zero than this."""


@dataclass(frozen=True, kw_only=True)
class Points:
    """The points of a scorecard, in the order in which its document lists them.

    ``bins`` and ``missing`` go by the characteristic's input; ``missing`` names those inputs that
    may be missing, and no others. ``grades`` are the scores from which each grade begins.
    """

    base: int
    bins: Mapping[str, Sequence[int]]
    missing: Mapping[str, int]
    grades: Sequence[int]


def points_of(document: Mapping[str, Any]) -> Points:
    """The points that a strategy document gives; empty where it has no scorecard."""
    card = document.get("scorecard") or {"base": 0, "characteristics": (), "grades": ()}
    return Points(
        base=card["base"],
        bins={
            each["input"]: tuple(one["points"] for one in each["bins"])
            for each in card["characteristics"]
        },
        missing={
            each["input"]: each["missing"]
            for each in card["characteristics"]
            if each.get("missing") is not None
        },
        grades=tuple(grade["from"] for grade in card["grades"]),
    )


def with_points(document: Mapping[str, Any], *, version: int, points: Points) -> dict[str, Any]:
    """A copy of the document under another version and with these points.

    :raises BadField: there is no scorecard, the points are not those of its bins, one lies out of
        range, or two grades begin at one score.
    """
    now = points_of(document)
    if not now.bins:
        raise BadField(field="points", problem="this strategy has no scorecard")
    for name, expected in now.bins.items():
        if len(points.bins.get(name, ())) != len(expected):
            raise BadField(field=name, problem="give the points of each range")
    if set(points.missing) != set(now.missing) or len(points.grades) != len(now.grades):
        raise BadField(field="points", problem="give the points of each range")
    given = (points.base, *points.grades, *points.missing.values())
    for value in (*given, *(one for bins in points.bins.values() for one in bins)):
        if abs(value) > POINTS_MAX:
            raise BadField(field="points", problem="must lie between -2,000 and 2,000")
    if len(set(points.grades)) != len(points.grades):
        raise BadField(field="grades", problem="each grade begins at a score of its own")
    made = deepcopy(dict(document))
    made["version"] = version
    card = made["scorecard"]
    card["base"] = points.base
    for each in card["characteristics"]:
        for one, value in zip(each["bins"], points.bins[each["input"]], strict=True):
            one["points"] = value
        if each["input"] in points.missing:
            each["missing"] = points.missing[each["input"]]
    for grade, value in zip(card["grades"], points.grades, strict=True):
        grade["from"] = value
    return made
