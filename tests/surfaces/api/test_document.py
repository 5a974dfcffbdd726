"""The OpenAPI document: whole, and kept by what the API really answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs
import pytest

from loanops.surfaces.api import keys
from loanops.surfaces.api.window import API
from tests.surfaces.api.conftest import Program

Issue = Callable[..., Program]
DOCUMENT: dict[str, Any] = json.loads(json.dumps(API.get_openapi_schema(), default=str))


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


class TestDocument:
    def test_is_served_without_a_key(self, db: None, client: Any) -> None:
        answer = client.get("/api/v1/openapi.json")

        assert answer.status_code == 200
        assert set(answer.json()["paths"]) == set(DOCUMENT["paths"])

    def test_says_of_every_operation_what_it_does(self) -> None:
        silent = [each["operationId"] for _, _, each in operations() if not each.get("description")]

        assert not silent

    def test_says_of_every_field_what_it_means(self) -> None:
        fields = {
            f"{name}.{field}"
            for name, schema in DOCUMENT["components"]["schemas"].items()
            for field, column in schema.get("properties", {}).items()
            if not column.get("description")
        }
        asked = {
            f"{each['operationId']}.{parameter['name']}"
            for _, _, each in operations()
            for parameter in each["parameters"]
            if not parameter.get("description")
        }

        assert not fields | asked

    def test_shows_of_every_body_an_example_that_fits_it(self) -> None:
        for _, _, each in operations():
            body = each.get("requestBody", {}).get("content", {}).get("application/json")
            if body is None:
                continue
            rule = {**body["schema"], "components": DOCUMENT["components"]}
            jsonschema_rs.Draft202012Validator(rule).validate(body["example"])

    def test_lists_the_refusals_of_every_operation(self) -> None:
        for _, method, each in operations():
            listed = {str(status) for status in each["responses"]}
            wanted = {"400", "401", "403", "404", "405", "409", "422", "429"}
            assert wanted <= listed
            assert method == "get" or {"413", "415"} <= listed

    def test_asks_a_key_of_every_write_that_changes_something(self) -> None:
        keyed = {
            each["operationId"]
            for _, _, each in operations()
            if any(header["name"] == "Idempotency-Key" for header in each["parameters"])
        }
        writes = {each["operationId"] for _, method, each in operations() if method != "get"}

        assert writes - keyed == {
            "preview_change",
            "preview_promotion",
            "quote",
            "take_callback",
        }

    def test_lets_no_body_and_no_answer_hold_more_than_it_says(self) -> None:
        loose = [
            name
            for name, schema in DOCUMENT["components"]["schemas"].items()
            if schema.get("type") == "object"
            and name not in {"Problem", "FieldProblem"}
            and schema.get("additionalProperties") is not False
        ]

        assert not loose

    def test_knows_no_money_that_is_a_number(self) -> None:
        names = {
            name
            for schema in DOCUMENT["components"]["schemas"].values()
            for name in schema.get("properties", {})
        }

        assert not {name for name in names if name.endswith("_minor")}


@pytest.mark.filterwarnings("ignore")
class TestAnswers:
    """Requests made up from the document, with values that fit it and values that do not."""

    @pytest.fixture(autouse=True)
    def no_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(keys.RATES, "spend", lambda _caller: None)

    @pytest.mark.parametrize("name", sorted(each["operationId"] for _, _, each in operations()))
    def test_fit_the_document(self, program: Issue, name: str) -> None:
        schemathesis = pytest.importorskip("schemathesis")
        from hypothesis import HealthCheck, Phase, given, settings
        from schemathesis.specs.openapi import checks

        caller = program("channel", partner="acorn")
        schema = schemathesis.openapi.from_dict(DOCUMENT)
        (operation,) = [
            each.ok() for each in schema.get_all_operations()
            if each.ok().definition.raw["operationId"] == name
        ]  # fmt: skip

        @given(case=operation.as_strategy())
        @settings(
            max_examples=6, database=None, derandomize=True,
            phases=[Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def hold(case: Any) -> None:
            sent = case.as_transport_kwargs(base_url="http://testserver")
            answer = caller.client.generic(
                case.method,
                case.formatted_path,
                data=json.dumps(sent["json"]).encode() if sent.get("json") is not None else b"",
                content_type="application/json",
                query_params=case.query or {},
                headers={**caller.headers, "Idempotency-Key": "made-up"},
            )
            assert answer.status_code < 500, answer.content.decode()
            known = operation.definition.raw["responses"]
            assert str(answer.status_code) in {str(each) for each in known}, answer.content.decode()
            if answer.status_code >= 400:
                assert answer["Content-Type"] == "application/problem+json"

        assert checks
        hold()
