"""One call: sign, send, wait no longer than agreed, believe the answer or say why not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from loanops.adapters.open_bank.introductions import Introduction
from loanops.adapters.open_bank.signing import Identity, NotBelieved, check_answer, new_nonce
from loanops.origination.routing.ports import Standing

HANDLED: Final = "0000"
NOT_FOUND: Final = "1000"
ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
KEPT_CHARACTERS: Final = 4000
_NEVER_STARTED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_CLIENT_ERRORS: Final = {400: "bad_parameters", 409: "serial_reused"}
_STANDINGS: Final = {
    "PROCESSING": Standing.PROCESSING,
    "SUCCESS": Standing.SUCCESS,
    "FAIL": Standing.REFUSED,
}

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came back, and whether it can be believed (`problem` is empty then)."""

    problem: str = ""
    status: int = 0
    body: bytes = b""
    content: Mapping[str, Any] | None = None

    @property
    def evidence(self) -> str:
        """The SHA-256 of a believed answer."""
        return sha256(self.body).hexdigest() if self.body and not self.problem else ""


class Line:
    """A connection pool to one funder; safe to use from many threads."""

    def __init__(
        self,
        *,
        identity: Identity,
        introduction: Introduction,
        clock: Clock = time.time,
        timeout_seconds: float = 10.0,
        connections_max: int = 32,
    ) -> None:
        self.identity = identity
        self.introduction = introduction
        self._clock = clock
        self._path = urlsplit(introduction.base_url).path
        parts = urlsplit(introduction.base_url)
        self._http = httpx.Client(
            base_url=f"{parts.scheme}://{parts.netloc}",
            timeout=httpx.Timeout(timeout_seconds, connect=3.0),
            limits=httpx.Limits(
                max_connections=connections_max, max_keepalive_connections=connections_max
            ),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def call(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Heard:
        """Send JSON (or nothing) and hear JSON."""
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        heard = self.call_raw(method, path, body, "application/json")
        if heard.problem:
            return heard
        try:
            found = json.loads(heard.body)
        except (ValueError, RecursionError):
            return Heard(problem="malformed", status=heard.status, body=heard.body)
        if not isinstance(found, dict):
            return Heard(problem="malformed", status=heard.status, body=heard.body)
        return Heard(status=heard.status, body=heard.body, content=found)

    def call_raw(self, method: str, path: str, body: bytes, content_type: str) -> Heard:
        """Send bytes and hear bytes, believed or with the word for why not."""
        target = f"{self._path}/v1/{path}"
        nonce = new_nonce()
        headers = self.identity.sign_request(
            recipient=self.introduction.party,
            method=method,
            target=target,
            body=body,
            seconds=int(self._clock()),
            nonce=nonce,
        )
        if body:
            headers["Content-Type"] = content_type
        try:
            with self._http.stream(method, target, content=body, headers=headers) as answer:
                raw = _read_all(answer)
        except _NEVER_STARTED:
            return Heard(problem="not_reached")
        except httpx.TimeoutException:
            return Heard(problem="timeout")
        except _TooLong:
            return Heard(problem="too_long")
        except httpx.HTTPError:
            return Heard(problem="broken_connection")
        return self._believe(answer, nonce, raw)

    def _believe(self, answer: httpx.Response, nonce: str, raw: bytes) -> Heard:
        try:
            check_answer(
                headers=answer.headers,
                recipient=self.identity.party,
                status=answer.status_code,
                nonce=nonce,
                body=raw,
                keys=self.introduction.keys,
                at=datetime.fromtimestamp(self._clock(), UTC),
            )
        except NotBelieved:
            problem = "server_error" if answer.status_code >= 500 else "not_believed"
            return Heard(problem=problem, status=answer.status_code)
        if answer.status_code >= 500:
            return Heard(problem="server_error", status=answer.status_code)
        return Heard(status=answer.status_code, body=raw)


class _TooLong(Exception):
    pass


def _read_all(answer: httpx.Response) -> bytes:
    raw = bytearray()
    for part in answer.iter_bytes():
        raw += part
        if len(raw) > ANSWER_BYTES_MAX:
            raise _TooLong
    return bytes(raw)


def outcome_of(
    heard: Heard, *, serial: str, request_number: str, moves_money: bool = False
) -> dict[str, Any]:
    """The fields that every answer shares. Doubt of any kind is UNKNOWN, never a refusal.

    A funder that cannot read our request has refused it, unless money could have moved: then only
    its answer to a query counts.
    """
    if heard.problem or heard.content is None:
        return {
            "standing": Standing.UNKNOWN,
            "request_number": request_number,
            "problem": heard.problem or "malformed",
        }
    content = heard.content
    code = str(content.get("code", ""))[:16]
    found: dict[str, Any] = {
        "standing": Standing.UNKNOWN,
        "request_number": request_number,
        "code": code,
        "reason": str(content.get("reason") or "")[:64],
        "evidence": heard.evidence,
        "answer": heard.body.decode("utf-8", "replace")[:KEPT_CHARACTERS],
    }
    if heard.status in _CLIENT_ERRORS:
        problem = _CLIENT_ERRORS[heard.status]
        if problem == "bad_parameters" and not moves_money:
            return found | {"standing": Standing.REFUSED, "reason": code, "problem": problem}
        return found | {"problem": problem}
    if code != HANDLED:
        return found | {"problem": "not_found" if code == NOT_FOUND else "code_unknown"}
    if content.get("serial") != serial:
        return found | {"problem": "wrong_serial"}
    standing = _STANDINGS.get(str(content.get("status")))
    if standing is None:
        return found | {"problem": "status_unknown"}
    return found | {"standing": standing}
