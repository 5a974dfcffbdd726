"""Real applications from a file to loans, against the same work one application at a time.

Everything is durable (SQLite, synchronous=FULL) and everything is done: rows read, decided, funded
and paid over HTTP by the sandbox bank in its own process, disclosed, drawn up, signed, disbursed,
scheduled, every step witnessed. The public file is not part of the repository; where it is not
there, this is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.figure import Figure
from benchmarks.homes import ROOT, fresh

TITLE = "A file of applications, from intake to loans"
FILE = ROOT.parent / "shared" / "data" / "lendingclub_2018q1.csv"
MAP = ROOT / "examples" / "maps" / "lendingclub.toml"
WANTED, EQUAL_IN_1000 = 40, 999
RUNS = "benchmarks.intake_runs"


def measure(*, quick: bool) -> Iterator[Figure]:
    """Applications a second from the file to loans, and PDFs a second beside them."""
    if not FILE.exists():
        yield Figure("applications to loans", 0, "a second", note=f"left out: {FILE.name} is away")
        return
    rows, singly, pdfs = (200, 20, 20) if quick else (0, 100, 400)
    with fresh("SQLite") as home:
        file = _part(home.folder, rows) if rows else FILE
        home.run("loanops.surfaces.cli", "book", "open", "us", "--json")
        wrong: list[str] = home.run(RUNS, "violations")
        run = home.run(
            "loanops.surfaces.cli", "intake", str(file), "--map", str(MAP), "--run", "--json"
        )
        wrong += home.run(RUNS, "violations")
        slow = home.run(RUNS, "singly", str(FILE), str(MAP), str(singly))
        drawn = home.run(RUNS, "pdfs", str(pdfs))
    a_second = run["applications"] / run["seconds"]
    ratio = a_second * slow["seconds"] / slow["applications"]
    equal = run["instalment_equal"] * 1000 >= EQUAL_IN_1000 * run["disbursed"]
    done = run["rows"] == run["applications"] and not run["waiting"] and not run["bad_rows"]
    good = not wrong and equal and done
    yield Figure(
        "applications from file to loans, SQLite",
        a_second,
        "a second",
        "faster than one application at a time",
        ratio,
        f"{WANTED} a second",
        None if quick else good and a_second >= WANTED,
        f"{run['disbursed']:,} of {run['applications']:,} disbursed, {run['instalment_equal']:,} "
        "instalments equal to the file's; "
        + ("verify is clean" if good else f"void: {(wrong or ['rows or instalments differ'])[0]}"),
    )
    yield Figure(
        "contracts as PDF", drawn["pdfs"] / drawn["seconds"], "a second", note="a job beside it"
    )


def _part(folder: Path, rows: int) -> Path:
    part = folder / "part.csv"
    part.write_bytes(b"".join(FILE.read_bytes().splitlines(keepends=True)[: rows + 1]))
    return part
