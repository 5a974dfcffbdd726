"""One repayment posted durably with all its witnesses, against the ORM and the bare driver.

The ORM way follows the same rule and writes the same rows, each object got and saved. Loans of
ten days and of seven hundred are paid; the checks of money must be clean before and after.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.figure import Figure
from benchmarks.homes import engines, fresh

TITLE = "One repayment, durable"
WANTED = 2.5


def measure(*, quick: bool) -> Iterator[Figure]:
    """For each engine and age: ours against the ORM, and the driver's limit."""
    loans = "60" if quick else "1500"
    for engine in engines():
        for age_days in (10, 700):
            with fresh(engine) as home:
                run = home.run("benchmarks.repayment_runs", loans, str(age_days))
            clean = not run["violations"]
            ratio = run["orm"] / run["ours"]
            yield Figure(
                f"repayment of a loan {age_days} days old, {engine}",
                1000 * run["ours"],
                "ms",
                "faster than ORM get-and-save",
                ratio,
                f"{WANTED} times",
                None if quick else clean and ratio >= WANTED,
                f"{_used(run)}; verify is clean" if clean else f"void: {run['violations'][0]}",
            )
            yield Figure(
                f"four bare statements, {engine}",
                1000 * run["driver"],
                "ms",
                "of the time of ours",
                run["driver"] / run["ours"],
                note="the driver's limit: no rule, no witness",
            )


def _used(run: dict[str, Any]) -> str:
    """Processor time, which a busy machine stretches less than the clock's."""
    ours, orm = 1000 * run["ours_used"], 1000 * run["orm_used"]
    return f"of our processor {ours:.2g} ms against {orm:.2g} ms"
