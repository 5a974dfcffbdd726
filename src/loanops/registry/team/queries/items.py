"""Work items: one, a page of them, and how many there are; all by the index that orders them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet

from loanops.kernel.access import Viewer, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.platform.db import fetch
from loanops.registry.team import permissions
from loanops.registry.team.domain.holding import Standing
from loanops.registry.team.domain.kinds import Kind
from loanops.registry.team.domain.lifecycle import State
from loanops.registry.team.models import Item
from loanops.registry.team.ports import WAITING
from loanops.registry.team.queries.teams import kinds_of_team, kinds_seen

PAGE_MAX: Final = 200
COUNT_MAX: Final = 1_000
"""Up to how many a view counts; beyond, it says that there are more."""
BAR: Final = "|"


class View(StrEnum):
    """The lists that people look at."""

    MY = "my"
    TEAM = "team"
    UNASSIGNED = "unassigned"
    OVERDUE = "overdue"
    ALL = "all"
    DONE = "done"


@dataclass(frozen=True)
class ItemCard:
    """One item. ``is_late`` and ``is_at_risk`` hold at the moment of asking, or when it ended.

    ``topic`` says what it is about: the product of an application, the kind of a change, the
    trouble of an exception. ``amount_minor`` is in minor units of the book's currency;
    ``took_minutes`` are worked.
    """

    number: str
    book: str
    kind: str
    subject: str
    topic: str
    amount_minor: int | None
    channel: str
    funder: str
    state: str
    holder: str
    held_at: datetime | None
    since: datetime
    opened_on: date
    due_at: datetime
    is_late: bool
    is_at_risk: bool
    done_at: datetime | None
    took_minutes: int | None


@dataclass(frozen=True)
class ItemFilter:
    """Which items a list shows; empty fields do not narrow it.

    ``text`` is the number of an item or of its subject. ``standing`` is late, at_risk or in_time.
    ``since`` is the first business day of what was done. ``after`` is the cursor of the page
    before.
    """

    book: str
    view: View = View.ALL
    kind: str = ""
    holder: str = ""
    text: str = ""
    standing: str = ""
    since: date | None = None
    after: str = ""
    limit: int = 50


@dataclass(frozen=True)
class ItemPage:
    """One page of cards; ``next_after`` is the cursor of the next one, empty at the end."""

    cards: tuple[ItemCard, ...]
    next_after: str


def standing_of(row: Item) -> Standing:
    """A row as the rules see it."""
    return Standing(
        number=row.number,
        kind=Kind(row.kind),
        state=State(row.state),
        holder=row.holder,
        not_by=frozenset(filter(None, row.not_by.split(BAR))),
        book=row.book_id,
        funder=row.funder,
        channel=row.channel,
    )


def card_of(row: Item, *, at: datetime) -> ItemCard:
    """A row as a card."""
    is_open = row.state != State.DONE.value
    return ItemCard(
        number=row.number,
        book=row.book_id,
        kind=row.kind,
        subject=row.subject,
        topic=row.topic,
        amount_minor=row.amount_minor,
        channel=row.channel,
        funder=row.funder,
        state=row.state,
        holder=row.holder,
        held_at=row.held_at,
        since=row.since,
        opened_on=row.opened_on,
        due_at=row.due_at,
        is_late=row.due_at <= at if is_open else row.late,
        is_at_risk=is_open and row.risk_at <= at < row.due_at,
        done_at=row.done_at,
        took_minutes=row.took_minutes,
    )


def find_row(number: str, viewer: Viewer) -> Item:
    """The row behind a number, for the room's own use.

    :raises NotFound: there is none that the viewer may see.
    """
    # PostgreSQL refuses a NUL, so what cannot be a number never reaches it.
    row = Item.objects.filter(number=number).first() if number.isprintable() else None
    if row is None or not seen([row], viewer):
        raise NotFound(kind="work item", number=number)
    return row


def seen(rows: Sequence[Item], viewer: Viewer) -> list[Item]:
    """The rows that somebody may see."""
    kinds = {kind.value for kind in kinds_seen(viewer)}
    return [
        row
        for row in rows
        if row.kind in kinds
        and viewer.sees_book(row.book_id)
        and (not row.funder or viewer.sees_funder(row.funder))
        and (not row.channel or viewer.sees_channel(row.channel))
    ]


def get_item(number: str, *, viewer: Viewer, at: datetime) -> ItemCard:
    """One item.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is none that the viewer may see.
    """
    require(viewer, permissions.VIEW)
    return card_of(find_row(number, viewer), at=at)


def find_open(*, subject: str, viewer: Viewer, at: datetime) -> list[ItemCard]:
    """The items about a subject that somebody may see and that still waits.

    What was done a moment ago, and whose event is not delivered yet, is left out.
    """
    if not viewer.may(permissions.VIEW) or not subject.isprintable():
        return []
    rows = Item.objects.filter(subject=subject).exclude(state=State.DONE.value)
    return [
        card_of(row, at=at)
        for row in seen(list(rows.order_by("next_at", "id")), viewer)
        if any(True for _ in WAITING[row.kind](subjects=[subject]))
    ]


def list_items(where: ItemFilter, *, viewer: Viewer, at: datetime) -> ItemPage:
    """A page of items in the order in which they are to be done; what is done, the last first.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    :raises BadField: the cursor is none of ours.
    """
    rows = _behind(narrowed(where, viewer=viewer, at=at), where)
    limit = min(max(where.limit, 1), PAGE_MAX)
    found = list(rows[: limit + 1])
    cards = tuple(card_of(row, at=at) for row in found[:limit])
    cursor = _cursor(found[limit - 1], where) if len(found) > limit else ""
    return ItemPage(cards, cursor)


def numbers_of(where: ItemFilter, *, viewer: Viewer, at: datetime, limit: int) -> list[str]:
    """The numbers of the items of a list in their order, at most so many.

    :raises NotPermitted, NotFound: as ``list_items``.
    """
    rows = narrowed(where, viewer=viewer, at=at).order_by(*_order(where))
    return list(rows.values_list("number", flat=True)[:limit])


def count_views(*, book: str, viewer: Viewer, at: datetime) -> dict[str, int]:
    """How many items each view of a book holds, counted up to ``COUNT_MAX`` and one more.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    views = (View.MY, View.TEAM, View.UNASSIGNED, View.OVERDUE, View.ALL)
    parts: list[str] = []
    values: list[Any] = []
    for view in views:
        where = ItemFilter(book, view)
        # Ordered, so that a bounded count walks the index that the list walks.
        rows = narrowed(where, viewer=viewer, at=at).order_by(*_order(where))
        try:
            sql, given = rows.values("id")[: COUNT_MAX + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS listed)")  # noqa: S608 - the ORM's own
        values += given
    [counts] = fetch(f"SELECT {', '.join(parts)}", values)
    return {view.value: int(count) for view, count in zip(views, counts, strict=True)}


def count_mine(*, book: str, viewer: Viewer) -> int:
    """How many open items somebody has; none where they see no work list."""
    if not viewer.may(permissions.VIEW):
        return 0
    rows = Item.objects.filter(book_id=book, holder=viewer.person, state=State.HELD.value)
    return rows[: COUNT_MAX + 1].count()


def narrowed(where: ItemFilter, *, viewer: Viewer, at: datetime) -> QuerySet[Item]:
    """The rows of a list that somebody may see, in no order yet.

    :raises NotPermitted: the viewer may not see the work list.
    :raises NotFound: there is no such book in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(where.book):
        raise NotFound(kind="book", number=where.book)
    rows = Item.objects.filter(_view(where, viewer, at), book_id=where.book)
    kinds = [kind.value for kind in kinds_seen(viewer)]
    if where.kind:
        rows = rows.filter(kind=where.kind if where.kind in kinds else "")
    elif len(kinds) < len(Kind):
        rows = rows.filter(kind__in=kinds)
    if where.holder:
        rows = rows.filter(holder=where.holder)
    if where.text:
        text = where.text.strip().upper() if where.text.isprintable() else ""
        rows = rows.filter(Q(subject=text) | Q(number=text))
    if viewer.scopes.funders is not None:
        rows = rows.filter(funder__in=["", *viewer.scopes.funders])
    if viewer.scopes.channels is not None:
        rows = rows.filter(channel__in=["", *viewer.scopes.channels])
    return rows.filter(_standing(where, at))


def _view(where: ItemFilter, viewer: Viewer, at: datetime) -> Q:
    is_open = ~Q(state=State.DONE.value)
    if where.view is View.MY:
        return Q(state=State.HELD.value, holder=viewer.person)
    if where.view is View.DONE:
        days = Q(done_on__gte=where.since) if where.since else Q()
        return Q(state=State.DONE.value) & days
    if where.view is View.UNASSIGNED:
        return Q(state=State.WAITING.value)
    if where.view is View.OVERDUE:
        return is_open & Q(due_at__lte=at)
    if where.view is View.TEAM:
        kinds = kinds_of_team(book=where.book, viewer=viewer)
        return is_open & Q(kind__in=[kind.value for kind in kinds])
    return is_open


def _standing(where: ItemFilter, at: datetime) -> Q:
    if not where.standing:
        return Q()
    if where.view is View.DONE:
        return Q(late=where.standing == "late")
    return {
        "late": Q(due_at__lte=at),
        "at_risk": Q(due_at__gt=at, risk_at__lte=at),
        "in_time": Q(risk_at__gt=at),
    }.get(where.standing, Q(pk__in=[]))


def _order(where: ItemFilter) -> tuple[str, str]:
    if where.view is View.DONE:
        return ("-done_at", "-id")
    return ("due_at", "id") if where.view is View.OVERDUE else ("next_at", "id")


def _cursor(row: Item, where: ItemFilter) -> str:
    moment: datetime = getattr(row, _order(where)[0].removeprefix("-"))
    return f"{moment.isoformat()}~{row.pk}"


def _behind(rows: QuerySet[Item], where: ItemFilter) -> QuerySet[Item]:
    by, _ = order = _order(where)
    if where.after:
        text, _, last = where.after.partition("~")
        try:
            moment = datetime.fromisoformat(text)
            place = int(last)
            if moment.tzinfo is None or not 0 < place < 2**63:
                raise ValueError
        except ValueError:
            problem = "is not the cursor of a page; leave it empty"
            raise BadField(field="after", problem=problem) from None
        name, sign = by.removeprefix("-"), "lt" if by.startswith("-") else "gt"
        # The first condition lets the index begin there; the second leaves out what was shown.
        rows = rows.filter(**{f"{name}__{sign}e": moment}).filter(
            Q(**{f"{name}__{sign}": moment}) | Q(**{f"pk__{sign}": place})
        )
    return rows.order_by(*order)
