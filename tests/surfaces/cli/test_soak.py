"""`loanops soak`: a short one in the suite; the long ones run beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from loanops.surfaces.cli.soak import again, soak
from tests import installations
from tests.installations import Installation
from tests.soak import kernel, runs

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("seed", "steps"), [(12, 60), (35, 60), (60, 60), (1000030, 50), (1000034, 75)]
)
def test_a_loan_to_which_everything_happens_adds_up(seed: int, steps: int) -> None:
    # 12 and 35 once did not: see tests/domain/kernel/test_account_replanned.py.
    assert kernel.live(seed, steps) == ()


@pytest.mark.parametrize("seed", [3, 9])
def test_a_book_to_which_everything_happens_verifies_and_has_nothing_to_rebuild(
    migrated: Installation, tmp_path: Path, seed: int
) -> None:
    assert runs.book(migrated, tmp_path / "home", seed=seed, steps=30) == ()


def test_a_book_is_the_same_again_by_its_seed(migrated: Installation, tmp_path: Path) -> None:
    marks = []
    for place in ("one", "two"):
        with installations.copy_of(migrated, tmp_path / place) as made:
            marks.append(json.loads(made.run(runs.BOOK, "9", "15").stdout)["mark"])
    assert marks[0] == marks[1]


def test_a_story_under_faults_leaves_a_house_that_verifies(
    migrated: Installation, tmp_path: Path
) -> None:
    assert runs.story(migrated, tmp_path / "home", seed=3, steps=60) == ()


class TestVerb:
    @pytest.fixture
    def told(self, monkeypatch: pytest.MonkeyPatch, migrated: Installation) -> list[int]:
        """The verb without its long runs: the second seed fails."""
        seeds: list[int] = []

        def run(part: str, original: Installation, seed: int, steps: int) -> runs.Run:
            del original, steps
            seeds.append(seed)
            return runs.Run(part, seed, ("INV-06 doubled",) if seed == 8 else (), 0.1)

        class Ready:
            def __enter__(self) -> Installation:
                return migrated

            def __exit__(self, *_: object) -> None:
                return None

        monkeypatch.setattr(runs, "run", run)
        monkeypatch.setattr(runs, "template", Ready)
        return seeds

    def test_names_the_seed_that_failed_and_how_to_run_it_again(self, told: list[int]) -> None:
        done = CliRunner().invoke(
            soak, ["--first", "7", "--seeds", "3", "--part", "story", "--json"]
        )

        report = json.loads(done.stdout)
        assert (done.exit_code, told) == (1, [7, 8, 9])
        assert report["runs"] == {
            "kernel": 0, "book": 0, "story": 3, "kills": 0, "callbacks": 0, "corruptions": 0,
        }  # fmt: skip
        assert [(row["seed"], row["again"]) for row in report["failed"]] == [
            (8, again("story", 8, 200))
        ]

    def test_begins_no_further_run_when_its_minutes_are_over(self, told: list[int]) -> None:
        done = CliRunner().invoke(soak, ["--minutes", "0.0000001", "--json"])

        assert (done.exit_code, told) == (0, [])
