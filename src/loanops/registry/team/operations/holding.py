"""Taking an item, giving it to somebody, giving it back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.domain.holding import assigned, claimed, released
from loanops.registry.team.domain.lifecycle import State
from loanops.registry.team.domain.refusals import ItemHeld, MayNotDo, NothingWaits
from loanops.registry.team.models import Item
from loanops.registry.team.queries.items import BAR, card_of, find_row, narrowed, standing_of


def claim_next(*, book: str, kind: str, actor: Actor, at: datetime) -> queries.ItemCard:
    """Take what is next of what waits for the actor: of one kind, or of any where none is named.

    What the actor entered or asked for is passed by. Two who ask at once get two items.

    :raises NotPermitted: the actor may not take work.
    :raises NotFound: there is no such book in the actor's scope.
    :raises NothingWaits: there is nothing to take.
    """
    require(actor, permissions.TAKE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        row = _next(book, kind, actor, at).select_for_update(skip_locked=True).first()
        if row is None:
            raise NothingWaits
        _hold(row, actor.person, claimed(actor, standing_of(row)), at)

        work.record("team.claimed", subject=row.number, kind=row.kind, about=row.subject)
    return card_of(row, at=at)


def _next(book: str, kind: str, actor: Actor, at: datetime) -> QuerySet[Item]:
    where = queries.ItemFilter(book, queries.View.UNASSIGNED)
    kinds = [each.value for each in queries.kinds_of_team(book=book, viewer=actor)]
    wanted = [each for each in kinds if not kind or each == kind]
    rows = narrowed(where, viewer=_looking(actor), at=at).filter(kind__in=wanted)
    return rows.exclude(not_by__contains=f"{BAR}{actor.person}{BAR}").order_by("next_at", "id")


def _looking(actor: Actor) -> Actor:
    """Who may take work sees what there is to take, within the own scope."""
    return Actor(actor.person, actor.grants | {permissions.VIEW}, actor.scopes)


def claim(*, number: str, actor: Actor, at: datetime) -> queries.ItemCard:
    """Take one item that nobody has.

    :raises NotPermitted: the actor may not take work.
    :raises NotFound: there is no such item that the actor may see.
    :raises ItemDone, ItemHeld: there is nothing left to take, or a colleague was quicker.
    :raises MayNotDo, NotInRight: the actor may not do it, or entered or asked for it.
    """
    require(actor, permissions.TAKE)
    row = find_row(number, actor)
    with unit_of_work(
        actor=actor, at=at, book=row.book_id, on=books.business_date(row.book_id)
    ) as work:
        row = Item.objects.select_for_update().get(pk=row.pk)
        _hold(row, actor.person, claimed(actor, standing_of(row)), at)

        work.record("team.claimed", subject=number, kind=row.kind, about=row.subject)
    return card_of(row, at=at)


def assign(*, number: str, to: str, actor: Actor, at: datetime) -> queries.ItemCard:
    """Give one item to somebody, whoever had it.

    :raises NotPermitted: the actor may not distribute work.
    :raises NotFound: there is no such item that the actor may see.
    :raises ItemDone: there is nothing left to do.
    :raises MayNotDo, NotInRight: that person may not do it, or entered or asked for it.
    """
    require(actor, permissions.DISTRIBUTE)
    row = find_row(number, actor)
    person = queries.find_people([to], book=row.book_id, at=at).get(to)
    if person is None:
        raise MayNotDo(person=to, number=number)
    with unit_of_work(
        actor=actor, at=at, book=row.book_id, on=books.business_date(row.book_id)
    ) as work:
        row = Item.objects.select_for_update().get(pk=row.pk)
        _hold(row, to, assigned(person, standing_of(row)), at)

        work.record("team.assigned", subject=number, to=to, kind=row.kind, about=row.subject)
    return card_of(row, at=at)


def release(*, number: str, actor: Actor, at: datetime) -> queries.ItemCard:
    """Give one item back to the queue: one's own, or with the grant to distribute anybody's.

    :raises NotPermitted: the actor may not take work.
    :raises NotFound: there is no such item that the actor may see.
    :raises ItemDone, NotYours: there is nothing to give back.
    """
    require(actor, permissions.TAKE)
    row = find_row(number, actor)
    with unit_of_work(
        actor=actor, at=at, book=row.book_id, on=books.business_date(row.book_id)
    ) as work:
        row = Item.objects.select_for_update().get(pk=row.pk)
        others = actor.may(permissions.DISTRIBUTE)
        _hold(row, "", released(actor.person, standing_of(row), others=others), None)

        work.record("team.released", subject=number, kind=row.kind, about=row.subject)
    return card_of(row, at=at)


def _hold(row: Item, holder: str, state: State, held_at: datetime | None) -> None:
    """Compare and set: whoever ended or took it meanwhile is not written over.

    :raises ItemHeld: it moved since it was read.
    """
    seen = Item.objects.filter(pk=row.pk, state=row.state, holder=row.holder)
    if not seen.update(state=state.value, holder=holder, held_at=held_at):
        raise ItemHeld(number=row.number)
    row.state, row.holder, row.held_at = state.value, holder, held_at
