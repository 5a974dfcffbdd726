"""Orders to the files."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField
from loanops.platform.db import new_number
from loanops.platform.files import queries
from loanops.platform.files.models import StoredFile
from loanops.platform.work import Work

SIZE_MAX_BYTES = 20 * 1024 * 1024
_MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"PK\x03\x04": "application/zip",
}


def media_type_of(content: bytes) -> str:
    """The type that the first bytes say, whatever the name says.

    :raises BadField: the bytes are none of the kinds we keep.
    """
    for magic, media_type in _MAGIC.items():
        if content.startswith(magic):
            return media_type
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        problem = "send a PDF, a PNG or JPEG picture, a spreadsheet or a text file"
        raise BadField(field="file", problem=problem) from None
    return "text/plain"


def store(
    *, work: Work, kind: str, name: str, content: bytes, actor: Actor, at: datetime
) -> queries.FileCard:
    """Keep bytes once and describe them, inside the caller's unit of work.

    :raises BadField: empty, too large, or not of a kind we keep.
    """
    if not content:
        raise BadField(field="file", problem="the file is empty; choose another one")
    if len(content) > SIZE_MAX_BYTES:
        raise BadField(field="file", problem="the file is larger than 20 MB; send a smaller one")
    media_type = media_type_of(content)
    digest = hashlib.sha256(content).hexdigest()
    _keep(digest, content)
    row = StoredFile.objects.create(
        number=new_number("FL", at),
        book=work.book,
        kind=kind,
        name="".join(letter for letter in name if letter.isprintable())[:120],
        media_type=media_type,
        sha256=digest,
        size_bytes=len(content),
        stored_at=at,
    )
    work.record("files.stored", subject=row.number, kind=kind, sha256=digest, by=actor.person)
    return queries.card_of(row)


def _keep(digest: str, content: bytes) -> None:
    """Write to a name of its own, sync, then rename: a reader never sees half a file."""
    place = queries.place_of(digest)
    if place.exists():
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    partial = place.with_name(f".{secrets.token_hex(8)}")
    with partial.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(place)
