"""Who the key is, and which books it may see."""

from __future__ import annotations

from typing import Any

from ninja import Router

from loanops.platform.books import queries as books
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.shapes import Shown, listed, published, shown

router = Router(tags=["identity"])

Book = published(books.BookCard)


class Me(Shown):
    """The key that calls."""

    key: str
    name: str
    partner: str
    role: str
    grants: list[str]
    books: list[str]


@router.get("/me", response=Me, auth=Key())
def get_me(request: Asked) -> dict[str, Any]:
    """The key that calls: what it may do, and in which books."""
    caller, actor = request.auth, actor_of(request)
    return {
        "key": actor.person.removeprefix("key:"),
        "name": caller.name,
        "partner": caller.partner,
        "role": caller.role,
        "grants": sorted(actor.grants),
        "books": [book.code for book in books.list_books(viewer=actor)],
    }


@router.get("/books", response=listed(Book, paged=False), auth=Key())
def list_books(request: Asked) -> dict[str, Any]:
    """Every book the key may see, with its open business day."""
    found = books.list_books(viewer=actor_of(request))
    return {"items": [shown(book, book.currency) for book in found]}
