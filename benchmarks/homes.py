"""Homes for benchmarks: databases of their own, built once by name, copied for each run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
FORM = 3
"""Raise it when a kept book would no longer be what the code builds."""


@dataclass(frozen=True)
class Home:
    """A folder and, on PostgreSQL, a database."""

    folder: Path
    url: str = ""

    def run(self, *words: str) -> Any:
        """Run ``python -m …`` on this home; the JSON on its last line is returned."""
        done = subprocess.run(  # noqa: S603 - our own modules
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env={
                **os.environ,
                "LOANOPS_HOME": str(self.folder),
                "LOANOPS_MODE": "development",
                "DATABASE_URL": self.url,
                "DJANGO_SETTINGS_MODULE": "loanops.config.settings",
                "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            },
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} failed:\n{done.stderr[-2000:]}")
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else None


def engines() -> tuple[str, ...]:
    """SQLite always; PostgreSQL where DATABASE_URL names a server."""
    return ("SQLite", "PostgreSQL") if os.environ.get("DATABASE_URL") else ("SQLite",)


def kept(engine: str, name: str, *words: str) -> Home:
    """The home of this name, migrated; it is built by ``words`` where there is none yet."""
    kept_in = Path(os.environ.get("LOANOPS_HOME", ROOT / "var")) / "bench"
    folder = kept_in / f"{name}-{engine.lower()}-{FORM}"
    home = Home(folder, _url(f"loanops_bench_{name}_{FORM}") if engine == "PostgreSQL" else "")
    done = folder / "built"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _created(home)
    home.run("loanops.surfaces.cli", "django", "migrate", "--verbosity", "0")
    if not done.exists():
        home.run(*words)
        done.touch()
    return home


@contextmanager
def copied(home: Home) -> Iterator[Home]:
    """A copy that is thrown away."""
    with tempfile.TemporaryDirectory(dir=home.folder.parent) as place:
        folder = Path(place) / "home"
        shutil.copytree(home.folder, folder)
        _written(folder)
        copy = Home(folder, _url(f"{_name(home.url)}_run") if home.url else "")
        _created(copy, template=_name(home.url))
        try:
            yield copy
        finally:
            _dropped(copy)


def _written(folder: Path) -> None:
    """Wait until a copy is on the disk, so that no timed run waits for it."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


@contextmanager
def fresh(engine: str) -> Iterator[Home]:
    """A migrated home that is thrown away."""
    with tempfile.TemporaryDirectory() as place:
        home = Home(Path(place), _url("loanops_bench_fresh") if engine == "PostgreSQL" else "")
        _created(home)
        try:
            home.run("loanops.surfaces.cli", "django", "migrate", "--verbosity", "0")
            yield home
        finally:
            _dropped(home)


def _url(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def _name(url: str) -> str:
    return urlsplit(url).path.lstrip("/")


def _created(home: Home, template: str = "") -> None:
    if home.url:
        _dropped(home)
        # Copied as files: through the log, a book of gigabytes would still be written afterwards.
        copy_of = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        _order(home.url, f'CREATE DATABASE "{_name(home.url)}"{copy_of}')


def _dropped(home: Home) -> None:
    if home.url:
        _order(home.url, f'DROP DATABASE IF EXISTS "{_name(home.url)}" WITH (FORCE)')


def _order(url: str, sql: str) -> None:
    server = urlsplit(url)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql)
