"""Pages: opaque cursors over a key that only grows, so that a page never repeats or skips."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.core import signing

from loanops.kernel.refusals import BadField

T = TypeVar("T")
LIMIT, LIMIT_MAX = 50, 200
_SALT = "loanops.api.cursor"


def place_of(cursor: str, *, of: str) -> str:
    """The key after which a page begins; empty for the first page.

    :raises BadField: it is not a cursor of this list.
    """
    if not cursor:
        return ""
    try:
        return signing.Signer(salt=f"{_SALT}:{of}").unsign(cursor)
    except (signing.BadSignature, UnicodeError):
        problem = "take it from next_cursor of the page before, unchanged"
        raise BadField(field="cursor", problem=problem) from None


def whole_place_of(cursor: str, *, of: str) -> int:
    """The same for a list whose key is a whole number."""
    return int(place_of(cursor, of=of) or 0)


def cursor_at(place: object, *, of: str) -> str:
    """The cursor of the page that begins after ``place``."""
    return signing.Signer(salt=f"{_SALT}:{of}").sign(str(place))


def page(items: Sequence[Any], next_cursor: str | None) -> dict[str, Any]:
    """One page as it is answered."""
    return {"items": items, "next_cursor": next_cursor}


class Slice(Generic[T]):
    """Rows fetched with one to spare: the page, and whether there is another."""

    def __init__(self, rows: Sequence[T], limit: int) -> None:
        self.items = list(rows[:limit])
        self.has_more = len(rows) > limit
