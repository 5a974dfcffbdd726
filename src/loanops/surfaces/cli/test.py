"""`loanops test`: the whole suite, on the database that DATABASE_URL names (SQLite without)."""

import os
import subprocess
import sys
import tempfile

import click

from loanops.surfaces.cli.framing import checkout

WHOLE_WORKERS = "auto"


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def test(arguments: tuple[str, ...]) -> None:
    """Run pytest over everything, or with the ARGUMENTS given (a path, -k, -x, -n 0)."""
    root = checkout()
    spread = () if any(word.startswith("-n") for word in arguments) else ("-n", WHOLE_WORKERS)
    with tempfile.TemporaryDirectory(prefix="loanops-test-") as home:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", *spread, *arguments],
            cwd=root,
            env={**os.environ, "LOANOPS_HOME": home, "LOANOPS_MODE": "development"},
            check=False,
        )
    sys.exit(done.returncode)
