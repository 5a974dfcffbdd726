"""Who sees which offers and contracts: by book, funder, person, and the application's channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from loanops.kernel.access import Viewer
from loanops.origination.applications import queries as applications
from loanops.origination.contracts.models import Contract, Offer

R = TypeVar("R", Offer, Contract)


def seen(rows: Iterable[R], viewer: Viewer) -> list[R]:
    """Those of the rows that are within the viewer's scope, in their order."""
    found = [
        row
        for row in rows
        if viewer.sees_book(row.book_id)
        and viewer.sees_funder(row.funder)
        and viewer.sees_party(row.party)
    ]
    if viewer.scopes.channels is None:
        return found
    channels = applications.channels_of(row.application for row in found)
    return [row for row in found if viewer.sees_channel(channels.get(row.application, ""))]
