"""The carrier: takes messages by serial, delivers them, and tells what became of them.

Some telephones exist only for tests: whoever writes to them meets the mood beside them.
"""

import base64
import hashlib
import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from loanops_sandbox import clock
from loanops_sandbox.amounts import Malformed
from loanops_sandbox.bank import reading
from loanops_sandbox.carrier.signing import TOLERANCE_SECONDS, Unsigned, answer_headers, believe

ACCOUNT = "platform"
LATE_SECONDS = 30.0
KEPT_SECONDS = 7 * 86_400.0
TEXT_MOST = 500
TEST_MOBILES = {
    "+8619900000031": "refuse",
    "+8619900000032": "late",
    "+8619900000033": "lost_answer",
    "+8619900000034": "undelivered",
    "+8619900000035": "down_once",
}

_SCHEMA = """
create table if not exists messages (
  serial text primary key, digest text not null, mobile text not null, text text not null,
  status text not null, reason text not null default '', taken_at real not null,
  due_at real not null) without rowid;
create index if not exists messages_mobile on messages (mobile, taken_at);
create table if not exists nonces (
  nonce text primary key, seconds integer not null) without rowid;
create table if not exists refused_once (serial text primary key) without rowid;
"""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What goes back; `cut` breaks the connection instead."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: bool = False


class Carrier:
    """One carrier with one customer: the platform that holds its introduction."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            home / "carrier.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._db.row_factory = sqlite3.Row
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(_SCHEMA)
        self._secret = _kept(home / "keys" / "carrier.secret")

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def introduction(self, base_url: str) -> dict[str, Any]:
        """What the carrier hands to its customer; the secret makes it a confidential document."""
        return {
            "protocol": 1,
            "carrier": "xinyu",
            "name": {"zh-hans": "信语短信", "en": "Xinyu Messages"},
            "base_url": f"{base_url}/c/xinyu",
            "account": ACCOUNT,
            "secret": base64.b64encode(self._secret).decode(),
        }

    def answer(self, *, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Reply:
        """Deal with one request of the protocol."""
        now = clock.seconds()
        try:
            nonce = believe(
                headers=headers,
                account=ACCOUNT,
                secret=self._secret,
                method=method,
                target=target,
                body=raw,
                now=now,
            )
        except Unsigned:
            return Reply(status=401, body=b'{"message": "not signed"}')
        with self._lock:
            if not self._is_new(nonce, now):
                return Reply(status=401, body=b'{"message": "said before"}')
            status, content, cut = self._deal(method, target, raw, now)
        body = json.dumps(content, ensure_ascii=False).encode()
        signed = answer_headers(
            account=ACCOUNT,
            secret=self._secret,
            status=status,
            nonce=nonce,
            body=body,
            seconds=int(now),
        )
        return Reply(status=status, body=body, headers=signed, cut=cut)

    def _is_new(self, nonce: str, now: float) -> bool:
        self._db.execute(
            "delete from nonces where seconds < ?", (int(now) - 2 * TOLERANCE_SECONDS,)
        )
        done = self._db.execute("insert or ignore into nonces values (?, ?)", (nonce, int(now)))
        return done.rowcount == 1

    def _deal(
        self, method: str, target: str, raw: bytes, now: float
    ) -> tuple[int, dict[str, Any], bool]:
        name = target.partition("/v1/")[2]
        try:
            if (method, name) == ("POST", "messages"):
                return self._take(reading.body_of(raw), now)
            if method == "GET" and name.startswith("messages/"):
                row = self._find(name.removeprefix("messages/"))
                found = {"message": "no such message"} if row is None else _told(row, now)
                return (404 if row is None else 200), found, False
        except Malformed as wrong:
            return 400, {"message": str(wrong)}, False
        return 404, {"message": "nothing is here"}, False

    def _take(self, content: Mapping[str, Any], now: float) -> tuple[int, dict[str, Any], bool]:
        serial, mobile = reading.serial(content), reading.text(content, "to", 20)
        words = reading.text(content, "text", TEXT_MOST)
        expires = datetime.fromisoformat(reading.text(content, "expires_at", 40))
        digest = hashlib.sha256(f"{mobile}\n{words}".encode()).hexdigest()
        mood = TEST_MOBILES.get(mobile, "")
        known = self._find(serial)
        if known is not None:
            same = known["digest"] == digest
            reused = {"message": "the serial was used for another message"}
            return (200, _told(known, now), False) if same else (409, reused, False)
        if mood == "down_once" and self._refuses_once(serial):
            return 503, {"message": "try again later"}, False
        status, reason = "ACCEPTED", ""
        if mood == "refuse" or expires.timestamp() <= now:
            status, reason = "REFUSED", "BLOCKED" if mood == "refuse" else "EXPIRED"
        elif mood == "undelivered":
            reason = "ABSENT"
        due_at = now + (LATE_SECONDS if mood == "late" else 0.0)
        self._db.execute("delete from messages where taken_at < ?", (now - KEPT_SECONDS,))
        self._db.execute(
            "insert into messages values (?, ?, ?, ?, ?, ?, ?, ?)",
            (serial, digest, mobile, words, status, reason, now, due_at),
        )
        told = {
            "serial": serial,
            "status": status,
            "reason": reason if status != "ACCEPTED" else "",
        }
        return 200, told, mood == "lost_answer"

    def _find(self, serial: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(
            "select * from messages where serial = ?", (serial,)
        ).fetchone()
        return row

    def _refuses_once(self, serial: str) -> bool:
        done = self._db.execute("insert or ignore into refused_once values (?)", (serial,))
        return done.rowcount == 1

    def arrived(self, mobile: str, most: int = 50) -> list[dict[str, str]]:
        """What lies on a telephone (on all of them without one), the newest first."""
        now = clock.seconds()
        sql = (
            "select mobile, text, due_at from messages where status = 'ACCEPTED' and reason = ''"
            " and due_at <= ? and (mobile = ? or ? = '') order by due_at desc, serial desc limit ?"
        )
        with self._lock:
            rows = self._db.execute(sql, (now, mobile, mobile, most)).fetchall()
        return [
            {
                "mobile": row["mobile"],
                "text": row["text"],
                "at": datetime.fromtimestamp(row["due_at"], UTC).isoformat(timespec="seconds"),
            }
            for row in rows
        ]


def _told(row: sqlite3.Row, now: float) -> dict[str, Any]:
    status, reason = row["status"], row["reason"]
    if status == "ACCEPTED" and reason:
        status = "UNDELIVERED"
    elif status == "ACCEPTED" and row["due_at"] <= now:
        status = "DELIVERED"
    return {"serial": row["serial"], "status": status, "reason": reason}


def _kept(path: Path) -> bytes:
    """A secret that is made at the first start and read at every later one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
