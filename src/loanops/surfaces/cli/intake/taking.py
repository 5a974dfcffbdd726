"""Rows into applications, chunk by chunk: each chunk commits, so that a kill loses none of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from loanops.kernel.access import Actor
from loanops.kernel.refusals import Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as applications_asked
from loanops.origination.applications.queries import RowMap, RowRead, RowReader, RowRefusal
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.web.clock import now
from loanops.registry.products import queries as products
from loanops.surfaces.cli.intake.errors import ErrorFile
from loanops.surfaces.cli.opening import FileMissing, read_toml, shipped

CHUNK = 500


class BookMissing(Refusal):
    """The book of the map is not there."""

    code = "cli_intake_book_missing"
    sentence = (
        "There is no book {book}; open one with ./loanops book open FILE, or name another with "
        "--book."
    )
    status = 404


class BookShippedMissing(Refusal):
    """The book of the map is not there, but one command opens it."""

    code = "cli_intake_book_not_open"
    sentence = "There is no book {book} yet; open it with ./loanops book open {book}."
    status = 404


class IdentityDiffers(Refusal):
    """Map and book differ about identities."""

    code = "cli_intake_identity_differs"
    sentence = (
        "The map says without_identity = {map}, but the book {book} says {kept}; mend the map or "
        "name another book with --book."
    )


@dataclass
class Taken:
    """What became of the rows of a file; ``numbers`` are its applications, in its order."""

    rows: int = 0
    bad_rows: int = 0
    created: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[str]:
        """Every application of the file, new or known already, once."""
        return list(dict.fromkeys([*self.repeated, *self.created]))


def read_map(path: Path, *, book: str) -> RowMap:
    """The map of a file; ``book`` stands in for the one it names.

    :raises FileMissing, NoToml: it cannot be read.
    :raises Refusal: it says something that cannot be.
    """
    found = applications_asked.read_map(read_toml(path))
    return replace(found, book=book) if book else found


def open_rows(path: Path, row_map: RowMap) -> tuple[RowReader, int]:
    """The rows of a file, and about how many there are.

    :raises FileMissing: it is not there or may not be read.
    :raises Refusal: it cannot be understood, or its header does not fit the map.
    """
    try:
        with path.open("rb") as opened:
            content = opened.read(applications_asked.FILE_BYTES_MAX + 1)
    except OSError:
        raise FileMissing(file=path) from None
    reader = applications_asked.read_file(name=path.name, content=content, row_map=row_map)
    return reader, max(content.count(b"\n"), 1)


def fitting_book(row_map: RowMap) -> BookCard:
    """The book that takes the rows.

    :raises BookMissing, BookShippedMissing: it is not open.
    :raises IdentityDiffers: it keeps identities and the map has none, or the other way round.
    :raises Refusal: it does not offer the product.
    """
    card = books.find_book(row_map.book)
    if card is None and shipped(row_map.book):
        raise BookShippedMissing(book=row_map.book)
    if card is None:
        raise BookMissing(book=row_map.book)
    if card.without_identity != row_map.without_identity:
        raise IdentityDiffers(
            book=card.code, map=_word(row_map.without_identity), kept=_word(card.without_identity)
        )
    products.get_version(book=card.code, product=row_map.product, on=card.business_date)
    return card


def _word(said: bool) -> str:
    return "true" if said else "false"


def take(
    rows: Iterator[RowRead], reader: RowReader, row_map: RowMap, *, errors: ErrorFile, actor: Actor
) -> Taken:
    """Take the rows in; good ones go on, each bad one is written into the error file."""
    taken = Taken()
    waiting: list[RowRead] = []
    for row in rows:
        taken.rows += 1
        if row.refusals:
            _refuse(taken, row.refusals, errors)
            continue
        waiting.append(row)
        if len(waiting) == CHUNK:
            _submit(taken, waiting, reader, row_map, errors=errors, actor=actor)
            waiting = []
    if waiting:
        _submit(taken, waiting, reader, row_map, errors=errors, actor=actor)
    return taken


def _submit(
    taken: Taken,
    rows: list[RowRead],
    reader: RowReader,
    row_map: RowMap,
    *,
    errors: ErrorFile,
    actor: Actor,
) -> None:
    outcome = applications.submit_many(
        book=row_map.book,
        source=row_map.name,
        requests=[row.request for row in rows if row.request is not None],
        actor=actor,
        at=now(),
    )
    taken.created += outcome.created
    taken.repeated += outcome.repeated
    for refused in outcome.refused:
        line = rows[refused.place].line
        said = [RowRefusal(line, reader.column_of(each), each) for each in refused.refusals]
        _refuse(taken, said, errors)


def _refuse(taken: Taken, refusals: Iterable[RowRefusal], errors: ErrorFile) -> None:
    taken.bad_rows += 1
    for refusal in refusals:
        errors.add(refusal)
