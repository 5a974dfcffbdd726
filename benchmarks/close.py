"""The close of a day, against a job that loads and saves every loan through the ORM.

A book of 1,000,000 loans of twelve instalments, of which 100,000 fall due, five thousand were
left unpaid yesterday and thirty thousand before. In a book sixteen times smaller the same dues must
cost not much less time and write exactly the same rows. Checks run before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Any

from benchmarks.figure import Figure
from benchmarks.homes import Home, copied, engines, kept

TITLE = "Close of a business day"
LOANS, DUES = 1_000_000, 100_000
SMALL, SMALL_DUES = 62_500, 25_000
SAMPLE = 25_000
SECONDS = {"SQLite": 1.5, "PostgreSQL": 2.5}
WANTED = 300
GROWTH_MOST = {"SQLite": 3.0, "PostgreSQL": 2.0}
TIMES = 3
PER_LOAN = (
    "payments_debitorder",
    "servicing_change",
    "servicing_classchange",
    "servicing_loanclass",
    "servicing_interestaccrual",
    "payments_debitfile",
    "books_closestep",
)


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: the close, its baseline, its growth, and the rows that it writes."""
    for engine in engines():
        if quick:
            yield from speed(engine, 4_000, 400, sample=2_000)
            yield from growth(engine, 2_000, 4_000, 400)
            continue
        yield from speed(engine, LOANS, DUES, sample=SAMPLE, seconds_most=SECONDS[engine])
        yield from growth(engine, SMALL, LOANS, SMALL_DUES, most=GROWTH_MOST[engine])


def speed(
    engine: str, loans: int, dues: int, *, sample: int, seconds_most: float | None = None
) -> Iterator[Figure]:
    """The close of a book, and how many times it is faster than the baseline.

    Judged where ``seconds_most`` says what it may take.
    """
    run, wrong = _closed(book_of(engine, loans, dues), times=TIMES if seconds_most else 1)
    sampled = book_of(engine, sample, sample * dues // loans)
    with copied(sampled) as home:
        slow = home.run("benchmarks.close_runs", "baseline")
    with copied(sampled) as home:
        fast = home.run("benchmarks.close_runs", "close")
    same_work = all(slow["rows"].get(table) == fast["rows"].get(table) for table in PER_LOAN)
    seconds = run["seconds"]
    ratio = slow["seconds"] / slow["loans"] * loans / seconds
    steps = ", ".join(f"{name} {took}" for name, took in run["steps"].items() if took)
    steps += f"; of our processor {run['used']:.2g} s"
    yield Figure(
        f"close of {loans:,} loans, {dues:,} due, {engine}",
        seconds,
        "s",
        wanted=f"{SECONDS[engine]:g} s" if seconds_most else "",
        reached=not wrong and seconds <= seconds_most if seconds_most else None,
        note=f"void: {wrong[0]}" if wrong else f"{steps}; verify is clean",
    )
    yield Figure(
        f"close against a row-at-a-time job, {engine}",
        seconds,
        "s",
        f"faster than the ORM over every loan (extrapolated from {slow['loans']:,})",
        ratio,
        f"{WANTED} times",
        not wrong and same_work and ratio >= WANTED if seconds_most else None,
        "both order the same debits, move the same loans and accrue the same pools"
        if same_work
        else f"void: the work differs: {_difference(fast, slow)}",
    )


def growth(
    engine: str, small: int, large: int, dues: int, *, most: float | None = None
) -> Iterator[Figure]:
    """How much longer the same dues take in a larger book; judged where ``most`` says it."""
    times = TIMES if most else 1
    few, wrong = _closed(book_of(engine, small, dues), times=times)
    many, wrong_large = _closed(book_of(engine, large, dues), times=times)
    ratio = many["seconds"] / few["seconds"]
    same, wrong = many["rows"] == few["rows"], wrong + wrong_large
    yield Figure(
        f"close from {small:,} to {large:,} loans with the same {dues:,} dues, {engine}",
        many["seconds"],
        "s",
        "the time of the smaller book",
        ratio,
        f"at most {GROWTH_MOST[engine]:g} times",
        same and not wrong and ratio <= most if most else None,
        f"void: {wrong[0]}"
        if wrong
        else "the same rows are written"
        if same
        else f"rows differ: {_difference(many, few)}",
    )


def book_of(engine: str, loans: int, dues: int) -> Home:
    """The kept book of so many loans and dues."""
    return kept(engine, f"close_{loans}_{dues}", "benchmarks.book", "build", str(loans), str(dues))


def _closed(book: Home, *, times: int) -> tuple[dict[str, Any], list[str]]:
    """The close of a copy, with the median time of so many copies, and what verify finds."""
    wrong: list[str] = []
    runs = []
    for place in range(times):
        with copied(book) as home:
            runs.append(home.run("benchmarks.close_runs", "close"))
            if place == 0:
                wrong = home.run("benchmarks.book", "verify")
    middle = {name: median(run[name] for run in runs) for name in ("seconds", "used")}
    return {**runs[0], **middle}, wrong


def _difference(large: dict[str, Any], small: dict[str, Any]) -> str:
    tables = sorted(set(large["rows"]) | set(small["rows"]))
    return ", ".join(
        f"{table} {large['rows'].get(table, 0) - small['rows'].get(table, 0):+d}"
        for table in tables
        if large["rows"].get(table, 0) != small["rows"].get(table, 0)
    )
