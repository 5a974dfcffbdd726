"""One moment of the database, read by many queries, without holding a writer back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything read inside sees the same moment; nothing can be written.

    PostgreSQL: a read-only transaction at repeatable read. SQLite: a deferred transaction, whose
    reads stay at one moment of the WAL while others go on writing.
    """
    if connection.in_atomic_block:
        # A test already holds a transaction; its own writes are what it wants to see.
        yield
        return
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
            cursor.execute("PRAGMA query_only = OFF")
