"""`loanops import-book`: read, check, and bring in all of a file or nothing of it; or undo it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loanops.surfaces.cli.framing import boot, emit, refuse_old_database, stop
from loanops.surfaces.cli.migration.reading import bytes_of
from loanops.surfaces.cli.migration.reasons import reasons_of, said_reasons
from loanops.surfaces.cli.migration.undoing import undo_file

if TYPE_CHECKING:
    from loanops.loanbook.servicing.operations import ImportCard
    from loanops.loanbook.servicing.queries import BookFile


@click.command("import-book")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", type=click.Path(path_type=Path), help="TOML map.")
@click.option(
    "--schedule",
    "schedule_file",
    type=click.Path(path_type=Path),
    help="The remaining instalments of the loans, where the map reads them from a second file.",
)
@click.option("--book", default="", help="The book that takes the loans; else the map names it.")
@click.option("--cut-off", metavar="DATE", help="The day of the balances; else the map names it.")
@click.option("--count", type=int, help="Control total: the loans of the file.")
@click.option("--outstanding", help="Control total: the principal outstanding, such as 1234.50.")
@click.option("--check", is_flag=True, help="Read and check only; nothing is written.")
@click.option("--errors", type=click.Path(path_type=Path), help="Else FILE.errors.csv beside it.")
@click.option("--undo", is_flag=True, help="Take back what FILE (or its digest) brought in.")
@click.option("--reason", default="", help="Why it is taken back; needed with --undo.")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON line.")
def import_book(
    file: Path,
    map_file: Path | None,
    schedule_file: Path | None,
    book: str,
    cut_off: str | None,
    count: int | None,
    outstanding: str | None,
    check: bool,
    errors: Path | None,
    undo: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Bring the running loans of another system into a book, with their balances at a cut-off.

    FILE is CSV, XLSX or Parquet. Every row is checked first; while one is wrong nothing is
    imported and an error file says line, column and reason. The same file again answers what was
    done with it.

    With --undo FILE is a file as it was imported, its digest or the number of its import: all of
    its loans are taken back while nothing happened to them, or none. --check shows what would be.
    """
    began = time.monotonic()
    boot()
    refuse_old_database()
    if undo:
        undo_file(file, schedule_file, book=book, reason=reason, check=check, as_json=as_json)
        return
    if map_file is None:
        stop(_needs_map())
    from loanops.kernel.access import Actor
    from loanops.loanbook.servicing import operations as servicing
    from loanops.loanbook.servicing import queries as loans
    from loanops.platform.web.clock import now
    from loanops.surfaces.cli.opening import read_toml

    actor = Actor.house("import")
    found = loans.read_book_map(read_toml(map_file))
    read = loans.read_book(
        book_map=replace(found, book=book) if book else found,
        name=file.name,
        content=bytes_of(file),
        schedules=(schedule_file.name, bytes_of(schedule_file)) if schedule_file else None,
        cut_off=_date_of(cut_off),
        count=count,
        outstanding=outstanding,
        viewer=actor,
    )
    written = _write_errors(file, read, errors)
    done = None
    if not check and not read.refused:
        done = servicing.import_book(read=read, actor=actor, at=now())
    summary = _summary(read, done, written, time.monotonic() - began)
    if as_json:
        emit(summary)
    else:
        _say(summary, is_check=check)
    if read.refused:
        raise SystemExit(2)


def _needs_map() -> str:
    from django.utils.translation import gettext as _

    return _("Name the map of the file with --map; only --undo does without one.")


def _date_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        from django.utils.translation import gettext as _

        stop(_("--cut-off: %(text)s is not a date; write it as 2026-12-31.") % {"text": text})


def _write_errors(file: Path, read: BookFile, place: Path | None) -> Path | None:
    """The error file with every reason that stopped a row; none where every row holds."""
    from django.conf import settings

    from loanops.surfaces.cli.intake.errors import ErrorFile

    name = f"{file.name}.errors.csv"
    spare = Path(settings.HOME) / "intake" / name
    with ErrorFile(place or file.with_name(name), spare=spare) as written:
        for refusal in read.refused:
            written.add(refusal)
    return written.path if written.lines else None


def _summary(
    read: BookFile, done: ImportCard | None, written: Path | None, seconds: float
) -> dict[str, Any]:
    """The figures of a file, and what was done with it."""
    from loanops.kernel.money import format_amount

    paid = read.paid
    amounts = {
        "outstanding": read.outstanding_minor,
        "paid_principal": paid.principal_minor,
        "paid_interest": paid.interest_minor,
        "paid_fees": paid.fee_minor,
        "paid_penalty": paid.penalty_minor,
    }
    return {
        "book": read.book,
        "cut_off": read.cut_off.isoformat(),
        "digest": read.digest,
        "rows": read.rows,
        "bad_rows": len({refusal.line for refusal in read.refused}),
        "skipped": read.skipped,
        "loans": dict(read.by_state),
        **{name: format_amount(minor, read.currency) for name, minor in amounts.items()},
        "owners": {
            owner: format_amount(minor, read.currency)
            for owner, minor in sorted(read.owners.items())
        },
        "imported": done.loans if done and not done.again else 0,
        "import": done.number if done else None,
        "again": bool(done and done.again),
        "errors": str(written) if written else None,
        "reasons": reasons_of(read),
        "seconds": round(seconds, 1),
    }


def _say(summary: dict[str, Any], *, is_check: bool) -> None:
    """The summary in words."""
    from django.utils.translation import gettext as _

    lenders = ", ".join(f"{owner} {amount}" for owner, amount in summary["owners"].items())
    known = {"current": 0, "overdue": 0, "settled": 0, "written_off": 0, **summary["loans"]}
    lines = [
        _(
            "%(rows)s rows: %(current)s loans current, %(overdue)s overdue, %(settled)s settled, "
            "%(written_off)s written off; %(skipped)s settled ones left out, %(bad_rows)s bad rows."
        ),
        _("Outstanding at the end of %(cut_off)s: %(outstanding)s."),
        _(
            "Paid before: principal %(paid_principal)s, interest %(paid_interest)s, "
            "fees %(paid_fees)s, penalty %(paid_penalty)s."
        ),
    ]
    if len(summary["owners"]) > 1:
        lines.insert(2, _("Of it by lender: %(lenders)s."))
    if summary["errors"]:
        lines += said_reasons(summary["reasons"])
        lines.append(_("Nothing was imported. Bad rows, with line and reason: %(errors)s"))
    elif is_check:
        lines.append(_("Every row holds; nothing was written."))
    elif summary["again"]:
        lines.append(_("This file was imported before as %(import)s; nothing was done again."))
    else:
        lines.append(_("%(imported)s loans were imported into %(book)s as %(import)s."))
    lines.append(_("%(seconds)s seconds."))
    for line in lines:
        click.echo(line % {**summary, **known, "lenders": lenders})
