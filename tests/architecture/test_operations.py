"""Laws of operations: the only code that writes says who, when and what it refuses."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture import house

OPERATIONS = [
    (path, function)
    for room in house.rooms(*house.BUSINESS_FLOORS)
    for path in house.files_of(room, "operations")
    for function in house.public_functions(path)
    if house.is_exported(room, "operations", function.name)
]
IDS = [f"{path.relative_to(house.SOURCE)}::{function.name}" for path, function in OPERATIONS]


@pytest.mark.parametrize(("path", "function"), OPERATIONS, ids=IDS)
def test_is_keyword_only_and_says_who_and_when(path: Path, function: house.Function) -> None:
    arguments = function.args
    names = {argument.arg for argument in arguments.kwonlyargs}

    assert not arguments.args, "an operation is called by keywords only"
    assert not arguments.posonlyargs, "an operation is called by keywords only"
    if function.name.startswith("preview_"):
        assert "viewer" in names, "a preview writes nothing: somebody looks"
        return
    # An operation that joins the work of its caller takes actor and time from it.
    assert {"actor", "at"} <= names or "work" in names, "actor and at are arguments"


@pytest.mark.parametrize(("path", "function"), OPERATIONS, ids=IDS)
def test_has_no_default_actor_or_time(path: Path, function: house.Function) -> None:
    given = dict(zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True))

    defaulted = [
        argument.arg for argument, default in given.items()
        if argument.arg in {"actor", "at", "on", "work", "book"} and default is not None
    ]  # fmt: skip

    assert not defaulted


@pytest.mark.parametrize(("path", "function"), OPERATIONS, ids=IDS)
def test_documents_what_it_refuses(path: Path, function: house.Function) -> None:
    assert ":raises" in (ast.get_docstring(function) or ""), "the docstring lists :raises"


def test_nothing_uses_bulk_update() -> None:
    slow = [
        house.at(path, call.lineno)
        for path in house.modules()
        for name, call in house.calls(path)
        if name == "bulk_update"
    ]

    assert not slow, f"264 times slower than the verbs of platform/db: {slow}"


def test_sql_of_one_vendor_lives_in_platform_db_alone() -> None:
    raw = [
        house.at(path, call.lineno)
        for path in house.modules()
        if house.room_of(house.dotted(path)) != "platform.db"
        for name, call in house.calls(path)
        if name in {"cursor", "raw", "extra", "RawSQL"}
    ]

    # A backup copies the database file itself, so it speaks to the driver.
    assert not [place for place in raw if "surfaces/cli/backup" not in place], raw


def test_no_client_switches_certificate_checks_off() -> None:
    blind = [
        house.at(path, call.lineno)
        for path in [*house.modules(), *house.modules(under=house.ROOT / "src/loanops_sandbox")]
        for _, call in house.calls(path)
        for word in call.keywords
        if word.arg == "verify" and isinstance(word.value, ast.Constant) and not word.value.value
    ]

    assert not blind


def test_no_float_meets_booked_money() -> None:
    floats = []
    for path in house.modules():
        for node in ast.walk(house.tree_of(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float":
                if "_minor" in ast.unparse(node):
                    floats.append(house.at(path, node.lineno))
            elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
                name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
                if name.endswith("_minor") and "float" in ast.unparse(node.annotation):
                    floats.append(house.at(path, node.lineno))

    assert not floats


def test_columns_of_money_are_whole_numbers() -> None:
    wrong = []
    for room in house.rooms():
        for path in house.files_of(room, "models"):
            for node in ast.walk(house.tree_of(path)):
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                    name, kind = ast.unparse(node.targets[0]), ast.unparse(node.value.func)
                    if name.endswith("_minor") and not kind.endswith("BigIntegerField"):
                        wrong.append(f"{house.at(path, node.lineno)} {name} = {kind}")
                    if kind.endswith("FloatField"):
                        wrong.append(f"{house.at(path, node.lineno)} {name} = {kind}")

    assert not wrong, "\n".join(wrong)
