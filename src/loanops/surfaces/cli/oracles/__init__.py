"""`loanops oracles DIR`: run the kernel against published figures and say where it differs.

Each case file `oracle-*.json` holds cases of one kind; a translator per kind turns the inputs
into calls of the kernel, never into figures of its own.
"""

from __future__ import annotations

from pathlib import Path

import click

from loanops.surfaces.cli.framing import emit, stop
from loanops.surfaces.cli.oracles.run import Report, cases_of, run

__all__ = ["Report", "cases_of", "command", "run"]


@click.command("oracles")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(folder: Path, as_json: bool) -> None:
    """Run every case of every oracle-*.json in FOLDER; exit 0 only if all pass."""
    if not folder.is_dir():
        stop(f"{folder} is not a folder; name the one that holds the oracle-*.json files.")
    report = run(cases_of(folder))
    if as_json:
        emit(report.to_dict())
    else:
        _print(report)
    if not report.all_pass:
        raise SystemExit(1)


def _print(report: Report) -> None:
    for kind, count in sorted(report.by_kind.items()):
        click.echo(
            f"{kind:<12} {count.passed:>4} passed {count.failed:>4} failed"
            f" {count.unsupported:>4} unsupported"
        )
    for failure in report.failures:
        click.echo(f"{failure['id']}: expected {failure['expected']}, got {failure['got']}")
