"""Releases: what each left behind for the next, and the figures by which nothing was lost."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.installations import ROOT, Installation

FOLDER = ROOT / "tests" / "fixtures" / "releases"
ARCHIVES = {"sqlite": "sqlite.tar.gz", "postgresql": "postgresql.tar.gz"}
KEY, FIGURES = "vault-key.txt", "figures.json"
# Not ours to keep: tables of libraries, which their own migrations and post-migrate steps fill.
_FOREIGN = ("django_", "auth_", "axes_", "sqlite_")
# What only a fault fills, and what waits for a moment between two steps of a close.
MAY_BE_EMPTY = {"servicing_setaside", "servicing_unfolded", "ledger_unfolded"}

# PostgreSQL words a condition anew when it is read back: with other casts, in other brackets.
_WORDING = re.compile(
    r"::(character varying|timestamp with time zone|double precision|\w+)(\[\])?|[()]"
)

Figures = dict[str, dict[str, int]]


def engine_of(place: Installation) -> str:
    """The kind of database of an installation; an archive goes back only into its own kind."""
    return "postgresql" if place.database_url else "sqlite"


def all_kept() -> list[Path]:
    """The folder of every release that is kept, oldest first."""
    kept = [path for path in FOLDER.iterdir() if path.is_dir()]
    return sorted(kept, key=lambda path: [int(part) for part in path.name.split(".")])


def kept_by(release: Path) -> dict[str, Any]:
    """The figures of a release and the borrower who is known in clear."""
    found: dict[str, Any] = json.loads((release / FIGURES).read_text(encoding="utf-8"))
    return found


def restore(release: Path, place: Installation) -> None:
    """Put a release's installation back into an empty one, with the key that it needs."""
    (place.home / "keys").mkdir(mode=0o700)
    shutil.copyfile(release / KEY, place.home / "keys" / "vault.key")
    place.loanops("restore", str(release / ARCHIVES[engine_of(place)]))


def figures_of(place: Installation) -> Figures:
    """Of every table of ours the number of rows, and the sum of each column of money."""
    found: Figures = {}
    for table, columns in _columns_of(place).items():
        money = [name for name in columns if name.endswith("_minor")]
        sums = "".join(f", coalesce(sum({name}), 0)" for name in money)
        [row] = place.rows(f"SELECT count(*){sums} FROM {table}")  # noqa: S608
        found[table] = dict(zip(("rows", *money), map(int, row), strict=True))
    return found


def _columns_of(place: Installation) -> dict[str, list[str]]:
    sql = (
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public' ORDER BY table_name, column_name"
        if place.database_url
        else "SELECT t.name, c.name FROM sqlite_master t, pragma_table_info(t.name) c"
        " WHERE t.type = 'table' ORDER BY t.name, c.name"
    )
    found: dict[str, list[str]] = {}
    for table, column in place.rows(sql):
        if not table.startswith(_FOREIGN):
            found.setdefault(table, []).append(column)
    return found


def schema_of(place: Installation) -> list[tuple[Any, ...]]:
    """Tables, columns, indexes and constraints as the database itself tells them."""
    if not place.database_url:
        return place.rows("SELECT type, name, sql FROM sqlite_master ORDER BY type, name")
    columns = place.rows(
        "SELECT table_name, column_name, data_type, is_nullable, column_default,"
        " character_maximum_length, numeric_precision, numeric_scale"
        " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
    )
    rules = place.rows(
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
        " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
        " FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2, 3"
    )
    return [*columns, *((table, name, _WORDING.sub("", rule)) for table, name, rule in rules)]
