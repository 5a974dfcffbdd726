"""Jobs that wait together are done together, and what fails together is tried one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.platform.jobs import loop, runner
from loanops.platform.jobs.models import Job
from loanops.platform.work import unit_of_work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")
NAME, OTHER = "tests.counted", "tests.alone"


class Counted:
    """What ran, as it ran; ``refuses`` are keys that make whatever they are part of fail."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, ...]] = []
        self.refuses: set[str] = set()

    def one(self, payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
        self.many([payload], actor=actor, at=at)

    def many(self, payloads: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
        del at
        keys = tuple(str(each["key"]) for each in payloads)
        self.runs.append(keys)
        assert actor.is_house
        if self.refuses & set(keys):
            raise ValueError("not this one")


@pytest.fixture
def counted() -> Iterator[Counted]:
    wired, together = dict(runner.HANDLERS), dict(runner.TOGETHER)
    made = Counted()
    runner.wire({NAME: made.one, OTHER: made.one}, {NAME: made.many})
    yield made
    runner.wire(wired, together)


def enqueue(*keys: str, name: str = NAME) -> None:
    with unit_of_work(actor=HOUSE, at=MONDAY, book="cn", on=MONDAY.date()) as work:
        for key in keys:
            work.enqueue(name, key=key, payload={"key": key})
        work.record("tests.told", subject="tests")


def turn() -> int:
    return loop.turn(clock=lambda: MONDAY, queue="default", keep_house=False)


def states() -> dict[str, str]:
    return dict(Job.objects.values_list("key", "state"))


def test_runs_what_waits_in_one_go(counted: Counted) -> None:
    enqueue("a", "b", "c")

    done = turn()

    assert (done, counted.runs) == (3, [("a", "b", "c")])
    assert set(states().values()) == {"done"}


def test_runs_a_name_without_a_twin_one_by_one(counted: Counted) -> None:
    enqueue("a", "b", name=OTHER)

    turn()

    assert counted.runs == [("a",), ("b",)]


def test_runs_what_failed_together_one_by_one(counted: Counted) -> None:
    counted.refuses = {"b"}
    enqueue("a", "b", "c")

    turn()

    assert counted.runs == [("a", "b", "c"), ("a",), ("b",), ("c",)]
    assert states() == {"a": "done", "b": "waiting", "c": "done"}


def test_runs_what_was_tried_before_alone(counted: Counted) -> None:
    enqueue("a", "b", "c")
    Job.objects.filter(key="b").update(attempts=1)

    turn()

    assert sorted(counted.runs) == [("a", "c"), ("b",)]
