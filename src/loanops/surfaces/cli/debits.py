"""`loanops debits`: later windows of the day, and files of banks taken in by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from loanops.surfaces.cli.framing import boot, emit, refuse_old_database

if TYPE_CHECKING:
    from loanops.kernel.access import Actor
    from loanops.money.payments.operations import AnswerFileWrong, FileTaken

_FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
_COUNT = click.option("--count", required=True, type=int, help="Rows, as the bank says.")
_TOTAL = click.option("--total", required=True, help="What they add up to, as the bank says.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def debits() -> None:
    """Debits: later windows of the day, and files of banks."""


@debits.command()
@click.option("--book", required=True, help="The book.")
@click.option("--window", required=True, type=int, help="Which window: 2 or later.")
@click.option("--channel", default="", help="By one channel; without it by all that have it.")
@_JSON
def order(book: str, window: int, channel: str, as_json: bool) -> None:
    """Order the debits of a later window: what earlier ones did not bring and is still owed.

    A worker does this by itself when the time of a window has come.
    """
    _start()
    from django.utils.translation import gettext as _

    from loanops.loanbook.servicing import operations as servicing
    from loanops.platform.web import clock

    made = servicing.order_window(
        book=book, window=window, channel=channel, actor=_actor(), at=clock.now()
    )
    if as_json:
        emit({"window": made.window, "orders": made.orders, "total_minor": made.total_minor})
        return
    if not made.orders:
        none = _("Window %(window)s: nothing is left to be debited, so no file goes out.")
        click.echo(none % {"window": made.window})
        return
    said = {"window": made.window, "orders": made.orders}
    click.echo(_("Window %(window)s: %(orders)s orders.") % said)


@debits.command()
@_FILE
@click.option("--of", "number", required=True, help="The debit file that it answers.")
@_COUNT
@_TOTAL
@_JSON
def answer(file: Path, number: str, count: int, total: str, as_json: bool) -> None:
    """Take the answer to a debit file: all rows or none, each file once."""
    _start()
    from loanops.kernel.access import Viewer
    from loanops.kernel.money import parse_amount
    from loanops.money.payments import operations, queries
    from loanops.platform.books import queries as books
    from loanops.platform.web import clock

    card = queries.get_file(number=number, viewer=Viewer.house("debits"))
    currency = books.get_book(card.book).currency
    try:
        taken = operations.take_answer_file(
            file=number,
            name=file.name,
            content=file.read_bytes(),
            announced=operations.Announced(count=count, total_minor=parse_amount(total, currency)),
            actor=_actor(),
            at=clock.now(),
        )
    except operations.AnswerFileWrong as wrong:
        _refuse(wrong)
    _say(taken, as_json)


@debits.command()
@_FILE
@click.option("--book", required=True, help="The book.")
@click.option("--channel", required=True, help="By which channel the payments had come.")
@_COUNT
@_TOTAL
@_JSON
def returned(file: Path, book: str, channel: str, count: int, total: str, as_json: bool) -> None:
    """Take a file of payments that a bank took back: all rows or none, each file once."""
    _start()
    from loanops.kernel.money import parse_amount
    from loanops.money.payments import operations
    from loanops.platform.books import queries as books
    from loanops.platform.web import clock

    currency = books.get_book(book).currency
    try:
        taken = operations.take_return_file(
            book=book,
            channel=channel,
            name=file.name,
            content=file.read_bytes(),
            announced=operations.Announced(count=count, total_minor=parse_amount(total, currency)),
            actor=_actor(),
            at=clock.now(),
        )
    except operations.AnswerFileWrong as wrong:
        _refuse(wrong)
    _say(taken, as_json)


def _start() -> None:
    boot()
    refuse_old_database()


def _actor() -> Actor:
    from loanops.kernel.access import Actor

    return Actor.house("debits")


def _refuse(wrong: AnswerFileWrong) -> NoReturn:
    """Name every row that cannot be taken, with line and column, and end."""
    from loanops.platform.web.words import words_of

    click.echo(words_of(wrong), err=True)
    for row in wrong.rows:
        click.echo(f"  {row.line}\t{row.column}\t{words_of(row.refusal)}", err=True)
    raise SystemExit(2)


def _say(taken: FileTaken, as_json: bool) -> None:
    from django.utils.translation import gettext as _

    if as_json:
        emit(
            {
                "number": taken.number,
                "version": taken.version,
                "rows": taken.rows,
                "total_minor": taken.total_minor,
            }
        )
        return
    click.echo(
        _("%(number)s is taken: %(rows)s rows.") % {"number": taken.number, "rows": taken.rows}
    )
