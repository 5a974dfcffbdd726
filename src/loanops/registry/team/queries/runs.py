"""Runs over many items: how far each is, and what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.money import CURRENCIES
from loanops.kernel.refusals import NotFound
from loanops.registry.team import permissions
from loanops.registry.team.models import Run
from loanops.registry.team.queries.items import ItemCard

HEAD: Final = (
    "number", "kind", "subject", "amount", "currency", "state", "holder", "waiting_since", "due_at",
    "late", "done_at", "took_minutes", "book",
)  # fmt: skip
LISTED: Final = 20


@dataclass(frozen=True)
class RunCard:
    """One run; ``refusals`` hold number, sentence and values of the first that were refused."""

    number: str
    book: str
    verb: str
    total: int
    done: int
    refused: int
    refusals: tuple[dict[str, Any], ...]
    has_file: bool
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None

    @property
    def percent(self) -> int:
        """How much of it is over, in whole per cent."""
        return (self.done + self.refused) * 100 // self.total


def run_card(row: Run) -> RunCard:
    """A row as a card."""
    return RunCard(
        number=row.number,
        book=row.book_id,
        verb=row.verb,
        total=row.total,
        done=row.done,
        refused=row.refused,
        refusals=tuple(row.refusals),
        has_file=bool(row.file),
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        finished_at=row.finished_at,
    )


def find_run(number: str, viewer: Viewer) -> Run:
    """The row behind a run that the viewer asked for, or that is of those whom they distribute to.

    :raises NotFound: there is none.
    """
    row = Run.objects.filter(number=number).first() if number.isprintable() else None
    others = viewer.may(permissions.DISTRIBUTE)
    if row is None or not viewer.sees_book(row.book_id):
        raise NotFound(kind="run", number=number)
    if row.asked_by != viewer.person and not others:
        raise NotFound(kind="run", number=number)
    return row


def get_run(number: str, *, viewer: Viewer) -> RunCard:
    """One run.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    return run_card(find_run(number, viewer))


def list_runs(*, book: str, viewer: Viewer) -> list[RunCard]:
    """The last runs that the viewer asked for in a book.

    :raises NotPermitted: the viewer may not see the work list.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Run.objects.filter(book_id=book, asked_by=viewer.person).order_by("-id")
    return [run_card(row) for row in rows[:LISTED]]


def line_of(card: ItemCard, currency: str) -> tuple[str, ...]:
    """An item as a line of a file, under ``HEAD``."""
    return (
        card.number,
        card.kind,
        card.subject,
        "" if card.amount_minor is None else _major(card.amount_minor, currency),
        currency,
        card.state,
        card.holder,
        _moment(card.since),
        _moment(card.due_at),
        "yes" if card.is_late else "no",
        _moment(card.done_at),
        "" if card.took_minutes is None else str(card.took_minutes),
        card.book,
    )


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def _major(minor: int, currency: str) -> str:
    return str(Decimal(minor).scaleb(-CURRENCIES[currency].decimals))
