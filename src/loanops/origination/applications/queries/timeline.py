"""The story of one application: its moves in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Viewer, require
from loanops.origination.applications import permissions
from loanops.origination.applications.domain.lifecycle import Move
from loanops.origination.applications.models import Passage
from loanops.origination.applications.queries.cards import find_row


@dataclass(frozen=True)
class PassageCard:
    """One move: who moved it, when, from where to where."""

    place: int
    move: str
    from_stage: str
    to_stage: str
    actor: str
    at: datetime
    on: date


def timeline(number: str, *, viewer: Viewer) -> list[PassageCard]:
    """Every move of an application, oldest first.

    :raises NotPermitted: the viewer may not see applications.
    :raises NotFound: there is no such application in the viewer's scope.
    """
    require(viewer, permissions.VIEW)
    row = find_row(number, viewer)
    found = Passage.objects.filter(application=row).order_by("place")
    return [
        PassageCard(
            passage.place,
            passage.move,
            passage.from_stage,
            passage.to_stage,
            passage.actor,
            passage.at,
            passage.on,
        )
        for passage in found
    ]


def ordered_verdicts() -> Iterator[tuple[str, str]]:
    """Every verdict that was ever ordered into an application, as (number, outcome), in order."""
    outcomes = (Move.REFER.value, Move.APPROVE.value, Move.DECLINE.value)
    rows = Passage.objects.filter(move__in=outcomes).order_by("application_id", "place")
    yield from rows.values_list("application__number", "move").iterator(chunk_size=5_000)
