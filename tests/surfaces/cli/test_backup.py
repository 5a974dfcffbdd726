"""Backup, restore and upgrade on real installations, and verify on what they leave."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests import installations
from tests.conftest import on_postgres
from tests.installations import Installation, until

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(
        on_postgres() and not shutil.which("pg_dump"),
        reason="backups of PostgreSQL need pg_dump: apt-get install -y postgresql-client",
    ),
]


def backed_up(place: Installation, *words: str) -> Path:
    done = place.loanops("backup", "--json", *words)
    return Path(json.loads(done.stdout)["archive"])


def repacked(archive: Path, change: str, content: bytes) -> Path:
    """The archive with one member's content exchanged."""
    folder = archive.parent / "unpacked"
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    (folder / change).write_bytes(content)
    target = archive.with_name("changed.tar.gz")
    with tarfile.open(target, "w:gz") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, arcname=str(path.relative_to(folder)))
    return target


def count_in(path: Path) -> int:
    """The number a file holds; none before it is written."""
    return int(path.read_text()) if path.exists() else 0


class TestRestore:
    def test_brings_everything_back_and_verifies_clean(
        self, place: Installation, bare: Installation
    ) -> None:
        archive = backed_up(place, "--with-keys")

        done = bare.loanops("restore", str(archive), "--json")

        assert json.loads(done.stdout)["verified"] is True
        assert bare.rows("SELECT code FROM books_book") == [("cn",)]
        stored = [path for path in (bare.home / "files").rglob("*") if path.is_file()]
        assert [path.read_bytes() for path in stored] == [b"kept"]
        anchor = "anchors/audit.txt"
        assert (bare.home / anchor).read_text() == (place.home / anchor).read_text()

    def test_refuses_without_the_vault_keys(self, place: Installation, bare: Installation) -> None:
        archive = backed_up(place)

        done = bare.loanops("restore", str(archive), check=False)

        assert done.returncode == 2
        assert "vault keys of this backup are not in" in done.stderr

    def test_refuses_an_archive_that_was_changed(
        self, place: Installation, bare: Installation
    ) -> None:
        archive = repacked(backed_up(place), "anchors/audit.txt", b"1 " + b"0" * 64)

        done = bare.loanops("restore", str(archive), check=False)

        assert done.returncode == 2
        assert "was changed: anchors/audit.txt" in done.stderr
        assert not (bare.home / "anchors").exists()

    def test_refuses_a_file_that_is_no_archive(self, bare: Installation, tmp_path: Path) -> None:
        (tmp_path / "letter.tar.gz").write_text("dear reader")

        done = bare.loanops("restore", str(tmp_path / "letter.tar.gz"), check=False)

        assert done.returncode == 2
        assert "cannot be read as an archive" in done.stderr

    def test_refuses_a_backup_of_a_newer_version(
        self, place: Installation, bare: Installation
    ) -> None:
        archive = backed_up(place, "--with-keys")
        folder = archive.parent / "unpacked"
        with tarfile.open(archive) as tar:
            manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
        manifest["migrations"]["books"] = "9999_from_the_future"
        newer = repacked(archive, "manifest.json", json.dumps(manifest).encode())

        done = bare.loanops("restore", str(newer), check=False)

        assert folder.exists()
        assert done.returncode == 2
        assert "9999_from_the_future" in done.stderr

    def test_says_in_words_what_it_did(self, place: Installation, bare: Installation) -> None:
        done = bare.loanops("restore", str(backed_up(place, "--with-keys")))

        assert "checks: verify is clean" in done.stdout

    def test_refuses_half_an_archive_and_touches_nothing(self, place: Installation) -> None:
        archive = backed_up(place)
        archive.write_bytes(archive.read_bytes()[:-2000])
        place.rows("UPDATE books_book SET legal_entity = 'Still here'")

        done = place.loanops("restore", str(archive), "--force", check=False)

        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert "nothing was changed" in done.stderr
        assert place.rows("SELECT legal_entity FROM books_book") == [("Still here",)]

    def test_waits_for_nobody_who_still_works_here(self, place: Installation) -> None:
        archive = backed_up(place)
        worker = place.start("loanops.surfaces.cli", "worker", stderr=subprocess.DEVNULL)
        until(lambda: place.rows("SELECT 1 FROM jobs_schedule"), seconds=60)

        refused = place.loanops("restore", str(archive), "--force", check=False)
        worker.terminate()
        worker.wait(timeout=30)
        done = place.loanops("restore", str(archive), "--force", "--json")

        assert refused.returncode == 2
        assert "still runs" in refused.stderr
        assert json.loads(done.stdout)["verified"] is True

    def test_replaces_a_database_only_when_forced(self, place: Installation) -> None:
        archive = backed_up(place)
        place.rows("UPDATE books_book SET legal_entity = 'Changed afterwards'")

        refused = place.loanops("restore", str(archive), check=False)
        forced = place.loanops("restore", str(archive), "--force", "--json")

        assert refused.returncode == 2
        assert "not empty" in refused.stderr
        assert json.loads(forced.stdout)["verified"] is True
        assert place.rows("SELECT legal_entity FROM books_book") == [("Demo Ltd",)]


class TestBackup:
    def test_made_while_people_write_is_whole_and_has_all_that_was_committed_before(
        self, place: Installation, tmp_path: Path
    ) -> None:
        rounds = place.home / "rounds"
        writer = place.start("tests.surfaces.cli.writing")
        taken = []
        for number in range(2):
            until(lambda least=3 * number + 1: count_in(rounds) >= least, seconds=60)
            committed = count_in(rounds)
            taken.append((committed, backed_up(place, "--with-keys")))
        writer.kill()
        writer.wait()

        for number, (committed, archive) in enumerate(taken):
            with installations.empty(tmp_path / f"elsewhere-{number}") as elsewhere:
                done = elsewhere.loanops("restore", str(archive), "--json", check=False)

                assert json.loads(done.stdout)["violations"] == []
                [[kept]] = elsewhere.rows("SELECT count(*) FROM parties_party")
                assert kept >= committed > 0

    def test_is_readable_by_its_owner_alone_and_holds_no_key(self, place: Installation) -> None:
        archive = backed_up(place)

        with tarfile.open(archive) as tar:
            names = tar.getnames()

        assert archive.stat().st_mode & 0o077 == 0
        assert "keys/vault.key" not in names
        assert {name.split("/")[0] for name in names} >= {"anchors", "files", "manifest.json"}

    def test_that_finds_no_room_says_so_and_leaves_nothing_behind(
        self, place: Installation
    ) -> None:
        def small() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

        failed = place.start(
            "loanops.surfaces.cli", "backup", preexec_fn=small, stderr=subprocess.PIPE
        )
        said = failed.communicate(timeout=60)[1].decode()

        assert failed.returncode == 2
        assert len(said.strip().splitlines()) == 1
        left = [path.name for path in place.home.rglob("*") if "backup" in path.name]
        assert left in ([], ["backups"])

    def test_leaves_nothing_else_behind(self, place: Installation) -> None:
        before = {path.name for path in place.home.iterdir()}

        backed_up(place)

        assert {path.name for path in place.home.iterdir()} - before <= {"backups"}


class TestUpgrade:
    def test_makes_an_empty_database_ready(self, bare: Installation) -> None:
        done = bare.loanops("upgrade", "--json")

        assert json.loads(done.stdout) == {"backup": "", "verified": True, "violations": []}

    def test_backs_up_before_it_migrates(self, place: Installation) -> None:
        done = place.loanops("upgrade", "--json")

        assert Path(json.loads(done.stdout)["backup"]).exists()

    def test_says_in_words_what_it_did(self, place: Installation) -> None:
        done = place.loanops("upgrade", "--no-backup")

        assert done.stdout.startswith("Upgraded to ")


class TestVerify:
    def test_is_clean_on_a_sound_installation(self, place: Installation) -> None:
        done = place.loanops("verify", "--json")

        assert json.loads(done.stdout)["ok"] is True

    def test_names_what_is_broken_and_exits_2(self, place: Installation) -> None:
        for path in (place.home / "files").rglob("*"):
            if path.is_file():
                path.write_bytes(b"lost")

        done = place.loanops("verify", "--json", check=False)

        report = json.loads(done.stdout)
        assert done.returncode == 2
        assert {row["code"] for row in report["violations"]} == {"INV-26"}

    def test_asks_for_an_upgrade_on_an_empty_database(self, bare: Installation) -> None:
        done = bare.loanops("verify", check=False)

        assert done.returncode == 2
        assert "./loanops upgrade" in done.stderr
