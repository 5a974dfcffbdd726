"""The house as text: what the architecture tests read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "loanops"
BUSINESS_FLOORS = ("registry", "money", "origination", "loanbook")
FLOORS = ("platform", *BUSINESS_FLOORS)
DOORS = frozenset({"queries", "operations", "events", "permissions", "ports"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def tree_of(path: Path) -> ast.Module:
    """A file, parsed once."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def modules(*, under: Path = SOURCE) -> list[Path]:
    """Every Python file, migrations left out."""
    return sorted(path for path in under.rglob("*.py") if "migrations" not in path.parts)


def rooms(*floors: str) -> list[Path]:
    """The folders of all rooms on the floors given (all floors with rooms without)."""
    found = []
    for floor in floors or FLOORS:
        found += [card.parent for card in sorted((SOURCE / floor).glob("*/__init__.py"))]
    return found


def dotted(path: Path) -> str:
    """The import name of a file or folder."""
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(name: str) -> str | None:
    """The room that an import name belongs to, as `floor.room`."""
    parts = name.split(".")
    if len(parts) >= 3 and parts[0] == "loanops" and parts[1] in FLOORS:
        return f"{parts[1]}.{parts[2]}"
    return None


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    """Every import of a file as line and full name, `from a import b` as `a.b`."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def files_of(room: Path, part: str) -> list[Path]:
    """The files of one part of a room: `operations.py`, or the package of that name."""
    single = room / f"{part}.py"
    return [single] if single.exists() else sorted((room / part).glob("*.py"))


def is_exported(room: Path, part: str, name: str) -> bool:
    """Whether others can reach the name: a package shows what its ``__init__`` imports."""
    front = room / part / "__init__.py"
    if not front.exists():
        return True
    imported = (node for node in tree_of(front).body if isinstance(node, ast.ImportFrom))
    return name in {alias.name for node in imported for alias in node.names}


def public_functions(path: Path) -> Iterator[Function]:
    """Functions of the module itself that do not begin with an underscore."""
    if path.name.startswith("_") and path.name != "__init__.py":
        return
    for node in tree_of(path).body:
        if isinstance(node, Function) and not node.name.startswith("_"):
            yield node


def classes(path: Path) -> Iterator[ast.ClassDef]:
    """Every class of a file."""
    yield from (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a file with the last part of the name that is called."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            name = function.id if isinstance(function, ast.Name) else name
            yield name, node


def text_of(node: ast.expr | None) -> str | None:
    """The string that a node spells out, if it does."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def assigned(node: ast.ClassDef, name: str) -> str | None:
    """The string that a class body gives to a name."""
    for line in node.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and target.id == name:
            return text_of(getattr(line, "value", None))
    return None


def at(path: Path, line: int) -> str:
    """A place that an editor can open."""
    return f"{path.relative_to(ROOT)}:{line}"
