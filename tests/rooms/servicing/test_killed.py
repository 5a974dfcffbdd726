"""A close that dies goes on: what it leaves is what a close leaves that never died."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loanops.loanbook.servicing.operations import STEPS
from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
SCRIPT = "tests.rooms.servicing.killed"
# Events stay undelivered here, so what asks for their delivery is left out.
CODES = [f"INV-{number:02d}" for number in (1, 2, 3, 4, 5, 7, 8, 9, 10)]


@pytest.fixture(scope="module")
def built(
    migrated: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation one day before its close, from which the others are copied."""
    with installations.copy_of(migrated, tmp_path_factory.mktemp("close")) as made:
        made.run(SCRIPT, "build")
        yield made


@pytest.fixture(scope="module")
def untouched(
    built: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What a close leaves that nothing disturbs."""
    with installations.copy_of(built, tmp_path_factory.mktemp("clean")) as made:
        yield left_by(made, "clean")


def left_by(made: Installation, way: str) -> dict[str, Any]:
    done = made.run(SCRIPT, way, check=False)
    assert done.returncode == 0, done.stderr
    codes = [word for code in CODES for word in ("--code", code)]
    verified = made.loanops("verify", "--json", *codes, check=False)
    assert verified.stdout, verified.stderr
    assert json.loads(verified.stdout)["violations"] == []
    left: dict[str, Any] = json.loads(made.run(SCRIPT, "dump").stdout)
    return left


class TestClose:
    def test_has_something_to_do_in_every_step_that_is_wired(
        self, built: Installation, tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            touched = json.loads(made.run(SCRIPT, "clean").stdout)

        assert list(touched) == [step.name for step in STEPS]
        assert [name for name, rows in touched.items() if not rows] == []

    @pytest.mark.parametrize("way", ["killed", "beside"])
    def test_leaves_what_an_undisturbed_one_leaves(
        self, way: str, built: Installation, untouched: dict[str, Any], tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            left = left_by(made, way)

        assert left["business_date"] == "2026-12-03"
        assert left == untouched
