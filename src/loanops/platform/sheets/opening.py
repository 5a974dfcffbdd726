"""From the bytes of a CSV or XLSX file to its header and rows, whatever the bytes are.

A row that cannot be read is still a row: it comes out with a refusal in its place, so that the
rows around it go on. Only a file without any readable header is refused as a whole.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from loanops.kernel.refusals import Refusal
from loanops.platform.sheets.archives import weigh
from loanops.platform.sheets.parquet import MARK, cell_of, open_parquet
from loanops.platform.sheets.refusals import (
    FileUnreadable,
    RowBroken,
    RowUnreadable,
)

FILE_BYTES_MAX: Final = 512 * 1024 * 1024
_FIELD_MAX: Final = 1024 * 1024
_ARCHIVE: Final = b"PK\x03\x04"
_OLD_WORKBOOK: Final = b"\xd0\xcf\x11\xe0"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ENCODINGS: Final = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gb18030", "gb18030": "gb18030",
                     "gb2312": "gb18030", "utf-16": "utf-16"}  # fmt: skip


@dataclass(frozen=True)
class SheetRow:
    """One row as it stands in the file; ``line`` counts as an editor or a spreadsheet does."""

    line: int
    cells: tuple[str, ...]
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Sheet:
    """A file opened: what it is written in, its header and, one by one, its rows."""

    encoding: str
    header: tuple[str, ...]
    rows: Iterator[SheetRow]


def open_sheet(*, file: str, content: bytes, encoding: str = "", sheet: str = "") -> Sheet:
    """Open the bytes of a file; XLSX and Parquet are known by their first bytes, else it is CSV.

    :raises FileUnreadable: empty, too large, in no known encoding, or broken.
    """
    if not content.strip():
        raise FileUnreadable(file=file, problem="it is empty")
    if len(content) > FILE_BYTES_MAX:
        raise FileUnreadable(
            file=file, problem="it is larger than {limit} bytes; split it", limit=FILE_BYTES_MAX
        )
    if content.startswith(MARK):
        return _open_parquet(file=file, content=content)
    if content.startswith((_ARCHIVE, _OLD_WORKBOOK)):
        return _open_workbook(file=file, content=content, sheet=sheet)
    return _open_csv(file=file, content=content, encoding=encoding)


def detect_encoding(content: bytes) -> str:
    """UTF-8 (with or without mark), UTF-16 with mark, or GB18030 (the superset of GBK).

    A UTF-8 file with a few broken lines stays UTF-8: read as GBK it would decode too, to
    nonsense. So the lines that are not plain ASCII vote.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    votes = 0
    for line in content.splitlines():
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
            votes += 1
        except UnicodeDecodeError:
            votes -= 1
    return "utf-8" if votes >= 0 else "gb18030"


def _open_csv(*, file: str, content: bytes, encoding: str) -> Sheet:
    if encoding and encoding.lower() not in _ENCODINGS:
        raise FileUnreadable(
            file=file,
            problem="the map names the encoding {encoding}, which is not one of utf-8, gbk, utf-16",
            encoding=encoding,
        )
    name = _ENCODINGS.get(encoding.lower(), "") or detect_encoding(content)
    # Bytes that are no text become lone surrogates, which the reader of a cell refuses by row.
    errors = "surrogateescape" if name.startswith("utf-8") else "replace"
    text = content.decode(name, errors)
    del content
    rows = _csv_rows(text, _delimiter(text))
    header = next(rows, None)
    if header is None or header.refusal is not None:
        raise FileUnreadable(file=file, problem="its first line is no header")
    names = tuple(cell.strip() for cell in header.cells)
    return Sheet(encoding=name, header=names, rows=_checked(rows, len(names)))


def _delimiter(text: str) -> str:
    first = text[: text.find("\n") + 1] or text
    counts = {mark: first.count(mark) for mark in (",", "\t", ";")}
    return max(counts, key=lambda mark: counts[mark])


def _csv_rows(text: str, delimiter: str) -> Iterator[SheetRow]:
    previous = csv.field_size_limit(_FIELD_MAX)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        line = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as fault:
                yield SheetRow(line, (), _unreadable(fault))
            else:
                if cells:
                    yield SheetRow(line, tuple(cells))
            line = reader.line_num + 1
    finally:
        csv.field_size_limit(previous)


def _unreadable(fault: csv.Error) -> Refusal:
    """What the reader of the lines says, in our words."""
    if "limit" in str(fault):
        return RowUnreadable(
            problem="a cell is longer than {limit} characters, or a quote is not closed",
            limit=_FIELD_MAX,
        )
    return RowUnreadable(problem="its quotes or separators are broken")


def _checked(rows: Iterator[SheetRow], width: int) -> Iterator[SheetRow]:
    for row in rows:
        if row.refusal is None and not any(cell.strip() for cell in row.cells):
            continue
        if row.refusal is None and len(row.cells) != width:
            refusal = RowBroken(found=len(row.cells), expected=width)
            yield SheetRow(row.line, row.cells, refusal)
        else:
            yield row


def _open_parquet(*, file: str, content: bytes) -> Sheet:
    names, rows = open_parquet(file=file, content=content)
    header = tuple(name.strip() for name in names)
    return Sheet(encoding="parquet", header=header, rows=_parquet_rows(rows))


def _parquet_rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[SheetRow]:
    """Rows are counted from 1: a Parquet file has no line for its header."""
    for line, values in enumerate(rows, start=1):
        try:
            yield SheetRow(line, tuple(cell_of(value) for value in values))
        except RowUnreadable as refusal:
            yield SheetRow(line, (), refusal)


def _open_workbook(*, file: str, content: bytes, sheet: str) -> Sheet:
    if content.startswith(_ARCHIVE):
        weigh(file=file, content=content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        chosen = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        grid = chosen.to_python(skip_empty_area=False)
    except WorksheetNotFound:
        raise FileUnreadable(file=file, problem="it has no sheet {sheet}", sheet=sheet) from None
    except (CalamineError, ValueError, IndexError, OSError):
        raise FileUnreadable(
            file=file, problem="it is no workbook, is broken, or is locked by a password"
        ) from None
    if not grid:
        raise FileUnreadable(file=file, problem="its sheet is empty")
    header = tuple(_cell(value).strip() for value in grid[0])
    width = len(header)
    while width and not header[width - 1]:
        width -= 1
    if not width:
        raise FileUnreadable(file=file, problem="its first line is no header")
    return Sheet(encoding="xlsx", header=header[:width], rows=_grid_rows(grid, width))


def _grid_rows(grid: Sequence[Sequence[Any]], width: int) -> Iterator[SheetRow]:
    for line, values in enumerate(grid[1:], start=2):
        cells = tuple(_cell(value) for value in values)
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[width:]):
            yield SheetRow(line, cells, RowBroken(found=len(cells), expected=width))
        else:
            yield SheetRow(line, cells[:width])


def _cell(value: Any) -> str:
    """A spreadsheet's cell as the text a person would have typed."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        at_midnight = value.time() == time(0)
        return value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value.total_seconds())
    return str(value)
