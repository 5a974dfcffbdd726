"""Keeping filters under a name, and how somebody likes the list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import once_more, unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.models import Desk, SavedFilter

_NAME_MAX: Final = 40
_QUERY_MAX: Final = 400
_FILTERS_MAX: Final = 50


def save_filter(
    *, book: str, name: str, query: str, shared: bool, actor: Actor, at: datetime
) -> None:
    """Keep what a list is narrowed by under a name; one's own of that name is replaced.

    :raises NotPermitted: the actor may not see the work list.
    :raises NotFound: there is no such book in the actor's scope.
    :raises BadField: the name or the filter cannot be kept, or there are too many.
    """
    require(actor, permissions.VIEW)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    kept = name.strip()
    if not kept or len(kept) > _NAME_MAX or not kept.isprintable():
        raise BadField(
            field="name", problem="give a name of at most {most} characters", most=_NAME_MAX
        )
    if len(query) > _QUERY_MAX or not query.isprintable():
        raise BadField(field="query", problem="at most {most} characters", most=_QUERY_MAX)

    def unit() -> None:
        on = books.business_date(book)
        with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            own = SavedFilter.objects.filter(book_id=book, owner=actor.person)
            if own.exclude(name=kept).count() >= _FILTERS_MAX:
                raise BadField(field="name", problem="remove a filter first; 50 are kept")
            row, _ = own.update_or_create(
                book_id=book,
                owner=actor.person,
                name=kept,
                defaults={"query": query, "shared": shared},
                create_defaults={
                    "number": new_number("SF", at), "query": query, "shared": shared,
                },
            )  # fmt: skip

            work.record("team.filter_saved", subject=row.number, name=kept, shared=shared)

    once_more(unit)


def remove_filter(*, number: str, actor: Actor, at: datetime) -> None:
    """Remove a filter of one's own; who distributes work may remove any that is shared.

    :raises NotPermitted: the actor may not see the work list.
    :raises NotFound: there is none that the actor may remove.
    """
    require(actor, permissions.VIEW)
    row = SavedFilter.objects.filter(number=number).first() if number.isprintable() else None
    may = row is not None and actor.sees_book(row.book_id)
    if row is None or not may or not (row.owner == actor.person or _may_any(row, actor)):
        raise NotFound(kind="filter", number=number)
    on = books.business_date(row.book_id)
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=on) as work:
        SavedFilter.objects.filter(pk=row.pk).delete()

        work.record("team.filter_removed", subject=number, name=row.name)


def _may_any(row: SavedFilter, actor: Actor) -> bool:
    return row.shared and actor.may(permissions.DISTRIBUTE)


def set_desk(
    *, book: str, columns: Collection[str], dense: bool, actor: Actor, at: datetime
) -> None:
    """Say which further columns one wants, and whether rows stand close.

    :raises NotPermitted: the actor may not see the work list.
    :raises BadField: there is no such column.
    """
    require(actor, permissions.VIEW)
    strange = sorted(set(columns) - set(queries.COLUMNS))
    if strange:
        raise BadField(field="columns", problem="there is no column {name}", name=strange[0])
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        Desk.objects.update_or_create(
            person=actor.person, defaults={"columns": sorted(columns), "dense": dense}
        )

        work.record("team.desk_set", subject=actor.person, columns=sorted(columns), dense=dense)
