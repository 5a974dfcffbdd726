"""Parquet files as sheets: their values as the text a person would have typed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from arro3.io import read_parquet

from loanops.platform.sheets.refusals import FileUnreadable, RowUnreadable

MARK: Final = b"PAR1"
# The footer ends with its own length and the mark.
_TAIL_BYTES: Final = 8
_ROWS_PER_BATCH: Final = 5_000
_FLAT: Final = (str, int, float, Decimal, date, datetime, time)


def open_parquet(*, file: str, content: bytes) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
    """The names of the columns, and the rows as Python values.

    :raises FileUnreadable: it is cut off, broken, or packed in a way that cannot be read.
    """
    _see_footer(file, content)
    try:
        reader = read_parquet(io.BytesIO(content), batch_size=_ROWS_PER_BATCH)
        return tuple(reader.schema.names), _rows(file, reader)
    except BaseException as fault:
        if _is_of_reader(fault):
            raise _broken(file) from None
        raise


def cell_of(value: object) -> str:
    """A value as text, exactly as it stands.

    :raises RowUnreadable: it is a list or a table, which no cell can hold.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, _FLAT):
        raise RowUnreadable(problem="a cell holds a list or a table; write plain columns")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        at_midnight = value.time() == time(0)
        return value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _see_footer(file: str, content: bytes) -> None:
    """The reader panics where the footer is cut off, so that is looked at first."""
    length = int.from_bytes(content[-_TAIL_BYTES : -len(MARK)], "little")
    if not content.endswith(MARK) or length > len(content) - _TAIL_BYTES - len(MARK):
        raise _broken(file)


def _rows(file: str, reader: Any) -> Iterator[tuple[Any, ...]]:
    while True:
        try:
            batch = next(reader, None)
            if batch is None:
                return
            rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
        except BaseException as fault:
            if _is_of_reader(fault):
                raise _broken(file) from None
            raise
        yield from rows


def _is_of_reader(fault: BaseException) -> bool:
    """Whether the reader gave up; its panics stand outside of Exception."""
    return isinstance(fault, Exception) or type(fault).__name__ == "PanicException"


def _broken(file: str) -> FileUnreadable:
    return FileUnreadable(file=file, problem="it is no Parquet file, is cut off, or is broken")
