"""The story's clock: while it runs, our processes and the banks live in the story's time.

It is the clock file of the windows, which production refuses. After the story everybody goes by
the machine's clock again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from loanops.platform.web.clock import set_story


class Story:
    """Moves the clock, forward only."""

    def __init__(self, path: Path, *, zone: str, begins: datetime) -> None:
        self._path, self._zone = path, ZoneInfo(zone)
        self._aside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="story-aside")
        self._begun: list[Future[None]] = []
        self.now = begins
        set_story(path, begins)

    def clock(self) -> datetime:
        """The present moment of the story."""
        return self.now

    def turn_to(self, day: date, at: time) -> datetime:
        """It is now that time of that day, or still later where more has happened already."""
        moment = datetime.combine(day, at, tzinfo=self._zone).astimezone(UTC)
        return self._move(max(moment, self.now))

    def let_pass(self, seconds: int) -> datetime:
        """Some time passes."""
        return self._move(self.now + timedelta(seconds=seconds))

    def aside(self, work: Callable[[], None]) -> None:
        """Have something done beside what goes on; what it raises is raised at the story's end."""
        self._begun.append(self._aside.submit(_alone, work))

    def end(self) -> None:
        """Wait for what is done aside."""
        self._aside.shutdown()
        for each in self._begun:
            each.result()

    def _move(self, moment: datetime) -> datetime:
        self.now = moment
        set_story(self._path, moment)
        return moment


@contextmanager
def story(*, zone: str, begins: datetime) -> Iterator[Story]:
    """A story in this process, and in every process that is started from it meanwhile."""
    from django.conf import settings

    folder = Path(settings.HOME) / "run"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "story-clock"
    settings.ENVIRONMENT.clock_file = path
    _wait_for_disk(False)
    try:
        told = Story(path, zone=zone, begins=begins)
        yield told
        told.end()
    finally:
        settings.ENVIRONMENT.clock_file = None
        _wait_for_disk(True)
        path.unlink(missing_ok=True)


def _alone(work: Callable[[], None]) -> None:
    """Work of another thread, which has a connection of its own."""
    from django.db import connection

    try:
        work()
    finally:
        connection.close()


def _wait_for_disk(waits: bool) -> None:
    """A story that the power cuts off is told anew, so nothing is waited for while it runs."""
    from django.conf import settings
    from django.db import connection

    settings.ENVIRONMENT.wait_for_disk = waits
    connection.close()
    connection.settings_dict["OPTIONS"] = settings.ENVIRONMENT.database()["OPTIONS"]


def told_to(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process that is to live in the story."""
    from django.conf import settings

    return {
        **environment,
        "LOANOPS_CLOCK_FILE": str(settings.ENVIRONMENT.clock_file),
        "LOANOPS_WAIT_FOR_DISK": "false",
        "LOANOPS_LOG_LEVEL": "WARNING",
    }
