"""How the market speaks: JSON over one kept-alive connection, and a borrower's browser.

Loopback and plain HTTP: the market exists to practise against a platform on the same machine.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_SECONDS = 60.0
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


class Refused(Exception):
    """The other side answered with a refusal; `code` is its stable name."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code = status, code


class Line:
    """One kept-alive connection a thread to one address; a broken one is opened again once."""

    def __init__(self, base_url: str) -> None:
        self._parts = urlsplit(base_url)
        self._prefix = self._parts.path.rstrip("/")
        self._own = threading.local()

    @property
    def _http(self) -> HTTPConnection:
        if not hasattr(self._own, "http"):
            host, port = self._parts.hostname or "", self._parts.port
            self._own.http = HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
        found: HTTPConnection = self._own.http
        return found

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """Status and body of the answer."""
        try:
            return self._once(method, path, body, headers or {})
        except (HTTPException, ConnectionError):
            self._http.close()
            return self._once(method, path, body, headers or {})

    def _once(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        self._http.request(method, self._prefix + path, body=body or None, headers=dict(headers))
        answer = self._http.getresponse()
        return answer.status, answer.read()

    def order(self, method: str, path: str, content: Any, **headers: str) -> Any:
        """Send JSON and read JSON.

        :raises Refused: the answer is no success
        """
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        kind = {"Content-Type": JSON} if body else {}
        status, raw = self.send(method, path, body, {**kind, **headers})
        found = json.loads(raw) if raw else {}
        if not 200 <= status < 300:
            said = found if isinstance(found, dict) else {}
            raise Refused(status, str(said.get("title", "")), str(said.get("detail", said)))
        return found


class Program:
    """A channel's program: it holds a key, and every order it gives has a name of its own."""

    def __init__(self, base_url: str, key: str) -> None:
        self._line = Line(f"{base_url}/api/v1")
        self._key = {"Authorization": f"Bearer {key}", "Accept-Language": "zh"}

    def ask(self, path: str, **questions: str) -> Any:
        """A question."""
        tail = f"?{urlencode(questions)}" if questions else ""
        return self._line.order("GET", path + tail, None, **self._key)

    def order(self, path: str, content: Mapping[str, Any], *, name: str) -> Any:
        """An order, carried out once under its name.

        :raises Refused: the platform refused it
        """
        return self._line.order("POST", path, content, **self._key, **{"Idempotency-Key": name})


def browse(lines: dict[str, Line], url: str, form: Mapping[str, str] | None = None) -> int:
    """Open a page as a browser does, or press a button of it; the status of the answer."""
    parts = urlsplit(url)
    base = f"{parts.scheme}://{parts.netloc}"
    line = lines.setdefault(base, Line(base))
    if form is None:
        return line.send("GET", parts.path)[0]
    body = urlencode(form).encode()
    return line.send("POST", parts.path, body, {"Content-Type": FORM})[0]
