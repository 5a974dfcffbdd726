"""What every verb shares: language, start-up, output as JSON, refusals as one sentence."""

from __future__ import annotations

import _thread
import ctypes
import errno
import fcntl
import importlib
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NoReturn, TypeVar

import click

from loanops.kernel.refusals import Refusal

ROOT = Path(__file__).resolve().parents[4]
T = TypeVar("T")
_MENDABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR}
)
_DEATH_SIGNAL = 1


_held: list[IO[str]] = []


def in_chinese() -> bool:
    """Whether the terminal asks for Chinese: LOANOPS_LANGUAGE, else LC_ALL, else LANG."""
    for name in ("LOANOPS_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return value.lower().startswith("zh")
    return False


def boot() -> None:
    """Load Django and plug everything in. Verbs that need neither do not call it."""
    from django.core.exceptions import ImproperlyConfigured
    from django.utils import translation
    from pydantic import ValidationError

    try:
        config("startup").start()
    except (ImproperlyConfigured, ValueError) as fault:
        if isinstance(fault, ValidationError):
            stop("\n".join(said_of(error) for error in fault.errors()))
        stop(str(fault))
    translation.activate("zh-hans" if in_chinese() else "en")


def said_of(error: Mapping[str, Any]) -> str:
    """One fault of the settings: which variable, and what is wrong with it."""
    name = "_".join(str(part) for part in error["loc"]).upper()
    variable = name if name == "DATABASE_URL" else f"LOANOPS_{name}"
    return f"{variable}: {error['msg']}."


def config(name: str) -> Any:
    """A module of `loanops.config`, by name as Django names its settings.

    Config stands above the windows and knows them all, so no window may import it.
    """
    return importlib.import_module(f"loanops.config.{name}")


def pending_migrations() -> bool:
    """Whether the database is older than this version."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refuse_old_database() -> None:
    """End with one sentence where the tables are not those of this version."""
    if pending_migrations():
        stop("The database is empty or older than this version; run ./loanops upgrade first.")


def sentence_of(refusal: Refusal) -> str:
    """A refusal in the language of the terminal."""
    from django.apps import apps

    if not apps.ready:
        return str(refusal)
    from loanops.platform.web.words import words_of

    return words_of(refusal)


def mend_of(fault: BaseException) -> str:
    """What to do about a trouble of the machine; empty where the fault is a bug of ours."""
    if isinstance(fault, OSError) and fault.errno in _MENDABLE:
        return f"{fault.strerror}: {fault.filename}. Mend: check rights and space."
    if "django.db" in sys.modules:
        from loanops.platform.web.troubles import trouble_of

        trouble = trouble_of(fault)
        if trouble is not None:
            return f"{sentence_of(trouble)} ({str(fault).strip().splitlines()[0]})"
    return ""


def hold_home(home: Path, *, alone: bool) -> None:
    """Say that this process works on the home, until it ends; a restore must be alone there.

    Ends with one sentence where somebody else's work forbids it.
    """
    (home / "run").mkdir(parents=True, exist_ok=True)
    handle = (home / "run" / "home.lock").open("w")
    _held.append(handle)
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        stop(
            f"LoanOps still runs on {home}; stop `serve` and every worker first."
            if alone
            else f"A restore is putting {home} back; start again when it has ended."
        )


def stop(sentence: str) -> NoReturn:
    """End with one clear sentence on standard error and exit 2."""
    click.echo(sentence, err=True)
    raise SystemExit(2)


def die_with_parent() -> None:
    """Linux: a process whose parent was killed must not live on and keep its port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGTERM)


def told_to_end() -> threading.Event:
    """What is set when SIGTERM or Ctrl-C comes.

    A thread sets it, not the handler: a handler interrupts the very thread that waits, which may
    hold the Event's lock, and would then wait for itself.
    """
    ended = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: _thread.start_new_thread(ended.set, ()))
    return ended


def emit(values: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on one line of standard output."""
    click.echo(json.dumps(values, ensure_ascii=False, default=str))


def checkout() -> Path:
    """The checkout this runs from; verbs that work on the project itself need one."""
    if not (ROOT / "pyproject.toml").exists():
        stop("This verb works on the project itself; run it from a clone as ./loanops.")
    return ROOT


@contextmanager
def progress(rows: Iterable[T], *, label: str, length: int | None = None) -> Iterator[Iterable[T]]:
    """A progress bar on standard error, silent where that is not a terminal."""
    bar: Any = click.progressbar(
        rows, label=label, length=length, file=sys.stderr, hidden=not sys.stderr.isatty()
    )
    with bar as running:
        yield running
