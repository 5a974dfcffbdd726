"""The work list for programs: what waits, taken once under one key, and how levels are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from loanops.registry.team.models import Item
from tests.factories import requests, work
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(program: Callable[..., Program]) -> Program:
    """A program of a reviewer, in a book where two applications wait."""
    requests.desk()
    work.referred(1, 2)
    work.follow()
    return program("reviewer")


class TestWork:
    def test_is_listed_page_by_page_with_money_as_text(self, caller: Program) -> None:
        first = caller.get("/work-items?book=cn&view=unassigned&limit=1").json()
        second = caller.get(
            f"/work-items?book=cn&view=unassigned&limit=1&cursor={first['next_cursor']}"
        ).json()

        listed = [each["number"] for page in (first, second) for each in page["items"]]
        assert listed == [card.number for card in work.items()]
        assert second["next_cursor"] is None
        assert first["items"][0]["amount"] == "10000.00"

    def test_is_taken_once_under_one_key_and_given_back(self, caller: Program) -> None:
        taken = [caller.post("/work-items/next", {"book": "cn"}, key="K-1") for _ in range(2)]

        [number] = {answer.json()["number"] for answer in taken}
        assert Item.objects.filter(state="held").count() == 1
        assert caller.post(f"/work-items/{number}/claim", {}).status_code == 409
        back = caller.post(f"/work-items/{number}/release", {})
        assert (back.status_code, back.json()["state"]) == (200, "waiting")

    def test_that_is_not_there_answers_404(self, caller: Program) -> None:
        assert caller.get("/work-items/WI-NONE").status_code == 404
        assert caller.post("/work-items/next", {"book": "cn", "kind": "refund"}).status_code == 404

    def test_of_a_leaver_is_handed_over_by_a_run(
        self, caller: Program, program: Callable[..., Program]
    ) -> None:
        lead = program("manager")
        number = caller.post("/work-items/next", {"book": "cn"}).json()["number"]
        holder = Item.objects.get(number=number).holder
        order = {"book": "cn", "holder": holder, "to": "heir", "reason": "left"}

        begun = lead.post("/work-handovers", order)

        assert begun.status_code == 201
        run = lead.get(f"/work-runs/{begun.json()['number']}").json()
        assert (run["verb"], run["total"], run["finished_at"]) == ("hand_over", 1, None)


class TestLevels:
    def test_are_set_and_listed_and_the_board_counts_by_kind(
        self, caller: Program, program: Callable[..., Program]
    ) -> None:
        lead = program("manager")
        body = {
            "book": "cn", "kind": "review", "effective_from": "2026-11-02", "target_minutes": 90,
            "large_from": "200000.00", "head_start_minutes": 60, "reason": "season",
        }  # fmt: skip

        made = lead.post("/service-levels", body)

        assert made.status_code == 201, made.content
        newest = made.json()["items"][0]
        assert (newest["target_minutes"], newest["large_from"], newest["in_force"]) == (
            90, "200000.00", True,
        )  # fmt: skip
        board = lead.get("/work-board?book=cn").json()
        [line] = [each for each in board["lines"] if each["kind"] == "review"]
        assert line["in_time"] + line["at_risk"] + line["late"] == 2
        assert lead.post("/service-levels", {**body, "kind": "nonsense"}).status_code == 422
        assert lead.get("/teams?book=cn").json() == {"items": []}
