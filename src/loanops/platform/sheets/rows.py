"""Rows: where the columns of a map stand in a file, and why a row was refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from loanops.kernel.refusals import Refusal
from loanops.platform.sheets.refusals import ColumnMissing, ColumnTwice


@dataclass(frozen=True)
class RowRefusal:
    """Why a row was not taken: its line, the column to blame (if one is) and the refusal."""

    line: int
    column: str
    refusal: Refusal

    @property
    def code(self) -> str:
        """The stable code of the reason."""
        return self.refusal.code

    @property
    def reason(self) -> str:
        """The reason as one English sentence."""
        return str(self.refusal)


def places_of(header: Sequence[str], wanted: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Where each column stands; ``wanted`` are columns with the place of the map that names them.

    :raises ColumnMissing: a named column is not there.
    :raises ColumnTwice: it stands in the header more than once.
    """
    names = [name.strip() for name in header]
    places = {name: index for index, name in enumerate(names)}
    for column, place in wanted:
        if column not in places:
            raise ColumnMissing(column=column, place=place)
        if names.count(column) > 1:
            raise ColumnTwice(column=column, place=place)
    return places
