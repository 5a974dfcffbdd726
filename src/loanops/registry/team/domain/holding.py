"""Who may have an item, and to whom items go where nobody is named."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from loanops.kernel.access import Actor
from loanops.kernel.refusals import Refusal
from loanops.registry.team.domain.kinds import KINDS, Kind
from loanops.registry.team.domain.lifecycle import LIFECYCLE, Move, State
from loanops.registry.team.domain.refusals import (
    ItemDone,
    ItemHeld,
    MayNotDo,
    NobodyMay,
    NotInRight,
    NotYours,
)


@dataclass(frozen=True)
class Standing:
    """An item as it stands: what the rules ask of it."""

    number: str
    kind: Kind
    state: State
    holder: str
    not_by: frozenset[str]
    book: str
    funder: str = ""
    channel: str = ""


def sees(viewer: Actor, item: Standing) -> bool:
    """Whether an item is within somebody's scopes."""
    return (
        viewer.sees_book(item.book)
        and (not item.funder or viewer.sees_funder(item.funder))
        and (not item.channel or viewer.sees_channel(item.channel))
    )


def why_not(person: Actor, item: Standing) -> Refusal | None:
    """Why somebody may not do an item; nothing where they may."""
    if item.state is State.DONE:
        return ItemDone(number=item.number)
    if not person.may(KINDS[item.kind].done_with) or not sees(person, item):
        return MayNotDo(person=person.person, number=item.number)
    if person.person in item.not_by:
        return NotInRight(person=person.person, number=item.number)
    return None


def claimed(person: Actor, item: Standing) -> State:
    """The state of an item that somebody takes.

    :raises ItemDone, ItemHeld, MayNotDo, NotInRight: it is not theirs to take.
    """
    refused = why_not(person, item)
    if refused is not None:
        raise refused
    if item.state is State.HELD:
        raise ItemHeld(number=item.number)
    return LIFECYCLE.after(item.state, Move.CLAIM)


def assigned(person: Actor, item: Standing) -> State:
    """The state of an item that is given to somebody, whoever had it.

    :raises ItemDone, MayNotDo, NotInRight: it cannot be theirs.
    """
    refused = why_not(person, item)
    if refused is not None:
        raise refused
    return LIFECYCLE.after(item.state, Move.ASSIGN)


def released(by: str, item: Standing, *, others: bool) -> State:
    """The state of an item that goes back to the queue; ``others`` may send anybody's back.

    :raises ItemDone, NotYours: there is nothing to give back.
    """
    if item.state is State.DONE:
        raise ItemDone(number=item.number)
    if item.state is State.WAITING or (item.holder != by and not others):
        raise NotYours(number=item.number)
    return LIFECYCLE.after(item.state, Move.RELEASE)


def least_busy(
    item: Standing, among: Iterable[Actor], loads: Mapping[str, int], besides: Collection[str] = ()
) -> Actor:
    """Whoever of those that may do an item has the fewest; of equals the first by name.

    :raises NobodyMay: none of them may.
    """
    able = [each for each in among if each.person not in besides and why_not(each, item) is None]
    if not able:
        raise NobodyMay(number=item.number)
    return min(able, key=lambda each: (loads.get(each.person, 0), each.person))
