"""The frame of the API: keys, bodies, problems, one answer per key."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from loanops.platform.identity import operations as identity
from loanops.platform.webhooks.models import Subscription
from loanops.surfaces.api import keys
from tests.surfaces.api.conftest import HOUSE, MONDAY, Program

HOOK = {"url": "https://partner.example/hooks", "events": ["*"]}
Issue = Callable[..., Program]


def code_of(response: Any) -> str:
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == response.status_code
    assert problem["type"] == f"urn:loanops:refusal:{problem['title']}"
    return str(problem["title"])


class TestKey:
    @pytest.mark.parametrize(
        "shown",
        ["", "Bearer", "Bearer x", "Bearer lk0000000000.wrong", "Basic YTpi", "Bearer \x00.x"],
    )
    def test_that_is_nobodys_is_answered_401(self, program: Issue, shown: str) -> None:
        answer = program().client.get("/api/v1/me", headers={"Authorization": shown})

        assert answer.status_code == 401
        assert code_of(answer) == "key_unknown"
        assert answer["WWW-Authenticate"].startswith("Bearer")

    def test_that_was_revoked_is_shut_out_at_once(self, program: Issue) -> None:
        caller = program()
        identity.revoke_key(prefix=caller.key.partition(".")[0], actor=HOUSE, at=MONDAY)

        assert caller.get("/me").status_code == 401

    def test_that_lacks_the_grant_is_answered_403(self, program: Issue) -> None:
        answer = program("collector").get("/webhooks")

        assert answer.status_code == 403
        assert code_of(answer) == "not_permitted"

    def test_that_asks_too_often_is_told_how_long_to_wait(
        self, program: Issue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "RATES", keys.Rates())
        monkeypatch.setattr(keys.RATES, "_limit", lambda: 12)
        caller = program()

        answers = [caller.get("/me").status_code for _ in range(3)]
        last = caller.get("/me")

        assert answers == [200, 200, 429]
        assert code_of(last) == "too_many_requests"
        assert 0 < int(last["Retry-After"]) <= 5


class TestAddress:
    @pytest.mark.parametrize(
        "path", ["", "/", "/nothing", "/me/", "/webhooks/a/b/c", "/%00", "/%ff"]
    )
    def test_that_is_none_is_a_problem_and_not_a_page(self, program: Issue, path: str) -> None:
        assert code_of(program().get(path)) == "address_unknown"

    def test_names_the_methods_it_knows(self, program: Issue) -> None:
        answer = program().send("PUT", "/webhooks", HOOK)

        assert answer.status_code == 405
        assert code_of(answer) == "method_not_allowed"
        assert set(answer["Allow"].split(", ")) == {"GET", "POST"}

    def test_refuses_a_question_it_does_not_know(self, program: Issue) -> None:
        answer = program().get("/webhooks?owner__startswith=a")

        assert answer.status_code == 422
        assert answer.json()["field"] == "owner__startswith"

    @pytest.mark.parametrize("cursor", ["1", "x:y", "a" * 301, "%00", "1:AAAA"])
    def test_refuses_a_cursor_that_it_did_not_make(self, program: Issue, cursor: str) -> None:
        answer = program().get(f"/webhooks?cursor={cursor}")

        assert answer.status_code == 422
        assert answer.json()["field"] == "cursor"


class TestBody:
    @pytest.mark.parametrize(
        ("raw", "status", "code"),
        [
            (b"{", 400, "body_unreadable"),
            (b'{"url": NaN}', 400, "body_unreadable"),
            (b'{"url": -Infinity}', 400, "body_unreadable"),
            (b'\xff{"url": 1}', 400, "body_unreadable"),
            (b"[" * 100_000, 400, "body_too_deep"),
            (b"[" * 30 + b"]" * 30, 400, "body_too_deep"),
            (b'{"a":' * 50 + b"1" + b"}" * 50, 400, "body_too_deep"),
            (b'{"url": ' + b"9" * 5_000 + b"}", 400, "number_out_of_range"),
            (b'{"url": 1e1000000}', 400, "number_out_of_range"),
            (b'{"url": 123456789012345678901}', 400, "number_out_of_range"),
            (b'{"url": "a", "url": "b"}', 400, "name_twice"),
            (b'{"url": "a\\u0000b", "events": ["*"]}', 400, "text_unreadable"),
            (b'{"url": "a\\ud800b", "events": ["*"]}', 400, "text_unreadable"),
            (b'{"\\ud800": "*"}', 400, "text_unreadable"),
            (b"[]", 422, "bad_field"),
            (b'"text"', 422, "bad_field"),
            (b"null", 422, "bad_field"),
            (b"", 422, "bad_field"),
            (b'{"url": 1.5, "events": 7}', 422, "bad_field"),
            (b'{"url": ["a"], "events": {"a": 1}}', 422, "bad_field"),
            (b" " * 1_100_000, 413, "body_too_large"),
        ],
    )
    def test_that_is_hostile_is_refused_at_once(
        self, program: Issue, raw: bytes, status: int, code: str
    ) -> None:
        caller = program()
        begun = time.perf_counter()

        answer = caller.post("/webhooks", raw)

        assert answer.status_code == status
        assert code_of(answer) == code
        assert time.perf_counter() - begun < 2
        assert not Subscription.objects.exists()

    def test_that_is_no_json_is_answered_415(self, program: Issue) -> None:
        caller = program()

        answer = caller.client.post(
            "/api/v1/webhooks",
            data="url=a",
            content_type="application/x-www-form-urlencoded",
            headers={**caller.headers, "Idempotency-Key": "form"},
        )

        assert answer.status_code == 415
        assert code_of(answer) == "not_json"

    def test_names_every_field_that_cannot_be_taken(self, program: Issue) -> None:
        answer = program().post("/webhooks", {"url": 5, "owner": "key:other"})

        problem = answer.json()
        assert answer.status_code == 422
        assert {each["field"] for each in problem["errors"]} == {"url", "events", "owner"}
        assert problem["detail"] == "url: must be a text in quotes"

    def test_is_refused_in_the_language_of_the_caller(self, program: Issue) -> None:
        english = program().post("/webhooks", b"{").json()["detail"]
        other = program(language="zh-CN").post("/webhooks", b"{")

        assert other["Content-Language"] == "zh-hans"
        assert english.startswith("The body is not readable JSON")


class TestIdempotencyKey:
    def test_is_required_of_every_write(self, program: Issue) -> None:
        caller = program()

        answer = caller.client.post(
            "/api/v1/webhooks", data=json.dumps(HOOK), content_type="application/json",
            headers=caller.headers,
        )  # fmt: skip

        assert answer.status_code == 400
        assert code_of(answer) == "idempotency_key_missing"

    def test_gives_the_same_answer_again_but_no_secret(self, program: Issue) -> None:
        caller = program()

        first = caller.post("/webhooks", HOOK, key="one")
        again = caller.post("/webhooks", dict(reversed(HOOK.items())), key="one")

        assert (first.status_code, again.status_code) == (201, 201)
        assert "Idempotent-Replay" not in first
        assert again["Idempotent-Replay"] == "true"
        assert first.json()["secret"].startswith("whsec_")
        assert again.json() == {**first.json(), "secret": None}
        assert Subscription.objects.count() == 1

    def test_is_refused_with_other_content(self, program: Issue) -> None:
        caller = program()
        caller.post("/webhooks", HOOK, key="one")

        answer = caller.post("/webhooks", {**HOOK, "events": ["books.*"]}, key="one")

        assert answer.status_code == 409
        assert code_of(answer) == "key_reused"
        assert Subscription.objects.count() == 1

    def test_of_one_program_is_not_that_of_another(self, program: Issue) -> None:
        answers = [program().post("/webhooks", HOOK, key="one") for _ in range(2)]

        assert [answer.status_code for answer in answers] == [201, 201]
        assert Subscription.objects.count() == 2

    @pytest.mark.parametrize("key", ["k" * 129, "a\tb"])
    def test_that_cannot_be_kept_is_refused(self, program: Issue, key: str) -> None:
        answer = program().post("/webhooks", HOOK, key=key)

        assert answer.status_code == 422
        assert answer.json()["field"] == "Idempotency-Key"

    def test_is_free_again_after_a_refusal(self, program: Issue) -> None:
        caller = program()
        caller.post("/webhooks", {**HOOK, "events": ["not an event"]}, key="one")

        assert caller.post("/webhooks", HOOK, key="one").status_code == 201


class TestServerFault:
    def test_says_nothing_but_the_number_of_the_log_line(
        self, program: Issue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(**_: Any) -> None:
            raise ZeroDivisionError("secret inside")

        monkeypatch.setattr("loanops.platform.books.queries.list_books", broken)

        answer = program().get("/books")

        assert answer.status_code == 500
        assert code_of(answer) == "server_fault"
        assert "secret inside" not in answer.content.decode()
