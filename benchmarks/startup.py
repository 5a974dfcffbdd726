"""`loanops --help` from the front door, against the same interpreter with Django set up.

A program of its own asks for the help and says whether Django was loaded: it must not be.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure, seconds

TITLE = "Start of the command line"
ROOT = Path(__file__).resolve().parent.parent
MOST = 0.5
HELP = """
import contextlib, io, sys
from loanops.surfaces.cli.main import loanops
with contextlib.redirect_stdout(io.StringIO()):
    loanops(["--help"], standalone_mode=False)
sys.exit("django" in sys.modules)
"""
DJANGO = "from loanops.config import startup; startup.start()"


def measure(*, quick: bool) -> Iterator[Figure]:
    """The front door, an interpreter that sets Django up, and one that does nothing."""
    ways = {
        "help": [str(ROOT / "loanops"), "--help"],
        "django": [sys.executable, "-c", DJANGO],
        "nothing": [sys.executable, "-c", "pass"],
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(2 if quick else 9):
        for name, words in ways.items():
            took[name].append(seconds(partial(_run, words), times=1))
    ours, django, nothing = (median(took[name]) for name in ways)
    light = _run([sys.executable, "-c", HELP]) == 0
    yield Figure(
        "loanops --help",
        1000 * ours,
        "ms",
        "faster than to set Django up",
        django / ours,
        f"at most {1000 * MOST:g} ms, without Django",
        None if quick else light and ours <= MOST,
        "Django is not loaded" if light else "Django is loaded",
    )
    yield Figure(
        "an interpreter that does nothing", 1000 * nothing, "ms", "of the time of ours",
        nothing / ours,
    )  # fmt: skip


def _run(words: list[str]) -> int:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "LOANOPS_MODE": "development"}
    return subprocess.run(words, env=env, check=False, capture_output=True).returncode  # noqa: S603
