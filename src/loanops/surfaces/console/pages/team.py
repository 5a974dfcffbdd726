"""Teams, service levels, and the board that says which of them are kept."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.platform.identity import queries as identity
from loanops.platform.web import clock
from loanops.registry.team import operations, permissions, queries
from loanops.registry.team.queries import TeamCard
from loanops.surfaces.console.forms.team import DissolveForm, LevelForm, TeamForm
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render, today
from loanops.surfaces.console.pages.words.team import KINDS

DAYS: Final = (7, 30, 90)


@page(permissions.VIEW, needs_book=True)
def work_board(request: ConsoleRequest) -> HttpResponse:
    """By kind of work what is in time, at risk and late, how long it took, and who has how much."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, DAYS) else 30
    board = queries.get_board(
        book=request.book.code, days=days, viewer=request.actor, at=clock.now()
    )
    request.desk.actors.update(identity.find_names(load.person for load in board.loads))
    return render(
        request, "console/team/board.html", {"board": board, "days": days, "periods": DAYS}
    )


@page(permissions.VIEW, needs_book=True)
def work_levels(request: ConsoleRequest) -> HttpResponse:
    """How soon work of each kind is to be done, from which day, by whom and why."""
    levels = queries.list_levels(book=request.book.code, viewer=request.actor)
    said = {card.set_by for cards in levels.values() for card in cards} - {""}
    request.desk.actors.update(identity.find_names(said))
    context = {
        "levels": levels,
        "on": request.book.business_date,
        "form": LevelForm(
            currency=request.book.currency, initial={"effective_from": request.book.business_date}
        ),
        "may_set": request.actor.may(permissions.SET_LEVEL),
    }
    return render(request, "console/team/levels.html", context)


@order(permissions.SET_LEVEL, needs_book=True)
def set_level(request: ConsoleRequest) -> HttpResponse:
    """Set how soon work of a kind is to be done from a day on."""
    typed, level = LevelForm(request.POST, currency=request.book.currency).level()
    operations.set_level(
        book=request.book.code, kind=typed["kind"], effective_from=typed["effective_from"],
        level=level, reason=typed["reason"], actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return done(request, _("The service level is set."), "console:work_levels")


@page(permissions.VIEW, needs_book=True)
def teams(request: ConsoleRequest) -> HttpResponse:
    """The teams, who is in each, and which work it takes."""
    listed = queries.list_teams(book=request.book.code, viewer=request.actor)
    taken = {kind for team in listed for kind in team.kinds}
    request.desk.actors.update(
        identity.find_names(person for team in listed for person in team.members)
    )
    may_manage = request.actor.may(permissions.MANAGE)
    people = _people(request, listed) if may_manage else []
    context = {
        "teams": [
            (team, TeamForm(people=people, initial=_said(team), auto_id=f"{team.code}-%s"))
            for team in listed
        ],
        "untaken": [kind for kind in KINDS if kind not in taken],
        "form": TeamForm(people=people),
        "may_manage": may_manage,
    }
    return render(request, "console/team/teams.html", context)


def _said(team: TeamCard) -> dict[str, object]:
    return {
        "code": team.code,
        "name": team.name,
        "members": team.members,
        "kinds": team.kinds,
        "version": team.version,
    }


def _people(request: ConsoleRequest, listed: list[TeamCard]) -> list[tuple[str, str]]:
    """Who may be a member: whoever may take work, and who is one already."""
    holders = identity.list_holders(grant=permissions.TAKE, on=today(), viewer=request.actor)
    names = {each.login: each.name for each in holders}
    for team in listed:
        for person in team.members:
            names.setdefault(person, request.desk.actors.get(person, person))
    return [(login, f"{name} · {login}") for login, name in sorted(names.items())]


@order(permissions.MANAGE, needs_book=True)
def set_team(request: ConsoleRequest) -> HttpResponse:
    """Form a team, or say anew who is in it and what it takes."""
    listed = queries.list_teams(book=request.book.code, viewer=request.actor)
    typed = TeamForm(request.POST, people=_people(request, listed)).read()
    operations.set_team(
        book=request.book.code, code=typed["code"], name=typed["name"],
        members=typed["members"], kinds=typed["kinds"], version=typed["version"],
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return done(request, _("The team is set."), "console:teams")


@order(permissions.MANAGE, needs_book=True)
def dissolve_team(request: ConsoleRequest, code: str) -> HttpResponse:
    """End a team."""
    typed = DissolveForm(request.POST).read()
    operations.dissolve_team(
        book=request.book.code, code=code, version=typed["version"], reason=typed["reason"],
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return done(request, _("The team is dissolved."), "console:teams")
