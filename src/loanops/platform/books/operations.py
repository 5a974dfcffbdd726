"""Orders to the books."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile
from loanops.platform.books import events, permissions, queries
from loanops.platform.books.models import Book, CloseStep
from loanops.platform.db import hold_alone, hold_shared, upsert_many, write
from loanops.platform.work import Work, unit_of_work


def open_book(
    *,
    code: str,
    name: dict[str, str],
    legal_entity: str,
    currency: str,
    zone: str,
    pack: str,
    business_date: date,
    without_identity: bool,
    actor: Actor,
    at: datetime,
) -> queries.BookCard:
    """Open a book with its first business date.

    :raises NotPermitted: the actor may not open books.
    :raises BadField: the code is taken.
    """
    require(actor, permissions.OPEN)
    if Book.objects.filter(pk=code).exists():
        raise BadField(field="code", problem="this book exists already; choose another code")
    with unit_of_work(actor=actor, at=at, book=code, on=business_date) as work:
        Book.objects.create(
            code=code,
            name=name,
            legal_entity=legal_entity,
            currency=currency,
            zone=zone,
            pack=pack,
            business_date=business_date,
            without_identity=without_identity,
        )

        work.record("books.opened", subject=code, currency=currency, pack=pack)
    return queries.get_book(code)


def hold_date(book: str) -> date:
    """The open business day of a book, which stays open until the transaction ends.

    For :func:`unit_of_work` as its ``on``: whatever is posted counts for a day that is not closed
    before it is there. Units hold it side by side; only the cut-off waits for them, and whoever
    comes meanwhile waits for the cut-off, a second at most.

    :raises NotFound: there is no such book.
    """
    hold_shared(_day_of(book))
    return queries.business_date(book)


def _day_of(book: str) -> str:
    return f"books.business_date:{book}"


def begin_step(*, work: Work, step: str, on: date) -> bool:
    """Claim a step of the close of ``on``, in the transaction that does it.

    The unique row makes a second run wait for the first and then find the step done: ``False``.
    A run that dies takes its claim with it.
    """
    return bool(
        upsert_many(
            CloseStep._meta.db_table,
            ("book_id", "on", "step", "finished_at", "touched"),
            [(work.book, on, step, work.at, 0)],
            conflict=("book_id", "on", "step"),
        )
    )


def finish_step(*, work: Work, step: str, on: date, touched: int) -> None:
    """Note how much a claimed step touched; its claim says nothing."""
    if not touched:
        return
    write(
        f'UPDATE "{CloseStep._meta.db_table}" SET touched = %s '  # noqa: S608
        'WHERE book_id = %s AND "on" = %s AND step = %s',
        [touched, work.book, on, step],
    )


def move_business_date(*, work: Work, book: str, closed_on: date) -> date:
    """Move a book to the day after ``closed_on``: the cut-off, inside the first step of its close.

    It waits for the units that count for the closed day.

    :raises ChangedMeanwhile: another close has moved the date already.
    """
    upcoming = closed_on + timedelta(days=1)
    hold_alone(_day_of(book))
    moved = Book.objects.filter(pk=book, business_date=closed_on).update(business_date=upcoming)
    if not moved:
        raise ChangedMeanwhile(number=book)
    work.record("books.day_closed", subject=book, business_date=upcoming)
    work.announce(
        events.DayClosed(
            subject=book, closed_on=closed_on.isoformat(), business_date=upcoming.isoformat()
        )
    )
    return upcoming
