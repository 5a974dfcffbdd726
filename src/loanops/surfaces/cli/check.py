"""`loanops check`: everything that can be said about the code without running it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import click

from loanops.surfaces.cli.framing import checkout, in_chinese


class Step(NamedTuple):
    """One check: a command of the environment, run from the root of the checkout."""

    name: str
    command: tuple[str, ...]


_BIN: Final = Path(sys.executable).parent

STEPS: Final = (
    Step("format", ("ruff", "format", "--check", ".")),
    Step("lint", ("ruff", "check", ".")),
    Step("locks", (sys.executable, "tools/locks.py")),
    Step("catalogue", (sys.executable, "tools/catalogue.py", "check")),
    Step("templates", ("djlint", "src/loanops", "--lint", "--quiet")),
    Step("template format", ("djlint", "src/loanops", "--check")),
    Step("imports", ("lint-imports",)),
    Step("types", ("mypy",)),
)


@click.command()
@click.option("--only", multiple=True, type=click.Choice([step.name for step in STEPS]))
@click.option("--fix", is_flag=True, help="Format code and templates, and mend what ruff can.")
def check(only: tuple[str, ...], fix: bool) -> None:
    """Check format, lint, locks, catalogue, templates, import contracts and types."""
    root = checkout()
    with tempfile.TemporaryDirectory(prefix="loanops-check-") as home:
        env = {**os.environ, "LOANOPS_HOME": home, "LOANOPS_MODE": "development"}
        run = _runner(root, env)
        if fix:
            run(("ruff", "format", "."))
            run(("ruff", "check", "--fix", "."))
            run(("djlint", "src/loanops", "--reformat", "--quiet"))
        failed = [
            step.name
            for step in STEPS
            if (not only or step.name in only) and not _passes(step, run)
        ]
    if failed:
        words = "未通过：" if in_chinese() else "Failed: "
        click.echo(words + ", ".join(failed), err=True)
        sys.exit(1)


def _runner(root: Path, env: dict[str, str]) -> Callable[[tuple[str, ...]], tuple[int, str]]:
    def run(command: tuple[str, ...]) -> tuple[int, str]:
        program = command[0] if Path(command[0]).is_absolute() else str(_BIN / command[0])
        done = subprocess.run(
            [program, *command[1:]],
            cwd=root,
            env=env,
            check=False,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def _passes(step: Step, run: Callable[[tuple[str, ...]], tuple[int, str]]) -> bool:
    code, words = run(step.command)
    click.echo(f"{'ok  ' if code == 0 else 'FAIL'} {step.name}")
    if code != 0:
        click.echo(words.rstrip())
    return code == 0
