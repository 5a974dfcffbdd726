"""`loanops verify`: every invariant of every room, over the live database, read-only."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from loanops.kernel.refusals import Refusal
from loanops.platform.audit.checks import Check, Violation
from loanops.surfaces.cli.framing import boot, config, emit, progress, refuse_old_database, stop


def report(codes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Run the checks (all, or those named) on one snapshot and collect what they find."""
    from loanops.platform.db.snapshot import snapshot

    known = config("wiring").invariants()
    unknown = sorted(set(codes) - {check.code for check in known})
    if unknown:
        # A check that does not exist finds nothing, and nothing found would read as clean.
        stop(f"There is no invariant {', '.join(unknown)}.")
    checks = [check for check in known if not codes or check.code in codes]
    began = time.monotonic()
    found = []
    with snapshot(), progress(checks, label="verify") as bar:
        for check in bar:
            found += [asdict(violation) for violation in _found(check)]
    severe = [row for row in found if row["severity"] == "violation"]
    return {
        "ok": not severe,
        "checks": len(checks),
        "rules": [{"code": check.code, "statement": check.statement} for check in checks],
        "violations": severe,
        "warnings": [row for row in found if row["severity"] != "violation"],
        "seconds": round(time.monotonic() - began, 3),
    }


# What reading a row that was changed by hand may raise; a fault of the database ends the run.
_UNREADABLE = (Refusal, ValueError, KeyError, TypeError, AttributeError, ArithmeticError)


def _found(check: Check) -> Iterator[Violation]:
    """What a check finds; one that cannot read a row is a violation and hides no other."""
    try:
        yield from check.find()
    except _UNREADABLE as broken:
        yield Violation(
            code=check.code,
            object=f"check “{check.statement}”",
            expected="rows that can be read",
            found=f"{type(broken).__name__} in {check.find.__module__}.{check.find.__name__}",
            hint="the other violations name the row; mend it and verify again",
        )


def exit_code(result: dict[str, Any]) -> int:
    """0 when nothing was found, 1 for warnings alone, 2 for violations."""
    if result["violations"]:
        return 2
    return 1 if result["warnings"] else 0


@click.command()
@click.option("--code", "codes", multiple=True, help="Run this invariant only (repeatable).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(codes: tuple[str, ...], as_json: bool) -> None:
    """Check every invariant and name each violation by rule and row.

    Exit 0: clean; 1: warnings alone; 2: violations.
    """
    boot()
    refuse_old_database()
    result = report(codes)
    if as_json:
        emit(result)
    else:
        for row in result["violations"] + result["warnings"]:
            line = (
                f"{row['code']} {row['object']}: expected {row['expected']}, found {row['found']}"
            )
            click.echo(f"{line}. {row['hint']}".rstrip(". ") + ".")
        click.echo(
            f"{result['checks']} checks, {len(result['violations'])} violations, "
            f"{len(result['warnings'])} warnings, {result['seconds']} s"
        )
    sys.exit(exit_code(result))
