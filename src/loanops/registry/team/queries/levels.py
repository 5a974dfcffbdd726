"""Service levels: which holds on a day, which were set, and the hours they are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.parameters import queries as parameters
from loanops.registry.compliance import queries as compliance
from loanops.registry.team import permissions
from loanops.registry.team.domain.hours import WorkingHours
from loanops.registry.team.domain.kinds import KINDS, Kind
from loanops.registry.team.domain.levels import Dated, Level, in_force
from loanops.registry.team.models import ServiceLevel

_HOUR: Final = 60
_DAY: Final = 24 * _HOUR


@dataclass(frozen=True)
class LevelCard:
    """A service level from a day on; without a day it is the one that holds unless one is set.

    ``large_from_minor`` is an amount in minor units of the book's currency; minutes are worked.
    """

    kind: str
    effective_from: date | None
    target_minutes: int
    risk_percent: int
    large_from_minor: int | None
    head_start_minutes: int
    reason: str = ""
    set_by: str = ""
    set_at: datetime | None = None
    in_force: bool = False


def working_hours(*, book: str, since: date) -> WorkingHours:
    """The hours worked in a book, with its holidays from a day on to the end of next year.

    Hours that are set to end before they begin are taken for the whole day: work that comes must
    not wait for somebody to mend a parameter.
    """
    card = books.get_book(book)
    today = max(since, card.business_date)
    # Whole years, so that the calendar is worked out once and kept.
    first, last = date(since.year, 1, 1), date(today.year + 1, 12, 31)
    opens = parameters.value_on("team.day_opens_minute", today)
    closes = parameters.value_on("team.day_closes_minute", today)
    if closes <= opens:
        opens, closes = 0, _DAY - 1
    off = compliance.days_off(book=book, since=first, until=last)
    return WorkingHours(
        zone=card.zone,
        opens=time(opens // _HOUR, opens % _HOUR),
        closes=time(closes // _HOUR, closes % _HOUR),
        closed=frozenset(off.closed if off else ()),
        exchanged=frozenset(off.exchanged if off else ()),
    )


def dated_levels(*, book: str, kind: Kind) -> tuple[Dated, ...]:
    """The levels that a book has set for a kind, in the order in which they were said."""
    rows = ServiceLevel.objects.filter(book_id=book, kind=kind.value)
    return tuple(
        Dated(row.effective_from, _level(row)) for row in rows.order_by("effective_from", "id")
    )


def dated_by_kind(*, book: str) -> dict[Kind, list[Dated]]:
    """The levels that a book has set, by kind, in the order in which they were said."""
    found: dict[Kind, list[Dated]] = {}
    for row in ServiceLevel.objects.filter(book_id=book).order_by("effective_from", "id"):
        found.setdefault(Kind(row.kind), []).append(Dated(row.effective_from, _level(row)))
    return found


def _level(row: ServiceLevel) -> Level:
    return Level(
        target_minutes=row.target_minutes,
        risk_percent=row.risk_percent,
        large_from_minor=row.large_from_minor,
        head_start_minutes=row.head_start_minutes,
    )


def list_levels(*, book: str, viewer: Viewer) -> dict[str, list[LevelCard]]:
    """The levels of every kind of work, the newest first, then the one that holds without any.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    found: dict[str, list[ServiceLevel]] = {}
    for row in ServiceLevel.objects.filter(book_id=book).order_by("effective_from", "id"):
        found.setdefault(row.kind, []).append(row)
    return {kind.value: _history(kind, found.get(kind.value, []), on) for kind in Kind}


def _history(kind: Kind, rows: list[ServiceLevel], on: date) -> list[LevelCard]:
    default = KINDS[kind].level
    dated = [Dated(row.effective_from, _level(row)) for row in rows]
    holds = in_force(dated, on, default)
    cards = [
        _card(kind, level.level, row, holds=level.level is holds)
        for level, row in zip(dated, rows, strict=True)
    ]
    return [*reversed(cards), _card(kind, default, None, holds=default is holds)]


def _card(kind: Kind, level: Level, row: ServiceLevel | None, *, holds: bool) -> LevelCard:
    return LevelCard(
        kind=kind.value,
        effective_from=row.effective_from if row else None,
        target_minutes=level.target_minutes,
        risk_percent=level.risk_percent,
        large_from_minor=level.large_from_minor,
        head_start_minutes=level.head_start_minutes,
        reason=row.reason if row else "",
        set_by=row.set_by if row else "",
        set_at=row.set_at if row else None,
        in_force=holds,
    )
