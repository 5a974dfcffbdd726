"""Taking an import back is all or nothing, whatever kills it and whoever does it beside."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
SCRIPT = "tests.rooms.servicing.killed_undo"
NOTHING = {"withdrawn": 0, "reversed": 0, "undone": 0}
ALL = {"withdrawn": 4, "reversed": 5, "undone": 1}


@pytest.fixture
def made(
    migrated: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installations.copy_of(migrated, tmp_path_factory.mktemp("undo")) as copied:
        copied.run(SCRIPT, "build")
        yield copied


def test_killed_at_any_stage_it_leaves_nothing_and_is_done_whole_afterwards(
    made: Installation,
) -> None:
    killed = made.run(SCRIPT, "killed", check=False)
    assert killed.returncode == 0, killed.stderr

    assert json.loads(made.run(SCRIPT, "dump").stdout) == NOTHING
    done = json.loads(made.run(SCRIPT, "clean").stdout)

    assert done == {"again": False, "loans": 4}
    assert json.loads(made.run(SCRIPT, "dump").stdout) == ALL
    assert verified(made) == []


def test_twice_at_once_it_is_done_once(made: Installation) -> None:
    beside = made.run(SCRIPT, "beside", check=False)

    assert beside.returncode == 0, beside.stderr
    assert json.loads(made.run(SCRIPT, "dump").stdout) == ALL
    assert verified(made) == []


def verified(made: Installation) -> object:
    codes = [word for number in (1, 2, 3, 4, 5, 7, 8, 9, 10)
             for word in ("--code", f"INV-{number:02d}")]  # fmt: skip
    found = made.loanops("verify", "--json", *codes, check=False)
    assert found.stdout, found.stderr
    return json.loads(found.stdout)["violations"]
