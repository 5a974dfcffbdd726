"""Repayments that come while a day is closed: how long each waits, and that none is refused.

A repayment at a time is booked in a process of its own, before the close of a book of 1,000,000
loans and beside it. The checks of money must be clean afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.close import DUES, LOANS, book_of
from benchmarks.figure import Figure
from benchmarks.homes import copied, engines

TITLE = "Repayments while a day is closed"
SECONDS = 2.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: the longest wait beside the close, against the median one before it."""
    loans, dues = (4_000, 400) if quick else (LOANS, DUES)
    for engine in engines():
        with copied(book_of(engine, loans, dues)) as home:
            run = home.run("benchmarks.waits_runs")
        clean = not run["violations"] and not run["refused"]
        yield Figure(
            f"longest of {run['beside']:,} repayments beside a close, {loans:,} loans, {engine}",
            run["longest"],
            "s",
            "the median one before the close",
            run["longest"] / run["median_before"],
            f"{SECONDS:g} s, none refused",
            None if quick else clean and run["beside"] > 0 and run["longest"] <= SECONDS,
            f"median {1000 * run['median']:.2g} ms; the close took {run['close']:.2g} s; "
            f"verify is clean"
            if clean
            else f"void: {run['refused']} refused, {run['violations'][:1]}",
        )
