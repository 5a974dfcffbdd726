"""`loanops import-book --undo`: what an import brought in is shown, and taken back as shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loanops.surfaces.cli.framing import emit
from loanops.surfaces.cli.migration.reading import bytes_of

if TYPE_CHECKING:
    from loanops.loanbook.servicing.operations import UndoCard


def undo_file(
    file: Path, schedules: Path | None, *, book: str, reason: str, check: bool, as_json: bool
) -> None:
    """Take back what a file brought in; exit 2 where something happened to its loans.

    ``file`` is a file, a digest or the number of an import. With ``check`` nothing is written.

    :raises NotFound: nothing was imported from it.
    :raises BadField: no reason is given.
    """
    from loanops.kernel.access import Actor
    from loanops.loanbook.servicing import operations as servicing
    from loanops.loanbook.servicing import queries as loans
    from loanops.platform.web.clock import now

    actor = Actor.house("import")
    digest = str(file)
    if file.exists():
        read = bytes_of(file), bytes_of(schedules) if schedules else None
        digest = loans.digest_of_files(*read)
    found = loans.search_import(digest=digest, book=book, viewer=actor)
    card = servicing.preview_undo(number=found.number, viewer=actor)
    is_open = not check and not card.happened_count
    if is_open:
        card = servicing.undo_import(
            number=found.number, seen=card.effect, reason=reason, actor=actor, at=now()
        )
    summary = _summary(card)
    if as_json:
        emit(summary)
    else:
        _say(card, summary)
    if card.happened_count:
        raise SystemExit(2)


def _summary(card: UndoCard) -> dict[str, Any]:
    """The figures of an undoing, shown or done."""
    from loanops.kernel.money import format_amount
    from loanops.platform.books import queries as books

    currency = books.get_book(card.book).currency
    return {
        "import": card.number,
        "book": card.book,
        "file": card.file,
        "digest": card.digest,
        "cut_off": card.cut_off.isoformat(),
        "loans": card.loans,
        "states": {each.state: each.loans for each in card.states},
        "outstanding": format_amount(card.outstanding_minor, currency),
        "opening": format_amount(card.opening_minor, currency),
        "events": card.events,
        "debits": card.debits,
        "happened_count": card.happened_count,
        "happened": [{"loan": each.loan, "what": each.what} for each in card.happened],
        "effect": card.effect,
        "undone_on": card.undone_on.isoformat() if card.undone_on else None,
        "undone_by": card.undone_by,
        "reason": card.reason,
        "again": card.again,
    }


def _say(card: UndoCard, summary: dict[str, Any]) -> None:
    """The figures in words, and what stands in the way."""
    from django.utils.translation import gettext as _

    known = {"active": 0, "overdue": 0, "settled": 0, "written_off": 0, **summary["states"]}
    if card.again:
        lines = [
            _(
                "%(file)s (%(import)s) was taken back on %(undone_on)s by %(undone_by)s: "
                "%(reason)s. Nothing was done again."
            )
        ]
    else:
        lines = [
            _(
                "%(file)s (%(import)s) brought in %(loans)s loans: %(active)s current, "
                "%(overdue)s overdue, %(settled)s settled, %(written_off)s written off now."
            ),
            _(
                "Principal of %(outstanding)s leaves the books, %(opening)s of it and of what had "
                "run up leaves migration.opening; %(events)s events are reversed, %(debits)s "
                "debits stopped."
            ),
        ]
        lines += _outcome(card)
    for line in lines:
        click.echo(line % {**summary, **known})


def _outcome(card: UndoCard) -> list[str]:
    from django.utils.translation import gettext as _

    if card.undone_on:
        return [_("All of them were taken back; the file may be mended and imported again.")]
    if not card.happened_count:
        return [_("Nothing stands in the way; nothing was written.")]
    happened = [f"  {each.loan}  {_happened(each.what)}" for each in card.happened]
    return [
        _("Nothing was taken back: something happened to %(happened_count)s of the loans:"),
        *(line.replace("%", "%%") for line in happened),
        _("Undo that on their pages first, or correct these loans one by one."),
    ]


def _happened(what: str) -> str:
    """What happened, in words: an event by its kind, or what waits."""
    from loanops.surfaces.cli.migration.words import HAPPENED

    return str(HAPPENED.get(what, what))
