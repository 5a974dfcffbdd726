"""The public shape of the API: kept as docs/reference/openapi.json, and only ever added to.

    openapi.py write      bring the file up to date; refuses what would break a reader
    openapi.py write --unreleased
                          the same, breaks included: for what no release has served yet
    openapi.py check      say what differs and what breaks; exit 1 if anything does

The rule is docs/decisions/0006-api-versions.md.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "openapi.json"
# What a reader may rely on: less of it, or more, is a narrower door.
_AT_MOST = ("maxLength", "maxItems", "maximum", "maxProperties")
_AT_LEAST = ("minLength", "minItems", "minimum", "minProperties")
_SAME = ("type", "format", "pattern", "const", "$ref", "additionalProperties")


def current() -> dict[str, Any]:
    """The document as the API serves it now."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loanops.config.settings")
    import django

    django.setup()
    from loanops.surfaces.api.window import API

    return dict(json.loads(json.dumps(API.get_openapi_schema(), default=str)))


def text_of(document: dict[str, Any]) -> str:
    """The document as it is kept."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def breaks(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What a reader of ``before`` would lose with ``after``, one line each."""
    return sorted(set(_breaks(before, after)))


def _breaks(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    sent, shown = _reached(before, "requestBody"), _reached(before, "responses")
    for path, methods in before["paths"].items():
        for method, operation in methods.items():
            now = after["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{method} {path} is gone"
                continue
            yield from _of_operation(f"{method} {path}", operation, now)
    schemas = after["components"]["schemas"]
    for name, schema in before["components"]["schemas"].items():
        if name not in sent | shown:
            continue
        if name not in schemas:
            yield f"schema {name} is gone"
            continue
        yield from _of_fields(name, schema, schemas[name], is_sent=name in sent)


def _of_operation(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    if before["operationId"] != after["operationId"]:
        yield f"{name} is called {after['operationId']} now"
    for status in before["responses"]:
        if status not in after["responses"]:
            yield f"{name} no longer answers {status}"
            continue
        for kind, content in before["responses"][status].get("content", {}).items():
            now = after["responses"][status].get("content", {}).get(kind)
            if now is None:
                yield f"{name} no longer answers {status} as {kind}"
            else:
                yield from _of_value(f"{name} {status}", content["schema"], now["schema"], False)
    known = {(each["in"], each["name"]): each for each in after.get("parameters", [])}
    for each in before.get("parameters", []):
        now = known.pop((each["in"], each["name"]), None)
        if now is None:
            yield f"{name} no longer knows {each['name']}"
            continue
        if now.get("required") and not each.get("required"):
            yield f"{name} demands {each['name']} now"
        yield from _of_value(f"{name} {each['name']}", each["schema"], now["schema"], True)
    yield from (f"{name} demands {each['name']} now" for each in known.values() if each["required"])
    body, now = before.get("requestBody"), after.get("requestBody")
    if now and now.get("required") and not body:
        yield f"{name} demands a body now"
    for kind, content in (body or {}).get("content", {}).items():
        found = (now or {}).get("content", {}).get(kind)
        if found is None:
            yield f"{name} no longer takes {kind}"
        else:
            yield from _of_value(f"{name} body", content["schema"], found["schema"], True)


def _of_fields(
    name: str, before: dict[str, Any], after: dict[str, Any], *, is_sent: bool
) -> Iterator[str]:
    known = after.get("properties", {})
    for field, column in before.get("properties", {}).items():
        if field not in known:
            yield f"{name}.{field} is gone"
        else:
            yield from _of_value(f"{name}.{field}", column, known[field], is_sent)
    demanded, was = set(after.get("required", ())), set(before.get("required", ()))
    if is_sent:
        yield from (f"{name}.{field} is demanded now" for field in sorted(demanded - was))
    else:
        yield from (f"{name}.{field} may be missing now" for field in sorted(was - demanded))


def _of_value(
    name: str, before: dict[str, Any], after: dict[str, Any], is_sent: bool
) -> Iterator[str]:
    for word in _SAME:
        if before.get(word) != after.get(word) and (not is_sent or word in after):
            yield f"{name}: {word} was {before.get(word)}, is {after.get(word)}"
    yield from _of_bounds(name, before, after, is_sent)
    if "items" in before and "items" in after:
        yield from _of_value(f"{name}[]", before["items"], after["items"], is_sent)
    either, now = (_kinds(each) for each in (before, after))
    lost = either - now if is_sent else now - either
    if lost:
        yield f"{name} {'no longer takes' if is_sent else 'may be'} {', '.join(sorted(lost))}"


def _of_bounds(
    name: str, before: dict[str, Any], after: dict[str, Any], is_sent: bool
) -> Iterator[str]:
    if not is_sent:
        return
    for word in _AT_MOST:
        if after.get(word, float("inf")) < before.get(word, float("inf")):
            yield f"{name}: {word} is {after[word]} now"
    for word in _AT_LEAST:
        if after.get(word, float("-inf")) > before.get(word, float("-inf")):
            yield f"{name}: {word} is {after[word]} now"
    if "enum" in after and set(before.get("enum", ())) - set(after["enum"]):
        yield f"{name} no longer takes some of {before['enum']}"


def _kinds(schema: dict[str, Any]) -> set[str]:
    return {str(each.get("$ref") or each.get("type")) for each in schema.get("anyOf", ())}


def _reached(document: dict[str, Any], part: str) -> set[str]:
    """The schemas that a part of any operation leads to."""
    found: set[str] = set()
    waiting: list[Any] = [
        operation.get(part)
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            name = str(value.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found.add(name)
                waiting.append(document["components"]["schemas"][name])
            waiting.extend(value.values())
    return found


def main(words: list[str]) -> int:
    """The command line."""
    if words not in (["write"], ["write", "--unreleased"], ["check"]):
        print(__doc__)
        return 2
    now = current()
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else now
    lost = breaks(kept, now)
    print("\n".join(lost) or "nothing breaks")
    if words == ["check"]:
        return int(text_of(kept) != text_of(now))
    if lost and words == ["write"]:
        return 1
    FILE.write_text(text_of(now), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
