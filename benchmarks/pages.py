"""Console pages on the demo's book, over HTTP, as each role of its staff sees them.

Every page that the links of the console lead to is asked for many times in turn; pages of one kind
(all loans, say) count together. The peer is the probe that only says that the server is alive.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.homes import kept

TITLE = "Console pages on the demo's book"
APPLICANTS, TIMES = 1_000, 20
P95_MOST = 200.0


def measure(*, quick: bool) -> Iterator[Figure]:
    """The slowest kind of page by its 95th percentile, the middle one, and the probe."""
    applicants, times = (30, 3) if quick else (APPLICANTS, TIMES)
    words = ("loanops.surfaces.cli", "demo", "--no-serve", "--applicants", str(applicants))
    run = kept("SQLite", f"demo_{applicants}", *words).run("benchmarks.pages_runs", str(times))
    slowest = sorted(run["pages"], key=lambda page: -page["p95"])
    worst, middle = slowest[0], slowest[len(slowest) // 2]
    clean = not run["failed"] and not run["violations"]
    trouble = [*run["failed"], *run["violations"]]
    yield Figure(
        f"slowest of {len(slowest)} kinds of pages, 95th percentile ({worst['kind']})",
        worst["p95"],
        "ms",
        "the time of the probe",
        worst["p95"] / run["probe"],
        f"at most {P95_MOST:g} ms",
        None if quick else clean and worst["p95"] <= P95_MOST,
        "every page answered; verify is clean" if clean else f"void: {trouble[0]}",
    )
    yield Figure(
        f"kind of page in the middle ({middle['kind']})",
        middle["median"],
        "ms",
        "the time of the probe",
        middle["median"] / run["probe"],
        note="its median",
    )
