"""`loanops day`: the business day of a book."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from loanops.surfaces.cli.framing import boot, emit, in_chinese, progress, refuse_old_database, stop


@click.group()
def day() -> None:
    """The business day of a book."""


@day.command()
@click.option("--book", "book", default="", help="The book; not needed where there is only one.")
@click.option("--until", metavar="DATE", help="Close every day until the book stands at DATE.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def close(book: str, until: str | None, as_json: bool) -> None:
    """Close the open business day, or every day until DATE.

    A close that was interrupted goes on where it stopped. Each step of a day runs once, however
    often this is called.
    """
    target = _date_of(until)
    boot()
    refuse_old_database()
    code = book or _only_book()
    days = list(_closed(code, target))
    if as_json:
        emit({"book": code, "days": days})
        return
    for row in days:
        done = ", ".join(f"{step['step']} {step['touched']}" for step in row["steps"])
        click.echo(f"{row['closed_on']} → {row['business_date']}  {done}")
    if not days:
        click.echo("没有需要日终的日期。" if in_chinese() else "There is no day to close.")


def _closed(book: str, until: date | None) -> list[dict[str, Any]]:
    """Close day by day, so that the bar moves and an interruption loses nothing."""
    from dataclasses import asdict
    from datetime import timedelta

    from loanops.kernel.access import Actor
    from loanops.loanbook.servicing import operations as servicing
    from loanops.platform.books import queries as books
    from loanops.platform.web import clock

    begins = books.business_date(book)
    last = until or begins + timedelta(days=1)
    targets = [begins + timedelta(days=n) for n in range(1, (last - begins).days + 1)]
    actor = Actor.house("day_close")
    closed = []
    with progress(targets or [last], label="day close") as bar:
        for target in bar:
            closed += servicing.close_day(book=book, until=target, actor=actor, at=clock.now())
    return [asdict(each) for each in closed]


def _date_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        stop(
            f"--until: {text} 不是日期，请写成 2026-12-31 这样。"
            if in_chinese()
            else f"--until: {text} is not a date; write it as 2026-12-31."
        )


def _only_book() -> str:
    from loanops.kernel.access import Viewer
    from loanops.platform.books import queries as books

    codes = [card.code for card in books.list_books(viewer=Viewer.house("cli"))]
    if not codes:
        stop("还没有账套。" if in_chinese() else "There is no book yet.")
    if len(codes) > 1:
        stop(
            f"有多个账套，请用 --book 指定其一：{', '.join(codes)}。"
            if in_chinese()
            else f"There are several books; name one with --book: {', '.join(codes)}."
        )
    return codes[0]
