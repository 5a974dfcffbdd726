"""Questions to identity."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from loanops.kernel.access import Actor, Scopes, Viewer, require
from loanops.kernel.refusals import NotFound
from loanops.platform.identity import permissions
from loanops.platform.identity.models import ApiKey, Person, RoleHolding
from loanops.platform.identity.roles import grants_of, roles

THEMES = ("system", "light", "dark")
"""How a person may have the console look: as the device is set, by day, by night."""


@dataclass(frozen=True)
class PersonCard:
    """One person with the roles held on a day."""

    login: str
    name: str
    is_active: bool
    is_demo: bool
    roles: tuple[str, ...]


@dataclass(frozen=True)
class HoldingCard:
    """A role that a person holds, in these books or in all."""

    role: str
    books: tuple[str, ...]


@dataclass(frozen=True)
class KeyCard:
    """One API key; its secret was shown once, when it was issued."""

    prefix: str
    name: str
    partner: str
    role: str
    books: tuple[str, ...]
    revoked: bool


def _live(person_id: int, on: date) -> list[RoleHolding]:
    held = RoleHolding.objects.filter(person_id=person_id, valid_from__lte=on)
    return [row for row in held if row.valid_to is None or row.valid_to > on]


def actor_of(person: Person, *, on: date) -> Actor:
    """What a person may do and see on a day; an inactive person may do nothing."""
    return _actor(person, _live(person.pk, on) if person.is_active else [])


def _actor(person: Person, held: list[RoleHolding]) -> Actor:
    if not person.is_active:
        return Actor(person=person.login, scopes=Scopes(books=frozenset()))
    grants = frozenset[str]().union(*(grants_of(row.role) for row in held if row.role in roles()))
    books = (
        None
        if any(not row.books for row in held)
        else frozenset(code for row in held for code in row.books)
    )
    return Actor(person=person.login, grants=grants, scopes=Scopes(books=books))


def actor_of_login(login: str, *, on: date) -> Actor:
    """The same, by login.

    :raises NotFound: there is no such person.
    """
    person = Person.objects.filter(login=login).first()
    if person is None:
        raise NotFound(kind="person", number=login)
    return actor_of(person, on=on)


def find_actors(names: Iterable[str], *, on: date) -> dict[str, Actor]:
    """What those may do who act under these names, on a day; unknown ones are left out.

    A name is a login, or ``key:`` and the prefix of an API key.
    """
    wanted = set(names)
    prefixes = {name.removeprefix("key:") for name in wanted if name.startswith("key:")}
    people = list(Person.objects.filter(login__in={n for n in wanted if not n.startswith("key:")}))
    held: dict[int, list[RoleHolding]] = {}
    for row in RoleHolding.objects.filter(person__in=people, valid_from__lte=on):
        if row.valid_to is None or row.valid_to > on:
            held.setdefault(row.person_id, []).append(row)
    keys = ApiKey.objects.filter(prefix__in=prefixes, revoked_at__isnull=True)
    return {each.login: _actor(each, held.get(each.pk, [])) for each in people} | {
        f"key:{row.prefix}": _program(row) for row in keys
    }


def secret_hash(secret: str) -> str:
    """How a key's secret is kept."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Caller:
    """A program that showed its key: what it may do, and for whom it speaks."""

    actor: Actor
    name: str
    partner: str
    role: str


def caller_of_key(presented: str) -> Caller | None:
    """Which program an API key ``prefix.secret`` is; None where it is nobody's.

    A partner's program sees the applications that came by the partner, whichever of its keys sent
    them; a funder's, what was routed to the funder.
    """
    prefix, _, secret = presented.partition(".")
    row = None
    if prefix.isascii() and prefix.isalnum():
        row = ApiKey.objects.filter(prefix=prefix[:16], revoked_at__isnull=True).first()
    known = row.secret_hash if row else secret_hash("")
    if not hmac.compare_digest(known, secret_hash(secret)) or row is None or not secret:
        return None
    return Caller(_program(row), row.name, row.partner, row.role)


def _program(row: ApiKey) -> Actor:
    is_funder = row.role == "funder"
    scopes = Scopes(
        books=frozenset(row.books) or None,
        funders=frozenset({row.partner}) if row.partner and is_funder else None,
        channels=frozenset({row.partner}) if row.partner and not is_funder else None,
    )
    return Actor(person=f"key:{row.prefix}", grants=grants_of(row.role), scopes=scopes)


def actor_of_key(presented: str) -> Actor | None:
    """What an API key may do; None where it is nobody's."""
    caller = caller_of_key(presented)
    return caller.actor if caller else None


def is_live_key(prefix: str) -> bool:
    """Whether an API key exists and has not been revoked."""
    return ApiKey.objects.filter(prefix=prefix, revoked_at__isnull=True).exists()


def list_holdings(*, login: str, on: date, viewer: Viewer) -> list[HoldingCard]:
    """The roles that a person holds on a day, each with its books; none of who is not there.

    :raises NotPermitted: the viewer may not manage people.
    """
    require(viewer, permissions.MANAGE)
    person = Person.objects.filter(login=login).first()
    rows = _live(person.pk, on) if person else []
    return [HoldingCard(row.role, tuple(row.books)) for row in rows]


def list_people(*, on: date, viewer: Viewer) -> list[PersonCard]:
    """Everybody who can sign in, with today's roles.

    :raises NotPermitted: the viewer may not see the staff list.
    """
    require(viewer, permissions.VIEW)
    held: dict[int, list[str]] = {}
    for row in RoleHolding.objects.filter(valid_from__lte=on):
        if row.valid_to is None or row.valid_to > on:
            held.setdefault(row.person_id, []).append(row.role)
    return [
        PersonCard(
            person.login,
            person.name,
            person.is_active,
            person.is_demo,
            tuple(held.get(person.pk, ())),
        )
        for person in Person.objects.order_by("login")
    ]


def find_names(actors: Iterable[str]) -> dict[str, str]:
    """What those are called who acted, by the name that entries keep; unknown ones are left out.

    An actor is a login, or ``key:`` and the prefix of an API key.
    """
    wanted = set(actors)
    prefixes = {actor.removeprefix("key:") for actor in wanted if actor.startswith("key:")}
    logins = {actor for actor in wanted if not actor.startswith("key:")}
    # An empty set asks the database nothing.
    people = Person.objects.filter(login__in=logins).values_list("login", "name")
    keys = ApiKey.objects.filter(prefix__in=prefixes).values_list("prefix", "name")
    return dict(people) | {f"key:{prefix}": name for prefix, name in keys}


def list_holders(*, grant: str, on: date, viewer: Viewer) -> list[PersonCard]:
    """Who holds a grant on a day, by the roles that give it: colleagues to hand something to.

    :raises NotPermitted: the viewer does not hold the grant.
    """
    require(viewer, grant)
    giving = [role for role in roles() if grant in grants_of(role)]
    held: dict[int, list[str]] = {}
    for row in RoleHolding.objects.filter(role__in=giving, valid_from__lte=on):
        if row.valid_to is None or row.valid_to > on:
            held.setdefault(row.person_id, []).append(row.role)
    people = Person.objects.filter(pk__in=held, is_active=True).order_by("login")
    return [
        PersonCard(each.login, each.name, each.is_active, each.is_demo, tuple(held[each.pk]))
        for each in people
    ]


def list_keys(*, viewer: Viewer) -> list[KeyCard]:
    """Every API key.

    :raises NotPermitted: the viewer may not see keys.
    """
    require(viewer, permissions.VIEW)
    return [
        KeyCard(
            row.prefix,
            row.name,
            row.partner,
            row.role,
            tuple(row.books),
            row.revoked_at is not None,
        )
        for row in ApiKey.objects.order_by("id")
    ]


def has_demo_logins() -> bool:
    """Whether anybody can sign in with a published password."""
    return Person.objects.filter(is_demo=True, is_active=True).exists()
