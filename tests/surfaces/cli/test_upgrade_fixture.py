"""What earlier releases left behind is taken over whole by this version, and goes on living."""

from __future__ import annotations

import json
import re
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

from tests import installations, releases
from tests.conftest import on_postgres
from tests.installations import ROOT, Installation

KEPT = releases.all_kept()
BYTES_MAX = 1_000_000
# How a dump of PostgreSQL 12 to 15 begins: every later server reads it, none reads a later one.
DUMP_HEAD = b"PGDMP\x01\x0e"
SCRIPT = "tests.scenarios.released"
# Rooms whose last migration adds columns, and changes the table of loans.
TAKEN_BACK = ("routing", "servicing")
RUNS = [
    pytest.mark.processes,
    pytest.mark.skipif(
        on_postgres() and not shutil.which("pg_dump"),
        reason="backups of PostgreSQL need pg_dump: apt-get install -y postgresql-client",
    ),
]


def member_of(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as tar:
        found = tar.extractfile(name)
        assert found is not None
        return found.read()


def found_by_verify(place: Installation) -> list[Any]:
    report = json.loads(place.loanops("verify", "--json", check=False).stdout)
    return [*report["violations"], *report["warnings"]]


def kept_figures(release: Path) -> releases.Figures:
    tables: releases.Figures = releases.kept_by(release)["tables"]
    return tables


def figures_now(place: Installation, release: Path) -> releases.Figures:
    """What became of everything that a release had; tables that are new since count nothing."""
    found, kept = releases.figures_of(place), kept_figures(release)
    if "team_item" not in kept:
        # The migration that brings the work list orders the job that fills it.
        found["jobs_job"]["rows"] -= 1
    return {
        table: {name: found[table][name] for name in row if name in found[table]}
        for table, row in kept.items()
        if table in found
    }


@pytest.fixture(scope="module", params=KEPT, ids=lambda path: path.name)
def release(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.param
    return folder


@pytest.fixture(scope="module")
def restored(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """The installation that a release left, as it was."""
    with installations.empty(tmp_path_factory.mktemp("restored")) as made:
        releases.restore(release, made)
        yield made


@pytest.fixture(scope="module")
def taken_over(
    restored: Installation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """The same, upgraded to this version; an upgrade that does not verify raises."""
    with installations.copy_of(restored, tmp_path_factory.mktemp("upgraded")) as made:
        made.loanops("upgrade")
        yield made


@pytest.fixture
def place(taken_over: Installation, tmp_path: Path) -> Iterator[Installation]:
    """A copy of that to go on with."""
    with installations.copy_of(taken_over, tmp_path / "home") as made:
        yield made


class TestUpgrade:
    pytestmark = RUNS

    def test_begins_with_what_the_release_left(self, release: Path, restored: Installation) -> None:
        assert releases.figures_of(restored) == kept_figures(release)

    def test_loses_no_row_and_no_unit_of_money(
        self, release: Path, taken_over: Installation
    ) -> None:
        assert figures_now(taken_over, release) == kept_figures(release)
        assert found_by_verify(taken_over) == []

    def test_leaves_the_tables_that_a_new_installation_has(
        self, taken_over: Installation, migrated: Installation
    ) -> None:
        assert releases.schema_of(taken_over) == releases.schema_of(migrated)

    def test_keeps_names_readable_with_the_key(self, release: Path, place: Installation) -> None:
        number, name = releases.kept_by(release)["borrowers"][releases.engine_of(place)]

        assert place.run(SCRIPT, "unmask", number).stdout == name
        assert not place.rows("SELECT 1 FROM parties_party WHERE name_sealed = ?", [name])

    def test_lets_the_next_day_be_closed(self, place: Installation) -> None:
        days = dict(place.rows("SELECT code, business_date FROM books_book"))

        place.run(SCRIPT, "close")

        after = dict(place.rows("SELECT code, business_date FROM books_book"))
        assert {book for book in days if str(after[book]) > str(days[book])} == {"cn", "us"}
        assert found_by_verify(place) == []

    def test_carries_everything_over_migrations_that_are_missing(
        self, release: Path, place: Installation, migrated: Installation
    ) -> None:
        place.run(SCRIPT, "back", *TAKEN_BACK)
        assert releases.schema_of(place) != releases.schema_of(migrated)

        place.loanops("upgrade", "--no-backup")

        assert figures_now(place, release) == kept_figures(release)
        assert releases.schema_of(place) == releases.schema_of(migrated)


class TestFixture:
    @pytest.mark.parametrize("name", releases.ARCHIVES.values())
    def test_has_only_migrations_that_are_still_here(self, release: Path, name: str) -> None:
        applied = json.loads(member_of(release / name, "manifest.json"))["migrations"]

        assert applied.items() <= {
            (app, name) for app, name in MigrationLoader(None).disk_migrations
        }

    @pytest.mark.parametrize("name", releases.ARCHIVES.values())
    def test_holds_no_key(self, release: Path, name: str) -> None:
        with tarfile.open(release / name) as tar:
            assert not [member for member in tar.getnames() if member.startswith("keys")]

    def test_can_be_read_by_the_oldest_server(self, release: Path) -> None:
        dump = member_of(release / releases.ARCHIVES["postgresql"], "database.dump")

        assert dump.startswith(DUMP_HEAD)

    def test_is_small(self, release: Path) -> None:
        assert sum(path.stat().st_size for path in release.iterdir()) < BYTES_MAX

    def test_has_a_row_in_every_table(self, release: Path) -> None:
        empty = {table for table, row in kept_figures(release).items() if not row["rows"]}

        assert empty <= releases.MAY_BE_EMPTY


def test_every_version_that_was_released_left_one() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = set(re.findall(r"^## (\d+\.\d+\.\d+)$", text, re.MULTILINE))

    assert released <= {release.name for release in KEPT}
