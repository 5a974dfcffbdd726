"""`loanops soak`: long seeded runs under faults; one number makes a failing run again."""

from __future__ import annotations

import importlib
import sys
import time
from contextlib import nullcontext
from typing import Any

import click

from loanops.surfaces.cli.framing import checkout, emit, progress

PARTS = ("kernel", "book", "story", "kills", "callbacks")
MORE = ("corruptions",)
"""Parts that run only when they are named: they judge `verify`, not the house."""
ALL = (*PARTS, *MORE)
ROUND = 8
"""Runs that each job begins before the clock is looked at again."""


def again(part: str, seed: int, steps: int) -> str:
    """The command that makes one run again."""
    return f"./loanops soak --part {part} --first {seed} --seeds 1 --steps {steps}"


@click.command()
@click.option("--seeds", default=10, show_default=True, type=click.IntRange(1), help="How many.")
@click.option("--first", default=1, show_default=True, type=click.IntRange(0), help="First seed.")
@click.option("--steps", default=200, show_default=True, type=click.IntRange(1), help="Of a story.")
@click.option("--minutes", type=click.FloatRange(0, min_open=True), help="Begin none after these.")
@click.option("--jobs", default=1, show_default=True, type=click.IntRange(1), help="At once.")
@click.option(
    "--part", "parts", multiple=True, type=click.Choice((*PARTS, *MORE)), help="Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def soak(
    seeds: int,
    first: int,
    steps: int,
    minutes: float | None,
    jobs: int,
    parts: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run seeds under faults: a loan to which everything happens, late, twice and undone (kernel),
    a small book with operations, closes, crashes and payments at once (book), orders with failing
    statements and a bank that misbehaves (story), servers killed in mid-payout (kills), callbacks
    of every manner over HTTP (callbacks).

    Named alone: `--part corruptions` changes --steps rows of a demo at random, one at a time, and
    fails where verify names fewer than 95 % of them; those that it is silent about are listed.

    After each of the others, the bank's truth has to be ours and every invariant has to hold.
    DATABASE_URL chooses the database. Exit 1 when a seed fails.
    """
    sys.path.insert(0, str(checkout()))
    runs = importlib.import_module("tests.soak.runs")
    began = time.monotonic()
    wanted = [(part, seed) for seed in range(first, first + seeds) for part in parts or PARTS]
    rounds = [wanted[place : place + jobs * ROUND] for place in range(0, len(wanted), jobs * ROUND)]
    done: list[Any] = []
    installed = nullcontext() if set(parts) == {"kernel"} else runs.template()
    with installed as original, runs.together(jobs) as run, progress(rounds, label="soak") as bar:
        for each in bar:
            if minutes is not None and time.monotonic() - began > minutes * 60:
                break
            for came in run(each, original, steps):
                done.append(came)
                if came.found and not as_json:
                    told = "\n  ".join(came.found)
                    click.echo(f"{again(came.part, came.seed, steps)}\n  {told}", err=True)
    failed = [
        {"part": each.part, "seed": each.seed, "found": list(each.found),
         "again": again(each.part, each.seed, steps)}
        for each in done if each.found
    ]  # fmt: skip
    counts = {part: sum(each.part == part for each in done) for part in ALL}
    report = {
        "runs": counts,
        "failed": failed,
        "seconds": round(time.monotonic() - began, 1),
    }
    if as_json:
        emit(report)
    else:
        counted = ", ".join(f"{count} {part}" for part, count in counts.items())
        click.echo(f"{counted}: {len(failed)} failed, {report['seconds']} s")
    sys.exit(int(bool(failed)))
