"""Set-based writes and raw reads, the same on both engines.

Table and column names come from code (``Model._meta``), never from input. Values are passed as
parameters; on SQLite, Python values are adapted as Django stores them (dates and times as text).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from typing import Any

from django.db import connection

Row = Sequence[Any]
# SQLite refuses statements with more variables than this.
_SQLITE_VARIABLES_MAX = 30_000
_FEW = 20
"""Rows up to which PostgreSQL is faster with plain statements than with ``COPY``."""


def vendor() -> str:
    """``"sqlite"`` or ``"postgresql"``."""
    return connection.vendor


# What a driver takes as it is, looked up by type because every value of every row passes here.
_PLAIN = frozenset({int, str, bool, float, bytes, type(None)})
_PLAIN_ON = {"sqlite": _PLAIN, "postgresql": _PLAIN | {date, time, datetime, Decimal}}


def _adapted(values: Iterable[Any], engine: str) -> tuple[Any, ...]:
    """Python values as Django's own columns hold them on this engine."""
    plain = _PLAIN_ON[engine]
    return tuple([value if type(value) in plain else _written(value, engine) for value in values])


def _written(value: Any, engine: str) -> Any:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    if engine != "sqlite":
        return value
    if isinstance(value, date | time):
        return _moment_text(value)
    if isinstance(value, Decimal):
        return str(value)
    return value


@lru_cache(maxsize=1024)
def _moment_text(value: date | time) -> str:
    """A day or moment as text; the rows of one call share a few of them."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return value.isoformat()


_MOMENTS = frozenset({date, datetime, type(None)})


def _column(values: Row, engine: str) -> Row:
    """The values of one column as :func:`_adapted`; days repeat, so each is written once."""
    kinds = set(map(type, values))
    if kinds <= _PLAIN_ON[engine]:
        return values
    if engine == "sqlite" and kinds <= _MOMENTS:
        told = {value: value and _moment_text(value) for value in set(values)}
        return [told[value] for value in values]
    return _adapted(values, engine)


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


def _rows(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Rows as :func:`_adapted`, by column: most columns hold only what a driver takes as it is."""
    engine = vendor()
    columns = (_column(values, engine) for values in zip(*rows, strict=True))
    return list(zip(*columns, strict=True))


_Waiting = list[tuple[str, tuple[Any, ...]]]
_waiting: ContextVar[_Waiting | None] = ContextVar("loanops_db_together", default=None)


@contextmanager
def together() -> Iterator[None]:
    """Writes of a few rows inside go to PostgreSQL one behind the other, in one exchange.

    What asks for an answer inside sends first what waits. SQLite, which is not asked over a wire,
    writes at once.
    """
    if connection.vendor != "postgresql" or _waiting.get() is not None:
        yield
        return
    token = _waiting.set([])
    try:
        yield
        _send()
    finally:
        _waiting.reset(token)


def _send() -> None:
    waiting = _waiting.get()
    if waiting:
        statements = list(waiting)
        waiting.clear()
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            connection.connection.pipeline(),
        ):
            for statement in statements:
                cursor.execute(*statement)


def write(sql: str, params: Sequence[Any] = ()) -> None:
    """Run one portable statement; nobody asks how many rows it touched."""
    waiting = _waiting.get()
    if waiting is None:
        execute(sql, params)
    else:
        waiting.append((sql, _adapted(params, vendor())))


def execute(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one portable statement (placeholders ``%s``) and return the rows it touched."""
    _send()
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(params, vendor()))
        return int(cursor.rowcount)


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The rows of one portable query. SQLite answers dates and times as text."""
    _send()
    with connection.cursor() as cursor:
        cursor.execute(sql, _adapted(params, vendor()))
        return list(cursor.fetchall())


def insert_many(table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows set-based: ``executemany`` on SQLite, ``COPY`` of more than a few on PostgreSQL.

    A few rows go there as one plain statement, which asks the server once instead of three times.
    """
    prepared = _rows(rows)
    if not prepared:
        return 0
    marks = ", ".join(["%s"] * len(columns))
    if connection.vendor == "postgresql" and len(prepared) <= _FEW:
        write(
            f'INSERT INTO "{table}" ({_names(columns)}) '  # noqa: S608
            f"VALUES {', '.join([f'({marks})'] * len(prepared))}",
            [value for row in prepared for value in row],
        )
        return len(prepared)
    _send()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The wrapper's cursor hides COPY; the driver's own cursor below it has it.
            # Its errors are made Django's, which everybody above catches.
            into = f'COPY "{table}" ({_names(columns)}) FROM STDIN'
            with connection.wrap_database_errors, cursor.cursor.copy(into) as copy:
                for row in prepared:
                    copy.write_row(row)
        else:
            cursor.executemany(
                f'INSERT INTO "{table}" ({_names(columns)}) VALUES ({marks})',  # noqa: S608
                prepared,
            )
    return len(prepared)


def update_many(
    table: str, key_columns: Sequence[str], set_columns: Sequence[str], rows: Iterable[Row]
) -> int:
    """Set columns of many rows found by key; a row is ``(*keys, *values)``.

    Returns the rows hit, or the rows given where they wait for the end of :func:`together`. More
    than a few go to PostgreSQL by ``COPY`` into a passing table, which costs it a table.
    """
    prepared = _rows(rows)
    if not prepared:
        return 0
    if connection.vendor == "postgresql" and len(prepared) > _FEW:
        _send()
        return _update_many_by_copy(table, key_columns, set_columns, prepared)
    assigned = ", ".join(f'"{column}" = %s' for column in set_columns)
    found = " AND ".join(f'"{column}" = %s' for column in key_columns)
    width = len(key_columns)
    sql = f'UPDATE "{table}" SET {assigned} WHERE {found}'  # noqa: S608
    ordered = [(*row[width:], *row[:width]) for row in prepared]
    waiting = _waiting.get()
    if waiting is not None:
        waiting += [(sql, values) for values in ordered]
        return len(ordered)
    with connection.cursor() as cursor:
        cursor.executemany(sql, ordered)
        return int(cursor.rowcount)


def _update_many_by_copy(
    table: str, key_columns: Sequence[str], set_columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> int:
    # A column may be both compared and set (a version), so the incoming ones have other names.
    names = [f"k{place}" for place in range(len(key_columns))]
    names += [f"s{place}" for place in range(len(set_columns))]
    shaped = ", ".join(
        f'"{column}" AS {name}'
        for name, column in zip(names, [*key_columns, *set_columns], strict=True)
    )
    assigned = ", ".join(f'"{column}" = incoming.s{n}' for n, column in enumerate(set_columns))
    found = " AND ".join(
        f'target."{column}" = incoming.k{n}' for n, column in enumerate(key_columns)
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS incoming")
        cursor.execute(
            f'CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {shaped} FROM "{table}" '  # noqa: S608
            "WITH NO DATA"
        )
        into = f"COPY incoming ({_names(names)}) FROM STDIN"
        with connection.wrap_database_errors, cursor.cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("ANALYZE incoming")
        cursor.execute(f'UPDATE "{table}" AS target SET {assigned} FROM incoming WHERE {found}')  # noqa: S608
        touched = int(cursor.rowcount)
        cursor.execute("DROP TABLE incoming")
    return touched


def upsert_many(
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    conflict: Sequence[str],
    update: Sequence[str] = (),
) -> int:
    """Insert rows; where ``conflict`` columns exist already, set ``update`` (or leave the row).

    Returns the rows inserted or changed.
    """
    assigned = ", ".join(f'"{column}" = excluded."{column}"' for column in update)
    outcome = f"DO UPDATE SET {assigned}" if update else "DO NOTHING"
    mark = "(" + ", ".join(["%s"] * len(columns)) + ")"
    touched = 0
    pending = iter(_rows(rows))
    _send()
    with connection.cursor() as cursor:
        while batch := list(islice(pending, _SQLITE_VARIABLES_MAX // max(len(columns), 1))):
            marks = ", ".join([mark] * len(batch))
            cursor.execute(
                f'INSERT INTO "{table}" ({_names(columns)}) VALUES {marks} '  # noqa: S608
                f"ON CONFLICT ({_names(conflict)}) {outcome}",
                [value for row in batch for value in row],
            )
            touched += int(cursor.rowcount)
    return touched


def take_ids(table: str, count: int) -> list[int]:
    """Ids for rows that are about to be inserted with them, ascending; nobody else gets them.

    So that what hangs on the rows can be written without reading them back. On SQLite the
    immediate transaction holds them until the rows are in.
    """
    if connection.vendor == "postgresql":
        taken = fetch(
            "WITH s AS MATERIALIZED (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS name) "
            "SELECT nextval(s.name) FROM s, generate_series(1, %s)",
            [table, count],
        )
        return sorted(id_ for (id_,) in taken)
    last = fetch("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
    first = int(last[0][0]) + 1 if last else 1
    return list(range(first, first + count))


def insert_from(
    table: str, columns: Sequence[str], select_sql: str, params: Sequence[Any] = ()
) -> int:
    """Insert what a query yields, without the rows leaving the database."""
    return execute(f'INSERT INTO "{table}" ({_names(columns)}) {select_sql}', params)


def for_change(alias: str) -> str:
    """What ends a query that holds the rows of ``alias`` until the transaction ends.

    The query orders by id. On SQLite the immediate transaction holds the whole file already.
    """
    return f"FOR UPDATE OF {alias}" if connection.vendor == "postgresql" else ""


def lock(table: str, ids: Iterable[int]) -> None:
    """Hold rows until the transaction ends, always in ascending order.

    On SQLite the immediate transaction holds the whole file already.
    """
    wanted = sorted(set(ids))
    if wanted and connection.vendor == "postgresql":
        marks = ", ".join(["%s"] * len(wanted))
        fetch(f'SELECT id FROM "{table}" WHERE id IN ({marks}) ORDER BY id FOR UPDATE', wanted)  # noqa: S608
