"""Teams and service levels: who may set them, what is refused, what holds from when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loanops.kernel.refusals import BadField, ChangedMeanwhile, NotFound, NotPermitted
from loanops.platform.parameters import operations as parameters
from loanops.registry.team import operations, permissions, queries
from loanops.registry.team.domain.refusals import KindTaken, NothingHeld, TooMany
from loanops.registry.team.operations import Level
from loanops.registry.team.queries import ItemFilter, View
from tests.factories import requests, work
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, stranger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def desk() -> None:
    requests.desk()


def form(**values: Any) -> None:
    given: dict[str, Any] = {
        "book": "cn", "code": "credit", "name": "Credit", "members": [], "kinds": ["review"],
        "version": None, "actor": HOUSE, "at": AT,
    }  # fmt: skip
    operations.set_team(**{**given, **values})


def set_level(**values: Any) -> None:
    given: dict[str, Any] = {
        "book": "cn", "kind": "review", "effective_from": TODAY, "level": Level(60),
        "reason": "faster", "actor": HOUSE, "at": AT,
    }  # fmt: skip
    operations.set_level(**{**given, **values})


class TestSetTeam:
    def test_replaces_what_was_said_before(self) -> None:
        work.hire("anna", "reviewer")
        form(members=["anna"])
        form(members=[], kinds=["document", "review"], name="Credit desk", version=0)

        [team] = queries.list_teams(book="cn", viewer=HOUSE)

        assert (team.name, team.members, team.kinds, team.version) == (
            "Credit desk", (), ("review", "document"), 1,
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"code": "x"}, "code"),
            ({"code": "授信"}, "code"),
            ({"name": " "}, "name"),
            ({"name": "x" * 61}, "name"),
            ({"members": ["ghost"]}, "members"),
            ({"kinds": ["nonsense"]}, "kinds"),
        ],
    )
    def test_names_what_cannot_be_used(self, values: dict[str, Any], field: str) -> None:
        with pytest.raises(BadField) as refused:
            form(**values)

        assert refused.value.field == field

    def test_needs_the_grant_and_the_book(self) -> None:
        with pytest.raises(NotPermitted):
            form(actor=NOBODY)
        with pytest.raises(NotFound):
            form(actor=stranger(permissions.MANAGE))
        with pytest.raises(NotFound):
            form(version=3)

    def test_refuses_a_second_of_its_code_an_old_version_and_work_that_is_taken(self) -> None:
        form()

        with pytest.raises(ChangedMeanwhile):
            form()
        with pytest.raises(ChangedMeanwhile):
            form(version=7)
        with pytest.raises(KindTaken, match="Credit"):
            form(code="other")


class TestDissolveTeam:
    def test_leaves_its_work_to_everybody_and_its_code_free(self) -> None:
        anna = work.hire("anna", "reviewer")
        form(members=[])
        assert queries.Kind.REVIEW not in queries.kinds_of_team(book="cn", viewer=anna)

        dissolve()

        assert queries.Kind.REVIEW in queries.kinds_of_team(book="cn", viewer=anna)
        form(name="Anew")
        assert [team.name for team in queries.list_teams(book="cn", viewer=HOUSE)] == ["Anew"]

    def test_needs_the_grant_the_version_and_a_reason(self) -> None:
        form()

        with pytest.raises(NotPermitted):
            dissolve(actor=NOBODY)
        with pytest.raises(NotFound):
            dissolve(actor=stranger(permissions.MANAGE))
        with pytest.raises(ChangedMeanwhile):
            dissolve(version=4)
        with pytest.raises(BadField):
            dissolve(reason=" ")


def dissolve(**values: Any) -> None:
    given = {"book": "cn", "code": "credit", "version": 0, "reason": "merged", "actor": HOUSE}
    operations.dissolve_team(**{**given, **values}, at=AT)


class TestSetLevel:
    def test_holds_from_its_day_for_what_begins_to_wait_then(self) -> None:
        [old] = work.referred(1)
        work.follow()
        before = work.item_of(old).due_at

        set_level()
        [new] = work.referred(2)
        work.follow()

        assert work.item_of(old).due_at == before
        assert work.item_of(new).due_at == AT + timedelta(hours=1)

    def test_of_a_later_day_does_not_hold_yet(self) -> None:
        set_level(effective_from=TODAY + timedelta(days=1))

        later, default = queries.list_levels(book="cn", viewer=HOUSE)["review"]

        assert (later.in_force, default.in_force) == (False, True)
        assert default.effective_from is None

    def test_refuses_a_wrong_actor_and_a_wrong_input(self) -> None:
        with pytest.raises(NotPermitted):
            set_level(actor=NOBODY)
        with pytest.raises(NotFound):
            set_level(actor=stranger(permissions.SET_LEVEL))
        for values in (
            {"kind": "nonsense"},
            {"effective_from": TODAY - timedelta(days=1)},
            {"reason": ""},
            {"level": Level(0)},
        ):
            with pytest.raises(BadField):
                set_level(**values)


class TestWorkingHours:
    def set_to(self, opens: int, closes: int) -> None:
        for name, value in (("opens", opens), ("closes", closes)):
            parameters.set_parameter(
                name=f"team.day_{name}_minute", value=value, effective_from=TODAY, actor=HOUSE,
                at=AT,
            )  # fmt: skip

    def test_are_those_of_the_parameters(self) -> None:
        self.set_to(8 * 60, 12 * 60)
        [number] = work.referred(1)
        work.follow()

        # Eleven o'clock on a Monday in Shanghai: one hour on it, three on Tuesday.
        assert work.item_of(number).due_at == AT + timedelta(hours=24)

    def test_that_end_before_they_begin_hold_no_work_back(self) -> None:
        self.set_to(12 * 60, 8 * 60)
        [number] = work.referred(1)
        work.follow()

        assert work.item_of(number).due_at == AT + timedelta(hours=4)


class TestBoard:
    def test_needs_the_grant_and_the_book(self) -> None:
        with pytest.raises(NotPermitted):
            queries.get_board(book="cn", days=30, viewer=NOBODY, at=AT)
        with pytest.raises(NotFound):
            queries.get_board(book="cn", days=30, viewer=stranger(permissions.VIEW), at=AT)

    def test_tells_in_time_at_risk_and_late_apart_by_the_moment(self) -> None:
        work.referred(1)
        work.follow()
        due = work.items()[0].due_at

        def line(minutes: int) -> tuple[int, int, int]:
            at = due + timedelta(minutes=minutes)
            board = queries.get_board(book="cn", days=30, viewer=HOUSE, at=at)
            [found] = [each for each in board.lines if each.kind == "review"]
            return found.in_time, found.at_risk, found.late

        assert [line(-120), line(-1), line(0)] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]


class TestRuns:
    def test_refuse_who_may_not_and_what_cannot_be(self) -> None:
        anna = work.hire("anna", "reviewer")
        given: dict[str, Any] = {"book": "cn", "numbers": ["WI-1"], "at": AT}

        with pytest.raises(NotPermitted):
            operations.assign_by_run(to="", actor=anna, **given)
        with pytest.raises(NotPermitted):
            operations.release_by_run(actor=NOBODY, **given)
        with pytest.raises(NotFound):
            operations.release_by_run(actor=stranger(permissions.TAKE), **given)
        with pytest.raises(BadField):
            operations.release_by_run(actor=anna, **{**given, "numbers": []})
        many = [f"WI-{place}" for place in range(operations.TOTAL_MAX + 1)]
        with pytest.raises(TooMany):
            operations.release_by_run(actor=anna, **{**given, "numbers": many})
        where = ItemFilter("cn", View.ALL)
        with pytest.raises(NotPermitted):
            operations.export_items(where=where, form="xlsx", actor=anna, at=AT)
        for listed, form in ((where, "pdf"), (ItemFilter("cn", View.MY), "csv")):
            with pytest.raises(BadField):
                operations.export_items(where=listed, form=form, actor=HOUSE, at=AT)
        with pytest.raises(NotPermitted):
            operations.go_on(run="RN-1", actor=anna, at=AT)

    def test_go_on_where_they_stopped_and_act_as_who_asked(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("loanops.registry.team.operations.runs.PART", 2)
        lead = work.hire("lead", "manager")
        work.hire("anna", "reviewer")
        work.referred(1, 2, 3)
        work.follow()
        numbers = [card.number for card in work.items()]
        run = operations.assign_by_run(
            book="cn", numbers=numbers, to="anna", actor=lead, at=AT
        ).number

        for _again in range(2):
            operations.go_on(run=run, actor=HOUSE, at=AT)

        card = queries.get_run(run, viewer=lead)
        assert (card.done, card.refused, card.percent) == (3, 0, 100)
        assert {item.holder for item in work.items()} == {"anna"}
        with pytest.raises(NotFound):
            queries.get_run(run, viewer=work.hire("ben", "reviewer"))

    def test_of_somebody_who_may_do_nothing_any_more_refuse_each_item(self) -> None:
        lead = work.hire("lead", "manager")
        work.referred(1)
        work.follow()
        numbers = [card.number for card in work.items()]
        run = operations.assign_by_run(book="cn", numbers=numbers, to="", actor=lead, at=AT).number
        work.identity.deactivate(login="lead", actor=HOUSE, at=AT)

        operations.go_on(run=run, actor=HOUSE, at=AT)

        card = queries.get_run(run, viewer=HOUSE)
        assert (card.done, card.refused) == (0, 1)
        assert card.refusals[0]["sentence"].startswith("You do not have the permission")


class TestHandOver:
    def test_needs_a_reason_somebody_else_and_something_to_hand_over(self) -> None:
        given: dict[str, Any] = {
            "book": "cn", "holder": "anna", "to": "ben", "reason": "left", "actor": HOUSE, "at": AT,
        }  # fmt: skip

        for values in ({"reason": ""}, {"to": "anna"}):
            with pytest.raises(BadField):
                operations.hand_over(**{**given, **values})
        with pytest.raises(NothingHeld, match="anna"):
            operations.hand_over(**given)
        with pytest.raises(NotPermitted):
            operations.hand_over(**{**given, "actor": NOBODY})


class TestFilters:
    def test_need_the_grant_a_name_and_a_book(self) -> None:
        given: dict[str, Any] = {
            "book": "cn", "name": "mine", "query": "view=my", "shared": False, "at": AT,
        }  # fmt: skip

        with pytest.raises(NotPermitted):
            operations.save_filter(actor=NOBODY, **given)
        with pytest.raises(NotFound):
            operations.save_filter(actor=stranger(permissions.VIEW), **given)
        for wrong in ({"name": " "}, {"name": "x" * 41}, {"query": "x" * 401}):
            with pytest.raises(BadField):
                operations.save_filter(actor=HOUSE, **{**given, **wrong})
        with pytest.raises(NotFound):
            operations.remove_filter(number="SF-NONE", actor=HOUSE, at=AT)
        with pytest.raises(BadField):
            operations.set_desk(book="cn", columns=["colour"], dense=False, actor=HOUSE, at=AT)

    def test_of_ones_own_name_are_replaced(self) -> None:
        for query in ("view=my", "view=all"):
            operations.save_filter(
                book="cn", name="mine", query=query, shared=False, actor=HOUSE, at=AT
            )

        [kept] = queries.list_filters(book="cn", viewer=HOUSE)
        assert kept.query == "view=all"
