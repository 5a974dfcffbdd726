"""Roles and their grants, read from ``data/roles.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Role:
    """A named set of grants."""

    code: str
    name: dict[str, str]
    patterns: tuple[str, ...]
    is_given: bool = True
    """Whether people and programs can be given it; others hold it by what they are."""


@cache
def roles() -> dict[str, Role]:
    """Every role by code."""
    text = (Path(__file__).parent / "data" / "roles.toml").read_text(encoding="utf-8")
    return {
        code: Role(code, table["name"], tuple(table["grants"]), table.get("given", True))
        for code, table in tomllib.loads(text).items()
    }


_KNOWN: set[str] = set()


def register_grants(grants: Iterable[str]) -> None:
    """Make the grants of a room known; wiring calls it, so that ``room.*`` can be spelled out."""
    _KNOWN.update(grants)
    grants_of.cache_clear()


def known_grants() -> frozenset[str]:
    """Every grant that any room defines."""
    return frozenset(_KNOWN)


@cache
def grants_of(role: str) -> frozenset[str]:
    """The grants of a role, with ``room.*`` spelled out."""
    found: set[str] = set()
    for pattern in roles()[role].patterns:
        if pattern.endswith(".*"):
            found.update(grant for grant in _KNOWN if grant.startswith(pattern[:-1]))
        else:
            found.add(pattern)
    return frozenset(found)
