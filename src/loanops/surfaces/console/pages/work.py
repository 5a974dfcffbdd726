"""The work list: what waits, for whom, what is next; taken, given, given back, one or many."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from loanops.origination.decisioning import permissions as decision_grants
from loanops.origination.decisioning import queries as decisions
from loanops.platform.identity import queries as identity
from loanops.platform.web import clock
from loanops.registry.team import operations, permissions, queries
from loanops.registry.team.queries import ItemCard, ItemFilter, View
from loanops.surfaces.console.forms.team import (
    NARROWING,
    AssignForm,
    DeskForm,
    HandOverForm,
    SaveFilterForm,
    WorkForm,
)
from loanops.surfaces.console.pages import sheets
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words.team import VIEWS

# Where the work of a kind is done: the page, and whether it is about the subject alone.
PLACES: Final[dict[str, tuple[str, bool]]] = {
    "review": ("application", True),
    "document": ("application", True),
    "supplement": ("application", True),
    "change": ("change_request", True),
    "reread": ("reread", True),
    "undo": ("undo_import", True),
    "aside": ("loan", True),
    "refund": ("unapplied", False),
    "exception": ("exceptions", False),
}


def place_of(kind: str, subject: str) -> str:
    """The address of the page where an item is worked on."""
    name, alone = PLACES[kind]
    if alone:
        return reverse(f"console:{name}", args=[subject])
    return f"{reverse(f'console:{name}')}#{subject}"


@page(permissions.VIEW, needs_book=True)
def work_list(request: ConsoleRequest) -> HttpResponse:
    """What waits, as it is to be done next, narrowed by what stands in the address."""
    at = clock.now()
    counts = queries.count_views(book=request.book.code, viewer=request.actor, at=at)
    where = _asked(request, request.GET, counts)
    listed = queries.list_items(where, viewer=request.actor, at=at)
    desk = queries.get_desk(viewer=request.actor)
    context = {
        "items": listed.cards,
        "next": listed.next_after,
        "where": where,
        "views": [(view, counts.get(view)) for view in VIEWS],
        "count_max": queries.COUNT_MAX,
        "form": WorkForm(request.GET),
        "columns": desk.columns,
        "list_desk": desk,
        "desk_form": DeskForm(initial={"columns": desk.columns, "dense": desk.dense}),
        "filters": queries.list_filters(book=request.book.code, viewer=request.actor),
        "save_form": SaveFilterForm(),
        "query": narrowing(where),
        "products": product_names(request),
        "partners": partner_names(request),
        "lines": _lines(request, listed.cards),
        "people": (people := _people(request, listed.cards, where.holder)),
        **_rights(request, people),
    }
    return render(request, "console/team/work.html", context)


def _asked(request: ConsoleRequest, data: Any, counts: dict[str, int]) -> ItemFilter:
    """The list asked for; who has work begins with it, others with what their team has."""
    mine = View.MY if counts.get("my") else View.TEAM if counts.get("team") else View.ALL
    return WorkForm(data).where(request.book.code, otherwise=mine)


def narrowing(where: ItemFilter) -> str:
    """What a list is narrowed by, as the end of its address."""
    given = {
        "view": where.view.value, "kind": where.kind, "holder": where.holder, "text": where.text,
        "standing": where.standing, "since": where.since.isoformat() if where.since else "",
    }  # fmt: skip
    return urlencode({name: given[name] for name in NARROWING if given[name]})


def _rights(request: ConsoleRequest, people: list[tuple[str, str]]) -> dict[str, Any]:
    actor = request.actor
    rights: dict[str, Any] = {
        "may_take": actor.may(permissions.TAKE),
        "may_distribute": actor.may(permissions.DISTRIBUTE),
        "may_export": actor.may(permissions.EXPORT),
    }
    if rights["may_distribute"]:
        rights["assign_form"] = AssignForm(people=people)
        rights["hand_over_form"] = HandOverForm(holders=people, people=people)
    return rights


def named(request: ConsoleRequest, logins: Iterable[str]) -> list[tuple[str, str]]:
    """People as choices, by login; who asks the page for a name later finds it known."""
    wanted = sorted(set(logins) - {""})
    request.desk.actors.update(identity.find_names(wanted))
    return [(login, f"{request.desk.actors.get(login, login)} · {login}") for login in wanted]


def _people(
    request: ConsoleRequest, cards: tuple[ItemCard, ...], chosen: str
) -> list[tuple[str, str]]:
    """Whom the list may be narrowed to: the teams and those who have something on this page."""
    members = queries.list_members(book=request.book.code, viewer=request.actor)
    return named(request, [*members, *(card.holder for card in cards), chosen])


def _lines(request: ConsoleRequest, cards: tuple[ItemCard, ...]) -> dict[str, Any]:
    """Score and reasons of what is to be reviewed."""
    reviewed = [card.subject for card in cards if card.kind == "review"]
    if not reviewed or not request.actor.may(decision_grants.VIEW):
        return {}
    return decisions.lines_of(applications=reviewed, viewer=request.actor)


@page(permissions.VIEW, needs_book=True)
def open_item(request: ConsoleRequest, number: str) -> HttpResponse:
    """Go where the work of an item is done."""
    card = queries.get_item(number, viewer=request.actor, at=clock.now())
    return HttpResponseRedirect(place_of(card.kind, card.subject))


@order(permissions.TAKE, needs_book=True)
def claim_next(request: ConsoleRequest) -> HttpResponse:
    """Take what is next, and go where its work is done."""
    kind = request.POST.get("kind", "")[:20]
    card = operations.claim_next(
        book=request.book.code, kind=kind, actor=request.actor, at=clock.now()
    )
    return done(request, _("It is yours now."), place_of(card.kind, card.subject))


@order(permissions.TAKE, needs_book=True)
def claim(request: ConsoleRequest, number: str) -> HttpResponse:
    """Take one item, and go where its work is done."""
    card = operations.claim(number=number, actor=request.actor, at=clock.now())
    return done(request, _("It is yours now."), place_of(card.kind, card.subject))


@order(permissions.TAKE, needs_book=True)
def release(request: ConsoleRequest, number: str) -> HttpResponse:
    """Give one item back."""
    operations.release(number=number, actor=request.actor, at=clock.now())
    return done(request, _("It is back in the queue."), "console:work_list")


@order(permissions.TAKE, needs_book=True)
def move_items(request: ConsoleRequest, verb: str) -> HttpResponse:
    """Assign or give back the marked items, or all that the list holds, by a run."""
    at = clock.now()
    marked = request.POST.getlist("number")[: operations.TOTAL_MAX + 1]
    numbers = [number[:32] for number in marked if number.isprintable()]
    if request.POST.get("every"):
        where = replace(_asked(request, request.POST, {}), after="")
        most = operations.TOTAL_MAX + 1
        numbers = queries.numbers_of(where, viewer=request.actor, at=at, limit=most)
    given: dict[str, Any] = {
        "book": request.book.code,
        "numbers": numbers,
        "actor": request.actor,
        "at": at,
    }
    if verb == "assign":
        typed = AssignForm(request.POST, people=_known(request, "to")).read()
        run = operations.assign_by_run(to=typed["to"], **given)
    else:
        run = operations.release_by_run(**given)
    return _begun(request, run.number)


def _known(request: ConsoleRequest, field: str) -> list[tuple[str, str]]:
    """The person named in a form, if there is one; who may do what is the room's rule."""
    said = request.POST.get(field, "")[:80]
    listed = named(request, [said if said.isprintable() else ""])
    return [each for each in listed if each[0] in request.desk.actors]


@order(permissions.DISTRIBUTE, needs_book=True)
def hand_over(request: ConsoleRequest) -> HttpResponse:
    """Hand over all that somebody has."""
    holders, people = _known(request, "holder"), _known(request, "to")
    typed = HandOverForm(request.POST, holders=holders, people=people).read()
    run = operations.hand_over(
        book=request.book.code, holder=typed["holder"], to=typed["to"], reason=typed["reason"],
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return _begun(request, run.number)


@order(permissions.EXPORT, needs_book=True)
def export(request: ConsoleRequest) -> HttpResponse:
    """Write the whole list into a file, by a run."""
    where = replace(_asked(request, request.POST, {}), after="")
    form = request.POST.get("form", "xlsx")
    run = operations.export_items(where=where, form=form, actor=request.actor, at=clock.now())
    return _begun(request, run.number)


def _begun(request: ConsoleRequest, run: str) -> HttpResponse:
    return done(request, _("The run has begun."), "console:work_run", run)


@page(permissions.VIEW, needs_book=True)
def runs(request: ConsoleRequest) -> HttpResponse:
    """The last runs of the reader."""
    listed = queries.list_runs(book=request.book.code, viewer=request.actor)
    return render(request, "console/team/runs.html", {"runs": listed})


@page(permissions.VIEW, needs_book=True)
def run(request: ConsoleRequest, number: str) -> HttpResponse:
    """How far a run is, and what it refused; asks again by itself until it has ended."""
    card = queries.get_run(number, viewer=request.actor)
    template = "console/team/run_state.html" if request.htmx else "console/team/run.html"
    return render(request, template, {"run": card})


@page(permissions.EXPORT, needs_book=True)
def run_file(request: ConsoleRequest, number: str) -> HttpResponse:
    """The file that a run wrote."""
    name, content = operations.read_export(run=number, actor=request.actor, at=clock.now())
    answer = HttpResponse(content, content_type=sheets.media_type(name))
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@order(permissions.VIEW, needs_book=True)
def set_desk(request: ConsoleRequest) -> HttpResponse:
    """Keep which columns are shown, and how close rows stand."""
    typed = DeskForm(request.POST).read()
    operations.set_desk(
        book=request.book.code, columns=typed["columns"], dense=typed["dense"],
        actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return _back(request, _("The list is arranged so."))


@order(permissions.VIEW, needs_book=True)
def save_filter(request: ConsoleRequest) -> HttpResponse:
    """Keep what the list is narrowed by under a name."""
    typed = SaveFilterForm(request.POST).read()
    where = _asked(request, request.POST, {})
    operations.save_filter(
        book=request.book.code, name=typed["name"], query=narrowing(where),
        shared=typed["shared"], actor=request.actor, at=clock.now(),
    )  # fmt: skip
    return _back(request, _("The filter is saved."))


@order(permissions.VIEW, needs_book=True)
def remove_filter(request: ConsoleRequest, number: str) -> HttpResponse:
    """Remove a saved filter."""
    operations.remove_filter(number=number, actor=request.actor, at=clock.now())
    return done(request, _("The filter is removed."), "console:work_list")


def _back(request: ConsoleRequest, words: str) -> HttpResponse:
    """To the list as it was narrowed."""
    query = narrowing(_asked(request, request.POST, {}))
    return done(request, words, f"{reverse('console:work_list')}?{query}")
