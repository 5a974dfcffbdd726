"""The database of an archive: copied hot, and put back whole."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from loanops.surfaces.cli.framing import stop

SQLITE = "database.sqlite3"
POSTGRESQL = "database.dump"


def engine_of(database: dict[str, Any]) -> str:
    """`sqlite` or `postgresql`."""
    return "sqlite" if database["ENGINE"].endswith("sqlite3") else "postgresql"


def copy_out(database: dict[str, Any], folder: Path) -> Path:
    """A consistent copy of the live database; writers go on meanwhile."""
    if engine_of(database) == "sqlite":
        copy = folder / SQLITE
        with (
            closing(sqlite3.connect(database["NAME"])) as live,
            closing(sqlite3.connect(copy)) as kept,
        ):
            live.backup(kept)
            kept.execute("PRAGMA journal_mode = DELETE")
        return copy
    copy = folder / POSTGRESQL
    _run(
        [program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={copy}"],
        database,
    )
    return copy


def is_empty(database: dict[str, Any]) -> bool:
    """Whether nothing would be lost by putting a backup here."""
    if engine_of(database) == "sqlite":
        path = Path(database["NAME"])
        if not path.exists():
            return True
        with closing(sqlite3.connect(path)) as live:
            tables = live.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'")
            return not tables.fetchone()[0]
    from django.db import connection

    return not connection.introspection.table_names()


def put_back(database: dict[str, Any], folder: Path, *, stamp: str) -> None:
    """Replace the database by the archive's; an SQLite file that was there is set aside."""
    if engine_of(database) == "sqlite":
        path = Path(database["NAME"])
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        try:
            # Whole and on the disk before anything of the present is moved.
            shutil.copyfile(folder / SQLITE, partial)
            with partial.open("rb") as handle:
                os.fsync(handle.fileno())
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        for suffix in ("", "-wal", "-shm"):
            live = path.with_name(path.name + suffix)
            if live.exists():
                live.rename(path.with_name(f"{path.name}.before-{stamp}{suffix}"))
        partial.replace(path)
        return
    _run(
        [
            program("pg_restore"), "--clean", "--if-exists", "--no-owner", "--no-privileges",
            "--single-transaction", "--exit-on-error", f"--dbname={database['NAME']}",
            str(folder / POSTGRESQL),
        ],
        database,
    )  # fmt: skip


def program(name: str) -> str:
    """A client program of PostgreSQL."""
    found = shutil.which(name)
    if not found:
        stop(f"{name} was not found. Mend: apt-get install -y postgresql-client")
    return found


def _run(command: list[str], database: dict[str, Any]) -> None:
    env = {
        **os.environ,
        "PGDATABASE": database["NAME"],
        "PGUSER": database["USER"],
        "PGHOST": database["HOST"],
        "PGPORT": database["PORT"],
        "PGPASSWORD": database["PASSWORD"],
    }
    kept = {name: value for name, value in env.items() if value or not name.startswith("PG")}
    done = subprocess.run(command, env=kept, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no words"])[-1]
        stop(f"{Path(command[0]).name} failed: {said}")
