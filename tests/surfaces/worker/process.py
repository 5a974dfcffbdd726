"""A worker process with jobs and reactions of its own, and the orders that tests give it.

``python -m tests.surfaces.worker.process worker …`` is ``loanops worker …`` that also knows the
jobs below; ``announce`` writes events as a business transaction does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from loanops.config import startup

startup.start()

from loanops.config import wiring  # noqa: E402
from loanops.kernel.access import Actor  # noqa: E402
from loanops.platform.inbox import operations as inbox  # noqa: E402
from loanops.platform.outbox import Announced, Event  # noqa: E402
from loanops.platform.work import unit_of_work  # noqa: E402
from loanops.surfaces.cli.worker import worker  # noqa: E402

HOME = Path(os.environ["LOANOPS_HOME"])


def note(word: str) -> int:
    """Append a word to the list of runs, atomically; returns how often it was there before."""
    path = HOME / "runs.log"
    before = path.read_text().split().count(word) if path.exists() else 0
    with path.open("a") as file:
        file.write(f"{word}\n")
    return before


def effect(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """One row, however often it runs; the first run may take long."""
    before = note(payload["name"])
    if not before:
        time.sleep(payload.get("seconds", 0))
    inbox.keep(source="effect", key=payload["name"], raw=actor.person, at=at)


def die(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """A job that takes its worker with it."""
    note(payload["name"])
    os.kill(os.getpid(), signal.SIGKILL)


def fail(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """A job with a bug."""
    note(payload["name"])
    raise ValueError("this job never works")


@dataclass(frozen=True, kw_only=True)
class Rehearsed(Event):
    """An event for a test; ``stumbles`` says that its first delivery fails."""

    NAME: ClassVar[str] = "tests.rehearsed"
    name: str
    stumbles: bool


def react(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """Write a row that a second run would write again."""
    name = announced.payload["name"]
    before = note(name)
    if announced.payload["stumbles"] and not before:
        raise ValueError("not yet")
    with unit_of_work(actor=actor, at=at, book="", on=announced.on) as work:
        work.record("tests.reacted", subject=announced.subject, name=name)


wiring.JOBS.update({"tests.effect": effect, "tests.die": die, "tests.fail": fail})
wiring.CRON.clear()
wiring.REACTIONS["tests.rehearsed"] = (react,)


def announce(orders: list[dict[str, Any]]) -> None:
    """Announce events in one business transaction."""
    at = datetime.now(UTC)
    with unit_of_work(actor=Actor.house("tests"), at=at, book="", on=at.date()) as work:
        for order in orders:
            work.announce(Rehearsed(**order))
        work.record("tests.ordered", subject="tests")


if __name__ == "__main__":
    if sys.argv[1] == "announce":
        announce(json.loads(sys.argv[2]))
    else:
        worker.main(sys.argv[2:])
