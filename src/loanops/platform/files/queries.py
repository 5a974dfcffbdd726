"""Questions to the files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from loanops.kernel.refusals import NotFound
from loanops.platform.files.models import StoredFile


@dataclass(frozen=True)
class FileCard:
    """What is known of a kept file."""

    number: str
    book: str
    kind: str
    name: str
    media_type: str
    sha256: str
    size_bytes: int


def card_of(row: StoredFile) -> FileCard:
    """A row as a card."""
    return FileCard(
        row.number, row.book, row.kind, row.name, row.media_type, row.sha256, row.size_bytes
    )


def place_of(sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return Path(settings.HOME) / "files" / sha256[:2] / sha256[2:4] / sha256


def get_file(number: str) -> FileCard:
    """What is known of a file.

    :raises NotFound: there is no such file.
    """
    row = StoredFile.objects.filter(number=number).first()
    if row is None:
        raise NotFound(kind="file", number=number)
    return card_of(row)


def read(number: str) -> bytes:
    """The bytes of a file.

    :raises NotFound: there is no such file.
    """
    return place_of(get_file(number).sha256).read_bytes()
