"""The carrier: one call a message, believed or doubted; what it handed to us lies in a file."""

from __future__ import annotations

import json
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from loanops.adapters.open_carrier.signing import (
    Account,
    NotBelieved,
    check_answer,
    new_nonce,
    request_headers,
)
from loanops.registry.contacts.ports import Answer, MessageOut, Standing

FILE: Final = "introduction.json"
ANSWER_BYTES_MAX: Final = 64 * 1024
TIMEOUT: Final = httpx.Timeout(5.0, connect=2.0)
_NEVER_STARTED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_STANDINGS: Final = {
    "ACCEPTED": Standing.ACCEPTED,
    "DELIVERED": Standing.DELIVERED,
    "UNDELIVERED": Standing.REFUSED,
    "REFUSED": Standing.REFUSED,
}


class CarrierNotReady(ValueError):
    """What the carrier handed to us is missing or cannot be used; says how to mend it."""


@dataclass(frozen=True)
class _Line:
    account: Account
    path: str
    http: httpx.Client


class OpenCarrier:
    """One carrier, introduced by a file of the folder; a newer file is taken up at the next call.

    ``clock`` tells the seconds that signatures carry.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._file = folder / FILE
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, _Line] | None = None

    def keep(self, introduction: Mapping[str, Any]) -> str:
        """Keep what the carrier handed to us, replacing what it handed before; its name.

        :raises CarrierNotReady: it cannot be used
        """
        _read(introduction)
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps(dict(introduction), ensure_ascii=False), encoding="utf-8")
        return str(introduction["carrier"])

    def send(self, message: MessageOut) -> Answer:
        """Hand a message over; the same serial again is the same message."""
        content = {
            "serial": message.serial,
            "to": message.to,
            "text": message.text,
            "expires_at": message.expires_at.isoformat(),
        }
        return self._call("POST", "messages", message.serial, content)

    def find(self, serial: str) -> Answer:
        """What became of a message."""
        return self._call("GET", f"messages/{serial}", serial, None)

    def _call(
        self, method: str, path: str, serial: str, content: Mapping[str, Any] | None
    ) -> Answer:
        try:
            line = self._line()
        except CarrierNotReady:
            return Answer(Standing.NOT_REACHED, problem="not_introduced")
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        target, nonce = f"{line.path}/v1/{path}", new_nonce()
        headers = request_headers(
            line.account,
            method=method,
            target=target,
            body=body,
            seconds=int(self._clock()),
            nonce=nonce,
        )
        if body:
            headers["Content-Type"] = "application/json"
        try:
            answer = line.http.request(method, target, content=body, headers=headers)
        except _NEVER_STARTED:
            return Answer(Standing.NOT_REACHED, problem="not_reached")
        except httpx.TimeoutException:
            return Answer(Standing.UNKNOWN, problem="timeout")
        except httpx.HTTPError:
            return Answer(Standing.UNKNOWN, problem="broken_connection")
        return self._believed(line, answer, nonce, serial)

    def _believed(self, line: _Line, answer: httpx.Response, nonce: str, serial: str) -> Answer:
        if answer.status_code >= 500:
            return Answer(Standing.UNKNOWN, problem="server_error")
        try:
            check_answer(
                line.account,
                headers=answer.headers,
                status=answer.status_code,
                nonce=nonce,
                body=answer.content,
                seconds=int(self._clock()),
            )
            found = json.loads(answer.content[:ANSWER_BYTES_MAX])
        except NotBelieved:
            return Answer(Standing.UNKNOWN, problem="not_believed")
        except (ValueError, RecursionError):
            return Answer(Standing.UNKNOWN, problem="malformed")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return Answer(Standing.MISSING)
        if not isinstance(found, dict) or found.get("serial") != serial:
            return Answer(Standing.UNKNOWN, problem="wrong_serial")
        standing = _STANDINGS.get(str(found.get("status")))
        if standing is None:
            return Answer(Standing.UNKNOWN, problem="status_unknown")
        return Answer(standing, reason=str(found.get("reason") or "")[:64])

    def _line(self) -> _Line:
        with self._lock:
            try:
                changed = self._file.stat().st_mtime
            except FileNotFoundError:
                raise CarrierNotReady(f"no introduction in {self._file}") from None
            if self._known is None or self._known[0] != changed:
                introduction = json.loads(self._file.read_text(encoding="utf-8"))
                self._known = (changed, _read(introduction))
            return self._known[1]


def _read(introduction: Mapping[str, Any]) -> _Line:
    try:
        address, name = str(introduction["base_url"]), str(introduction["account"])
        secret = b64decode(str(introduction["secret"]), validate=True)
        carrier = str(introduction["carrier"])
    except (KeyError, ValueError) as wrong:
        raise CarrierNotReady(f"the carrier's introduction cannot be read: {wrong}") from wrong
    parts = urlsplit(address)
    if not carrier or len(secret) < 32:
        raise CarrierNotReady("the carrier's introduction lacks its name or a secret of 32 bytes")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_here(parts.hostname)):
        raise CarrierNotReady("the carrier's address must begin with https://")
    client = httpx.Client(
        base_url=f"{parts.scheme}://{parts.netloc}",
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )
    return _Line(Account(name, secret), parts.path.rstrip("/"), client)


def _is_here(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False
