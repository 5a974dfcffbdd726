"""The written rule for versions: what was published is kept, and only ever added to."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.surfaces.api.world import DOCUMENT

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"
Change = Callable[[dict[str, Any]], object]


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("openapi", ROOT / "tools" / "openapi.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


OPENAPI = tool()
KEPT: dict[str, Any] = json.loads((REFERENCE / "openapi.json").read_text(encoding="utf-8"))


def schema(document: dict[str, Any], name: str) -> dict[str, Any]:
    return dict(document["components"]["schemas"])[name]


class TestPublishedShape:
    def test_is_kept_by_the_api(self) -> None:
        assert not OPENAPI.breaks(KEPT, DOCUMENT)

    def test_is_written_down_whole(self) -> None:
        """Whatever is added is promised from then on: `python tools/openapi.py write`."""
        assert OPENAPI.text_of(KEPT) == OPENAPI.text_of(DOCUMENT)


class TestBreaks:
    def after(self, change: Change) -> list[str]:
        made = deepcopy(KEPT)
        change(made)
        return list(OPENAPI.breaks(KEPT, made))

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (lambda made: made["paths"].pop("/api/v1/me"), "get /api/v1/me is gone"),
            (
                lambda made: schema(made, "Application")["properties"].pop("stage"),
                "Application.stage is gone",
            ),
            (
                lambda made: schema(made, "NewApplication")["required"].append("region"),
                "NewApplication.region is demanded now",
            ),
            (
                lambda made: schema(made, "Application")["required"].remove("stage"),
                "Application.stage may be missing now",
            ),
            (
                lambda made: schema(made, "Loan")["properties"]["dpd"].update(type="string"),
                "Loan.dpd: type was integer, is string",
            ),
            (
                lambda made: schema(made, "NewApplication")["properties"]["term_months"].update(
                    maximum=12
                ),
                "NewApplication.term_months: maximum is 12 now",
            ),
            (
                lambda made: made["paths"]["/api/v1/loans"]["get"]["parameters"].pop(),
                "get /api/v1/loans no longer knows",
            ),
            (
                lambda made: made["paths"]["/api/v1/me"]["get"]["parameters"].append(
                    {"in": "query", "name": "at", "required": True, "schema": {"type": "string"}}
                ),
                "get /api/v1/me demands at now",
            ),
            (
                lambda made: made["paths"]["/api/v1/applications"]["post"]["responses"].pop("201"),
                "post /api/v1/applications no longer answers 201",
            ),
            (
                lambda made: made["paths"]["/api/v1/me"]["get"].update(operationId="whoami"),
                "get /api/v1/me is called whoami now",
            ),
        ],
    )
    def test_are_found_and_named(self, change: Change, named: str) -> None:
        assert [each for each in self.after(change) if each.startswith(named)]

    @pytest.mark.parametrize(
        "change",
        [
            lambda made: made["paths"].update({"/api/v1/new": made["paths"]["/api/v1/me"]}),
            lambda made: schema(made, "Application")["properties"].update(new={"type": "string"}),
            lambda made: schema(made, "NewApplication")["properties"].update(
                new={"type": "string"}
            ),
            lambda made: schema(made, "NewApplication")["required"].remove("reference"),
            lambda made: schema(made, "NewApplication")["properties"]["term_months"].update(
                maximum=600
            ),
            lambda made: schema(made, "Loan")["properties"]["dpd"].update(description="other"),
            lambda made: made["paths"]["/api/v1/me"]["get"]["parameters"].append(
                {"in": "query", "name": "at", "required": False, "schema": {"type": "string"}}
            ),
        ],
    )
    def test_are_not_what_is_added(self, change: Change) -> None:
        assert self.after(change) == []


class TestReference:
    TEXT = "\n".join(
        (REFERENCE / name).read_text(encoding="utf-8") for name in ("api.md", "webhooks.md")
    )

    def named(self) -> set[tuple[str, str]]:
        found = re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.-]*)", self.TEXT)
        return {
            (method.lower(), path.removeprefix("/api/v1").rstrip(".")) for method, path in found
        }

    def test_names_every_endpoint_and_none_that_is_not_there(self) -> None:
        served = {
            (method, path.removeprefix("/api/v1"))
            for path, methods in DOCUMENT["paths"].items()
            for method in methods
        }

        assert self.named() - {("get", "/openapi.json")} == served
