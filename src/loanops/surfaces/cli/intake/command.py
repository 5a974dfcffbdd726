"""`loanops intake`: read, take in, and with --run carry on to loans; ends with one summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loanops.surfaces.cli.framing import boot, emit, progress, refuse_old_database, stop

if TYPE_CHECKING:
    from loanops.kernel.access import Actor
    from loanops.origination.applications.queries import RowMap
    from loanops.surfaces.cli.intake.taking import Taken


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", type=click.Path(path_type=Path), required=True, help="TOML map.")
@click.option("--book", default="", help="The book that takes the rows; else the map names it.")
@click.option("--errors", type=click.Path(path_type=Path), help="Else FILE.errors.csv beside it.")
@click.option("--run", is_flag=True, help="Decide, fund, sign, disburse and schedule them too.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line.")
def intake(
    file: Path, map_file: Path, book: str, errors: Path | None, run: bool, as_json: bool
) -> None:
    """Take a CSV or XLSX file of applications into a book, by a map.

    Good rows go on; each bad row is written into an error file with line, column and reason. The
    same file twice creates nothing twice. With --run (not in production) the applications are
    decided, funded by the sandbox banks over HTTP, signed, disbursed and scheduled; a run that was
    stopped goes on where it stood.
    """
    began = time.monotonic()
    boot()
    if run:
        _prepare_run()
    refuse_old_database()
    from loanops.kernel.access import Actor
    from loanops.surfaces.cli.intake.taking import read_map

    actor = Actor.house("intake")
    row_map = read_map(map_file, book=book)
    if run:
        _open_shipped(row_map.book)
    # The banks stand ready before the first row: a worker beside us goes on with it at once.
    with _banks() if run else nullcontext():
        taken, written = _take(file, row_map, errors=errors, actor=actor)
        summary: dict[str, Any] = {"rows": taken.rows, "bad_rows": taken.bad_rows}
        if run:
            summary |= _run(taken.numbers, row_map, actor=actor)
    summary["seconds"] = round(time.monotonic() - began, 1)
    summary |= _more(taken, row_map, written)
    if as_json:
        emit(summary)
    else:
        _say(summary)


def _prepare_run() -> None:
    """Refuse where a run would be a lie, and set up a home that is empty."""
    from django.conf import settings
    from django.core.management import call_command
    from django.utils.translation import gettext as _

    if settings.ENVIRONMENT.mode == "production":
        stop(_("--run plays borrower and bank for practice; production refuses it."))
    if not _has_tables():
        call_command("migrate", verbosity=0)


def _has_tables() -> bool:
    from django.db import connection

    return bool(connection.introspection.table_names())


def _open_shipped(code: str) -> None:
    """Open the book that LoanOps ships under this code, where it is not open yet."""
    from django.utils.translation import gettext as _

    from loanops.kernel.access import Actor
    from loanops.platform.web.clock import now
    from loanops.surfaces.cli.opening import first_day, open_operation, read_toml, shipped

    path = shipped(code)
    if path is None:
        return
    at = now()
    table = read_toml(path)
    day = first_day(table, otherwise=at.date())
    if open_operation(table, on=day, actor=Actor.house("intake"), at=at):
        click.echo(_("The book %(code)s is open.") % {"code": code}, err=True)


def _take(
    file: Path, row_map: RowMap, *, errors: Path | None, actor: Actor
) -> tuple[Taken, Path | None]:
    """Take the rows in; what became of them, and the error file if there is one."""
    from django.conf import settings
    from django.utils.translation import gettext as _

    from loanops.surfaces.cli.intake.errors import ErrorFile
    from loanops.surfaces.cli.intake.taking import fitting_book, open_rows, take

    fitting_book(row_map)
    reader, about = open_rows(file, row_map)
    name = f"{file.name}.errors.csv"
    place = errors or file.with_name(name)
    spare = Path(settings.HOME) / "intake" / name
    bar = progress(reader, label=_("rows"), length=about)
    with ErrorFile(place, spare=spare) as written, bar as rows:
        taken = take(iter(rows), reader, row_map, errors=written, actor=actor)
    return taken, written.path if written.lines else None


def _banks() -> AbstractContextManager[str]:
    """The sandbox banks, introduced to us and we to them."""
    from django.conf import settings

    from loanops.surfaces.cli.sandbox import sandbox

    return sandbox(public_url=settings.ENVIRONMENT.public_url)


def _run(numbers: Sequence[str], row_map: RowMap, *, actor: Actor) -> dict[str, Any]:
    """Carry applications to loans with the sandbox banks; the figures of where they stand."""
    from django.utils.translation import gettext as _

    from loanops.surfaces.cli.intake.figures import figures
    from loanops.surfaces.cli.intake.running import Run

    run = Run(book=row_map.book, actor=actor)
    bar = click.progressbar(
        length=len(numbers),
        label=_("loans"),
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    )
    with bar as moving:
        for part in run.carry(numbers):
            moving.update(len(part))
    waiting = run.settle()
    for code, count in sorted(run.refused.items()):
        click.echo(
            _("%(count)s went no further: %(code)s.") % {"count": count, "code": code}, err=True
        )
    return {**figures(numbers, row_map), "waiting": len(waiting)}


def _more(taken: Taken, row_map: RowMap, written: Path | None) -> dict[str, Any]:
    """What the summary says beyond the figures of the run."""
    return {
        "created": len(taken.created),
        "repeated": len(taken.repeated),
        "duplicate_checks": "not checked" if row_map.without_identity else "checked",
        "errors": str(written) if written else None,
    }


def _say(summary: dict[str, Any]) -> None:
    """The summary in words."""
    from django.utils.translation import gettext as _

    lines = [
        _(
            "%(rows)s rows: %(created)s new applications, %(repeated)s known already, "
            "%(bad_rows)s bad."
        ),
        _("Duplicate checks: not checked, because the book keeps no identities.")
        if summary["duplicate_checks"] == "not checked"
        else _("Duplicate checks: each person was checked."),
    ]
    if summary["errors"]:
        lines.append(_("Bad rows, with line, column and reason: %(errors)s"))
    if "applications" in summary:
        lines += _lines_of_run(summary)
    lines.append(_("%(seconds)s seconds."))
    for line in lines:
        click.echo(line % summary)


def _lines_of_run(summary: dict[str, Any]) -> list[str]:
    from django.utils.translation import gettext as _

    shares = {
        name: f"{rate:.2%}"
        for name, rate in summary.items()
        if name.startswith("bad_rate") and rate is not None
    }
    summary |= {f"{name}_shown": share for name, share in shares.items()}
    lines = [
        _("%(approved)s approved, %(declined)s declined, %(referred)s referred to a person."),
        _(
            "%(disbursed)s disbursed and scheduled, %(funding_refused)s refused by the funder, "
            "%(waiting)s waiting for its answer."
        ),
        _("%(instalment_equal)s of %(disbursed)s instalments are the file's, to the cent."),
    ]
    for name, words in (
        ("bad_rate_approved", _("Later bad among the approved: %(bad_rate_approved_shown)s.")),
        ("bad_rate_declined", _("Later bad among the declined: %(bad_rate_declined_shown)s.")),
        ("bad_rate_referred", _("Later bad among the referred: %(bad_rate_referred_shown)s.")),
    ):
        if name in shares:
            lines.append(words)
    return lines
