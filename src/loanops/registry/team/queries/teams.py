"""Teams, their members, and the kinds of work that are whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.identity import queries as identity
from loanops.registry.team import permissions
from loanops.registry.team.domain.kinds import KINDS, Kind
from loanops.registry.team.models import Member, Taken, Team


@dataclass(frozen=True)
class TeamCard:
    """A team: its members by login, and the kinds of work it takes."""

    code: str
    book: str
    name: str
    members: tuple[str, ...]
    kinds: tuple[str, ...]
    version: int


def list_teams(*, book: str, viewer: Viewer) -> list[TeamCard]:
    """The teams of a book.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    rows = list(Team.objects.filter(book_id=book, dissolved_at__isnull=True).order_by("code"))
    members: dict[int, list[str]] = {row.pk: [] for row in rows}
    for team, person in Member.objects.filter(team__in=rows).values_list("team_id", "person"):
        members[team].append(person)
    kinds: dict[int, list[str]] = {row.pk: [] for row in rows}
    for team, kind in Taken.objects.filter(team__in=rows).values_list("team_id", "kind"):
        kinds[team].append(kind)
    return [
        TeamCard(
            code=row.code,
            book=row.book_id,
            name=row.name,
            members=tuple(sorted(members[row.pk])),
            kinds=tuple(kind.value for kind in Kind if kind.value in kinds[row.pk]),
            version=row.version,
        )
        for row in rows
    ]


def members_of(*, book: str, kind: Kind) -> tuple[str, ...]:
    """The members of the team that takes a kind of work; nobody where none does."""
    team = Taken.objects.filter(book_id=book, kind=kind.value).values("team_id")
    return tuple(
        Member.objects.filter(team_id__in=team).order_by("person").values_list("person", flat=True)
    )


def kinds_seen(viewer: Viewer) -> tuple[Kind, ...]:
    """The kinds of work somebody may see."""
    return tuple(kind for kind, work in KINDS.items() if viewer.may(work.seen_with))


def kinds_of_team(*, book: str, viewer: Viewer) -> tuple[Kind, ...]:
    """The kinds that are somebody's: those of their teams, and those that no team takes.

    Of both only what they may do.
    """
    own = Exists(Member.objects.filter(team=OuterRef("team"), person=viewer.person))
    taken = dict(Taken.objects.filter(book_id=book).values_list("kind", own))
    return tuple(
        kind
        for kind, work in KINDS.items()
        if viewer.may(work.done_with) and taken.get(kind.value, True)
    )


def list_members(*, book: str, viewer: Viewer) -> list[str]:
    """Everybody who is in a team of a book, by login.

    :raises NotPermitted: the viewer may not see the work list.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return []
    rows = Member.objects.filter(team__book=book).order_by("person")
    return list(rows.values_list("person", flat=True).distinct())


def find_people(names: Iterable[str], *, book: str, at: datetime) -> dict[str, Actor]:
    """People and programs by the name under which they act, with what they may do at a moment."""
    on = at.astimezone(ZoneInfo(books.get_book(book).zone)).date()
    return identity.find_actors(names, on=on)
