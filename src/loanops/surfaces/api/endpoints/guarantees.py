"""Guarantees: what guarantors may pay under agreements, and what is left of it."""

from __future__ import annotations

from typing import Any

from ninja import Router

from loanops.loanbook.servicing import permissions, queries
from loanops.platform.books import queries as books
from loanops.registry.partners import queries as partners
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import listed, published, shown

router = Router(tags=["loans"])

Ceiling = published(queries.CeilingCard, name="GuaranteeCeiling")


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
