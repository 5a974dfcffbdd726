"""Plans: how the engine means to read tables for the statements that run, asked of the engine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_READS = re.compile(r'(?:FROM|JOIN|UPDATE)\s+"?(\w+)"?(?:\s+(?:AS\s+)?"?([a-z]\w*)"?)?', re.I)
# An insert of given values reads nothing; SQLite still plans the search for orphans behind it.
_READING = re.compile(r"\s*(SELECT|INSERT|UPDATE)\b")
_BY_INDEX = {"Index Scan", "Index Only Scan"}
_BY_BOOK = re.compile(r"\(?\(book_id\)?(?:::text)? ?= ?[^ ()]+\)|\(book_id=\?\)")
_WORDS = {"set", "where", "join", "on", "cross", "inner", "left", "group", "order", "as", "limit"}


@contextmanager
def full_reads(tables: Collection[str]) -> Iterator[list[str]]:
    """Collects the statements that would read all of one of the tables, or all that a book has.

    Small tables are read whole by any planner; on PostgreSQL that is forbidden meanwhile, so that
    what is still read whole has no index to be read by.
    """
    found: list[str] = []

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not many and _READING.match(sql) and " VALUES " not in sql and "; " not in sql:
            whole = _whole(sql, params) & set(tables)
            found.extend(f"{table}: {' '.join(sql.split())[:300]}" for table in sorted(whole))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield found


@contextmanager
def lookups(table: str) -> Iterator[set[str]]:
    """Collects the indexes by which statements that change or read one table find its rows."""
    found: set[str] = set()

    def wrapper(
        execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not many and _READING.match(sql) and table in sql and " VALUES " not in sql:
            found.update(_indexes(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield found


def _indexes(sql: str, params: Any) -> set[str]:
    """The indexes that a statement is to use."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            lines = [row[-1].partition(" INDEX ")[2] for row in cursor.fetchall()]
            return {line.split()[0] for line in lines if line}
        return {
            node["Index Name"] for node in _planned(cursor, sql, params) if "Index Name" in node
        }


def sweep() -> None:
    """Take what earlier tests left out of the files of all tables; not within a transaction.

    Rows that were rolled back stay in them, and mislead PostgreSQL's planner about which table is
    the smaller one to begin with.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")


def _whole(sql: str, params: Any) -> set[str]:
    """The tables that a statement reads whole."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            lines = [row[-1] for row in cursor.fetchall()]
            whole = [line for line in lines if line.startswith("SCAN ") or _by_book(cursor, line)]
            return {_table_of(line.split()[1], sql) for line in whole}
        nodes = [node for node in _planned(cursor, sql, params) if "Relation Name" in node]
        return {n["Relation Name"] for n in nodes if _reads_whole(n) or _reads_book(cursor, n)}


def _planned(cursor: Any, sql: str, params: Any) -> Iterator[dict[str, Any]]:
    """The nodes of PostgreSQL's plan where nothing is read whole that need not be."""
    _others_allowed(cursor, "off")
    cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
    [(answer,)] = cursor.fetchall()
    _others_allowed(cursor, "on")
    [plan] = answer if isinstance(answer, list) else json.loads(answer)
    return _nodes(plan["Plan"])


def _by_book(cursor: Any, line: str) -> bool:
    """Whether a line of SQLite's plan finds rows by their book alone, in an index of all rows."""
    _, _, by = line.partition(" INDEX ")
    name, _, found_by = by.partition(" ")
    return _BY_BOOK.fullmatch(found_by) is not None and not _is_partial(cursor, name)


def _reads_book(cursor: Any, node: dict[str, Any]) -> bool:
    """Whether a node of PostgreSQL's plan does."""
    found_by = _BY_BOOK.fullmatch(node.get("Index Cond", ""))
    return found_by is not None and not _is_partial(cursor, node["Index Name"])


def _is_partial(cursor: Any, index: str) -> bool:
    table, name, text = ("sqlite_master", "name", "sql")
    if connection.vendor != "sqlite":
        table, name, text = ("pg_indexes", "indexname", "indexdef")
    cursor.execute(f"SELECT {text} FROM {table} WHERE {name} = %s", [index])  # noqa: S608
    return any(" WHERE " in (definition or "") for (definition,) in cursor.fetchall())


def _others_allowed(cursor: Any, word: str) -> None:
    for way in ("seqscan", "hashjoin", "mergejoin"):
        cursor.execute(f"SET LOCAL enable_{way} = {word}")


def _reads_whole(node: dict[str, Any]) -> bool:
    kind = node["Node Type"]
    return kind == "Seq Scan" or (kind in _BY_INDEX and "Index Cond" not in node)


def _table_of(name: str, sql: str) -> str:
    """The table that a plan calls by its alias or by itself."""
    named = {
        (alias if alias and alias.lower() not in _WORDS else table): table
        for table, alias in _READS.findall(sql)
    }
    return named.get(name, name)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
