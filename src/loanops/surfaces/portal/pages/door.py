"""The door: arriving, signing in by a code, proving who one is, language, and the way out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from loanops.kernel.refusals import Refusal
from loanops.platform.web import clock
from loanops.platform.web.words import words_of
from loanops.registry.borrowers import operations as borrowers
from loanops.registry.borrowers import queries
from loanops.registry.partners import queries as partners
from loanops.surfaces.portal.pages.shell import (
    PATH,
    SESSION_COOKIE,
    PortalRequest,
    address_of,
    anyone,
    device_of,
    done,
    order,
    page,
    render,
    safe_next,
    set_cookie,
)

CHALLENGE_COOKIE = "loanops_challenge"
CHANNEL_COOKIE = "loanops_channel"
DIRECT = "direct"
_SALT = "portal"
_CHALLENGE_SECONDS = 900
_CHANNEL_SECONDS = 30 * 86_400
_SESSION_SECONDS = 168 * 3_600


@anyone()
def arrive(request: PortalRequest, channel: str) -> HttpResponse:
    """A channel's link: who brought the visitor is remembered, then the front page."""
    response = HttpResponseRedirect(resolve_url("portal:home"))
    known = partners.list_names(
        book=request.book.code, kind=partners.PartnerKind.CHANNEL, viewer=request.actor
    )
    if channel in known:
        value = signing.dumps(channel, salt=_SALT)
        set_cookie(response, CHANNEL_COOKIE, value, seconds=_CHANNEL_SECONDS)
    return response


def channel_of(request: HttpRequest) -> str:
    """The channel by whose link the visitor came; direct where there was none."""
    found = _read(request, CHANNEL_COOKIE, _CHANNEL_SECONDS)
    return found if isinstance(found, str) else DIRECT


def _read(request: HttpRequest, cookie: str, seconds: int) -> Any:
    try:
        return signing.loads(request.COOKIES.get(cookie, ""), salt=_SALT, max_age=seconds)
    except signing.BadSignature:
        return None


@anyone("GET", "HEAD", "POST")
def sign_in(request: PortalRequest) -> HttpResponse:
    """Ask for a mobile and send a code to it; the answer is the same for every mobile."""
    context: dict[str, Any] = {"next": safe_next(request), "mobile": ""}
    if request.method != "POST":
        if request.frame.borrower is not None:
            return HttpResponseRedirect(safe_next(request))
        return render(request, "portal/sign_in.html", context)
    context["mobile"] = request.POST.get("mobile", "")[:24]
    try:
        sent = borrowers.send_code(
            book=request.book.code,
            mobile=context["mobile"],
            language=request.frame.language,
            address=address_of(request),
            actor=queries.visitor(book=request.book.code),
            at=clock.now(),
        )
    except Refusal as refusal:
        return _refused(request, "portal/sign_in.html", refusal, context)
    kept = {"token": sent.token, "to": sent.mobile_masked, "next": context["next"]}
    response = HttpResponseRedirect(resolve_url("portal:code"))
    value = signing.dumps(kept, salt=_SALT)
    set_cookie(response, CHALLENGE_COOKIE, value, seconds=_CHALLENGE_SECONDS)
    return response


def _refused(
    request: PortalRequest, template: str, refusal: Refusal, context: dict[str, Any]
) -> HttpResponse:
    context |= {"problem": words_of(refusal), "problem_code": refusal.code}
    response = render(request, template, context, status=refusal.status)
    if isinstance(refusal, borrowers.CodesTooMany):
        response["Retry-After"] = refusal.values["seconds"]
    return response


@sensitive_post_parameters("code")
@anyone("GET", "HEAD", "POST")
def code(request: PortalRequest) -> HttpResponse:
    """Take the code; whoever has it is in."""
    kept = _read(request, CHALLENGE_COOKIE, _CHALLENGE_SECONDS)
    if not isinstance(kept, dict):
        return HttpResponseRedirect(resolve_url("portal:sign_in"))
    context = {"to": kept["to"], "over": borrowers.CodeOver.code}
    if request.method != "POST":
        return render(request, "portal/code.html", context)
    given = "".join(request.POST.get("code", "").split())[:12]
    try:
        token = borrowers.sign_in(
            book=request.book.code,
            challenge=str(kept["token"]),
            code=given,
            device=device_of(request),
            actor=queries.visitor(book=request.book.code),
            at=clock.now(),
        )
    except Refusal as refusal:
        return _refused(request, "portal/code.html", refusal, context)
    response = HttpResponseRedirect(str(kept["next"]))
    set_cookie(response, SESSION_COOKIE, token, seconds=_SESSION_SECONDS)
    response.delete_cookie(CHALLENGE_COOKIE, path=PATH)
    return response


@page("GET", "HEAD", "POST")
def identity(request: PortalRequest) -> HttpResponse:
    """Prove to be the person of the own loans, where a mobile alone is not enough."""
    context: dict[str, Any] = {"next": safe_next(request)}
    if request.method != "POST":
        return render(request, "portal/identity.html", context)
    try:
        found = borrowers.claim(
            account=request.borrower.account,
            session=request.borrower.session,
            id_number=request.POST.get("id_number", "")[:32],
            actor=request.actor,
            at=clock.now(),
        )
    except Refusal as refusal:
        return _refused(request, "portal/identity.html", refusal, context)
    if found is None:
        context["problem"] = _("There is no loan or application under this identity number yet.")
        return render(request, "portal/identity.html", context)
    return HttpResponseRedirect(context["next"])


@order()
def sign_out(request: PortalRequest) -> HttpResponse:
    """The way out, on this device or on all of them."""
    who = request.borrower
    if request.POST.get("everywhere"):
        borrowers.sign_out_everywhere(account=who.account, actor=request.actor, at=clock.now())
        words = _("You are signed out on all devices.")
    else:
        borrowers.sign_out(
            account=who.account, session=who.session, actor=request.actor, at=clock.now()
        )
        words = _("You are signed out.")
    response = done(request, words, "portal:home")
    response.delete_cookie(SESSION_COOKIE, path=PATH)
    return response


@anyone("POST")
def speak(request: PortalRequest) -> HttpResponse:
    """The language in which somebody reads; an account keeps it for its messages."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request))
    if language not in dict(settings.LANGUAGES):
        return response
    who = request.frame.borrower
    if who is not None:
        borrowers.choose_language(
            account=who.account, language=language, actor=request.actor, at=clock.now()
        )
    translation.activate(language)
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax")
    return response
