"""The bank's own database: one SQLite file, one connection, one writer at a time."""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
create table if not exists nonces (
  key_id text not null, nonce text not null, seconds integer not null,
  primary key (key_id, nonce)) without rowid;
create table if not exists cases (
  bank text not null, kind text not null, serial text not null,
  party text not null, digest text not null, content text not null,
  status text not null check (status in ('PROCESSING', 'SUCCESS', 'FAIL')),
  reason text not null default '', result text not null default '{}',
  amount_minor integer not null default 0, person text not null default '',
  parent text not null default '', value_date text not null default '',
  accepted_at real not null, due_at real, done_at real,
  behaviour text not null default '', behaviour_args text not null default '{}',
  queries integer not null default 0, token text,
  primary key (bank, kind, serial)) without rowid;
create index if not exists cases_due on cases (due_at) where status = 'PROCESSING';
create index if not exists cases_person on cases (bank, kind, person);
create index if not exists cases_day on cases (bank, kind, value_date, status, amount_minor);
create unique index if not exists cases_token on cases (token) where token is not null;
create table if not exists payments (
  bank text not null, pay_number text not null, loan text not null, amount_minor integer not null,
  paid_on text not null, source text not null, primary key (bank, pay_number)) without rowid;
create index if not exists payments_loan on payments (bank, loan);
create index if not exists payments_day on payments (bank, paid_on);
create table if not exists debit_lines (
  bank text not null, batch text not null, serial text not null, loan text not null,
  amount_minor integer not null, debited_minor integer not null, status text not null,
  reason text not null, pay_number text not null, primary key (bank, batch, serial)) without rowid;
create table if not exists wallets (
  bank text not null, loan text not null, balance_minor integer not null,
  primary key (bank, loan)) without rowid;
create table if not exists rules (
  id integer primary key, bank text not null, operation text not null, field text not null,
  pattern text not null, behaviour text not null, args text not null, times_left integer);
create table if not exists callbacks (
  id integer primary key, bank text not null, party text not null, event text not null,
  due_at real not null, attempts integer not null default 0, done_at real, answer text);
create index if not exists callbacks_due on callbacks (due_at) where done_at is null;
create table if not exists settings (name text primary key, value text not null) without rowid;
"""


class Store:
    """Every read and write happens inside `with store.turn()`: one thread, one transaction."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(_SCHEMA)

    @contextmanager
    def turn(self) -> Iterator["Store"]:
        """One transaction; a turn inside a turn joins it."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._db.execute("begin immediate")
                yield self
                if self._depth == 1:
                    self._db.execute("commit")
            except BaseException:
                if self._depth == 1 and self._db.in_transaction:
                    self._db.execute("rollback")
                raise
            finally:
                self._depth -= 1

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def one(self, sql: str, *values: object) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(sql, values).fetchone()
        return row

    def all(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._db.execute(sql, values).fetchall()

    def number(self, sql: str, *values: object) -> int:
        found = self._db.execute(sql, values).fetchone()
        return int(found[0] or 0)

    def run(self, sql: str, *values: object) -> int:
        return self._db.execute(sql, values).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        self._db.executemany(sql, rows)

    def insert(self, table: str, values: Mapping[str, object]) -> None:
        names = ", ".join(values)
        marks = ", ".join("?" * len(values))
        self._db.execute(
            f"insert into {table} ({names}) values ({marks})",  # noqa: S608 own names only
            tuple(values.values()),
        )

    def setting(self, name: str) -> str | None:
        row = self.one("select value from settings where name = ?", name)
        return None if row is None else str(row["value"])

    def set_setting(self, name: str, value: str | None) -> None:
        if value is None:
            self.run("delete from settings where name = ?", name)
        else:
            self.run("insert or replace into settings (name, value) values (?, ?)", name, value)


def packed(values: Mapping[str, Any]) -> str:
    """One spelling of a mapping, for digests and for columns."""
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(text: str) -> dict[str, Any]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError("a stored mapping is not a mapping")
    return found
