"""What every page of the portal shares: who is signed in, in which book, and how answers leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render as django_render
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.web import clock
from loanops.registry.borrowers import queries as borrowers
from loanops.registry.borrowers.queries import Borrower

P = ParamSpec("P")
SESSION_COOKIE = "loanops_borrower"
PATH = "/portal/"
DEVICE_LETTERS = 160


@dataclass(frozen=True)
class Frame:
    """What the frame around a page shows."""

    language: str
    book: BookCard
    borrower: Borrower | None
    here: str
    """Where a page that is shown now can be opened again."""

    @property
    def currency(self) -> str:
        """The currency in which amounts are shown."""
        return self.book.currency

    @property
    def zone(self) -> str:
        """The zone in which moments are shown."""
        return self.book.zone


class PortalRequest(HttpRequest):
    """A request to the portal; ``borrower`` is there on pages of one's own."""

    frame: Frame
    borrower: Borrower
    actor: Actor
    actor_name: str
    book: BookCard


Page = Callable[Concatenate[PortalRequest, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def portal_book() -> BookCard:
    """The book whose portal this installation opens: the one it names, or the first with persons.

    :raises NotFound: there is none.
    """
    named = settings.ENVIRONMENT.portal_book
    if named:
        return books.get_book(named)
    for card in books.list_books(viewer=Viewer("visitor")):
        if not card.without_identity:
            return card
    raise NotFound(kind="book", number="-")


def anyone(*methods: str) -> Callable[[Page[P]], View[P]]:
    """A page for whoever comes, signed in or not."""
    return _entered(methods or ("GET", "HEAD"), own=False)


def page(*methods: str) -> Callable[[Page[P]], View[P]]:
    """A page of one's own; who is not signed in is asked to, and comes back to it."""
    return _entered(methods or ("GET", "HEAD"), own=True)


def order() -> Callable[[Page[P]], View[P]]:
    """A form's target, for whoever is signed in."""
    return _entered(("POST",), own=True)


def _entered(methods: tuple[str, ...], *, own: bool) -> Callable[[Page[P]], View[P]]:
    def decorate(view: Page[P]) -> View[P]:
        @wraps(view)
        def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            asked = cast("PortalRequest", request)
            found = _borrower(request)
            asked.frame = Frame(
                language=translation.get_language() or settings.LANGUAGE_CODE,
                book=books.get_book(found.book) if found else portal_book(),
                borrower=found,
                here=request.get_full_path() if "GET" in methods else resolve_url("portal:home"),
            )
            asked.book = asked.frame.book
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            if found is not None:
                asked.borrower, asked.actor = found, found.actor
                asked.actor_name = found.actor.person
            elif own:
                return _to_sign_in(request)
            else:
                asked.actor = borrowers.visitor(book=asked.book.code)
            response = view(asked, *args, **kwargs)
            patch_cache_control(response, no_store=True)
            return response

        return cast("View[P]", answer)

    return decorate


def _borrower(request: HttpRequest) -> Borrower | None:
    token = request.COOKIES.get(SESSION_COOKIE, "")
    return borrowers.find_borrower(token, at=clock.now()) if token else None


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else ""
    query = f"?{urlencode({'next': back})}" if back else ""
    return HttpResponseRedirect(resolve_url("portal:sign_in") + query)


def render(
    request: PortalRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page within the frame."""
    return django_render(
        request, template, {"frame": request.frame, **(context or {})}, status=status
    )


def done(request: PortalRequest, words: str, to: str, *args: str) -> HttpResponse:
    """After an order was carried out: say so where there is something to say, and go on."""
    if words:
        messages.success(request, words)
    return HttpResponseRedirect(resolve_url(to, *args))


def safe_next(request: HttpRequest) -> str:
    """Where to go on: the address the form names, if it is one of the portal."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    fits = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if fits and wanted.startswith(PATH) else resolve_url("portal:home")


def seeing(request: PortalRequest, *grants: str) -> Actor:
    """Who asks with grants lent for one look or order that the own person's scope still bounds."""
    return replace(request.actor, grants=request.actor.grants | set(grants))


def device_of(request: HttpRequest) -> str:
    """What the browser calls itself, as evidence keeps it."""
    said = request.headers.get("User-Agent", "")
    return "".join(letter for letter in said if letter.isprintable())[:DEVICE_LETTERS] or "unknown"


def address_of(request: HttpRequest) -> str:
    """Where a request came from; in production the TLS proxy says it, and nobody else can."""
    told = request.headers.get("X-Forwarded-For", "") if settings.PRODUCTION else ""
    return told.rpartition(",")[2].strip()[:64] or request.META.get("REMOTE_ADDR") or "127.0.0.1"


def evidence_of(request: HttpRequest) -> dict[str, str]:
    """How a consent or a confirmation was given."""
    return {"channel": "portal", "device": device_of(request), "ip": address_of(request)}


def set_cookie(response: HttpResponse, name: str, value: str, *, seconds: int) -> None:
    """A cookie of the portal alone, which no script reads."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
