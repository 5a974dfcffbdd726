"""Questions to the books."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import NotFound
from loanops.platform.books.models import Book, CloseStep
from loanops.platform.db import fetch

_BOOK = Book._meta.db_table


@dataclass(frozen=True)
class BookCard:
    """One book; ``name`` by language, ``business_date`` is the day that is open."""

    code: str
    name: dict[str, str]
    legal_entity: str
    currency: str
    zone: str
    pack: str
    business_date: date
    without_identity: bool


@dataclass(frozen=True)
class StepCard:
    """One finished step of a close."""

    on: date
    step: str
    finished_at: datetime
    touched: int


def _card(book: Book) -> BookCard:
    return BookCard(
        code=book.code,
        name=book.name,
        legal_entity=book.legal_entity,
        currency=book.currency,
        zone=book.zone,
        pack=book.pack,
        business_date=book.business_date,
        without_identity=book.without_identity,
    )


_COLUMNS = "code, name, legal_entity, currency, zone, pack, business_date, without_identity"


def get_book(code: str) -> BookCard:
    """The book with this code.

    :raises NotFound: there is none.
    """
    book = find_book(code)
    if book is None:
        raise NotFound(kind="book", number=code)
    return book


def find_book(code: str) -> BookCard | None:
    """The book with this code, if there is one.

    Every operation asks for its book, most of them several times: the row is read as it is.
    """
    rows = fetch(f"SELECT {_COLUMNS} FROM {_BOOK} WHERE code = %s", [code])  # noqa: S608
    if not rows:
        return None
    _, name, legal_entity, currency, zone, pack, on, without_identity = rows[0]
    return BookCard(
        code=code,
        name=json.loads(name) if isinstance(name, str) else name,
        legal_entity=legal_entity,
        currency=currency,
        zone=zone,
        pack=pack,
        business_date=date.fromisoformat(on) if isinstance(on, str) else on,
        without_identity=bool(without_identity),
    )


def business_date(code: str) -> date:
    """The open business day of a book.

    :raises NotFound: there is no such book.
    """
    # Without the ORM: every change of money asks this, and a query set costs more than the answer.
    rows = fetch(f"SELECT business_date FROM {_BOOK} WHERE code = %s", [code])  # noqa: S608
    if not rows:
        raise NotFound(kind="book", number=code)
    day: date | str = rows[0][0]
    return day if isinstance(day, date) else date.fromisoformat(day)


def list_books(*, viewer: Viewer) -> list[BookCard]:
    """Every book the viewer may see."""
    return [_card(book) for book in Book.objects.order_by("code") if viewer.sees_book(book.code)]


def finished_steps(*, book: str, on: date) -> dict[str, StepCard]:
    """The steps of a day's close that are done, by name."""
    rows = CloseStep.objects.filter(book_id=book, on=on)
    return {row.step: StepCard(row.on, row.step, row.finished_at, row.touched) for row in rows}


def list_steps(*, book: str, limit: int = 60) -> list[StepCard]:
    """The newest finished steps of a book."""
    rows = CloseStep.objects.filter(book_id=book).order_by("-id")[:limit]
    return [StepCard(row.on, row.step, row.finished_at, row.touched) for row in rows]
