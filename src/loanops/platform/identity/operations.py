"""Orders to identity."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.identity import permissions
from loanops.platform.identity.models import ApiKey, Person, RoleHolding
from loanops.platform.identity.queries import THEMES, secret_hash
from loanops.platform.identity.roles import roles
from loanops.platform.work import unit_of_work


def _known_role(role: str) -> None:
    given = sorted(code for code, each in roles().items() if each.is_given)
    if role not in given:
        raise BadField(field="role", problem="choose one of: {choices}", choices=", ".join(given))


def _usable_login(login: str) -> None:
    if not login.isascii() or not login.replace(".", "").replace("-", "").isalnum():
        raise BadField(field="login", problem="use letters, digits, dots and hyphens")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to add: how they sign in, what they are called, what they do, what they read."""

    login: str
    name: str
    role: str
    language: str


def add_person(
    *,
    login: str,
    name: str,
    password: str,
    is_demo: bool,
    language: str,
    actor: Actor,
    at: datetime,
) -> str:
    """Add somebody who can sign in; returns the login.

    :raises NotPermitted: the actor may not manage people.
    :raises BadField: the login is taken or not usable.
    """
    require(actor, permissions.MANAGE)
    _usable_login(login)
    if Person.objects.filter(login=login).exists():
        raise BadField(field="login", problem="this login is taken; choose another one")
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        person = Person(login=login, name=name, is_demo=is_demo, language=language)
        person.set_password(password)
        person.save()

        work.record("identity.person_added", subject=login)
    return login


def add_people_many(
    *,
    people: Sequence[NewPerson],
    password: str,
    is_demo: bool,
    valid_from: date,
    actor: Actor,
    at: datetime,
) -> list[str]:
    """Add many who start with the same password, each with a role from a day on, in every book.

    The password is hashed once for all, so this is for passwords that are no secret between them.
    Who is known already is left alone; returns the logins that are new.

    :raises NotPermitted: the actor may not manage people.
    :raises BadField: a login is not usable, or there is no such role.
    """
    require(actor, permissions.MANAGE)
    for each in people:
        _known_role(each.role)
        _usable_login(each.login)
    known = set(
        Person.objects.filter(login__in=[each.login for each in people]).values_list(
            "login", flat=True
        )
    )
    fresh = [each for each in people if each.login not in known]
    hashed = make_password(password)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not fresh:
            work.unchanged()
            return []
        rows = Person.objects.bulk_create(
            Person(
                login=each.login,
                name=each.name,
                password=hashed,
                is_demo=is_demo,
                language=each.language,
            )
            for each in fresh
        )
        RoleHolding.objects.bulk_create(
            RoleHolding(person=row, role=each.role, books=[], valid_from=valid_from)
            for row, each in zip(rows, fresh, strict=True)
        )

        for each in fresh:
            work.record("identity.person_added", subject=each.login)
            work.record("identity.role_granted", subject=each.login, role=each.role, books=[])
    return [each.login for each in fresh]


def grant_role(
    *, login: str, role: str, books: tuple[str, ...], valid_from: date, actor: Actor, at: datetime
) -> None:
    """Give a person a role from a day on, in the named books (none named: all).

    :raises NotPermitted: the actor may not manage people.
    :raises NotFound: there is no such person.
    :raises BadField: there is no such role, or a person would raise their own rights.
    """
    require(actor, permissions.MANAGE)
    _known_role(role)
    if actor.person == login:
        raise BadField(field="login", problem="nobody can give a role to themselves")
    person = Person.objects.filter(login=login).first()
    if person is None:
        raise NotFound(kind="person", number=login)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        RoleHolding.objects.create(
            person=person, role=role, books=list(books), valid_from=valid_from
        )

        work.record("identity.role_granted", subject=login, role=role, books=list(books))


def end_role(*, login: str, role: str, valid_to: date, actor: Actor, at: datetime) -> None:
    """End a role of a person; effective at once for every open session.

    :raises NotPermitted: the actor may not manage people.
    :raises NotFound: the person does not hold the role.
    """
    require(actor, permissions.MANAGE)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        held = RoleHolding.objects.filter(person__login=login, role=role, valid_to__isnull=True)
        if not held.update(valid_to=valid_to):
            raise NotFound(kind="role holding", number=f"{login}:{role}")

        work.record("identity.role_ended", subject=login, role=role, valid_to=valid_to)


def deactivate(*, login: str, actor: Actor, at: datetime) -> None:
    """Shut a person out; effective at once.

    :raises NotPermitted: the actor may not manage people.
    :raises NotFound: there is no such active person.
    """
    require(actor, permissions.MANAGE)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not Person.objects.filter(login=login, is_active=True).update(is_active=False):
            raise NotFound(kind="person", number=login)

        work.record("identity.deactivated", subject=login)


def issue_key(
    *, name: str, partner: str, role: str, books: tuple[str, ...], actor: Actor, at: datetime
) -> str:
    """Issue an API key; returns ``prefix.secret``, which is never shown again.

    :raises NotPermitted: the actor may not manage keys.
    :raises BadField: there is no such role.
    """
    require(actor, permissions.MANAGE)
    _known_role(role)
    prefix = f"lk{secrets.token_hex(5)}"
    secret = secrets.token_urlsafe(32)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        ApiKey.objects.create(
            prefix=prefix,
            secret_hash=secret_hash(secret),
            name=name,
            partner=partner,
            role=role,
            books=list(books),
            created_at=at,
        )

        work.record("identity.key_issued", subject=prefix, name=name, role=role)
    return f"{prefix}.{secret}"


def revoke_key(*, prefix: str, actor: Actor, at: datetime) -> None:
    """Revoke an API key; effective at once.

    :raises NotPermitted: the actor may not manage keys.
    :raises NotFound: there is no such live key.
    """
    require(actor, permissions.MANAGE)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).update(revoked_at=at):
            raise NotFound(kind="API key", number=prefix)

        work.record("identity.key_revoked", subject=prefix)


def choose_language(*, language: str, actor: Actor, at: datetime) -> None:
    """Remember in which language the acting person reads.

    :raises BadField: there is no such language.
    :raises NotFound: there is no such person.
    """
    known = [code for code, _ in settings.LANGUAGES]
    if language not in known:
        raise BadField(
            field="language", problem="choose one of: {choices}", choices=", ".join(known)
        )
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not Person.objects.filter(login=actor.person).update(language=language):
            raise NotFound(kind="person", number=actor.person)

        work.record("identity.language_chosen", subject=actor.person, language=language)


def choose_theme(*, theme: str, actor: Actor, at: datetime) -> None:
    """Remember whether the acting person reads by day, by night, or as the device is set.

    :raises BadField: there is no such look.
    :raises NotFound: there is no such person.
    """
    if theme not in THEMES:
        raise BadField(field="theme", problem="choose one of: {choices}", choices=", ".join(THEMES))
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not Person.objects.filter(login=actor.person).update(theme=theme):
            raise NotFound(kind="person", number=actor.person)

        work.record("identity.theme_chosen", subject=actor.person, theme=theme)


def end_tour(*, actor: Actor, at: datetime) -> None:
    """The acting person has taken the first tour, or wants none: it is offered no more.

    :raises NotFound: there is no such person.
    """
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        if not Person.objects.filter(login=actor.person).update(toured=True):
            raise NotFound(kind="person", number=actor.person)

        work.record("identity.tour_ended", subject=actor.person)


def note_sign_in(*, login: str, outcome: str, at: datetime) -> None:
    """Record a sign-in, a sign-out or a failed try (``signed_in|signed_out|sign_in_failed``)."""
    known = Person.objects.filter(login=login).exists()
    subject = login if known else "unknown"
    actor = Actor(person=subject)
    with unit_of_work(actor=actor, at=at, book="", on=at.date()) as work:
        work.record(f"identity.{outcome}", subject=subject)
