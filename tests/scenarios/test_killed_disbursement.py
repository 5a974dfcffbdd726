"""Workers and servers killed with signal 9 while they pay out: nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from loanops.platform.web.clock import set_story
from tests import installations
from tests.factories import sandbox
from tests.factories.registry import AT
from tests.factories.sandbox import Sandbox
from tests.installations import Installation, until

pytestmark = pytest.mark.processes
SCRIPT = "tests.scenarios.disbursing"
BANK = "prairieford"


@contextmanager
def operation(
    migrated: Installation, home: Path, *, contracts: int, callback_url: str = ""
) -> Iterator[tuple[Installation, Sandbox]]:
    """An installation with signed contracts, and the banks in a process of their own."""
    with installations.copy_of(migrated, home) as made:
        story = home / "clock"
        story.write_text(AT.isoformat())
        made.environment |= {
            "LOANOPS_CLOCK_FILE": str(story), "LOANOPS_JOB_LEASE_SECONDS": "1",
        }  # fmt: skip
        with sandbox.running(
            home / "outside",
            banks=sandbox.without_chance(),
            callback_url=callback_url,
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


def test_a_worker_killed_at_every_place_of_a_payout(migrated: Installation, tmp_path: Path) -> None:
    with operation(migrated, tmp_path / "home", contracts=10) as (made, banks):
        ordered(made, "killed")
        ordered(made, "rest")

        proven(made, banks, contracts=10)


# What a bank calls back about a payout; whatever it says, only a query moves money.
CALLS = (
    "late_callbacks", "duplicate_callbacks", "lost_callbacks", "contradicting_callbacks",
    "wrong_amount_callbacks", "forged_callbacks", "system_error",
)  # fmt: skip
LIVES = 3


def test_a_server_killed_while_callbacks_come_late_doubled_never_and_false(
    migrated: Installation, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/api/v1/callbacks/{{funder}}"
    with operation(
        migrated, tmp_path / "home", contracts=len(CALLS) * 2, callback_url=url
    ) as (made, banks):  # fmt: skip
        assign(made, banks)
        lives = random.Random(7)
        under_way = 0
        for _ in range(LIVES):
            with serving(made, port):
                pass_time(made, polls=lives.randint(1, 6))
            under_way += not is_quiet(made)
        with serving(made, port):
            until(lambda: is_quiet(made) and not unheard(banks), seconds=120)

        ours = proven(made, banks, contracts=len(CALLS) * 2)
        assert under_way, "every server was killed when it had nothing to do"
        assert {"contradiction", "paid_otherwise"} <= set(ours["exceptions"])
        assert {row["answer"] for row in called(banks)} == {"200", "401"}


def assign(made: Installation, banks: Sandbox) -> None:
    """Give each application the manner in which the bank will call back about it."""
    numbers = [row[0] for row in made.rows("SELECT number FROM applications_application")]
    for place, number in enumerate(numbers):
        banks.misbehave(
            CALLS[place % len(CALLS)], operation="drawdown", field="reference", pattern=number
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
