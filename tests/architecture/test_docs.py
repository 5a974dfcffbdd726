"""Laws of documents: what they point at exists, and what they promise is held by a test."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from tests.architecture import house

DOCUMENTS = sorted([*house.ROOT.glob("*.md"), *house.ROOT.glob("docs/**/*.md")])
_PATH = re.compile(r"`((?:src|docs|tests|tools|requirements|benchmarks|examples)/[^`\s*<{…]+)`")
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")
_PICTURE = re.compile(r"!\[([^\]]*)\]\((docs/images/[^)]+\.png)\)")
PICTURE_BYTES_MAX = 250_000
NOT_FLOORS = {"config", "kernel", "locale", "__pycache__"}
CAPABILITIES = house.ROOT / "docs" / "capabilities.md"


def name_of(path: Path) -> str:
    return str(path.relative_to(house.ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_and_link_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    broken = [
        path for path in _PATH.findall(text) if not (house.ROOT / path.split("::")[0]).exists()
    ]
    broken += [link for link in _LINK.findall(text) if not (document.parent / link).exists()]

    assert not broken


def test_both_readmes_show_the_same_commands() -> None:
    english, chinese = (
        re.findall(r"^(?:\$ )?(\./loanops .*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        for path in (house.ROOT / "README.md", house.ROOT / "README.zh-CN.md")
    )

    assert english
    assert english == chinese


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_a_readme_shows_the_console_in_its_first_screen(name: str) -> None:
    begins = (house.ROOT / name).read_text(encoding="utf-8").split("\n## ", 1)[0]

    pictures = _PICTURE.findall(begins)

    assert pictures
    for alternative, path in pictures:
        shown = house.ROOT / path
        assert alternative, f"{path} says nothing to who cannot see it"
        assert shown.read_bytes().startswith(b"\x89PNG")
        assert shown.stat().st_size <= PICTURE_BYTES_MAX


def test_the_house_names_every_room_and_window() -> None:
    drawn = (house.ROOT / "docs" / "house.md").read_text(encoding="utf-8").split("```")[1]
    rooms = {
        folder.name
        for floor in house.SOURCE.iterdir()
        if floor.is_dir() and floor.name not in NOT_FLOORS
        for folder in floor.iterdir()
        if (folder / "__init__.py").exists()
    }

    assert "webhooks" in rooms
    assert rooms - set(re.findall(r"\w+", drawn)) == set()


@cache
def rows() -> list[dict[str, str]]:
    """The table of docs/capabilities.md, one mapping per capability."""
    lines = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in CAPABILITIES.read_text(encoding="utf-8").splitlines()
        if line.startswith("|")
    ]
    tables = [line for line in lines if not set("".join(line)) <= set("-: ")]
    header = next((line for line in tables if line[0] == "No."), [])
    return [dict(zip(header, line, strict=True)) for line in tables if re.match(r"C\d+$", line[0])]


def code_words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def names_in(path: Path) -> set[str]:
    """Every test of a file, methods as `Class::method`."""
    found = set()
    for node in house.tree_of(path).body:
        if isinstance(node, house.Function):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
            found |= {
                f"{node.name}::{item.name}"
                for item in node.body
                if isinstance(item, house.Function)
            }
    return found


def test_capabilities_are_listed_once() -> None:
    numbers = [row["No."] for row in rows()]

    assert numbers, "docs/capabilities.md lists nothing: the test reads the wrong place"
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["No."])
class TestCapability:
    def test_names_a_room_that_exists(self, row: dict[str, str]) -> None:
        rooms = code_words(row["Room"])

        assert rooms
        assert not [room for room in rooms if not (house.SOURCE / room).is_dir()]

    def test_names_pages_and_endpoints_that_exist(self, row: dict[str, str]) -> None:
        missing = []
        for address in code_words(row["Page"]) + code_words(row["Endpoint"]):
            path = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) ", "", address)
            try:
                resolve(re.sub(r"\{[^}]+\}", "X-1", path))
            except Resolver404:
                missing.append(address)

        assert not missing

    def test_names_tests_that_exist(self, row: dict[str, str]) -> None:
        tests = code_words(row["Tests"]) + code_words(row["Refusals"])
        missing = []
        for test in tests:
            file, _, name = test.partition("::")
            path = house.ROOT / file
            if not path.exists() or (name and name not in names_in(path)):
                missing.append(test)

        assert tests
        assert not missing
