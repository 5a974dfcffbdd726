from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from loanops.config import startup
from loanops.kernel.access import Actor
from loanops.platform.identity import operations as identity

startup.start()
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOUSE = Actor.house("tests")


class Program:
    """A partner's program that calls the API with its key."""

    def __init__(self, key: str, language: str = "en") -> None:
        self.key = key
        self.client = Client(raise_request_exception=False)
        self.headers = {"Authorization": f"Bearer {key}", "Accept-Language": language}
        self.writes = 0

    @property
    def person(self) -> str:
        return f"key:{self.key.partition('.')[0]}"

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers={**self.headers, **headers})

    def send(self, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
        self.writes += 1
        return self.client.generic(
            method,
            f"/api/v1{path}",
            data=b"" if body is None else body if isinstance(body, bytes) else _json(body),
            content_type="application/json",
            headers={**self.headers, "Idempotency-Key": key or f"key-{self.writes}"},
        )

    def post(self, path: str, body: Any, *, key: str = "") -> Any:
        return self.send("POST", path, body, key=key)


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body).encode()


@pytest.fixture
def program(db: None) -> Callable[..., Program]:
    """Issues a key and answers with the program that holds it."""

    def issue(
        role: str = "administrator",
        *,
        partner: str = "",
        books: tuple[str, ...] = (),
        language="en",
    ) -> Program:
        key = identity.issue_key(
            name=f"{role} of the tests", partner=partner, role=role, books=books,
            actor=HOUSE, at=MONDAY,
        )  # fmt: skip
        return Program(key, language)

    return issue


def upload(caller: Program, path: str, content: bytes, media_type: str, *, key: str) -> Any:
    """Send bytes that are no JSON."""
    return caller.client.generic(
        "POST",
        f"/api/v1{path}",
        data=content,
        content_type=media_type,
        headers={**caller.headers, "Idempotency-Key": key},
    )
