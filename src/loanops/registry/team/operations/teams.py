"""Forming teams: who is in one, and which kinds of work it takes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile, NotFound
from loanops.platform.books import queries as books
from loanops.platform.work import once_more, unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.domain.kinds import Kind
from loanops.registry.team.domain.refusals import KindTaken
from loanops.registry.team.models import Member, Taken, Team

_CODE_LENGTH = range(2, 25)
_NAME_MAX = 60
_MEMBERS_MAX = 200
_REASON_MAX = 300


def set_team(
    *,
    book: str,
    code: str,
    name: str,
    members: Collection[str],
    kinds: Collection[str],
    version: int | None,
    actor: Actor,
    at: datetime,
) -> None:
    """Say who is in a team and what it takes; this replaces what was said before.

    ``version`` is that of the team as it was seen, None for one that does not exist yet.

    :raises NotPermitted: the actor may not form teams.
    :raises NotFound: there is no such book in the actor's scope, or no such team.
    :raises BadField: code, name, a member or a kind cannot be used.
    :raises KindTaken: another team takes a kind already.
    :raises ChangedMeanwhile: the team was changed since it was seen, or exists.
    """
    require(actor, permissions.MANAGE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    _check(code, name, kinds)
    people = sorted({each.strip() for each in members} - {""})
    known = queries.find_people(people, book=book, at=at)
    for person in people:
        if person not in known:
            raise BadField(field="members", problem="nobody signs in as {person}", person=person)
    if len(people) > _MEMBERS_MAX:
        raise BadField(field="members", problem="at most {most} people", most=_MEMBERS_MAX)

    def unit() -> None:
        on = books.business_date(book)
        with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            team = _kept(book, code, name.strip(), version)
            _refuse_taken(team, kinds)
            Member.objects.filter(team=team).delete()
            Member.objects.bulk_create(Member(team=team, person=person) for person in people)
            Taken.objects.filter(team=team).delete()
            Taken.objects.bulk_create(
                Taken(team=team, book_id=book, kind=kind) for kind in sorted(set(kinds))
            )

            work.record(
                "team.set", subject=code, members=len(people), kinds=len(set(kinds)),
                people=people, takes=sorted(set(kinds)),
            )  # fmt: skip

    once_more(unit)


def dissolve_team(
    *, book: str, code: str, version: int, reason: str, actor: Actor, at: datetime
) -> None:
    """End a team; what it took is anybody's who may do it, until another team takes it.

    :raises NotPermitted: the actor may not form teams.
    :raises NotFound: there is no such book in the actor's scope, or no such team.
    :raises BadField: no reason is given, or one that is too long.
    :raises ChangedMeanwhile: the team was changed since it was seen.
    """
    require(actor, permissions.MANAGE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    said = reason_given(reason)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        team = _find(book, code, version)
        Member.objects.filter(team=team).delete()
        Taken.objects.filter(team=team).delete()
        Team.objects.filter(pk=team.pk).update(dissolved_at=at, version=version + 1)

        work.record("team.dissolved", subject=code, reason=said)


def reason_given(text: str) -> str:
    """Why something is done.

    :raises BadField: nothing is said, or too much.
    """
    said = text.strip()
    if not said:
        raise BadField(field="reason", problem="say why")
    if len(said) > _REASON_MAX:
        raise BadField(field="reason", problem="at most {most} characters", most=_REASON_MAX)
    return said


def _check(code: str, name: str, kinds: Collection[str]) -> None:
    if len(code) not in _CODE_LENGTH or not (code.isascii() and code.isalnum()):
        raise BadField(field="code", problem="must be 2 to 24 letters and digits")
    if not name.strip() or len(name.strip()) > _NAME_MAX or not name.strip().isprintable():
        raise BadField(
            field="name", problem="give a name of at most {most} characters", most=_NAME_MAX
        )
    strange = sorted(set(kinds) - {kind.value for kind in Kind})
    if strange:
        raise BadField(field="kinds", problem="there is no kind of work {kind}", kind=strange[0])


def _kept(book: str, code: str, name: str, version: int | None) -> Team:
    """The team to be written, held; one that was dissolved begins again under its code."""
    if version is not None:
        team = _find(book, code, version)
        Team.objects.filter(pk=team.pk).update(name=name, version=version + 1)
        return team
    before = Team.objects.select_for_update().filter(book_id=book, code=code).first()
    if before is None:
        return Team.objects.create(book_id=book, code=code, name=name)
    if before.dissolved_at is None:
        raise ChangedMeanwhile(number=code)
    Team.objects.filter(pk=before.pk).update(
        name=name, dissolved_at=None, version=before.version + 1
    )
    return before


def _find(book: str, code: str, version: int) -> Team:
    open_ = Team.objects.select_for_update().filter(book_id=book, dissolved_at__isnull=True)
    team = open_.filter(code=code).first() if code.isprintable() else None
    if team is None:
        raise NotFound(kind="team", number=code)
    if team.version != version:
        raise ChangedMeanwhile(number=code)
    return team


def _refuse_taken(team: Team, kinds: Collection[str]) -> None:
    others = Taken.objects.filter(book_id=team.book_id, kind__in=list(kinds)).exclude(team=team)
    other = others.select_related("team").order_by("id").first()
    if other is not None:
        raise KindTaken(field="kinds", team=other.team.name, kind=other.kind)
