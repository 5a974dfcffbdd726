"""Workers as real processes: killed, stopped, doubled, and still each effect once."""

from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.installations import Installation, until

pytestmark = pytest.mark.processes

PROCESS = "tests.surfaces.worker.process"


def enqueue(place: Installation, *orders: dict[str, Any]) -> None:
    """Rows as a business transaction leaves them."""
    columns = "name, key, queue, payload_json, run_at, state, attempts, attempts_max"
    mark = "(?, ?, 'default', ?, '2026-01-05 00:00:00', 'waiting', 0, 8, '', '')"
    place.rows(
        f"INSERT INTO jobs_job ({columns}, lease_token, last_error) "  # noqa: S608
        f"VALUES {', '.join([mark] * len(orders))}",
        [v for order in orders for v in (order["job"], order["name"], json.dumps(order))],
    )


def start(place: Installation, *, threads: int = 1) -> subprocess.Popen[bytes]:
    return place.start(PROCESS, "worker", "--threads", str(threads), stderr=subprocess.DEVNULL)


def runs(place: Installation) -> Counter[str]:
    path = place.home / "runs.log"
    return Counter(path.read_text().split() if path.exists() else [])


def effects(place: Installation) -> Counter[str]:
    return Counter(row[0] for row in place.rows("SELECT key FROM inbox_notification"))


def jobs(place: Installation) -> dict[str, tuple[str, int]]:
    found = place.rows("SELECT key, state, attempts FROM jobs_job")
    return {key: (state, attempts) for key, state, attempts in found}


def states(place: Installation) -> Counter[str]:
    return Counter(state for state, _ in jobs(place).values())


class TestAWorkerKilledInMidJob:
    def test_loses_nothing_and_doubles_nothing(self, place: Installation) -> None:
        enqueue(place, {"job": "tests.effect", "name": "payout", "seconds": 30})
        doomed = start(place)
        until(lambda: runs(place)["payout"] == 1)

        doomed.kill()
        start(place)

        until(lambda: states(place)["done"] == 1)
        assert effects(place) == {"payout": 1}
        assert runs(place) == {"payout": 2}
        assert jobs(place) == {"payout": ("done", 2)}

    def test_counts_as_an_attempt_until_the_job_is_dead(self, place: Installation) -> None:
        enqueue(
            place, {"job": "tests.die", "name": "poison"}, {"job": "tests.effect", "name": "well"}
        )
        place.rows("UPDATE jobs_job SET attempts_max = 2 WHERE key = 'poison'")

        for _ in range(2):
            start(place).wait(timeout=90)
        start(place)

        until(lambda: states(place) == {"dead": 1, "done": 1})
        assert jobs(place)["poison"] == ("dead", 2)
        assert runs(place) == {"poison": 2, "well": 1}


class TestAWorkerThatSleepsThroughItsLease:
    def test_cannot_finish_what_another_has_finished(self, place: Installation) -> None:
        enqueue(place, {"job": "tests.effect", "name": "file", "seconds": 1})
        sleeper = start(place)
        until(lambda: runs(place)["file"] == 1)

        sleeper.send_signal(signal.SIGSTOP)
        start(place)
        until(lambda: states(place)["done"] == 1)
        finished = place.rows("SELECT finished_at, attempts FROM jobs_job")
        sleeper.send_signal(signal.SIGCONT)
        sleeper.terminate()

        assert sleeper.wait(timeout=20) == 0
        assert place.rows("SELECT finished_at, attempts FROM jobs_job") == finished
        assert effects(place) == {"file": 1}


class TestAWorkerToldToStop:
    def test_ends_its_job_and_gives_the_others_back_untried(self, place: Installation) -> None:
        orders = [{"job": "tests.effect", "name": f"job-{n}", "seconds": 1} for n in range(3)]
        enqueue(place, *orders)
        stopped = start(place)
        until(lambda: sum(runs(place).values()) == 1)

        stopped.terminate()

        assert stopped.wait(timeout=20) == 0
        assert Counter(jobs(place).values()) == {("done", 1): 1, ("waiting", 0): 2}


class TestTwoWorkers:
    def test_run_two_hundred_jobs_once_each(self, place: Installation) -> None:
        names = [f"job-{number}" for number in range(200)]
        enqueue(place, *({"job": "tests.effect", "name": name} for name in names))

        for _ in range(2):
            start(place, threads=2)

        until(lambda: states(place) == {"done": 200}, seconds=40)
        assert runs(place) == Counter(names)
        assert effects(place) == Counter(names)

    def test_bring_a_job_with_a_bug_to_its_end(self, place: Installation) -> None:
        enqueue(place, {"job": "tests.fail", "name": "bug"})
        place.rows("UPDATE jobs_job SET attempts_max = 1")

        for _ in range(2):
            start(place)

        until(lambda: jobs(place)["bug"] == ("dead", 1))
        assert place.rows("SELECT last_error FROM jobs_job") == [
            ("ValueError: this job never works",)
        ]

    def test_fire_a_cron_row_once_for_each_slot(self, place: Installation) -> None:
        clock = place.home / "clock"
        place.environment["LOANOPS_CLOCK_FILE"] = str(clock)
        first = datetime(2027, 1, 4, 8, 0, 30, tzinfo=UTC)
        clock.write_text(first.isoformat())
        place.rows(
            "INSERT INTO jobs_schedule (name, cron, job, next_at, active) VALUES (?, ?, ?, ?, ?)",
            ("minutely", "* * * * *", "tests.none", "2027-01-04 08:00:00+00:00"[:19], True),
        )

        for _ in range(2):
            start(place, threads=2)
        for slot in range(4):
            partial = place.home / "clock.partial"
            partial.write_text((first + timedelta(minutes=slot)).isoformat())
            partial.replace(clock)
            until(lambda slots=slot + 1: len(jobs(place)) >= slots)

        fired = [key for key in jobs(place) if key.startswith("cron:minutely:")]
        assert len(fired) == 4

    def test_let_each_reaction_happen_once_and_in_order(self, place: Installation) -> None:
        orders = [
            {"subject": f"loan-{n % 20}", "name": f"event-{n}", "stumbles": n % 25 == 0}
            for n in range(100)
        ]
        place.run(PROCESS, "announce", json.dumps(orders))

        for _ in range(2):
            start(place, threads=2)

        until(lambda: not place.rows("SELECT 1 FROM outbox_message WHERE delivered_at IS NULL"))
        reacted = place.rows(
            "SELECT subject, values_json FROM audit_entry WHERE code = 'tests.reacted' ORDER BY id"
        )
        assert len(reacted) == 100
        for number in range(20):
            names = [json.loads(text)["name"] for loan, text in reacted if loan == f"loan-{number}"]
            assert names == [o["name"] for o in orders if o["subject"] == f"loan-{number}"]
