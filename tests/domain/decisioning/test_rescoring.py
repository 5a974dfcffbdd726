"""Other points make the next version; nothing else of a strategy changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loanops.kernel.refusals import BadField
from loanops.origination.decisioning.domain.rescoring import POINTS_MAX, points_of, with_points
from tests.domain.decisioning.test_judging import document


class TestWithPoints:
    def test_changes_points_and_version_alone(self) -> None:
        before = document()
        points = replace(points_of(before), base=points_of(before).base + 5)

        made = with_points(before, version=2, points=points)

        assert (made["version"], points_of(made)) == (2, points)
        assert before == document()
        made["version"], made["scorecard"]["base"] = 1, before["scorecard"]["base"]
        assert made == before

    @pytest.mark.parametrize(
        "change",
        [
            {"bins": {}},
            {"missing": {}},
            {"grades": ()},
            {"base": POINTS_MAX + 1},
            {"grades": "equal"},
        ],
    )
    def test_refuses_points_that_are_not_those_of_the_scorecard(
        self, change: dict[str, Any]
    ) -> None:
        points = points_of(document())
        if change.get("grades") == "equal":
            change = {"grades": tuple(points.grades[0] for _ in points.grades)}

        with pytest.raises(BadField):
            with_points(document(), version=2, points=replace(points, **change))

    def test_refuses_a_strategy_without_a_scorecard(self) -> None:
        bare = {key: value for key, value in document().items() if key != "scorecard"}

        with pytest.raises(BadField):
            with_points(bare, version=2, points=points_of(document()))
