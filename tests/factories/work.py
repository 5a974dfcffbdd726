"""Work items as they come: what was announced is followed, people are hired, time passes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from loanops.config import wiring
from loanops.kernel.access import Actor
from loanops.origination.applications import operations as applications
from loanops.platform.identity import operations as identity
from loanops.platform.identity import queries as people
from loanops.platform.outbox import pump
from loanops.registry.team import operations, queries
from loanops.registry.team import reactions as team
from loanops.registry.team.queries import ItemCard, ItemFilter, View
from tests.factories import requests
from tests.factories.registry import AT, HOUSE, TODAY

PASSWORD = "lantern-river-2026"
wiring.wire()


def follow(at: datetime = AT) -> None:
    """Deliver everything announced to the team, and to nobody else."""
    before = dict(pump.REACTIONS)
    pump.wire(dict.fromkeys(queries.FOLLOWED, (team.follow,)))
    try:
        while pump.deliver(at=at):
            pass
    finally:
        pump.wire(before)


def referred(*serials: int, at: datetime = AT, **changes: object) -> list[str]:
    """Applications that wait for a review, of the persons of these serials."""
    numbers = []
    for serial in serials:
        number = requests.submit(serial, at=at, **changes).number
        applications.refer(number=number, reasons=("SCORE_LOW",), actor=HOUSE, at=at)
        numbers.append(number)
    return numbers


def hire(login: str, *roles: str, books: tuple[str, ...] = ()) -> Actor:
    """Somebody with roles, as they act today."""
    identity.add_person(
        login=login,
        name="王敏",
        password=PASSWORD,
        is_demo=False,
        language="en",
        actor=HOUSE,
        at=AT,
    )
    for role in roles:
        identity.grant_role(
            login=login, role=role, books=books, valid_from=date(2026, 1, 1), actor=HOUSE, at=AT
        )
    return people.actor_of_login(login, on=TODAY)


def team_of(
    code: str, members: Iterable[str], kinds: Iterable[str], *, version: int | None = None
) -> None:
    """Form a team."""
    operations.set_team(
        book="cn", code=code, name=code.upper(), members=list(members), kinds=list(kinds),
        version=version, actor=HOUSE, at=AT,
    )  # fmt: skip


def items(
    view: View = View.ALL, *, viewer: Actor = HOUSE, at: datetime = AT, **narrowing: str
) -> list[ItemCard]:
    """The items of a view, in their order."""
    where = ItemFilter("cn", view, **narrowing)  # type: ignore[arg-type]
    return list(queries.list_items(where, viewer=viewer, at=at).cards)


def item_of(subject: str, *, at: datetime = AT) -> ItemCard:
    """The one open item about a subject."""
    [card] = items(text=subject, at=at)
    return card
