"""Questions to the webhooks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.money import format_amount
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.outbox import Announced
from loanops.platform.outbox import queries as outbox
from loanops.platform.vault import blind_index
from loanops.platform.webhooks import permissions
from loanops.platform.webhooks.models import Posting, Subscription
from loanops.platform.webhooks.visibility import Reader, matches, owners_for, visible

SCANNED_MAX = 1_000


@dataclass(frozen=True)
class SubscriptionCard:
    """One subscription, without its secret."""

    number: str
    url: str
    events: tuple[str, ...]
    state: str
    reason: str
    last_sequence: int
    made_at: datetime


@dataclass(frozen=True)
class PostingCard:
    """One event on its way to one subscription."""

    sequence: int
    event: str
    state: str
    attempts: int
    last_status: int | None
    last_error: str
    settled_at: datetime | None


@dataclass(frozen=True)
class EventCard:
    """One announced event; ``data`` is what the reader may see of it, money as decimal text."""

    id: str
    type: str
    book: str
    subject: str
    timestamp: datetime
    on: date
    data: dict[str, Any]


def card_of(row: Subscription) -> SubscriptionCard:
    """A row as a card."""
    return SubscriptionCard(
        row.number,
        row.url,
        tuple(row.events),
        row.state,
        row.reason,
        row.last_sequence,
        row.made_at,
    )


def _rows(viewer: Viewer) -> QuerySet[Subscription]:
    """What the viewer may see: a program its own, a person of the staff all."""
    require(viewer, permissions.VIEW)
    found = Subscription.objects.all()
    is_program = viewer.person.startswith("key:")
    return found.filter(owner=viewer.person) if is_program else found


def find_row(number: str, viewer: Viewer) -> Subscription:
    """The row behind a number, for the room's own use.

    :raises NotPermitted: the viewer may not see subscriptions.
    :raises NotFound: there is none that the viewer may see.
    """
    row = _rows(viewer).filter(number=number).first() if number.isprintable() else None
    if row is None:
        raise NotFound(kind="subscription", number=number)
    return row


def get_subscription(number: str, *, viewer: Viewer) -> SubscriptionCard:
    """The subscription with this number.

    :raises NotPermitted: the viewer may not see subscriptions.
    :raises NotFound: there is none that the viewer may see.
    """
    return card_of(find_row(number, viewer))


def list_subscriptions(
    *, viewer: Viewer, after: str = "", limit: int = 50
) -> list[SubscriptionCard]:
    """Subscriptions in the order of their numbers.

    :raises NotPermitted: the viewer may not see subscriptions.
    """
    rows = _rows(viewer).filter(number__gt=after).order_by("number")
    return [card_of(row) for row in rows[:limit]]


def list_postings(
    number: str, *, viewer: Viewer, after: int = 0, limit: int = 50
) -> list[PostingCard]:
    """What was posted to a subscription, by sequence.

    :raises NotPermitted: the viewer may not see subscriptions.
    :raises NotFound: there is none that the viewer may see.
    """
    row = find_row(number, viewer)
    rows = Posting.objects.filter(subscription=row, sequence__gt=after).select_related("message")
    return [
        PostingCard(
            each.sequence,
            each.message.name,
            each.state,
            each.attempts,
            each.last_status,
            each.last_error,
            each.settled_at,
        )
        for each in rows.order_by("sequence")[:limit]
    ]


def event_id(message: int) -> str:
    """The name of an event outside: stable, the same in the feed and in every posting."""
    return f"EV-{blind_index('event', str(message))[:24].upper()}"


def event_card(announced: Announced, data: dict[str, Any]) -> EventCard:
    """An event as the outside reads it: amounts as decimal text, beside their currency."""
    if _has_money(data):
        data = _in_words(data, books.get_book(announced.book).currency)
    return EventCard(
        id=event_id(announced.id),
        type=announced.name,
        book=announced.book,
        subject=announced.subject,
        timestamp=announced.at,
        on=announced.on,
        data=data,
    )


def _has_money(values: Any) -> bool:
    if isinstance(values, list | tuple):
        return any(map(_has_money, values))
    return isinstance(values, dict) and any(
        name.endswith("_minor") or _has_money(each) for name, each in values.items()
    )


def _in_words(values: Any, currency: str) -> Any:
    if isinstance(values, list | tuple):
        return [_in_words(each, currency) for each in values]
    if not isinstance(values, dict):
        return values
    said: dict[str, Any] = {}
    for name, value in values.items():
        if name.endswith("_minor") and (value is None or isinstance(value, int)):
            amount = None if value is None else format_amount(value, currency)
            said[name.removesuffix("_minor")] = amount
            said.setdefault("currency", currency)
        else:
            said[name] = _in_words(value, currency)
    return said


def list_events(
    *,
    viewer: Viewer,
    partner: str,
    after: int,
    until: datetime,
    names: tuple[str, ...],
    limit: int,
) -> tuple[list[EventCard], int, bool]:
    """A page of the feed: events, the place after which the next begins, and whether to go on.

    :raises NotPermitted: the viewer may not read events.
    """
    require(viewer, permissions.EVENTS)
    reader = Reader(books=viewer.scopes.books, partner=partner)
    scanned = outbox.list_delivered(after=after, until=until, books=reader.books, limit=SCANNED_MAX)
    owned = owners_for(reader, scanned)
    cards: list[EventCard] = []
    for announced in scanned:
        if len(cards) == limit:
            return cards, after, True
        after = announced.id
        data = visible(announced, reader, owned) if matches(announced.name, names) else None
        if data is not None:
            cards.append(event_card(announced, data))
    return cards, after, len(scanned) == SCANNED_MAX
