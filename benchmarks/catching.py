"""Days that were missed and are closed at once, against as many closes day by day.

Catching up must cost what happened on those days: the time of closing each in its turn, and
exactly the same rows. Checks run after both.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from benchmarks.close import SMALL, SMALL_DUES, book_of
from benchmarks.figure import Figure
from benchmarks.homes import Home, copied, engines

TITLE = "Catching up missed days"
DAYS, DAYS_QUICK = 20, 3
MOST, TIMES = 1.1, 3
WAYS = ("daily", "at_once")


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: so many days at once, against day by day."""
    loans, dues, days = (2_000, 400, DAYS_QUICK) if quick else (SMALL, SMALL_DUES, DAYS)
    for engine in engines():
        book = book_of(engine, loans, dues)
        took: dict[str, list[float]] = {way: [] for way in WAYS}
        rows: dict[str, dict[str, int]] = {}
        wrong: list[str] = []
        for _ in range(1 if quick else TIMES):
            for way in WAYS:
                seconds, rows[way], found = _run(book, way, days)
                took[way].append(seconds)
                wrong += found
        once, daily = median(took["at_once"]), median(took["daily"])
        same = rows["at_once"] == rows["daily"]
        yield Figure(
            f"{days} missed days of {loans:,} loans closed at once, {engine}",
            once,
            "s",
            "the time of as many closes day by day",
            once / daily,
            f"at most {MOST} times, the same rows",
            None if quick else same and not wrong and once <= MOST * daily,
            f"{sum(rows['at_once'].values()):,} rows either way; verify is clean"
            if same and not wrong
            else f"void: {wrong[:1]} {rows}",
        )


def _run(book: Home, way: str, days: int) -> tuple[float, dict[str, int], list[str]]:
    with copied(book) as home:
        run = home.run("benchmarks.close_runs", way, str(days))
        return run["seconds"], run["rows"], home.run("benchmarks.book", "verify")
