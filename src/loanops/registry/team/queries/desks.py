"""How people like their list: columns, density, and what they narrow it by under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Q

from loanops.kernel.access import Viewer, require
from loanops.registry.team import permissions
from loanops.registry.team.models import Desk, SavedFilter

COLUMNS: Final = ("amount", "source", "holder", "since", "number")
"""Columns that may be shown or not; kind, subject and due time always are."""


@dataclass(frozen=True)
class DeskCard:
    """Which columns somebody wants, and whether rows stand close."""

    columns: tuple[str, ...]
    dense: bool


@dataclass(frozen=True)
class FilterCard:
    """A saved filter; ``mine`` may be removed by the viewer."""

    number: str
    name: str
    query: str
    shared: bool
    owner: str
    mine: bool


def get_desk(*, viewer: Viewer) -> DeskCard:
    """How the viewer likes the list; every column but the number where nothing was said."""
    row = Desk.objects.filter(person=viewer.person).first()
    if row is None:
        return DeskCard(tuple(name for name in COLUMNS if name != "number"), dense=False)
    return DeskCard(tuple(name for name in COLUMNS if name in row.columns), row.dense)


def list_filters(*, book: str, viewer: Viewer) -> list[FilterCard]:
    """The viewer's own filters of a book and those that are everybody's, by name.

    :raises NotPermitted: the viewer may not see the work list.
    """
    require(viewer, permissions.VIEW)
    rows = SavedFilter.objects.filter(Q(owner=viewer.person) | Q(shared=True), book_id=book)
    return [
        FilterCard(
            number=row.number,
            name=row.name,
            query=row.query,
            shared=row.shared,
            owner=row.owner,
            mine=row.owner == viewer.person,
        )
        for row in rows.order_by("name", "id")
    ]
