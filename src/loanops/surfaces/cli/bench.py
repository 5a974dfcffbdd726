"""`loanops bench`: the headline figures, each against its comparison in the same run."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from loanops.surfaces.cli.framing import checkout, emit, stop


def names(root: Path) -> list[str]:
    """Every file of `benchmarks/` that measures something."""
    return sorted(
        path.stem
        for path in (root / "benchmarks").glob("*.py")
        if "def measure(" in path.read_text(encoding="utf-8")
    )


def measured(name: str, *, quick: bool) -> Iterator[Any]:
    """The figures of one benchmark as they are measured."""
    module = importlib.import_module(f"benchmarks.{name}")
    click.echo(module.TITLE, err=True)
    yield from module.measure(quick=quick)


@click.command()
@click.argument("which", nargs=-1)
@click.option("--quick", is_flag=True, help="Small books: shows that it runs, judges nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def bench(which: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Measure the headline figures, all or WHICH, each against its peer in the same run.

    Exit 1 when a figure is lower than it has to be.
    """
    root = checkout()
    sys.path.insert(0, str(root))
    known = names(root)
    strange = [name for name in which if name not in known]
    if strange:
        stop(f"There is no benchmark {strange[0]}; choose from: {', '.join(known)}.")
    began = time.monotonic()
    figures: list[dict[str, Any]] = []
    for name in which or tuple(known):
        for figure in measured(name, quick=quick):
            figures.append({"benchmark": name, **figure.plain()})
            if not as_json:
                click.echo(f"  {figure.line()}")
    low = [figure["name"] for figure in figures if figure["reached"] is False]
    if as_json:
        emit({"figures": figures, "low": low, "seconds": round(time.monotonic() - began, 1)})
    elif low:
        click.echo(f"Lower than wanted: {', '.join(low)}", err=True)
    sys.exit(int(bool(low)))
