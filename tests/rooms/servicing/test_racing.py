"""Money that races with the close counts for an open day; with itself, it is booked once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import installations
from tests.installations import Installation

pytestmark = pytest.mark.processes
SCRIPT = "tests.rooms.servicing.racing"


@pytest.fixture(scope="module")
def built(
    migrated: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    with installations.copy_of(migrated, tmp_path_factory.mktemp("race")) as made:
        made.run(SCRIPT, "build")
        yield made


def raced(made: Installation, way: str) -> dict[str, Any]:
    done = made.run(SCRIPT, way, check=False)
    assert done.returncode == 0, done.stderr
    verified = made.loanops("verify", "--json", "--code", "INV-01", "--code", "INV-02", check=False)
    assert json.loads(verified.stdout)["violations"] == []
    told: dict[str, Any] = json.loads(done.stdout)
    return told


class TestRepaymentWhileTheDayIsClosed:
    def test_counts_for_the_day_it_was_begun_on_and_the_cut_off_waits_for_it(
        self, built: Installation, tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            told = raced(made, "race")

        assert told == {"posted": 1, "posted_on": "2026-11-02", "open_on": "2026-11-03"}

    @pytest.mark.postgres
    def test_does_not_stand_behind_a_cut_off_that_waits_for_a_long_unit(
        self, built: Installation, tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            told = raced(made, "pass_by")

        assert told == {"posted": 2, "posted_on": "2026-11-02", "open_on": "2026-11-03"}


class TestTheWindowThatTwoOrderAtOnce:
    def test_is_ordered_once_and_the_second_is_told_that_nothing_is_left(
        self, built: Installation, tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            told = raced(made, "window")

        assert told == {"ordered": ["0", "1"]}


class TestThePaymentThatComesTwiceAtOnce:
    def test_is_booked_once_and_both_are_answered(
        self, built: Installation, tmp_path: Path
    ) -> None:
        with installations.copy_of(built, tmp_path / "home") as made:
            told = raced(made, "twice")

        assert told == {"posted": 1, "posted_on": "2026-11-02", "open_on": "2026-11-02"}
