"""Whatever is sent to whichever operation: never a fault of ours, and every refusal a problem."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, unquote

import pytest

from loanops.surfaces.api import commands, keys
from loanops.surfaces.api.endpoints import signings
from tests.factories.registry import AT
from tests.surfaces.api.conftest import Program
from tests.surfaces.api.world import OPERATIONS, PDF, Operation, World, build

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]
SEED = 20261125
_PLACE = "@@here@@"
# Raw JSON, so that what no serialiser would write can be sent too.
VALUES = (
    "null",
    "true",
    "0",
    "-1",
    "1.5",
    "-0.0",
    "[]",
    "{}",
    '""',
    '" "',
    '"x"',
    "[[]]",
    '{"a": {}}',
    '"a\\u0000b"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\uffff\\u202e"',
    '"１２３"',
    '"١٢٣"',
    '"²"',
    "NaN",
    "Infinity",
    "-Infinity",
    "1e1000000",
    "-1e-1000000",
    "1e308",
    "9" * 5_000,
    "-" + "9" * 5_000,
    "9223372036854775808",
    "2147483648",
    "1E400",
    '"NaN"',
    '"Infinity"',
    '"1e1000000"',
    '"1e5"',
    '"0x10"',
    '"1_000"',
    '"+1"',
    '"-1.00"',
    '"1.0000000000001"',
    '"' + "9" * 5_000 + '"',
    '"' + "9" * 5_000 + '.99"',
    '"' + "x" * 100_000 + '"',
    "[" * 40 + "]" * 40,
    '{"a":' * 40 + "1" + "}" * 40,
    '"0000-00-00"',
    '"9999-12-31"',
    '"0001-01-01"',
    '"2026-02-30"',
    '"2026-11-02T00:00:00Z"',
    '"\'; DROP TABLE x;--"',
    '"../../etc/passwd"',
    '"<script>alert(1)</script>"',
    '"%00%0d%0a"',
    '"{field} {0} %s %(x)s"',
    '"javascript:alert(1)"',
    '"http://[::1"',
    '["\\u0000"]',
    "[null, true]",
)
TEXTS = (
    "",
    " ",
    "x",
    "-1",
    "0",
    "1e5",
    "9" * 5_000,
    "\x00",
    "a\x00b",
    "\r\nX-Evil: 1",
    "\u202e",
    "１２",
    "null",
    "[]",
    "{}",
    "..",
    "../../etc/passwd",
    "'\"`;--",
    "<script>",
    "%",
    "\ufffd",
    "\uffff",
    "a" * 1_000,
    "0001-01-01",
    "9999-12-31",
    "+",
    "AP-",
    "*",
    "{number}",
)
HEADERS = ("", " ", "x" * 5_000, "\x01", "é", "k\tk", "Bearer " + "9" * 5_000, "zh;q=9e99")
RAW_PATHS = ("%00", "%ED%A0%80", "%FF%FE", "%C0%AF", "..%2F..%2Fx", "%0d%0aX:y", "%2E%2E", "a%00b")


@pytest.fixture(autouse=True)
def calm(monkeypatch: pytest.MonkeyPatch) -> None:
    """No limit of requests, and a clock at the day of the world."""
    monkeypatch.setattr(keys.RATES, "spend", lambda _caller: None)
    monkeypatch.setattr(commands, "now", lambda: AT + timedelta(minutes=2))
    monkeypatch.setattr(signings, "now", lambda: AT + timedelta(minutes=2))


@pytest.fixture
def world(program: Issue) -> World:
    calmed = commands.now
    commands.now = lambda: AT
    try:
        return build(program)
    finally:
        commands.now = calmed


def hold(answer: Any, operation: Operation, sent: str) -> None:
    """Let an answer pass that is a success or a problem which the document lists."""
    said = f"{operation.name} {sent[:200]}: {answer.status_code} {answer.content[:500]!r}"
    assert answer.status_code < 500, said
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json", said
        problem = answer.json()
        assert {"type", "title", "status", "detail"} <= set(problem), said
        assert problem["status"] == answer.status_code, said
        unfilled = set(re.findall(r"\{[a-z_]+\}", problem["detail"]))
        assert not {each for each in unfilled if each not in unquote(sent)}, said
    assert str(answer.status_code) in {str(each) for each in operation.raw["responses"]}, said


def send(
    world: World,
    operation: Operation,
    *,
    raw: bytes | None = None,
    path: str = "",
    question: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json",
) -> Any:
    caller = world.caller(operation.name)
    send.count += 1  # type: ignore[attr-defined]
    asked = world.question(operation.name) if question is None else question
    if operation.name == "add_application_document" and raw is None:
        raw, content_type = PDF, "application/pdf"
    if raw is None:
        raw = json.dumps(world.body(operation.name)).encode() if operation.method != "GET" else b""
    named = {"Idempotency-Key": f"h-{send.count}", **caller.headers, **(headers or {})}  # type: ignore[attr-defined]
    return caller.client.generic(
        operation.method,
        f"/api/v1{path or operation.address(world.number(operation.name))}",
        data=raw,
        content_type=content_type,
        query_params=dict(asked),
        headers=named,
    )


send.count = 0  # type: ignore[attr-defined]


def places(body: Any) -> Iterator[str]:
    """The body as JSON, again and again, with one value after the other marked."""

    def walk(value: Any) -> Iterator[Any]:
        yield _PLACE
        if isinstance(value, dict):
            for name in value:
                for made in walk(value[name]):
                    yield {**value, name: made}
        elif isinstance(value, list):
            for place, each in enumerate(value):
                for made in walk(each):
                    yield [*value[:place], made, *value[place + 1 :]]

    for made in walk(body):
        yield json.dumps(made)


WITH_BODY = sorted(
    name
    for name, each in OPERATIONS.items()
    if each.method != "GET" and name != "add_application_document"
)


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_bad_value_in_any_place_of_a_body_is_refused(world: World, name: str) -> None:
    operation = OPERATIONS[name]
    drawn = random.Random(f"{SEED}:{name}")
    for marked in places(world.body(name)):
        for value in drawn.sample(VALUES, 6):
            sent = marked.replace(f'"{_PLACE}"', value)
            hold(send(world, operation, raw=sent.encode()), operation, sent)


def test_a_body_that_is_no_json_or_too_much_is_refused(world: World) -> None:
    for name in WITH_BODY:
        operation = OPERATIONS[name]
        whole = json.dumps(world.body(name) or {}).encode()
        bodies = (
            b"",
            b"{",
            b"\x00",
            b"\xff\xfe" + whole,
            b"\xef\xbb\xbf" + whole,
            whole + b"x",
            whole * 2,
            whole.decode().encode("utf-16"),
            b'{"a":1,"a":2}',
            b"[" * 100_000,
            b"\x1f\x8b\x08\x00",
            b"null",
            whole[:-1] + b',"unknown":1}',
            whole[:-1] + b"," + b'"x":1,' * 10_000 + b'"y":1}',
        )
        for raw in bodies:
            hold(send(world, operation, raw=raw), operation, repr(raw[:80]))
        for kind in (
            "text/plain",
            "multipart/form-data; boundary=x",
            "application/xml",
            "\x7f",
            "",
        ):
            hold(send(world, operation, raw=whole, content_type=kind), operation, kind)

        large = send(world, operation, raw=b" " * 1_100_000)

        hold(large, operation, "1.1 MB")
        assert (large.status_code, large.json()["title"]) == (413, "body_too_large")


def test_a_bad_word_in_any_place_of_an_address_is_refused(world: World) -> None:
    for name in sorted(OPERATIONS):
        operation = OPERATIONS[name]
        drawn = random.Random(f"{SEED}:{name}")
        if "{" in operation.path:
            words = (quote(each, safe="") for each in drawn.sample(TEXTS, 8) if each)
            for part in (*RAW_PATHS, *words):
                answer = send(world, operation, path=operation.address(part))
                if answer.status_code == 405:  # the word made it the address of another operation
                    continue
                hold(answer, operation, part)
        given = world.question(name)
        for asked in (*operation.queries, "unknown", "book__in", "\x00"):
            for text in drawn.sample(TEXTS, 6):
                hold(
                    send(world, operation, question={**given, asked: text}), operation, asked + text
                )
        answer = send(world, operation, question={**given, "unknown": "1"})
        assert (answer.status_code, answer.json()["field"]) == (422, "unknown")


def test_a_bad_header_is_refused(world: World) -> None:
    for name in sorted(OPERATIONS):
        operation = OPERATIONS[name]
        drawn = random.Random(f"{SEED}:{name}")
        for header in ("Idempotency-Key", "Accept-Language", "Authorization", "Accept"):
            for text in drawn.sample(HEADERS, 2):
                hold(send(world, operation, headers={header: text}), operation, f"{header}: {text}")


def test_the_right_request_of_each_operation_is_not_refused_for_its_shape(world: World) -> None:
    """What the bad values are put into would pass: else the tests above would prove nothing."""
    shapes = {400, 404, 413, 415, 422}
    refused = {
        name: answer.content.decode()
        for name, operation in OPERATIONS.items()
        if (answer := send(world, operation)).status_code in shapes
    }

    # No session has been opened yet, and no rate floats.
    assert set(refused) == {"get_signing", "find_signing_result", "get_loan_floating_rate"}, refused
