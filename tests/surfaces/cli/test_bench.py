"""`loanops bench` runs what it is told to, says what it found, and judges by what was wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks.figure import Figure
from loanops.surfaces.cli import bench as verb
from loanops.surfaces.cli.framing import checkout

ALL = [
    "catching",
    "close",
    "decisions",
    "intake",
    "pages",
    "repayment",
    "repayments",
    "replays",
    "schedules",
    "startup",
    "verifying",
    "waits",
    "yields",
]  # fmt: skip


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(verb.bench, words)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def pretend(monkeypatch: pytest.MonkeyPatch, *figures: Figure) -> None:
    def measure(*, quick: bool) -> Iterator[Figure]:
        del quick
        yield from figures

    module = SimpleNamespace(TITLE="Pretended", measure=measure)
    monkeypatch.setattr(verb.importlib, "import_module", lambda _name: module)


class TestBench:
    def test_knows_a_file_for_each_headline_figure(self) -> None:
        assert verb.names(checkout()) == ALL

    def test_refuses_a_name_it_does_not_know(self) -> None:
        code, _ = run("wishes")

        assert code == 2

    @pytest.mark.parametrize("name", ["decisions", "schedules"])
    def test_finds_no_difference_from_the_reference_in_a_quick_run(self, name: str) -> None:
        code, said = run(name, "--quick", "--json")

        told: dict[str, Any] = json.loads(said)
        assert code == 0
        assert told["low"] == []
        compared = [row["note"] for row in told["figures"] if "differ from" in row["note"]]
        assert compared
        assert all(note.startswith("0 of") for note in compared)

    def test_of_the_start_finds_that_help_does_not_load_django(self) -> None:
        _, said = run("startup", "--quick", "--json")

        assert json.loads(said)["figures"][0]["note"] == "Django is not loaded"

    def test_ends_with_one_where_a_figure_is_lower_than_wanted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        low = Figure("close", 9.0, "s", wanted="3 s", reached=False)
        pretend(monkeypatch, Figure("start", 0.1, "s", wanted="1 s", reached=True), low)

        code, said = run("close", "--json")

        assert code == 1
        assert json.loads(said)["low"] == ["close"]

    def test_shows_value_ratio_and_what_was_wanted_on_one_line(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pretend(monkeypatch, Figure("close", 2.5, "s", "faster than the ORM", 320.4, "150 times"))

        _, said = run("close")

        assert said.strip() == "close: 2.5 s = 320 x faster than the ORM; wanted 150 times"
