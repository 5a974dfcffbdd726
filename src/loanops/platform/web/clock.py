"""The one clock of the windows.

In development it may be set by a file, so that a demo, a rehearsal or a test lives through months
in minutes and every record carries the moment it happened in that story. Production refuses it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings


def now() -> datetime:
    """The present moment (UTC): the machine's, or the story's where a clock file is set."""
    path: Path | None = settings.ENVIRONMENT.clock_file
    if path is None or not path.exists():
        return datetime.now(UTC)
    return datetime.fromisoformat(path.read_text(encoding="ascii").strip()).astimezone(UTC)


def set_story(path: Path, moment: datetime) -> None:
    """Set the story's moment for every process that reads this file."""
    partial = path.with_suffix(".partial")
    partial.write_text(moment.isoformat(), encoding="ascii")
    partial.replace(path)
