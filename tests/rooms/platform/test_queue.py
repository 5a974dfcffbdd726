"""Outbox and jobs: what a failure costs, what a second turn changes, what is called violation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.platform.jobs import invariants as job_invariants
from loanops.platform.jobs import operations, queries, runner
from loanops.platform.jobs.models import Job, Schedule
from loanops.platform.outbox import Announced, Event, pump
from loanops.platform.outbox import invariants as outbox_invariants
from loanops.platform.outbox.models import Delivery, Message
from loanops.platform.work import unit_of_work

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")


@dataclass(frozen=True, kw_only=True)
class Told(Event):
    NAME: ClassVar[str] = "tests.told"


class Listener:
    """A reaction that writes a row, and fails as often as it is told to."""

    __module__ = "loanops.tests.reactions"
    __name__ = "listen"

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}

    def __call__(self, announced: Announced, *, actor: Actor, at: datetime) -> None:
        with unit_of_work(actor=actor, at=at, book=announced.book, on=announced.on) as work:
            work.record("tests.heard", subject=announced.subject)
        if self.failures.get(announced.subject, 0) > 0:
            self.failures[announced.subject] -= 1
            raise ValueError("not yet")


@pytest.fixture
def listener() -> Iterator[Listener]:
    wired, made = dict(pump.REACTIONS), Listener()
    pump.wire({"tests.told": (made,)})
    yield made
    pump.wire(wired)


@pytest.fixture
def handle() -> Iterator[Callable[[runner.Handler], None]]:
    wired, together = dict(runner.HANDLERS), dict(runner.TOGETHER)
    yield lambda handler: runner.wire({"tests.job": handler})
    runner.wire(wired, together)


def tell(*subjects: str) -> None:
    with unit_of_work(actor=HOUSE, at=MONDAY, book="cn", on=MONDAY.date()) as work:
        for subject in subjects:
            work.announce(Told(subject=subject))
        work.record("tests.told", subject="tests")


def enqueue(key: str = "a") -> None:
    with unit_of_work(actor=HOUSE, at=MONDAY, book="cn", on=MONDAY.date()) as work:
        work.enqueue("tests.job", key=key, payload={"key": key})
        work.record("tests.told", subject="tests")


def heard() -> list[str]:
    return list(
        Entry.objects.filter(code="tests.heard").order_by("id").values_list("subject", flat=True)
    )


def run(at: datetime = MONDAY) -> list[bool]:
    return [runner.run_one(job, clock=lambda: at) for job in runner.claim(at=at, limit=10)]


class TestDeliver:
    def test_lets_each_reaction_happen_once(self, listener: Listener) -> None:
        tell("a", "b")

        assert pump.deliver(at=MONDAY) == 2
        assert pump.deliver(at=MONDAY) == 0
        assert heard() == ["a", "b"]

    def test_leaves_no_trace_of_a_reaction_that_failed(self, listener: Listener) -> None:
        listener.failures["a"] = 1
        tell("a")

        pump.deliver(at=MONDAY)

        assert heard() == []
        assert Delivery.objects.values_list("state", "attempts").get() == ("waiting", 1)

    def test_tries_again_when_its_time_has_come(self, listener: Listener) -> None:
        listener.failures["a"] = 1
        tell("a")

        delivered = [pump.deliver(at=MONDAY + timedelta(seconds=wait)) for wait in (0, 1, 2)]

        assert delivered == [0, 0, 1]
        assert heard() == ["a"]

    def test_holds_back_later_events_of_the_same_subject_alone(self, listener: Listener) -> None:
        listener.failures["a"] = 1
        tell("a", "b", "a")

        pump.deliver(at=MONDAY)
        before = heard()
        pump.deliver(at=MONDAY + timedelta(seconds=2))

        assert before == ["b"]
        assert heard() == ["b", "a", "a"]

    def test_passes_by_more_failing_subjects_than_a_batch_holds(
        self, listener: Listener, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pump, "BATCH", 3)
        failing = [f"bad-{number}" for number in range(7)]
        listener.failures = dict.fromkeys(failing, 99)
        tell(*failing, "good")

        pump.deliver(at=MONDAY, limit=100)

        assert heard() == ["good"]

    def test_gives_up_after_the_last_try_and_lets_the_others_pass(self, listener: Listener) -> None:
        listener.failures["a"] = pump.ATTEMPTS_MAX
        tell("a", "a")

        for turn in range(pump.ATTEMPTS_MAX):
            pump.deliver(at=MONDAY + timedelta(hours=turn))

        assert Delivery.objects.filter(state="dead").count() == 1
        assert heard() == ["a"], "the second event goes on"

    def test_goes_on_with_a_dead_delivery_that_was_put_back(self, listener: Listener) -> None:
        listener.failures["a"] = pump.ATTEMPTS_MAX
        tell("a")
        for turn in range(pump.ATTEMPTS_MAX):
            pump.deliver(at=MONDAY + timedelta(hours=turn))

        dead = Delivery.objects.get(state="dead")
        operations.redrive(delivery=dead.pk, actor=HOUSE, at=MONDAY)
        pump.deliver(at=MONDAY)

        assert heard() == ["a"]
        assert Message.objects.get().delivered_at == MONDAY

    def test_never_undoes_what_another_pump_has_done(self, listener: Listener) -> None:
        """We failed and rolled back; the pump that waited for us took over before we said so."""
        tell("a")
        message = Message.objects.get()
        name = pump.name_of(listener)
        Delivery.objects.create(message=message, reaction=name, state="done", attempts=1)

        settled = pump._put_off(message, name, None, ValueError("ours"), at=MONDAY)

        assert settled
        assert Delivery.objects.get().state == "done"

    def test_does_not_call_an_event_delivered_that_another_pump_put_off(
        self, listener: Listener
    ) -> None:
        tell("a")
        message = Message.objects.get()
        Delivery.objects.create(
            message=message, reaction=pump.name_of(listener), state="waiting", attempts=1,
            next_try_at=MONDAY,
        )  # fmt: skip

        assert not pump._react(message, listener, None, at=MONDAY)
        assert heard() == []


class TestRun:
    def test_hands_over_the_payload_and_ends_the_job(self, handle: Any) -> None:
        got: list[Mapping[str, Any]] = []

        def take(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
            got.append(payload)

        handle(take)
        enqueue()

        assert run() == [True]
        assert got == [{"key": "a"}]
        assert Job.objects.values_list("state", "attempts").get() == ("done", 1)
        assert run() == []

    def test_waits_longer_after_each_failure_and_then_is_dead(self, handle: Any) -> None:
        def fail(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
            raise ValueError("never")

        handle(fail)
        enqueue()
        at, waits = MONDAY, []
        while Job.objects.get().state == "waiting":
            waits.append(int((Job.objects.get().run_at - at).total_seconds()))
            at = Job.objects.get().run_at
            run(at)

        assert waits == [0, 2, 4, 8, 16, 32, 64, 128]
        assert Job.objects.values_list("state", "last_error").get() == ("dead", "ValueError: never")

    def test_calls_a_job_that_nobody_handles_a_failure(self, handle: Any) -> None:
        enqueue()

        assert run() == [False]
        assert "no handler is wired" in Job.objects.get().last_error

    def test_does_not_begin_before_its_time(self, handle: Any) -> None:
        enqueue()

        assert runner.claim(at=MONDAY - timedelta(seconds=1), limit=10) == []

    def test_gives_back_what_it_did_not_begin(self, handle: Any) -> None:
        enqueue()

        runner.release(runner.claim(at=MONDAY, limit=10))

        assert Job.objects.values_list("state", "attempts").get() == ("waiting", 0)

    def test_cannot_end_a_job_that_was_taken_from_it(self, handle: Any) -> None:
        handle(lambda payload, *, actor, at: Job.objects.update(lease_token="another's"))
        enqueue()

        run()

        assert Job.objects.get().state == "running"

    def test_is_taken_back_when_the_lease_has_ended(self, handle: Any) -> None:
        enqueue()
        runner.claim(at=MONDAY, limit=10)
        before = runner.sweep(at=MONDAY)

        Job.objects.update(lease_until=MONDAY - timedelta(days=3650))

        assert (before, runner.sweep(at=MONDAY)) == (0, 1)
        assert Job.objects.get().state == "waiting"

    def test_uses_up_no_attempt_of_jobs_claimed_beside_one_that_kills(self, handle: Any) -> None:
        for name in ("poison", "well", "fine"):
            enqueue(key=name)
        Job.objects.update(attempts_max=2)
        for _ in range(2):
            runner.claim(at=MONDAY, limit=10)
            Job.objects.update(lease_until=MONDAY - timedelta(days=3650))
            runner.sweep(at=MONDAY)

        found = dict(Job.objects.values_list("key", "attempts"))
        assert found == {"poison": 2, "well": 0, "fine": 0}
        assert Job.objects.get(state="dead").key == "poison"

    def test_keeps_its_lease_by_the_database_whatever_story_the_clock_tells(self) -> None:
        enqueue()

        runner.claim(at=datetime(2099, 1, 1, tzinfo=UTC), limit=1)

        lease = Job.objects.get().lease_until
        assert lease is not None
        assert abs((lease - datetime.now(UTC)).total_seconds() - 60) < 30


class TestTick:
    def test_enqueues_each_slot_once(self) -> None:
        runner.plan({"minutely": ("* * * * *", "tests.job")}, at=MONDAY)

        fired = [runner.tick(at=MONDAY + timedelta(seconds=wait)) for wait in (0, 60, 60, 119, 120)]

        assert fired == [0, 1, 0, 0, 1]
        assert Job.objects.count() == 2

    def test_fires_a_missed_slot_once_and_not_once_for_each(self) -> None:
        runner.plan({"minutely": ("* * * * *", "tests.job")}, at=MONDAY)

        assert runner.tick(at=MONDAY + timedelta(days=2)) == 1
        assert runner.tick(at=MONDAY + timedelta(days=2)) == 0

    def test_takes_a_changed_row_over_at_once(self) -> None:
        runner.plan({"daily": ("0 8 * * *", "tests.job")}, at=MONDAY)
        runner.plan({"daily": ("* * * * *", "tests.job")}, at=MONDAY)

        assert Schedule.objects.get().next_at == MONDAY + timedelta(minutes=1)


class TestRetry:
    def test_puts_a_dead_job_back_with_a_witness(self) -> None:
        enqueue()
        Job.objects.update(state="dead", attempts=8)

        operations.retry(job=Job.objects.get().pk, actor=HOUSE, at=MONDAY)

        assert Job.objects.values_list("state", "attempts").get() == ("waiting", 0)
        assert Entry.objects.filter(code="jobs.retried").count() == 1

    def test_refuses_a_job_that_is_not_dead_and_an_actor_without_the_grant(self) -> None:
        enqueue()
        job = Job.objects.get().pk

        with pytest.raises(NotFound):
            operations.retry(job=job, actor=HOUSE, at=MONDAY)
        with pytest.raises(NotPermitted):
            operations.retry(job=job, actor=Actor("zhao.min"), at=MONDAY)

    def test_is_seen_in_the_figures(self) -> None:
        enqueue("a")
        enqueue("b")
        Job.objects.filter(key="b").update(state="dead")

        assert queries.figures() == {"waiting": 1, "running": 0, "dead": 1}


class TestInvariant:
    def test_names_a_dead_job_as_a_warning(self) -> None:
        enqueue()
        assert not list(job_invariants.dead())

        Job.objects.update(state="dead")

        (found,) = job_invariants.dead()
        assert (found.code, found.severity) == ("INV-11", "warning")

    def test_names_a_running_job_that_no_sweep_would_find(self) -> None:
        enqueue()

        Job.objects.update(state="running", lease_until=None)

        (found,) = job_invariants.unheld()
        assert found.object == f"job {Job.objects.get().pk} tests.job"

    def test_names_a_job_whose_dead_worker_nobody_noticed(self) -> None:
        enqueue()

        Job.objects.update(
            state="running", lease_token="x", lease_until=MONDAY - timedelta(days=3650)
        )

        (found,) = job_invariants.stuck()
        assert found.severity == "warning"

    def test_names_a_dead_delivery_and_one_that_nobody_would_look_at(
        self, listener: Listener
    ) -> None:
        listener.failures["a"] = 1
        tell("a")
        pump.deliver(at=MONDAY)

        Message.objects.update(delivered_at=MONDAY)
        (waiting,) = outbox_invariants.half_delivered()
        Delivery.objects.update(state="dead")
        (dead,) = outbox_invariants.dead()

        assert (waiting.severity, dead.severity) == ("violation", "warning")
        assert "tests.told" in waiting.object
