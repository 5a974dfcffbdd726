"""What every page shares: who asks, in which book, in which language, and how answers leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render as django_render
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme

from loanops.kernel.access import Actor, require
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.identity import queries as identity
from loanops.platform.web import clock
from loanops.surfaces.console.pages.menu import Line, menu_of
from loanops.surfaces.console.pages.tours import Tour, tour_of

P = ParamSpec("P")
MENU_COOKIE = "loanops_menu"


@dataclass(frozen=True)
class Desk:
    """What the frame around a page shows."""

    name: str
    login: str
    language: str
    books: list[BookCard]
    book: BookCard | None
    menu: list[tuple[Promise, list[Line]]]
    theme: str
    tour: Tour | None
    folded: bool
    base: str = "console/base.html"
    # Names that this page has asked for already, by what they are names of.
    called: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)

    @property
    def themes(self) -> tuple[str, ...]:
        """The looks that a person may choose."""
        return identity.THEMES

    @property
    def zone(self) -> str:
        """The zone in which moments are shown."""
        return self.book.zone if self.book else settings.TIME_ZONE

    @property
    def currency(self) -> str:
        """The currency in which amounts are shown."""
        return self.book.currency if self.book else "CNY"


class ConsoleRequest(HttpRequest):
    """A request of somebody who has signed in; ``book`` is there on pages that need a book."""

    actor: Actor
    actor_name: str
    book: BookCard
    desk: Desk
    htmx: Any


Page = Callable[Concatenate[ConsoleRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def today() -> date:
    """The calendar day at the desk, on which roles are held."""
    return clock.now().astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def actor_of(request: HttpRequest) -> Actor | None:
    """Who asks, with today's grants, or nobody; names them for the request's log line."""
    person = request.user
    if not person.is_authenticated:
        return None
    translation.activate(person.language)
    actor = identity.actor_of(person, on=today())
    cast("ConsoleRequest", request).actor_name = actor.person
    return actor


def page(
    *grants: str, needs_book: bool = False, asks: bool = False
) -> Callable[[Page[P]], View[P]]:
    """A page for people who hold the grants; with ``needs_book`` it is shown within one book.

    A page that ``asks`` takes its question by POST, so that nothing personal stands in an address.
    """
    methods = ("GET", "HEAD", "POST") if asks else ("GET", "HEAD")
    return _entered(methods, grants, needs_book=needs_book)


def order(*grants: str, needs_book: bool = False) -> Callable[[Page[P]], View[P]]:
    """A form's target for people who hold the grants."""
    return _entered(("POST",), grants, needs_book=needs_book)


def _entered(
    methods: tuple[str, ...], grants: tuple[str, ...], *, needs_book: bool
) -> Callable[[Page[P]], View[P]]:
    def decorate(view: Page[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            actor = actor_of(request)
            if actor is None:
                return _to_sign_in(request)
            asked = cast("ConsoleRequest", request)
            asked.actor = actor
            asked.desk = _desk_of(asked)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            for grant in grants:
                require(asked.actor, grant)
            if asked.desk.book is not None:
                asked.book = asked.desk.book
            elif needs_book:
                return render(asked, "console/no_book.html")
            return view(asked, *args, **kwargs)

        return cast("View[P]", answer)

    return decorate


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": settings.LOGIN_URL})
    return redirect_to_login(request.get_full_path())


def _desk_of(request: ConsoleRequest) -> Desk:
    seen = books.list_books(viewer=request.actor)
    chosen = request.session.get("book", "")
    book = next((each for each in seen if each.code == chosen), seen[0] if seen else None)
    partial = request.htmx and not request.htmx.history_restore_request
    here = request.resolver_match.url_name if request.resolver_match else ""
    return Desk(
        name=getattr(request.user, "name", ""),
        login=request.actor.person,
        language=translation.get_language() or settings.LANGUAGE_CODE,
        books=seen,
        book=book,
        menu=[] if partial else menu_of(request.actor, book, here=here),
        theme=getattr(request.user, "theme", "system"),
        tour=tour_of(
            request.actor,
            here=here or "",
            asked=request.GET.get("tour", ""),
            is_offered=not getattr(request.user, "toured", True),
        ),
        folded=request.COOKIES.get(MENU_COOKIE) == "folded",
    )


def render(
    request: ConsoleRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page within the frame."""
    return django_render(
        request,
        template,
        {"desk": request.desk, "actor": request.actor, "today": today(), **(context or {})},
        status=status,
    )


def safe_next(request: HttpRequest) -> str:
    """Where to go on: the address the form names, if it is one of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return resolve_url("console:board")


@dataclass(frozen=True)
class Undo:
    """How what was just done is undone: the form that the notice of it carries."""

    to: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)


def done(
    request: ConsoleRequest, words: str, to: str, *args: str, undo: Undo | None = None
) -> HttpResponse:
    """After an order was carried out: say so, show the page it changed, and offer to undo it."""
    messages.success(request, words, extra_tags=json.dumps(asdict(undo)) if undo else "")
    target = resolve_url(to, *args)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
