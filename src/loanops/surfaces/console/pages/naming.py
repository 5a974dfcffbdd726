"""Names for codes that come from the registry, asked once for a page."""

from __future__ import annotations

from loanops.registry.partners import permissions as partner_grants
from loanops.registry.partners import queries as partners
from loanops.registry.products import permissions as product_grants
from loanops.registry.products import queries as products
from loanops.surfaces.console.pages.shell import ConsoleRequest

Names = dict[str, dict[str, str]]


def product_names(request: ConsoleRequest) -> Names:
    """The products of the book by code, for those who may read them."""
    if not request.actor.may(product_grants.VIEW):
        return {}
    listed = products.list_versions(book=request.book.code, viewer=request.actor)
    return {card.product: card.name for card in reversed(listed)}


def partner_names(request: ConsoleRequest) -> Names:
    """The partners of the book by code, for those who may read them."""
    if not request.actor.may(partner_grants.VIEW):
        return {}
    wanted = partners.Filter(book=request.book.code)
    return {
        card.code: card.name for card in partners.list_partners(where=wanted, viewer=request.actor)
    }
