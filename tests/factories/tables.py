"""Parquet files made column by column."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from arro3.core import Array, DataType, Table
from arro3.io import write_parquet


def parquet(
    columns: Mapping[str, tuple[DataType, Sequence[Any]]], *, compression: str = "snappy"
) -> bytes:
    """A Parquet file of these columns, each with its type and its values (days as text)."""
    made = Table.from_arrays([_array(*each) for each in columns.values()], names=list(columns))
    kept = io.BytesIO()
    write_parquet(made, kept, compression=compression)
    return kept.getvalue()


def _array(kind: DataType, values: Sequence[Any]) -> Array:
    """Some types are only reached from text."""
    if any(isinstance(value, str) for value in values):
        return Array(values, type=DataType.utf8()).cast(kind)
    return Array(values, type=kind)
