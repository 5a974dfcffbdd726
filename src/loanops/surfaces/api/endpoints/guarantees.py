"""Guarantees: what guarantors may pay under agreements, and what is left of it."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import CompensationsDue
from loanops.platform.books import queries as books
from loanops.registry.partners import queries as partners
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import Note, Wanted, Word, listed, published, shown

router = Router(tags=["loans"])

Ceiling = published(queries.CeilingCard, name="GuaranteeCeiling")
Due = published(queries.CompensationDue)


class CompensationsWanted(Wanted):
    """Of which book, guarantor and funder."""

    book: Word
    guarantor: Note = ""
    funder: Note = ""


@router.get(
    "/agreements/{number}/ceilings",
    response=listed(Ceiling, paged=False),
    auth=Key(permissions.VIEW),
)
def list_guarantee_ceilings(request: Asked, number: str) -> dict[str, Any]:
    """What guarantors may pay under an agreement, what is used of it and what is left."""
    found = queries.list_ceilings(agreement=number, viewer=actor_of(request))
    currency = books.get_book(partners.get_agreement(number).book).currency
    return {"items": [shown(card, currency) for card in found]}


@router.get("/compensations-due", response=listed(Due), auth=Key(permissions.VIEW))
def list_compensations_due(request: Asked, wanted: Query[CompensationsWanted]) -> dict[str, Any]:
    """What guarantors are to pay for by their agreements on the business day, loan by loan."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"compensations:{book.code}"
    page = queries.list_compensations_due(
        wanted=CompensationsDue(
            book=book.code,
            guarantor=wanted.guarantor,
            funder=wanted.funder,
            after=place_of(wanted.cursor, of=place),
            limit=wanted.limit,
        ),
        viewer=actor,
    )
    return {
        "items": [shown(line, book.currency) for line in page.lines],
        "next_cursor": cursor_at(page.next, of=place) if page.next else None,
    }
