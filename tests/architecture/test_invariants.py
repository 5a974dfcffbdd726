"""Every invariant has a test that corrupts a row and sees it named."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from loanops.config import wiring
from tests.architecture import house

TESTS = house.ROOT / "tests"


def aliases(path: Path) -> dict[str, str]:
    """What each imported name of a file stands for."""
    found = {}
    for node in ast.walk(house.tree_of(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return found


def named(node: ast.expr, known: dict[str, str]) -> str:
    """The full name of a function that an expression names, or nothing."""
    text = ast.unparse(node)
    first, _, rest = text.partition(".")
    stem = known.get(first, "")
    return f"{stem}.{rest}" if rest else stem


def held_to(path: Path) -> Iterator[str]:
    """The checks that a test file holds to naming a row.

    Either ``names(check, …)``, a line of a table ``CORRUPTIONS``, or ``[violation] = check()``.
    """
    known = aliases(path)
    for node in ast.walk(house.tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "names" and node.args:
            yield named(node.args[0], known)
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Name) and target.id == "CORRUPTIONS":
                parts = (each for each in ast.walk(node.value) if isinstance(each, ast.Attribute))
                yield from (named(each, known) for each in parts)
            elif isinstance(target, ast.Tuple | ast.List) and isinstance(node.value, ast.Call):
                yield named(node.value.func, known)


def test_every_check_is_held_to_naming_a_corrupted_row() -> None:
    held = {name for path in TESTS.rglob("test_*.py") for name in held_to(path)}

    checks = {f"{check.find.__module__}.{check.find.__name__}" for check in wiring.invariants()}

    assert sorted(checks - held) == []


def test_the_rules_are_numbered_and_stated_once() -> None:
    stated = [(check.code, check.statement) for check in wiring.invariants()]

    assert len(set(stated)) == len(stated)
    assert all(code.startswith("INV-") and code[4:].isdecimal() for code, _ in stated)
