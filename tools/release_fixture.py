"""What a release leaves to the next: a populated installation of each database, as a backup.

    DATABASE_URL=postgres://… python -m tools.release_fixture

builds it twice, on SQLite and in a database of its own on that server, holds the figures of the
two against each other, and writes archives, key and figures below tests/fixtures/releases. When
this is done stands in docs/guides/release.md.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from tests import installations, releases
from tests.installations import Installation

SCRIPT = "tests.scenarios.released"


def build(home: Path, archive: Path, *, key: str) -> tuple[releases.Figures, list[str]]:
    """Populate an installation and back it up; its figures, and who its first borrower is."""
    with installations.empty(home) as made:
        (home / "keys").mkdir(mode=0o700)
        if key:
            (home / "keys" / "vault.key").write_text(key, encoding="ascii")
        made.loanops("upgrade")
        made.run(SCRIPT, "build")
        made.loanops("verify")
        made.loanops("backup", "--to", str(archive))
        return releases.figures_of(made), first_borrower(made)


def first_borrower(made: Installation) -> list[str]:
    """The number and the name in clear; asked for last, because asking leaves a trace."""
    [[number]] = made.rows("SELECT number FROM parties_party ORDER BY id LIMIT 1")
    return [number, made.run(SCRIPT, "unmask", number).stdout]


def version_in(archive: Path) -> str:
    """The version that an archive says it is of."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile("manifest.json")
        manifest: dict[str, Any] = json.load(member) if member else {}
    return str(manifest["version"])


def main() -> int:
    """The command line."""
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        print(__doc__)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder, key, built = Path(scratch), "", {}
        for engine, name in releases.ARCHIVES.items():
            os.environ["DATABASE_URL"] = server if engine == "postgresql" else ""
            home = folder / engine
            built[engine] = build(home, folder / name, key=key)
            key = (home / "keys" / "vault.key").read_text(encoding="ascii")
        return write(folder, key, built)


def write(folder: Path, key: str, built: dict[str, tuple[releases.Figures, list[str]]]) -> int:
    """Keep what was built, unless the two differ or the release is kept already."""
    figures = {engine: made[0] for engine, made in built.items()}
    if figures["sqlite"] != figures["postgresql"]:
        differing = [
            f"{table}: {row} on SQLite, {figures['postgresql'].get(table)} on PostgreSQL"
            for table, row in figures["sqlite"].items()
            if row != figures["postgresql"].get(table)
        ]
        print("The two databases differ, so nothing was written:", *differing, sep="\n")
        return 1
    target = releases.FOLDER / version_in(folder / releases.ARCHIVES["sqlite"])
    if target.exists():
        print(f"{target} is there. It stays if that release was cut; if not, remove it first.")
        return 1
    target.mkdir(parents=True)
    for name in releases.ARCHIVES.values():
        (target / name).write_bytes((folder / name).read_bytes())
    (target / releases.KEY).write_text(key, encoding="ascii")
    kept = {
        "borrowers": {engine: made[1] for engine, made in built.items()},
        "tables": figures["sqlite"],
    }
    text = json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True)
    (target / releases.FIGURES).write_text(f"{text}\n", encoding="utf-8")
    print(f"{target}: {sum(path.stat().st_size for path in target.iterdir()):,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
