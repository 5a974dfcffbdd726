"""Laws of shape: nothing grows beyond what one person reads at a sitting."""

from __future__ import annotations

import ast

from tests.architecture import house

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
FOLDERS = ("src", "tests", "tools", "benchmarks")


def python_files() -> list[house.Path]:
    return [
        path
        for folder in FOLDERS
        if (house.ROOT / folder).exists()
        for path in house.modules(under=house.ROOT / folder)
    ]


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(house.ROOT)): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > FILE_LINES_MAX
    }

    assert not long, f"split by verb: {long}"


def test_no_function_is_longer_than_70_lines() -> None:
    long = [
        f"{house.at(path, node.lineno)} {node.name}: {lines}"
        for path in python_files()
        for node in ast.walk(house.tree_of(path))
        if isinstance(node, house.Function)
        and (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]

    assert not long, "\n".join(long)


def test_templates_ask_no_other_host() -> None:
    strangers = []
    for template in house.SOURCE.glob("surfaces/*/templates/**/*.html"):
        for number, line in enumerate(template.read_text(encoding="utf-8").splitlines(), 1):
            if any(f'{word}="{scheme}' in line for word in ("src", "href", "action")
                   for scheme in ("http:", "https:", "//")):  # fmt: skip
                strangers.append(house.at(template, number))

    assert not strangers, "\n".join(strangers)


def test_templates_carry_no_script_of_their_own() -> None:
    inline = []
    for template in house.SOURCE.glob("surfaces/*/templates/**/*.html"):
        text = template.read_text(encoding="utf-8")
        if "<script>" in text or " onclick=" in text or " onchange=" in text:
            inline.append(str(template.relative_to(house.ROOT)))

    assert not inline, "the content security policy would refuse it"
