"""An operation that pays out while its processes are killed, and what has to hold afterwards."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from loanops.platform.web.clock import set_story
from tests import installations
from tests.factories import sandbox
from tests.factories.sandbox import Sandbox
from tests.installations import Installation, until

SCRIPT = "tests.scenarios.disbursing"
BANK = "prairieford"
# The moment of the factories' books; whoever runs this needs no Django of its own.
BEGINS = datetime(2026, 11, 2, 3, 0, tzinfo=UTC)
# What a bank calls back about a payout; whatever it says, only a query moves money.
CALLS = (
    "late_callbacks", "duplicate_callbacks", "lost_callbacks", "contradicting_callbacks",
    "wrong_amount_callbacks", "forged_callbacks", "system_error",
)  # fmt: skip


@contextmanager
def operation(
    migrated: Installation, home: Path, *, contracts: int, calls: str = ""
) -> Iterator[tuple[Installation, Sandbox]]:
    """An installation with signed contracts, and the banks in a process of their own."""
    with installations.copy_of(migrated, home) as made:
        story = home / "clock"
        story.write_text(BEGINS.isoformat())
        made.environment |= {
            "LOANOPS_CLOCK_FILE": str(story), "LOANOPS_JOB_LEASE_SECONDS": "1",
        }  # fmt: skip
        with sandbox.running(
            home / "outside",
            banks=sandbox.without_chance(),
            callback_url=calls,
            folder=home / "connections",
            clock_file=story,
        ) as banks:
            ordered(made, "build", str(contracts))
            yield made, banks


def ordered(made: Installation, *words: str) -> str:
    done = made.run(SCRIPT, *words, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def proven(made: Installation, banks: Sandbox, *, contracts: int) -> dict[str, Any]:
    """Hold that the bank's truth is ours, that each payout is one loan, and that all verifies."""
    ours: dict[str, Any] = json.loads(ordered(made, "ours"))
    paid = {row["serial"]: row for row in ours["payouts"] if row["state"] == "success"}
    truth = banks.truth(BANK)

    assert Counter(row["serial"] for row in truth) == Counter(paid.keys())
    assert {row["serial"]: row["pay_number"] for row in truth} == {
        serial: row["pay_number"] for serial, row in paid.items()
    }
    assert Counter(loan["serial"] for loan in ours["loans"]) == Counter(paid.keys())
    assert len({row["contract"] for row in paid.values()}) == contracts
    assert ours["dead"] == []
    verified = made.loanops("verify", "--json", check=False)
    report = json.loads(verified.stdout)
    assert (report["violations"], report["warnings"]) == ([], [])
    return ours


def callback_url(port: int) -> str:
    """Where the banks call back a server on this port."""
    return f"http://127.0.0.1:{port}/api/v1/callbacks/{{funder}}"


def assign(made: Installation, banks: Sandbox, manners: Sequence[str]) -> None:
    """Give each application the manner in which the bank behaves about it, in turns."""
    numbers = [row[0] for row in made.rows("SELECT number FROM applications_application")]
    for place, number in enumerate(numbers):
        banks.misbehave(
            manners[place % len(manners)],
            operation="drawdown",
            field="reference",
            pattern=number,
            times=1,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(made: Installation, port: int) -> Iterator[None]:
    """`loanops serve` with its job threads, killed with all its processes at the end."""
    process = made.start(
        "loanops.surfaces.cli", "serve", "--port", str(port),
        stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        until(lambda: answers(port), seconds=60)
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def pass_time(made: Installation, *, polls: int) -> None:
    for _ in range(polls):
        move_clock(made)
        time.sleep(0.1)


def move_clock(made: Installation) -> None:
    story = made.home / "clock"
    set_story(story, datetime.fromisoformat(story.read_text()) + timedelta(seconds=20))


def is_quiet(made: Installation) -> bool:
    """Whether nothing is open, undelivered or waiting; asking lets time pass."""
    move_clock(made)
    return not any(
        made.rows(sql)
        for sql in (
            "SELECT 1 FROM routing_payoutintent WHERE state NOT IN ('success', 'failed')",
            "SELECT 1 FROM outbox_message WHERE delivered_at IS NULL",
            "SELECT 1 FROM jobs_job WHERE state IN ('waiting', 'running')"
            " AND substr(key, 1, 5) <> 'cron:'",
        )
    )


def called(banks: Sandbox) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = banks.order("POST", "callbacks", {"bank": BANK})["callbacks"]
    return rows


def unheard(banks: Sandbox) -> bool:
    return any(not row["done"] for row in called(banks))


def settle(made: Installation, banks: Sandbox, *, seconds: float = 180) -> None:
    """Wait, with a server running, until nothing is open and every callback was heard."""
    until(lambda: is_quiet(made) and not unheard(banks), seconds=seconds)
