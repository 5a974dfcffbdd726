"""Pages of identity: signing in and out, language, people, the permission matrix, API keys."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as django_render
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from loanops.kernel.refusals import NotFound
from loanops.platform.identity import operations, permissions, queries
from loanops.platform.identity.queries import PersonCard
from loanops.platform.identity.roles import grants_of, known_grants, roles
from loanops.platform.web import clock
from loanops.surfaces.console.forms.identity import (
    KeyForm,
    PersonForm,
    RoleForm,
    SignInForm,
)
from loanops.surfaces.console.pages.shell import (
    ConsoleRequest,
    Undo,
    done,
    order,
    page,
    render,
    safe_next,
    today,
)
from loanops.surfaces.console.pages.tours import first_stop


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The way in; wrong passwords are recorded, and too many lock the login for a while."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, settings.LANGUAGE_CODE)
    translation.activate(chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE)
    form = SignInForm(request.POST or None)
    failed = False
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["login"]
        person = authenticate(request, login=name, password=form.cleaned_data["password"])
        if person is not None:
            login(request, person)
            operations.note_sign_in(login=name, outcome="signed_in", at=clock.now())
            answer = HttpResponseRedirect(safe_next(request))
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, getattr(person, "language", chosen))
            return answer
        operations.note_sign_in(login=name, outcome="sign_in_failed", at=clock.now())
        failed = True
    context = {"form": form, "failed": failed, "next": request.GET.get("next", "")}
    status = 422 if failed else 200
    return django_render(request, "console/identity/sign_in.html", context, status=status)


@require_http_methods(["POST"])
def sign_out(request: HttpRequest) -> HttpResponse:
    """The way out."""
    if request.user.is_authenticated:
        operations.note_sign_in(
            login=request.user.get_username(), outcome="signed_out", at=clock.now()
        )
    logout(request)
    return HttpResponseRedirect(settings.LOGOUT_REDIRECT_URL)


@require_http_methods(["POST"])
def speak(request: HttpRequest) -> HttpResponse:
    """The language of the sign-in page, before anybody is known."""
    answer = HttpResponseRedirect(settings.LOGIN_URL)
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, request.POST.get("language", ""))
    return answer


@order()
def choose_language(request: ConsoleRequest) -> HttpResponse:
    """The language a person reads in, kept with the person."""
    language = request.POST.get("language", "")
    operations.choose_language(language=language, actor=request.actor, at=clock.now())
    answer = HttpResponseRedirect(safe_next(request))
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, language)
    return answer


@order()
def choose_theme(request: ConsoleRequest) -> HttpResponse:
    """The look by day or by night, kept with the person; the page takes it on by itself."""
    operations.choose_theme(
        theme=request.POST.get("theme", ""), actor=request.actor, at=clock.now()
    )
    if request.htmx:
        return HttpResponse(status=204)
    return HttpResponseRedirect(safe_next(request))


@page()
def first_tour(request: ConsoleRequest) -> HttpResponse:
    """The first stop of the tour, for who wants to be shown around (again)."""
    return HttpResponseRedirect(first_stop(request.actor))


@order()
def end_tour(request: ConsoleRequest) -> HttpResponse:
    """The first tour is over, or nobody wants it."""
    operations.end_tour(actor=request.actor, at=clock.now())
    return HttpResponseRedirect(safe_next(request))


@page(permissions.VIEW)
def people(request: ConsoleRequest) -> HttpResponse:
    """Everybody who can sign in."""
    listed = queries.list_people(on=today(), viewer=request.actor)
    context = {"people": listed, "form": PersonForm(), "roles": roles()}
    return render(request, "console/identity/people.html", context)


@order(permissions.MANAGE)
def add_person(request: ConsoleRequest) -> HttpResponse:
    """Add somebody."""
    typed = PersonForm(request.POST).read()
    operations.add_person(
        login=typed["login"],
        name=typed["name"],
        password=typed["password"],
        language=typed["language"],
        is_demo=False,
        actor=request.actor,
        at=clock.now(),
    )
    words = _("%(name)s was added; give them a role next.") % {"name": typed["name"]}
    return done(request, words, "console:person", typed["login"])


def _person(request: ConsoleRequest, login_name: str) -> PersonCard:
    listed = queries.list_people(on=today(), viewer=request.actor)
    found = next((each for each in listed if each.login == login_name), None)
    if found is None:
        raise NotFound(kind="person", number=login_name)
    return found


@page(permissions.VIEW)
def person(request: ConsoleRequest, login_name: str) -> HttpResponse:
    """One person with the roles held today."""
    context = {
        "person": _person(request, login_name),
        "form": RoleForm(books=request.desk.books, initial={"valid_from": today()}),
        "roles": roles(),
    }
    return render(request, "console/identity/person.html", context)


@order(permissions.MANAGE)
def grant_role(request: ConsoleRequest, login_name: str) -> HttpResponse:
    """Give a role."""
    typed = RoleForm(request.POST, books=request.desk.books).read()
    operations.grant_role(
        login=login_name,
        role=typed["role"],
        books=tuple(typed["books"]),
        valid_from=typed["valid_from"],
        actor=request.actor,
        at=clock.now(),
    )
    return done(request, _("The role was given."), "console:person", login_name)


@order(permissions.MANAGE)
def end_role(request: ConsoleRequest, login_name: str) -> HttpResponse:
    """End a role today."""
    role, on = request.POST.get("role", ""), today()
    held = [
        each.books
        for each in queries.list_holdings(login=login_name, on=on, viewer=request.actor)
        if each.role == role
    ]
    operations.end_role(
        login=login_name, role=role, valid_to=on, actor=request.actor, at=clock.now()
    )
    undo = (
        Undo(
            resolve_url("console:grant_role", login_name),
            {"role": role, "books": list(held[0]), "valid_from": on.isoformat()},
        )
        if len(held) == 1
        else None
    )
    return done(request, _("The role has ended."), "console:person", login_name, undo=undo)


@order(permissions.MANAGE)
def deactivate(request: ConsoleRequest, login_name: str) -> HttpResponse:
    """Shut somebody out."""
    operations.deactivate(login=login_name, actor=request.actor, at=clock.now())
    return done(request, _("This person can no longer sign in."), "console:person", login_name)


@page(permissions.VIEW)
def role_matrix(request: ConsoleRequest) -> HttpResponse:
    """Which role may do what."""
    columns = list(roles().values())
    held = {role.code: grants_of(role.code) for role in columns}
    rows: dict[str, list[tuple[str, list[bool]]]] = {}
    for grant in sorted(known_grants()):
        room, verb = grant.split(".", 1)
        marks = [grant in held[role.code] for role in columns]
        rows.setdefault(room, []).append((verb, marks))
    return render(request, "console/identity/roles.html", {"columns": columns, "rooms": rows})


@page(permissions.VIEW)
def keys(request: ConsoleRequest) -> HttpResponse:
    """Every API key."""
    return _keys(request, issued="")


def _keys(request: ConsoleRequest, *, issued: str) -> HttpResponse:
    context = {
        "keys": queries.list_keys(viewer=request.actor),
        "form": KeyForm(books=request.desk.books),
        "issued": issued,
        "roles": roles(),
    }
    return render(request, "console/identity/keys.html", context)


@never_cache
@order(permissions.MANAGE)
def issue_key(request: ConsoleRequest) -> HttpResponse:
    """Issue a key; it is on this answer and never again."""
    typed = KeyForm(request.POST, books=request.desk.books).read()
    issued = operations.issue_key(
        name=typed["name"],
        partner=typed["partner"],
        role=typed["role"],
        books=tuple(typed["books"]),
        actor=request.actor,
        at=clock.now(),
    )
    return _keys(request, issued=issued)


@order(permissions.MANAGE)
def revoke_key(request: ConsoleRequest, prefix: str) -> HttpResponse:
    """Revoke a key at once."""
    operations.revoke_key(prefix=prefix, actor=request.actor, at=clock.now())
    return done(request, _("The key was revoked."), "console:keys")
