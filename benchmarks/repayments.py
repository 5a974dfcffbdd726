"""A file of repayments, nine in ten exact, against the ORM writing the same rows one by one.

Each row has its own refusal: strange loans are refused alone, and what is told twice changes
nothing. The checks of money must be clean afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.homes import engines, fresh

TITLE = "A file of repayments"
WANTED = {"SQLite": 10_000, "PostgreSQL": 7_000}
TIMES = 12.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: rows a second, against the ORM."""
    rows, by_orm = ("300", "20") if quick else ("20000", "400")
    for engine in engines():
        with fresh(engine) as home:
            run = home.run("benchmarks.repayments_runs", rows, by_orm)
        a_second, ratio = 1 / run["ours"], run["orm"] / run["ours"]
        clean = not run["violations"]
        yield Figure(
            f"repayment file of {run['rows']:,} rows, {engine}",
            a_second,
            "rows a second",
            "faster than ORM get-and-save",
            ratio,
            f"{WANTED[engine]:,} rows a second, {TIMES:g} times",
            None if quick else clean and a_second >= WANTED[engine] and ratio >= TIMES,
            f"{run['refused']:,} rows refused alone; verify is clean"
            if clean
            else f"void: {run['violations'][0]}",
        )
