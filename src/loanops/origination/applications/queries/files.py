"""Files of requests: a map made ready, and a file read row by row under it. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from loanops.origination.applications.domain.mapping import RowMap, parse_map
from loanops.origination.applications.domain.rows import RowRead, RowReader
from loanops.platform.sheets.opening import FILE_BYTES_MAX, open_sheet
from loanops.platform.sheets.rows import RowRefusal

__all__ = [
    "FILE_BYTES_MAX",
    "RowMap",
    "RowRead",
    "RowReader",
    "RowRefusal",
    "read_file",
    "read_map",
]


def read_map(document: Mapping[str, Any]) -> RowMap:
    """A map as TOML gives it, checked and made ready.

    :raises MapWrong: a key is unknown, missing or of the wrong type; the place is named.
    :raises Refusal: a default is not of its own column's type.
    """
    return parse_map(document)


def read_file(*, name: str, content: bytes, row_map: RowMap) -> RowReader:
    """The rows of a file, CSV or XLSX, each as a request or as the refusals that stop it.

    :raises FileUnreadable: empty, larger than FILE_BYTES_MAX, in no known encoding, no workbook.
    :raises ColumnMissing, ColumnTwice: its header does not fit the map.
    """
    sheet = open_sheet(file=name, content=content, encoding=row_map.encoding, sheet=row_map.sheet)
    return RowReader(row_map, sheet)
