"""Installations of LoanOps of their own: a home and a database that real processes work on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Installation:
    """A home, its database, and the processes started on it."""

    home: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOANOPS")}
        return {
            **kept,
            "LOANOPS_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "DJANGO_SETTINGS_MODULE": "loanops.config.settings",
            "LOANOPS_LANGUAGE": "en",
            **self.environment,
        }

    def start(self, *words: str, **options: Any) -> subprocess.Popen[bytes]:
        """Start ``python -m …`` and leave it running; it is killed at the end of the test."""
        process = subprocess.Popen(
            [sys.executable, "-m", *words], cwd=ROOT, env=self.env(), **options
        )
        self.started.append(process)
        return process

    def run(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``python -m …`` to its end."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=self.env(),
            check=check,
            capture_output=True,
            text=True,
        )

    def loanops(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a verb of the command line to its end."""
        return self.run("loanops.surfaces.cli", *words, check=check)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Read or write beside the processes, past Django."""
        with self._connected() as connection:
            cursor = connection.execute(
                sql.replace("?", "%s") if self.database_url else sql, tuple(params)
            )
            rows = cursor.fetchall() if cursor.description else []
            connection.commit()
            return rows

    @contextmanager
    def _connected(self) -> Iterator[Any]:
        if self.database_url:
            with psycopg.connect(self.database_url) as connection:
                yield connection
            return
        connection = sqlite3.connect(self.home / "loanops.sqlite3", timeout=30)
        try:
            yield connection
        finally:
            connection.close()

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait()


def until(holds: Callable[[], Any], *, seconds: float = 60) -> Any:
    """Wait until something holds; what it answers is returned."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not come true within {seconds} seconds")


def _server(database_url: str) -> str:
    parts = urlsplit(database_url)
    return parts._replace(path="/postgres").geturl()


def _order(database_url: str, sql: str, *params: str) -> None:
    with psycopg.connect(_server(database_url), autocommit=True) as connection:
        connection.execute(sql, params or None)  # type: ignore[arg-type]


@contextmanager
def template(folder: Path) -> Iterator[Installation]:
    """A migrated installation that others are copied from."""
    database_url = os.environ.get("DATABASE_URL", "")
    if database_url:
        name = f"loanops_template_{uuid.uuid4().hex[:12]}"
        _order(database_url, f'CREATE DATABASE "{name}"')
        database_url = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    made = Installation(home=folder, database_url=database_url)
    folder.mkdir(parents=True, exist_ok=True)
    made.loanops("django", "migrate", "--verbosity", "0")
    try:
        yield made
    finally:
        if database_url:
            _order(database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def copy_of(original: Installation, folder: Path) -> Iterator[Installation]:
    """A fresh installation with a database of its own."""
    database_url = original.database_url
    shutil.copytree(original.home, folder, dirs_exist_ok=True)
    if database_url:
        source = urlsplit(database_url).path.lstrip("/")
        name = f"loanops_copy_{uuid.uuid4().hex[:12]}"
        # A session outlives its process by a moment, and PostgreSQL copies only what nobody uses.
        _order(
            database_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            source,
        )
        _order(database_url, f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        database_url = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    made = Installation(home=folder, database_url=database_url)
    try:
        yield made
    finally:
        made.end()
        if database_url:
            _order(database_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def empty(folder: Path) -> Iterator[Installation]:
    """A home and a database with nothing in them."""
    database_url = os.environ.get("DATABASE_URL", "")
    if database_url:
        name = f"loanops_empty_{uuid.uuid4().hex[:12]}"
        _order(database_url, f'CREATE DATABASE "{name}"')
        database_url = urlsplit(database_url)._replace(path=f"/{name}").geturl()
    folder.mkdir(parents=True, exist_ok=True)
    made = Installation(home=folder, database_url=database_url)
    try:
        yield made
    finally:
        made.end()
        if database_url:
            _order(database_url, f'DROP DATABASE "{name}" WITH (FORCE)')
