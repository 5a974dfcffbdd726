"""What moves an application: verdicts, what contracts and routing did, withdrawal and time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import (
    BadField,
    ChangedMeanwhile,
    MoveNotAllowed,
    NotFound,
    NotPermitted,
    Refusal,
)
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.domain import refusals
from loanops.origination.applications.invariants import CHECKS
from loanops.origination.applications.models import Passage
from loanops.origination.applications.operations import VerdictIn
from loanops.platform.outbox.models import Message
from tests.factories import requests
from tests.factories.registry import AT, HOUSE, NOBODY, stranger

pytestmark = pytest.mark.django_db

DECIDE, ADVANCE = permissions.DECIDE, permissions.ADVANCE
WHY = ("D01",)


@pytest.fixture(autouse=True)
def desk() -> None:
    requests.desk()


def one(verb: str, number: str, actor: Actor = HOUSE, **values: Any) -> None:
    """Order one move of one application."""
    getattr(operations, verb)(number=number, actor=actor, at=AT, **values)


def many(verb: str, numbers: Sequence[str], actor: Actor = HOUSE, **values: Any) -> None:
    """Order one move of many."""
    getattr(operations, f"{verb}_many")(numbers=numbers, actor=actor, at=AT, **values)


def verdicts(outcome: str, numbers: Sequence[str], actor: Actor = HOUSE, **values: Any) -> None:
    """The same verdict on many."""
    given = [VerdictIn(number, outcome, **values) for number in numbers]
    operations.apply_verdicts_many(verdicts=given, actor=actor, at=AT)


def withdraw(number: str, actor: Actor = HOUSE, **values: Any) -> None:
    known = {"reason": "other", "version": queries.cards_of([number])[number].version, **values}
    operations.withdraw(number=number, actor=actor, at=AT, **known)


APPROVE = {"offered_minor": 1_000_000, "reasons": ()}
# verb: grant, the stages it starts from, where it ends, its values.
MOVES: dict[str, tuple[str, tuple[str, ...], str, dict[str, Any]]] = {
    "approve": (DECIDE, ("submitted", "in_review"), "approved", APPROVE),
    "decline": (DECIDE, ("submitted", "in_review"), "declined", {"reasons": WHY}),
    "refer": (DECIDE, ("submitted",), "in_review", {"reasons": WHY}),
    "mark_offered": (ADVANCE, ("approved",), "offered", {}),
    "take_back_offer": (ADVANCE, ("offered",), "approved", {}),
    "mark_signed": (ADVANCE, ("offered",), "signed", {}),
    "mark_disbursed": (ADVANCE, ("signed",), "disbursed", {}),
    "refuse_funding": (
        ADVANCE, ("approved", "offered", "signed"), "funding_refused", {"reasons": WHY},
    ),
}  # fmt: skip
# How each stage is reached.
WAYS: dict[str, tuple[str, ...]] = {
    "submitted": (),
    "in_review": ("refer",),
    "approved": ("approve",),
    "offered": ("approve", "mark_offered"),
    "signed": ("approve", "mark_offered", "mark_signed"),
    "disbursed": ("approve", "mark_offered", "mark_signed", "mark_disbursed"),
    "declined": ("decline",),
    "funding_refused": ("approve", "refuse_funding"),
}
STAGES = [*WAYS, "draft", "withdrawn", "expired"]


def standing(stage: str, serial: int = 1) -> str:
    """An application of that stage."""
    if stage == "draft":
        return requests.draft(serial).number
    number = requests.submit(serial).number
    for verb in WAYS.get(stage, ()):
        one(verb, number, **MOVES[verb][3])
    if stage == "withdrawn":
        withdraw(number)
    if stage == "expired":
        operations.expire_many(numbers=[number], actor=HOUSE, at=AT)
    return number


def stage_of(number: str) -> str:
    return queries.stages_of([number])[number]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("verb", MOVES)
class TestMoves:
    def test_go_where_the_table_says_and_nowhere_else(self, verb: str, stage: str) -> None:
        _, starts, end, values = MOVES[verb]
        number = standing(stage)
        before = Passage.objects.count()

        if stage in starts:
            one(verb, number, **values)
            assert (stage_of(number), Passage.objects.count()) == (end, before + 1)
        else:
            with pytest.raises(MoveNotAllowed):
                one(verb, number, **values)
            assert (stage_of(number), Passage.objects.count()) == (stage, before)

        assert [found.object for check in CHECKS for found in check.find()] == []


@pytest.mark.parametrize("verb", MOVES)
class TestRefusals:
    def test_of_a_wrong_actor(self, verb: str) -> None:
        grant, starts, _, values = MOVES[verb]
        number = standing(starts[0])

        with pytest.raises(NotPermitted):
            one(verb, number, NOBODY, **values)
        with pytest.raises(NotFound):
            one(verb, number, stranger(grant), **values)

    def test_of_a_number_that_does_not_exist(self, verb: str) -> None:
        with pytest.raises(NotFound):
            one(verb, "AP-NONE", **MOVES[verb][3])


@pytest.mark.parametrize(
    ("verb", "values", "refusal"),
    [
        ("approve", {"offered_minor": 0, "reasons": ()}, refusals.OfferAboveRequest),
        ("approve", {"offered_minor": 1_000_001, "reasons": ()}, refusals.OfferAboveRequest),
        ("decline", {"reasons": ()}, refusals.ReasonsMissing),
        ("refer", {"reasons": ()}, refusals.ReasonsMissing),
        ("refuse_funding", {"reasons": ()}, refusals.ReasonsMissing),
    ],
)
def test_refuses_a_wrong_input(verb: str, values: dict[str, Any], refusal: type[Refusal]) -> None:
    number = standing(MOVES[verb][1][0])

    with pytest.raises(refusal):
        one(verb, number, **values)


def _twin(verb: str) -> Callable[..., None]:
    """The bulk twin of a move."""
    if verb in {"approve", "decline", "refer"}:
        return lambda numbers, actor=HOUSE, **values: verdicts(verb, numbers, actor, **values)
    return lambda numbers, actor=HOUSE, **values: many(verb, numbers, actor, **values)


def told(name: str) -> list[dict[str, Any]]:
    """What the announcements of a name say, one row for each application."""
    found = []
    for message in Message.objects.filter(name__in=(name, f"{name}_many")).order_by("id"):
        payload = json.loads(message.payload_json)
        rows = payload.get("rows", [payload])
        found += [{key: row[key] for key in ("offered_minor", "reasons") if row.get(key)}
                  for row in rows]  # fmt: skip
    return found


@pytest.mark.parametrize("verb", MOVES)
class TestTwins:
    def test_leave_what_single_moves_leave(self, verb: str) -> None:
        _, starts, end, values = MOVES[verb]
        singly = [standing(starts[0], serial) for serial in (1, 2)]
        together = [standing(starts[0], serial) for serial in (3, 4)]
        Message.objects.all().delete()

        for number in singly:
            one(verb, number, **values)
        name = f"applications.{end}" if end != "in_review" else "applications.referred"
        announced = told(name)
        Message.objects.all().delete()
        _twin(verb)(together, **values)

        assert told(name) == announced
        cards = queries.cards_of([*singly, *together])
        assert [(cards[n].stage, cards[n].offered_minor, cards[n].reasons, cards[n].version)
                for n in singly] == [
            (cards[n].stage, cards[n].offered_minor, cards[n].reasons, cards[n].version)
            for n in together
        ]  # fmt: skip

    def test_move_all_or_none(self, verb: str) -> None:
        _, starts, _, values = MOVES[verb]
        good, ended = standing(starts[0], 1), standing("withdrawn", 2)

        with pytest.raises(MoveNotAllowed):
            _twin(verb)([good, ended], **values)

        assert stage_of(good) == starts[0]

    def test_refuse_a_wrong_actor_and_a_foreign_number(self, verb: str) -> None:
        grant, starts, _, values = MOVES[verb]
        number = standing(starts[0])

        with pytest.raises(NotPermitted):
            _twin(verb)([number], NOBODY, **values)
        with pytest.raises(NotFound):
            _twin(verb)([number], stranger(grant), **values)
        with pytest.raises(NotFound):
            _twin(verb)([number, "AP-NONE"], **values)
        requests.desk("other")
        foreign = requests.submit(9, book="other").number
        with pytest.raises(NotFound):
            _twin(verb)([number, foreign], **values)


class TestWithdraw:
    @pytest.mark.parametrize("stage", ["draft", "submitted", "in_review", "approved", "offered"])
    def test_ends_it_before_money_may_be_on_its_way(self, stage: str) -> None:
        number = standing(stage)

        withdraw(number)

        assert stage_of(number) == "withdrawn"
        assert Message.objects.filter(name="applications.withdrawn", subject=number).count() == 1

    @pytest.mark.parametrize("stage", ["signed", "disbursed", "declined", "withdrawn", "expired"])
    def test_is_too_late_afterwards(self, stage: str) -> None:
        with pytest.raises(MoveNotAllowed):
            withdraw(standing(stage))

    def test_refuses_a_wrong_actor(self) -> None:
        number = standing("submitted")
        colleague = Actor(person="lan", grants=frozenset({permissions.WITHDRAW}))
        elsewhere = replace(colleague.scopes, channels=frozenset({"elsewhere"}))

        with pytest.raises(NotPermitted):
            withdraw(number, NOBODY)
        with pytest.raises(NotFound):
            withdraw(number, stranger(permissions.WITHDRAW))
        with pytest.raises(NotFound):
            withdraw(number, replace(colleague, scopes=elsewhere))

    def test_refuses_a_wrong_input(self) -> None:
        number = standing("submitted")

        with pytest.raises(BadField):
            withdraw(number, reason="because")
        with pytest.raises(ChangedMeanwhile):
            withdraw(number, version=9)


class TestExpireMany:
    def test_ends_what_ran_out_of_time(self) -> None:
        numbers = [standing("draft", 1), standing("offered", 2)]

        operations.expire_many(numbers=numbers, actor=HOUSE, at=AT)

        assert {stage_of(number) for number in numbers} == {"expired"}

    def test_moves_all_or_none(self) -> None:
        good, late = standing("submitted", 1), standing("signed", 2)

        with pytest.raises(MoveNotAllowed):
            operations.expire_many(numbers=[good, late], actor=HOUSE, at=AT)

        assert stage_of(good) == "submitted"

    def test_refuses_a_wrong_actor_and_a_foreign_number(self) -> None:
        number = standing("submitted")

        with pytest.raises(NotPermitted):
            operations.expire_many(numbers=[number], actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            operations.expire_many(numbers=[number], actor=stranger(permissions.EXPIRE), at=AT)
        with pytest.raises(NotFound):
            operations.expire_many(numbers=[number, "AP-NONE"], actor=HOUSE, at=AT)
