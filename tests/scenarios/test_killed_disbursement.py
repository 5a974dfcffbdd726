"""Workers and servers killed with signal 9 while they pay out: nothing lost, nothing doubled."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.installations import Installation
from tests.scenarios.operation import (
    CALLS,
    assign,
    callback_url,
    called,
    free_port,
    is_quiet,
    operation,
    ordered,
    pass_time,
    proven,
    serving,
    settle,
)

pytestmark = pytest.mark.processes
LIVES = 3


def test_a_worker_killed_at_every_place_of_a_payout(migrated: Installation, tmp_path: Path) -> None:
    with operation(migrated, tmp_path / "home", contracts=10) as (made, banks):
        ordered(made, "killed")
        ordered(made, "rest")

        proven(made, banks, contracts=10)


def test_a_server_killed_while_callbacks_come_late_doubled_never_and_false(
    migrated: Installation, tmp_path: Path
) -> None:
    port, count = free_port(), len(CALLS) * 2
    home, calls = tmp_path / "home", callback_url(port)
    with operation(migrated, home, contracts=count, calls=calls) as (made, banks):
        assign(made, banks, CALLS)
        lives = random.Random(7)
        under_way = 0
        for _ in range(LIVES):
            with serving(made, port):
                pass_time(made, polls=lives.randint(1, 6))
            under_way += not is_quiet(made)
        with serving(made, port):
            settle(made, banks)

        ours = proven(made, banks, contracts=count)
        assert under_way, "every server was killed when it had nothing to do"
        assert {"contradiction", "paid_otherwise"} <= set(ours["exceptions"])
        assert {row["answer"] for row in called(banks)} == {"200", "401"}
