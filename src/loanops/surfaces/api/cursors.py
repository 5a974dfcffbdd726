"""Pages: opaque cursors over a key that only grows, so that a page never repeats or skips."""

from __future__ import annotations

from django.core import signing

from loanops.kernel.refusals import BadField

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
        raise BadField(
            field="cursor", problem="take it from next_cursor of the page before, unchanged"
        ) from None


def whole_place_of(cursor: str, *, of: str) -> int:
    """The same for a list whose key is a whole number."""
    return int(place_of(cursor, of=of) or 0)


def cursor_at(place: object, *, of: str) -> str:
    """The cursor of the page that begins after ``place``."""
    return signing.Signer(salt=f"{_SALT}:{of}").sign(str(place))
