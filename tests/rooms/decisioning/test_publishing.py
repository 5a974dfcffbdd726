"""Strategies: published after the gate, assigned by day, never changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.origination.decisioning import operations, queries
from loanops.origination.decisioning.domain.refusals import (
    NoStrategy,
    StrategyNotForPack,
    StrategyWrong,
    VersionTaken,
)
from loanops.platform.audit.models import Entry
from tests.factories import decisioning as make
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, open_book, stranger

pytestmark = pytest.mark.django_db
LOOK = Viewer.house("tests")
TOMORROW = TODAY + timedelta(days=1)


def assign(version: int = 1, **changes: object) -> queries.AssignmentCard:
    given = {
        "book": "cn",
        "product": "",
        "strategy": "cn-consumer",
        "version": version,
        "starts_on": TODAY,
        "actor": HOUSE,
    }
    return operations.assign_strategy(**{**given, **changes}, at=AT)  # type: ignore[arg-type]


def publish(**changes: object) -> queries.StrategyCard:
    return operations.publish_strategy(document=make.shipped(**changes), actor=HOUSE, at=AT)


def revise(points: operations.Points, **changes: object) -> queries.StrategyCard:
    given = {"code": "cn-consumer", "version": 1, "actor": HOUSE, **changes}
    return operations.revise_scorecard(points=points, at=AT, **given)  # type: ignore[arg-type]


class TestPublishStrategy:
    def test_keeps_the_document_and_its_hash(self) -> None:
        card = publish()

        assert card.document == make.shipped()
        assert Entry.objects.filter(code="decisioning.strategy_published").count() == 1

    def test_of_the_same_content_answers_with_what_is_there(self) -> None:
        assert publish() == publish()

    def test_refuses_other_content_under_the_same_version(self) -> None:
        publish()

        with pytest.raises(VersionTaken):
            publish(description={"en": "other", "zh-hans": "其他"})

    def test_refuses_what_does_not_pass_the_gate(self) -> None:
        with pytest.raises(StrategyWrong):
            publish(tests=[])

        assert queries.list_strategies(viewer=LOOK) == []

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.publish_strategy(document=make.shipped(), actor=NOBODY, at=AT)


class TestReviseScorecard:
    def test_publishes_the_version_after_the_newest(self) -> None:
        first = publish()
        publish(version=2)

        card = revise(replace(first.points, base=first.points.base + 1))

        assert (card.version, card.points.base) == (3, first.points.base + 1)
        assert queries.get_strategy(code="cn-consumer", version=1) == first

    def test_refuses_points_with_which_its_own_cases_do_not_hold(self) -> None:
        first = publish()

        with pytest.raises(StrategyWrong):
            revise(replace(first.points, base=-1_000))

        assert len(queries.list_strategies(viewer=LOOK)) == 1

    def test_refuses_what_is_not_there_out_of_range_or_not_permitted(self) -> None:
        points = publish().points

        with pytest.raises(NotFound):
            revise(points, version=9)
        with pytest.raises(BadField):
            revise(replace(points, base=9_999))
        with pytest.raises(NotPermitted):
            revise(points, actor=NOBODY)


class TestAssignStrategy:
    def test_lets_the_products_own_strategy_go_before_the_books(self) -> None:
        open_book()
        publish()
        publish(version=2)
        assign(1)
        assign(2, product="steady")

        in_force = {
            product: queries.strategy_in_force(book="cn", product=product, on=TODAY).version
            for product in ("steady", "swift")
        }

        assert in_force == {"steady": 2, "swift": 1}

    def test_begins_on_its_day_and_goes_back_by_the_same_order(self) -> None:
        open_book()
        publish()
        publish(version=2)
        assign(1)
        assign(2, starts_on=TOMORROW)

        def version_on(day: object) -> int:
            return queries.strategy_in_force(book="cn", product="steady", on=day).version  # type: ignore[arg-type]

        assert (version_on(TODAY), version_on(TOMORROW)) == (1, 2)

        assign(1, starts_on=TOMORROW)

        assert version_on(TOMORROW) == 1
        assert len(queries.list_assignments(book="cn", viewer=LOOK)) == 3

    def test_refuses_a_strategy_of_another_rule_pack(self) -> None:
        open_book("us", pack="open", currency="USD", without_identity=True)
        publish()

        with pytest.raises(StrategyNotForPack):
            assign(book="us")

    def test_refuses_a_day_that_is_over(self) -> None:
        open_book()
        publish()

        with pytest.raises(BadField) as refused:
            assign(starts_on=TODAY - timedelta(days=1))

        assert refused.value.field == "starts_on"

    def test_refuses_what_does_not_exist_or_is_foreign(self) -> None:
        open_book()
        publish()

        with pytest.raises(NotFound):
            assign(7)
        with pytest.raises(NotFound):
            assign(actor=stranger("decisioning.assign"))
        with pytest.raises(NotPermitted):
            assign(actor=NOBODY)


class TestStrategyInForce:
    def test_is_refused_where_nothing_is_assigned(self) -> None:
        open_book()

        with pytest.raises(NoStrategy):
            queries.strategy_in_force(book="cn", product="steady", on=TODAY)


class TestQueries:
    def test_need_the_grant(self) -> None:
        for ask in (
            lambda: queries.list_strategies(viewer=NOBODY),
            lambda: queries.get_strategy(code="x", version=1, viewer=NOBODY),
            lambda: queries.list_assignments(book="cn", viewer=NOBODY),
            lambda: queries.verdicts_of(application="x", viewer=NOBODY),
        ):
            with pytest.raises(NotPermitted):
                ask()

    @pytest.mark.parametrize(("code", "version"), [("a\x00", 1), ("x", 2**63), ("x", -1)])
    def test_answer_hostile_names_as_missing(self, code: str, version: int) -> None:
        with pytest.raises(NotFound):
            queries.get_strategy(code=code, version=version, viewer=LOOK)
