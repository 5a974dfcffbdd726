"""The close of a day, against a job that loads and saves every loan through the ORM.

A book of 1,000,000 loans of twelve instalments, of which 100,000 fall due, five thousand were
left unpaid yesterday and thirty thousand before. The same dues in a book of a quarter of the size
must cost almost the same time and exactly the same rows. Checks run before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from benchmarks.homes import Home, copied, engines, kept

TITLE = "Close of a business day"
LOANS, QUARTER, DUES = 1_000_000, 250_000, 100_000
SAMPLE = 25_000
SECONDS = {"SQLite": 3.0, "PostgreSQL": 4.0}
WANTED, GROWTH_MOST = 150, 1.5
TIMES = 3
PER_LOAN = (
    "payments_debitorder",
    "servicing_change",
    "servicing_interestaccrual",
    "payments_debitfile",
    "books_closestep",
)


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: the close, its baseline, its growth, and the rows that it writes."""
    sizes = (4_000, 2_000, 400, 2_000) if quick else (LOANS, QUARTER, DUES, SAMPLE)
    loans, quarter, dues, sample = sizes
    for engine in engines():
        large, wrong = _closed(_book(engine, loans, dues), times=1 if quick else TIMES)
        small, wrong_small = _closed(_book(engine, quarter, dues), times=1 if quick else TIMES)
        sampled = _book(engine, sample, sample * dues // loans)
        with copied(sampled) as home:
            slow = home.run("benchmarks.close_runs", "baseline")
        with copied(sampled) as home:
            fast = home.run("benchmarks.close_runs", "close")
        same_work = all(slow["rows"].get(table) == fast["rows"].get(table) for table in PER_LOAN)
        seconds = large["seconds"]
        ratio = slow["seconds"] / slow["loans"] * loans / seconds
        steps = ", ".join(f"{name} {took}" for name, took in large["steps"].items() if took)
        steps += f"; of our processor {large['used']:.2g} s"
        clean = not wrong and not wrong_small
        yield Figure(
            f"close of {loans:,} loans, {dues:,} due, {engine}",
            seconds,
            "s",
            wanted=f"{SECONDS[engine]:g} s",
            reached=None if quick else clean and seconds <= SECONDS[engine],
            note=f"{steps}; verify is clean" if clean else f"void: {(wrong + wrong_small)[0]}",
        )
        yield Figure(
            f"close against a row-at-a-time job, {engine}",
            seconds,
            "s",
            f"faster than the ORM over every loan (extrapolated from {slow['loans']:,})",
            ratio,
            f"{WANTED} times",
            None if quick else clean and same_work and ratio >= WANTED,
            "both order the same debits, move the same loans and accrue the same pools"
            if same_work
            else f"void: the work differs: {_difference(fast, slow)}",
        )
        growth = seconds / small["seconds"]
        same = large["rows"] == small["rows"]
        yield Figure(
            f"close from {quarter:,} to {loans:,} loans with the same dues, {engine}",
            seconds,
            "s",
            "the time of the smaller book",
            growth,
            f"at most {GROWTH_MOST} times",
            None if quick else clean and growth <= GROWTH_MOST and same,
            "the same rows are written" if same else f"rows differ: {_difference(large, small)}",
        )


def _book(engine: str, loans: int, dues: int) -> Home:
    return kept(engine, f"close_{loans}_{dues}", "benchmarks.book", "build", str(loans), str(dues))


def _closed(book: Home, *, times: int) -> tuple[dict[str, Any], list[str]]:
    """The close of a copy, with the median time of so many copies, and what verify finds."""
    wrong: list[str] = book.run("benchmarks.book", "verify")
    runs = []
    for place in range(times):
        with copied(book) as home:
            runs.append(home.run("benchmarks.close_runs", "close"))
            if place == 0:
                wrong += home.run("benchmarks.book", "verify")
    middle = {name: median(run[name] for run in runs) for name in ("seconds", "used")}
    return {**runs[0], **middle}, wrong


def _difference(large: dict[str, Any], small: dict[str, Any]) -> str:
    tables = sorted(set(large["rows"]) | set(small["rows"]))
    return ", ".join(
        f"{table} {large['rows'].get(table, 0) - small['rows'].get(table, 0):+d}"
        for table in tables
        if large["rows"].get(table, 0) != small["rows"].get(table, 0)
    )
