"""Calling back: what the bank tells the platform by itself, again and again until it is heard."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from loanops_sandbox import clock
from loanops_sandbox.bank.store import Store
from loanops_sandbox.keyring import Platform
from loanops_sandbox.wire import H_SIGNATURE, Signer

ATTEMPTS_MOST = 10
BATCH = 50


class Caller:
    """Sends the callbacks that are due, in order, one HTTP connection per platform."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._http = httpx.Client(timeout=5.0, follow_redirects=False, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def send_due(
        self, *, now: float, platforms: Mapping[str, Platform], signers: Mapping[str, Signer]
    ) -> int:
        """Send what is due now; how many were tried."""
        with self._store.turn() as store:
            rows = store.all(
                "select * from callbacks where done_at is null and due_at <= ?"
                " order by due_at, id limit ?",
                now,
                BATCH,
            )
        for row in rows:
            platform = platforms.get(row["party"])
            url = platform.callback_url.replace("{funder}", row["bank"]) if platform else ""
            answer = self._send(row, url, platform, signers[row["bank"]]) if url else "no address"
            self._note(row, answer)
        return len(rows)

    def _send(self, row: sqlite3.Row, url: str, platform: Platform | None, signer: Signer) -> str:
        plan = json.loads(row["event"])
        seconds = int(clock.seconds())
        event = {
            "event_id": f"{row['bank']}-{row['id']}",
            "funder": row["bank"],
            "sent_at": seconds,
            **plan["body"],
        }
        body = json.dumps(event, ensure_ascii=False).encode()
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = signer.request_headers(
            to=platform.party if platform else "",
            method="POST",
            target=target,
            body=body,
            seconds=seconds,
        )
        if plan["manner"] == "forged":
            headers[H_SIGNATURE] = secrets.token_urlsafe(64)
        headers["Content-Type"] = "application/json"
        try:
            answer = self._http.post(url, content=body, headers=headers)
        except httpx.HTTPError as wrong:
            return type(wrong).__name__
        return str(answer.status_code)

    def _note(self, row: sqlite3.Row, answer: str) -> None:
        now = clock.seconds()
        heard = answer.startswith("2") or answer == "no address"
        last = row["attempts"] + 1 >= ATTEMPTS_MOST
        with self._store.turn() as store:
            store.run(
                "update callbacks set attempts = attempts + 1, answer = ?, done_at = ?,"
                " due_at = ? where id = ?",
                answer,
                now if heard or last else None,
                now + 2.0 ** min(row["attempts"], 8),
                row["id"],
            )


def count_due(store: Store, now: float) -> int:
    """How many callbacks are due and have not been heard."""
    return store.number("select count(*) from callbacks where done_at is null and due_at <= ?", now)


def listing(store: Store, bank: str) -> list[dict[str, Any]]:
    """What was called back, for tests."""
    rows = store.all("select * from callbacks where bank = ? order by id", bank)
    return [
        {
            "event": json.loads(row["event"])["body"],
            "attempts": row["attempts"],
            "answer": row["answer"],
            "done": row["done_at"] is not None,
        }
        for row in rows
    ]
