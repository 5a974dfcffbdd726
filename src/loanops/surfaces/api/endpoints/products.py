"""Products that are offered today, and what a loan would cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field

from loanops.kernel.money import parse_amount
from loanops.origination.contracts import queries as contracts
from loanops.registry.products import permissions, queries
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import Amount, Rate, Strict, Word, listed, published, shown

router = Router(tags=["products"])

Product = published(queries.ProductVersionCard, name="Product")
_UNSAID = frozenset({"answer", "terms"})
Quote = published(contracts.QuoteCard, leave_out=_UNSAID)


class ProductsWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class QuoteAsked(Strict):
    """What would be borrowed."""

    book: Word
    product: Word
    amount: Amount
    term_months: Annotated[int, Field(ge=1, le=480, strict=True)]
    annual_rate: Rate | None = None


@router.get("/products", response=listed(Product, paged=False), auth=Key(permissions.VIEW))
def list_products(request: Asked, wanted: Query[ProductsWanted]) -> dict[str, Any]:
    """The products of a book that are offered on its business day."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_versions(book=book.code, on=book.business_date, viewer=actor)
    return {"items": [shown(card, card.currency) for card in found]}


@router.post(
    "/quotes",
    response=Quote,
    auth=Key(permissions.VIEW, asks_only=True),
    openapi_extra={"x-changes": False},
)
def quote(request: Asked, body: QuoteAsked) -> dict[str, Any]:
    """Schedule and all-in cost of a loan; it binds nobody and changes nothing."""
    book = seen_book(body.book, actor_of(request))
    card = contracts.quote(
        book=book.code,
        product=body.product,
        principal_minor=parse_amount(body.amount, book.currency),
        term_months=body.term_months,
        annual_rate=None if body.annual_rate is None else Decimal(body.annual_rate),
    )
    return shown(card, book.currency, leave_out=_UNSAID)
