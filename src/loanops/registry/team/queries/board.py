"""The breach board: by kind of work what is in time, at risk and late, and how long it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.registry.team import permissions
from loanops.registry.team.domain.kinds import KINDS
from loanops.registry.team.domain.levels import in_force
from loanops.registry.team.queries.items import ItemFilter, View, narrowed
from loanops.registry.team.queries.levels import dated_by_kind


@dataclass(frozen=True)
class BoardLine:
    """One kind of work. What is open stands as of now; what is done, in days since ``since``.

    ``median_minutes`` are worked, of what was done; None where nothing was.
    """

    kind: str
    target_minutes: int
    in_time: int
    at_risk: int
    late: int
    unassigned: int
    done: int
    done_late: int
    median_minutes: int | None

    @property
    def open(self) -> int:
        """How many wait or are with somebody."""
        return self.in_time + self.at_risk + self.late

    @property
    def kept_percent(self) -> int | None:
        """How many of a hundred were done in time."""
        return (self.done - self.done_late) * 100 // self.done if self.done else None


@dataclass(frozen=True)
class Load:
    """What somebody has, and what of it is late."""

    person: str
    held: int
    late: int


@dataclass(frozen=True)
class Board:
    """The board of a book: a line for each kind that the viewer may see, and who has how much."""

    since: date
    lines: tuple[BoardLine, ...]
    loads: tuple[Load, ...]


def get_board(*, book: str, days: int, viewer: Viewer, at: datetime) -> Board:
    """The board of a book, with what was done in so many business days up to the open one.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    since = on - timedelta(days=days)
    open_ = narrowed(ItemFilter(book), viewer=viewer, at=at)
    standing = {
        row["kind"]: row
        for row in open_.order_by()
        .values("kind")
        .annotate(
            late=Count("id", filter=Q(due_at__lte=at)),
            at_risk=Count("id", filter=Q(due_at__gt=at, risk_at__lte=at)),
            in_time=Count("id", filter=Q(risk_at__gt=at)),
            unassigned=Count("id", filter=Q(holder="")),
        )
    }
    ended = narrowed(ItemFilter(book, View.DONE, since=since), viewer=viewer, at=at)
    took: dict[str, Counter[int]] = {}
    late: Counter[str] = Counter()
    grouped = ended.order_by().values_list("kind", "took_minutes", "late").annotate(Count("id"))
    for kind, minutes, was_late, count in grouped:
        took.setdefault(kind, Counter())[minutes or 0] += count
        late[kind] += count if was_late else 0
    dated = dated_by_kind(book=book)
    lines = [
        BoardLine(
            kind=kind.value,
            target_minutes=in_force(dated.get(kind, ()), on, work.level).target_minutes,
            in_time=standing.get(kind.value, _NONE)["in_time"],
            at_risk=standing.get(kind.value, _NONE)["at_risk"],
            late=standing.get(kind.value, _NONE)["late"],
            unassigned=standing.get(kind.value, _NONE)["unassigned"],
            done=took.get(kind.value, Counter()).total(),
            done_late=late[kind.value],
            median_minutes=_median(took.get(kind.value, Counter())),
        )
        for kind, work in KINDS.items()
        if viewer.may(work.seen_with)
    ]
    return Board(since=since, lines=tuple(lines), loads=tuple(_loads(book, viewer, at)))


_NONE = {"in_time": 0, "at_risk": 0, "late": 0, "unassigned": 0}


def _median(took: Counter[int]) -> int | None:
    """The middle of what things took; of an even number the upper of the two."""
    wanted = took.total() // 2
    for minutes, count in sorted(took.items()):
        if wanted < count:
            return minutes
        wanted -= count
    return None


def _loads(book: str, viewer: Viewer, at: datetime) -> Iterator[Load]:
    held = narrowed(ItemFilter(book), viewer=viewer, at=at).exclude(holder="").order_by()
    for row in (
        held.values("holder")
        .annotate(held=Count("id"), late=Count("id", filter=Q(due_at__lte=at)))
        .order_by("-held", "holder")
    ):
        yield Load(row["holder"], row["held"], row["late"])
