"""The OpenAPI document: what Ninja cannot know, added to what it derives."""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

DESCRIPTION = """\
The API of LoanOps 助贷运营平台.

Every call carries `Authorization: Bearer prefix.secret`. Every write carries an `Idempotency-Key`:
the same key with the same content gets the first answer again, with `Idempotent-Replay: true`;
with other content it is refused. Refusals are problem details (RFC 9457) in the language of
`Accept-Language`; their `type` is stable. Money is a decimal string beside its `currency`, dates
are ISO 8601, lists are pages with an opaque `next_cursor`. A row that is not yours answers like a
row that does not exist.
"""


class FieldProblem(BaseModel):
    """One field that cannot be taken."""

    field: str
    detail: str


class Problem(BaseModel):
    """Problem details (RFC 9457): whatever is not a success."""

    type: str = Field(description="a stable name: urn:loanops:refusal:<code>")
    title: str = Field(description="the code")
    status: int
    detail: str = Field(description="one sentence that says how to mend it")
    field: str | None = None
    grant: str | None = Field(None, description="with 403: the grant that the key lacks")
    errors: list[FieldProblem] | None = None


WRITES = frozenset({"post", "put", "patch", "delete"})
_WORDS = {
    400: "The request cannot be read.",
    401: "The key is missing, unknown or revoked.",
    403: "The key does not hold the grant.",
    404: "There is nothing of this number that the key may see.",
    405: "The address does not know this method.",
    409: "The state does not allow it, or the Idempotency-Key was used with other content.",
    413: "The body is too large.",
    415: "The body is not announced as JSON.",
    422: "A field cannot be taken.",
    429: "The key sends too many requests; `Retry-After` says how long to wait.",
}
_OF_WRITES = frozenset({413, 415})
KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "1 to 128 printable characters, new for each new order",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the problems and headers that every operation shares."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    for name, schema in schemas.items():
        for field, column in schema.get("properties", {}).items():
            _explain(column, field, name)
    for methods in document["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    return document


@cache
def _table(name: str) -> Any:
    text = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)


def _explain(column: dict[str, Any], field: str, where: str) -> None:
    """Say what a field means: in this schema or operation, else everywhere."""
    table = _table("fields.toml")
    meaning = table["of"].get(where, {}).get(field) or table.get(field)
    if meaning:
        column.setdefault("description", meaning)


def _complete(method: str, operation: dict[str, Any]) -> None:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, words in _WORDS.items():
        if status in _OF_WRITES and method not in WRITES:
            continue
        operation["responses"].setdefault(status, {"description": words, "content": content})
    if method in WRITES and operation.get("security") and operation.get("x-changes", True):
        operation["parameters"] = [*operation.get("parameters", []), KEY_HEADER]
    for each in operation.get("parameters", []):
        _explain(each, each["name"], operation["operationId"])
    example = _table("examples.json").get(operation["operationId"])
    if example is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = example
    if summary := operation.get("description"):
        operation["summary"] = summary.split("\n")[0].rstrip(".")
