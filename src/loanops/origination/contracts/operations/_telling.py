"""What the twins share: the outcome of a batch, and orders given down in our own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.refusals import NotFound, Refusal
from loanops.origination.applications import permissions as applications
from loanops.origination.contracts import permissions
from loanops.platform.work import Work
from loanops.registry.products import permissions as products


@dataclass(frozen=True)
class Refused:
    """One row of a batch that was refused: the number it was about, and why."""

    subject: str
    refusal: Refusal


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: the numbers done, in the order given, and what was refused."""

    done: tuple[str, ...]
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Made:
    """An offer or contract that a batch made, beside what it was made from."""

    source: str
    number: str


@dataclass(frozen=True)
class MadeOutcome:
    """What a batch made, in the order given, and what was refused."""

    made: tuple[Made, ...]
    refused: tuple[Refused, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The numbers that were made."""
        return tuple(each.number for each in self.made)


def looking(viewer: Viewer) -> Viewer:
    """Who looks, as one who may also see the offers of their own scope."""
    return replace(viewer, grants=viewer.grants | {permissions.VIEW})


def redeeming(actor: Actor) -> Actor:
    """The actor for taking and giving back promotions, which follow from what offers do."""
    return replace(actor, grants=actor.grants | {products.REDEEM})


def advancing(actor: Actor) -> Actor:
    """The actor for the one order that moves an application because contracts did its part."""
    return replace(actor, grants=actor.grants | {applications.ADVANCE})


def only(refused: Sequence[Refused]) -> None:
    """Raise the refusal of a batch of one.

    :raises Refusal: there is one.
    """
    for each in refused:
        raise each.refusal


def see_book(actor: Actor, book: str) -> None:
    """Let a batch pass only into a book of the actor's scope; foreign and missing answer alike.

    :raises NotFound: the book is outside it.
    """
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)


def witnessed(work: Work, code: str, numbers: Sequence[str]) -> None:
    """Witness a batch; one in which every row was refused changed nothing."""
    if numbers:
        work.record_batch(code, subjects=numbers)
    else:
        work.unchanged()
