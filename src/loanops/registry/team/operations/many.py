"""The twins for many: the same rules, one write, each refused item with its own reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.platform.books import queries as books
from loanops.platform.db import update_many
from loanops.platform.work import unit_of_work
from loanops.registry.team import permissions, queries
from loanops.registry.team.domain.holding import (
    Standing,
    assigned,
    least_busy,
    released,
)
from loanops.registry.team.domain.kinds import Kind
from loanops.registry.team.domain.lifecycle import State
from loanops.registry.team.domain.refusals import MayNotDo
from loanops.registry.team.models import Item
from loanops.registry.team.queries.items import seen, standing_of

_COLUMNS = ("state", "holder", "held_at")


@dataclass(frozen=True)
class Outcome:
    """What became of many: the numbers that moved, and the refusal of each that did not."""

    done: tuple[str, ...]
    refused: tuple[tuple[str, Refusal], ...]


# To whom an item goes and its state then; a refusal where it stays.
Rule = Callable[[Standing], tuple[str, State]]


def assign_many(
    *, book: str, numbers: Sequence[str], to: str, actor: Actor, at: datetime
) -> Outcome:
    """Give items to somebody; where nobody is named each to who has the fewest of its team.

    :raises NotPermitted: the actor may not distribute work.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.DISTRIBUTE)
    rule = _to_one(book, to, at) if to else _by_load(book, at)
    return _many(book, numbers, rule, "team.assigned_many", actor=actor, at=at, to=to)


def release_many(*, book: str, numbers: Sequence[str], actor: Actor, at: datetime) -> Outcome:
    """Give items back to the queue: one's own, or with the grant to distribute anybody's.

    :raises NotPermitted: the actor may not take work.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.TAKE)
    others = actor.may(permissions.DISTRIBUTE)

    def rule(item: Standing) -> tuple[str, State]:
        return "", released(actor.person, item, others=others)

    return _many(book, numbers, rule, "team.released_many", actor=actor, at=at)


def _to_one(book: str, to: str, at: datetime) -> Rule:
    person = queries.find_people([to], book=book, at=at).get(to)

    def rule(item: Standing) -> tuple[str, State]:
        if person is None:
            raise MayNotDo(person=to, number=item.number)
        return to, assigned(person, item)

    return rule


def _by_load(book: str, at: datetime) -> Rule:
    """Each item to whoever of its team has the fewest, those given out just now counted."""
    teams = {kind: queries.members_of(book=book, kind=kind) for kind in Kind}
    people = queries.find_people(
        {name for each in teams.values() for name in each}, book=book, at=at
    )
    held = Item.objects.filter(book_id=book, state=State.HELD.value, holder__in=list(people))
    loads = Counter(dict(held.values_list("holder").annotate(Count("id"))))

    def rule(item: Standing) -> tuple[str, State]:
        among = [people[name] for name in teams[item.kind] if name in people]
        person = least_busy(item, among, loads, besides={item.holder})
        loads[person.person] += 1
        return person.person, assigned(person, item)

    return rule


def _many(
    book: str,
    numbers: Sequence[str],
    rule: Rule,
    code: str,
    *,
    actor: Actor,
    at: datetime,
    **said: str,
) -> Outcome:
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        found = Item.objects.filter(book_id=book, number__in=numbers).order_by("id")
        rows = {row.number: row for row in seen(list(found.select_for_update()), actor)}
        moves: list[tuple[object, ...]] = []
        done: list[str] = []
        refused: list[tuple[str, Refusal]] = []
        for number in numbers:
            row = rows.get(number)
            try:
                if row is None:
                    raise NotFound(kind="work item", number=number)
                holder, state = rule(standing_of(row))
            except Refusal as refusal:
                refused.append((number, refusal))
                continue
            held_at = at if state is State.HELD else None
            moves.append((row.pk, row.state, row.holder, state.value, holder, held_at))
            done.append(number)
        update_many(Item._meta.db_table, ("id", "state", "holder"), _COLUMNS, moves)
        if done:
            work.record_batch(code, subjects=done, **said)
        else:
            work.unchanged()
    return Outcome(tuple(done), tuple(refused))
