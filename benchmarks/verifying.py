"""`verify` over a million instalments, against loans that are loaded and replayed one by one.

Every check of the house runs over the kept book of the close, in one process: each of its loans is
replayed from its terms and events. The peer does the heaviest check alone, as a job through the
ORM would, over a part of the loans, and is reckoned up to all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.close import book_of
from benchmarks.figure import Figure
from benchmarks.homes import engines

TITLE = "Every invariant over a whole book"
LOANS, DUES = 83_334, 10_000
INSTALMENTS = 12
SAMPLE = 2_000
SECONDS_MOST = 300.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine: all checks over the book, and its peer."""
    loans, dues = (2_000, 200) if quick else (LOANS, DUES)
    for engine in engines():
        yield _verified(engine, loans, dues, judged=not quick)


def _verified(engine: str, loans: int, dues: int, *, judged: bool) -> Figure:
    book = book_of(engine, loans, dues)
    whole: dict[str, Any] = book.run("benchmarks.verifying_runs", "whole")
    slow: dict[str, Any] = book.run("benchmarks.verifying_runs", "one_by_one", str(SAMPLE))
    seconds, wrong = whole["seconds"], whole["wrong"] + slow["wrong"]
    ratio = slow["seconds"] / slow["loans"] * loans / whole["replays"]
    return Figure(
        f"verify of {INSTALMENTS * loans:,} instalments, {whole['checks']} checks, {engine}",
        seconds,
        "s",
        f"the replays alone against one loan after the other (from {slow['loans']:,})",
        ratio,
        f"at most {SECONDS_MOST:g} s",
        not wrong and seconds <= SECONDS_MOST if judged else None,
        f"void: {wrong[0]}" if wrong else f"of it replays {whole['replays']:.3g} s; one process",
    )
