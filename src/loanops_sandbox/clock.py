"""The clock of the banks: the machine's, or a story's where a file holds one.

A rehearsal lives through months in minutes; banks that take part in it must live in the same
months, or they would take every message for stale.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

_file: Path | None = None


def follow(path: Path | None) -> None:
    """Read the moment from a file from now on; while it is missing, the machine's clock counts."""
    global _file  # noqa: PLW0603 - one process, one clock
    _file = path


def now() -> datetime:
    """The present moment (UTC)."""
    if _file is None:
        return datetime.now(UTC)
    try:
        text = _file.read_text(encoding="ascii")
    except FileNotFoundError:
        return datetime.now(UTC)
    return datetime.fromisoformat(text.strip()).astimezone(UTC)


def seconds() -> float:
    """The present moment in seconds since 1970."""
    return now().timestamp()
