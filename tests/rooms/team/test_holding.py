"""Taking work, giving it to others, giving it back: one by one and many at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from loanops.kernel.access import Actor, Scopes
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.registry.team import operations, permissions
from loanops.registry.team.domain.refusals import (
    ItemDone,
    ItemHeld,
    MayNotDo,
    NothingWaits,
    NotInRight,
    NotYours,
)
from loanops.registry.team.models import Item
from loanops.registry.team.operations import Outcome
from loanops.registry.team.queries import View
from tests.factories import requests, work
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, stranger

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def desk() -> None:
    requests.desk()


@pytest.fixture
def anna() -> Actor:
    return work.hire("anna", "reviewer")


@pytest.fixture
def ben() -> Actor:
    return work.hire("ben", "reviewer")


@pytest.fixture
def lead() -> Actor:
    return work.hire("lead", "manager")


def waiting(*serials: int) -> list[str]:
    """The items of new reviews, one a minute."""
    for place, serial in enumerate(serials):
        work.referred(serial, at=AT + timedelta(minutes=place))
    work.follow()
    return [card.number for card in work.items()]


def take(actor: Actor, kind: str = "") -> str:
    return operations.claim_next(book="cn", kind=kind, actor=actor, at=LATER).number


class TestClaimNext:
    def test_takes_what_is_due_first_and_never_the_same_twice(
        self, anna: Actor, ben: Actor
    ) -> None:
        first, second, third = waiting(1, 2, 3)

        assert [take(anna), take(ben), take(anna)] == [first, second, third]
        assert [card.number for card in work.items(View.MY, viewer=anna)] == [first, third]
        with pytest.raises(NothingWaits):
            take(ben)

    def test_takes_a_large_amount_before_its_time(self, anna: Actor) -> None:
        operations.set_level(
            book="cn", kind="review", effective_from=TODAY, reason="large first",
            level=operations.Level(240, 75, 2_000_000, 60), actor=HOUSE, at=AT,
        )  # fmt: skip
        small, large = work.referred(1)[0], work.referred(2, amount_minor=2_000_000)[0]
        work.follow()

        assert work.item_of(small).due_at == work.item_of(large).due_at
        assert operations.claim_next(book="cn", kind="", actor=anna, at=AT).subject == large

    def test_passes_by_what_the_person_entered(self, anna: Actor, ben: Actor) -> None:
        number = requests.submit(1, actor=anna, source="staff").number
        work.applications.refer(number=number, reasons=("SCORE_LOW",), actor=HOUSE, at=AT)
        work.follow()

        with pytest.raises(NothingWaits):
            take(anna)
        with pytest.raises(NotInRight, match="anna"):
            operations.claim(number=work.item_of(number).number, actor=anna, at=AT)
        assert take(ben)

    def test_passes_by_what_another_team_takes(self, anna: Actor, ben: Actor) -> None:
        waiting(1, 2)
        work.team_of("credit", ["ben"], ["review"])

        with pytest.raises(NothingWaits):
            take(anna)
        assert take(ben)

    def test_of_a_kind_takes_that_alone(self, anna: Actor) -> None:
        waiting(1)

        with pytest.raises(NothingWaits):
            take(anna, kind="document")
        with pytest.raises(NothingWaits):
            take(anna, kind="nonsense")

    def test_needs_the_grant_the_book_and_the_right_to_do_it(self) -> None:
        waiting(1)

        with pytest.raises(NotPermitted):
            take(NOBODY)
        with pytest.raises(NotFound):
            take(stranger(permissions.TAKE))
        with pytest.raises(NothingWaits):
            take(Actor("clerk", grants=frozenset({permissions.TAKE, "applications.view"})))

    def test_takes_nothing_of_a_channel_that_is_not_seen(self) -> None:
        waiting(1)
        grants = frozenset({permissions.TAKE, "applications.view", "decisioning.review"})

        with pytest.raises(NothingWaits):
            take(Actor("partner", grants=grants, scopes=Scopes(channels=frozenset({"else"}))))


class TestClaim:
    def test_takes_one_that_nobody_has(self, anna: Actor, ben: Actor) -> None:
        [number] = waiting(1)

        card = operations.claim(number=number, actor=anna, at=LATER)

        assert (card.state, card.holder, card.held_at) == ("held", "anna", LATER)
        assert Entry.objects.filter(code="team.claimed", subject=number, actor="anna").exists()
        with pytest.raises(ItemHeld):
            operations.claim(number=number, actor=ben, at=LATER)

    def test_refuses_who_may_not_do_it_and_what_is_done(self, anna: Actor, lead: Actor) -> None:
        [number] = waiting(1)

        with pytest.raises(NotPermitted):
            operations.claim(number=number, actor=NOBODY, at=LATER)
        with pytest.raises(MayNotDo, match="lead"):
            operations.claim(number=number, actor=lead, at=LATER)
        with pytest.raises(NotFound):
            operations.claim(number="WI-NONE", actor=anna, at=LATER)
        work.applications.decline(
            number=work.items()[0].subject, reasons=("SCORE_LOW",), actor=HOUSE, at=LATER
        )
        work.follow()
        with pytest.raises(ItemDone):
            operations.claim(number=number, actor=anna, at=LATER)


class TestAssign:
    def test_gives_it_to_somebody_whoever_had_it(
        self, anna: Actor, ben: Actor, lead: Actor
    ) -> None:
        [number] = waiting(1)
        operations.assign(number=number, to="anna", actor=lead, at=AT)

        card = operations.assign(number=number, to="ben", actor=lead, at=LATER)

        assert (card.holder, card.held_at) == ("ben", LATER)

    def test_refuses_a_wrong_actor_and_a_wrong_person(self, anna: Actor, lead: Actor) -> None:
        [number] = waiting(1)
        work.hire("clerk", "finance")

        with pytest.raises(NotPermitted):
            operations.assign(number=number, to="anna", actor=anna, at=AT)
        for nobody in ("clerk", "lead", "ghost"):
            with pytest.raises(MayNotDo, match=nobody):
                operations.assign(number=number, to=nobody, actor=lead, at=AT)
        with pytest.raises(NotFound):
            operations.assign(number="WI-NONE", to="anna", actor=lead, at=AT)

    def test_never_to_who_entered_it(self, anna: Actor, lead: Actor) -> None:
        number = requests.submit(1, actor=anna, source="staff").number
        work.applications.refer(number=number, reasons=("SCORE_LOW",), actor=HOUSE, at=AT)
        work.follow()

        with pytest.raises(NotInRight):
            operations.assign(number=work.item_of(number).number, to="anna", actor=lead, at=AT)


class TestRelease:
    def test_gives_ones_own_back_and_a_lead_anybodys(
        self, anna: Actor, ben: Actor, lead: Actor
    ) -> None:
        first, second = waiting(1, 2)
        operations.claim(number=first, actor=anna, at=AT)
        operations.claim(number=second, actor=anna, at=AT)

        assert operations.release(number=first, actor=anna, at=LATER).state == "waiting"
        with pytest.raises(NotYours):
            operations.release(number=second, actor=ben, at=LATER)
        assert operations.release(number=second, actor=lead, at=LATER).holder == ""
        with pytest.raises(NotYours):
            operations.release(number=second, actor=lead, at=LATER)
        with pytest.raises(NotPermitted):
            operations.release(number=second, actor=NOBODY, at=LATER)


def stands() -> list[tuple[str, str, object]]:
    return list(Item.objects.order_by("number").values_list("state", "holder", "held_at"))


class TestTwins:
    def test_assign_exactly_what_one_by_one_assigns(
        self, anna: Actor, lead: Actor, ben: Actor
    ) -> None:
        numbers = [*waiting(1, 2, 3), "WI-NONE"]
        entered = requests.submit(9, actor=anna, source="staff").number
        work.applications.refer(number=entered, reasons=("SCORE_LOW",), actor=HOUSE, at=AT)
        work.follow()
        numbers.append(work.item_of(entered).number)
        refused = []
        for number in numbers:
            try:
                operations.assign(number=number, to="anna", actor=lead, at=LATER)
            except (NotFound, NotInRight) as refusal:
                refused.append((number, refusal.code))
        single = stands()
        Item.objects.update(state="waiting", holder="", held_at=None)

        outcome = operations.assign_many(
            book="cn", numbers=numbers, to="anna", actor=lead, at=LATER
        )

        assert stands() == single
        assert [(number, refusal.code) for number, refusal in outcome.refused] == refused
        assert list(outcome.done) == numbers[:3]

    def test_release_exactly_what_one_by_one_releases(self, anna: Actor, ben: Actor) -> None:
        numbers = waiting(1, 2, 3)

        def begin() -> None:
            Item.objects.update(state="waiting", holder="", held_at=None)
            operations.claim(number=numbers[0], actor=anna, at=AT)
            operations.claim(number=numbers[1], actor=ben, at=AT)

        begin()
        operations.release(number=numbers[0], actor=anna, at=LATER)
        for number in numbers[1:]:
            with pytest.raises(NotYours):
                operations.release(number=number, actor=anna, at=LATER)
        single = stands()
        begin()

        outcome = operations.release_many(book="cn", numbers=numbers, actor=anna, at=LATER)

        assert stands() == single
        assert outcome.done == (numbers[0],)
        assert [number for number, _ in outcome.refused] == numbers[1:]

    def test_by_load_give_each_to_whoever_of_the_team_has_the_fewest(
        self, anna: Actor, ben: Actor, lead: Actor
    ) -> None:
        numbers = waiting(1, 2, 3, 4)
        work.team_of("credit", ["anna", "ben"], ["review"])
        operations.claim(number=numbers[0], actor=anna, at=AT)

        outcome = spread(numbers[1:], lead)

        assert len(outcome.done) == 3
        holders = Item.objects.order_by("id").values_list("holder", flat=True)
        assert list(holders) == ["anna", "ben", "anna", "ben"]

    def test_by_load_say_that_nobody_may_where_no_team_takes_it(
        self, anna: Actor, lead: Actor
    ) -> None:
        numbers = waiting(1)

        [(number, refusal)] = spread(numbers, lead).refused

        assert (number, refusal.code) == (numbers[0], "team_nobody_may")

    def test_need_the_grant_and_the_book(self, anna: Actor) -> None:
        numbers = waiting(1)

        with pytest.raises(NotPermitted):
            spread(numbers, anna)
        with pytest.raises(NotPermitted):
            operations.release_many(book="cn", numbers=numbers, actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            spread(numbers, stranger(permissions.DISTRIBUTE))


def spread(numbers: list[str], actor: Actor) -> Outcome:
    return operations.assign_many(book="cn", numbers=numbers, to="", actor=actor, at=LATER)
