"""`loanops book`: open a book from a file, and list the books there are."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from loanops.surfaces.cli.framing import boot, emit, refuse_old_database, stop


@click.group()
def book() -> None:
    """The books of this installation."""


@book.command("open")
@click.argument("name_or_file")
@click.option("--on", metavar="DATE", help="The first business day; else the file's, else today.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def open_(name_or_file: str, on: str | None, as_json: bool) -> None:
    """Open a book with its partners, products and agreements from a TOML file.

    NAME_OR_FILE is a file, or the code of a book that LoanOps ships: `us` (a marketplace of 2018,
    in dollars, without identities) or `cn` (the demo's book).
    """
    boot()
    refuse_old_database()
    from django.utils.translation import gettext as _

    from loanops.kernel.access import Actor
    from loanops.platform.books import queries as books
    from loanops.platform.web.clock import now
    from loanops.surfaces.cli.opening import first_day, open_operation, read_toml, shipped

    at = now()
    table = read_toml(shipped(name_or_file) or Path(name_or_file))
    day = _date_of(on) or first_day(table, otherwise=at.date())
    fresh = open_operation(table, on=day, actor=Actor.house("cli"), at=at)
    card = books.get_book(table["book"]["code"])
    if as_json:
        emit({**asdict(card), "opened": fresh})
    elif fresh:
        click.echo(_("The book %(code)s is open.") % {"code": card.code})
    else:
        click.echo(_("The book %(code)s was open already.") % {"code": card.code})


@book.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_(as_json: bool) -> None:
    """List the books with their business dates."""
    boot()
    refuse_old_database()
    from loanops.kernel.access import Viewer
    from loanops.platform.books import queries as books

    cards = books.list_books(viewer=Viewer.house("cli"))
    if as_json:
        emit([asdict(card) for card in cards])
        return
    for card in cards:
        click.echo(f"{card.code}  {card.currency}  {card.business_date}  {card.legal_entity}")


@book.command()
@click.argument("code")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def rebuild(code: str, as_json: bool) -> None:
    """Write what follows from events anew in book CODE: instalments, figures, sums, work items.

    Only what differs is written, and the ledger is never touched. Run `loanops verify` before and
    after. Exit 1 where loans cannot be replayed; they stand as they were.
    """
    boot()
    refuse_old_database()
    from django.utils.translation import gettext as _

    from loanops.kernel.access import Actor
    from loanops.loanbook.servicing import operations as servicing
    from loanops.platform.books import queries as books
    from loanops.platform.web.clock import now
    from loanops.registry.team import operations as team

    house, at = Actor.house("cli"), now()
    done = servicing.rebuild(book=code, actor=house, at=at)
    items = team.rebuild(book=code, on=books.business_date(code), actor=house, at=at)
    if as_json:
        emit({**asdict(done), "work_items": items})
    else:
        click.echo(
            _(
                "Written anew: %(changed)s of %(loans)s loans, %(periods)s periods, "
                "%(pools)s sums of penalty."
            )
            % asdict(done)
        )
        if items:
            click.echo(_("%(count)s work items came or went.") % {"count": items})
        for number in done.stuck:
            click.echo(_("Loan %(number)s cannot be replayed.") % {"number": number}, err=True)
    sys.exit(int(bool(done.stuck)))


def _date_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        from django.utils.translation import gettext as _

        stop(_("--on: %(text)s is not a date; write it as 2026-12-31.") % {"text": text})
