"""What `loanops verify` runs: read-only checks that name each violation by rule and row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Violation:
    """One row that breaks a rule; never holds personal data."""

    code: str
    object: str
    expected: str
    found: str
    hint: str = ""
    severity: Literal["violation", "warning"] = "violation"


@dataclass(frozen=True)
class Check:
    """An invariant: its code, its statement, and the query that finds what breaks it."""

    code: str
    statement: str
    find: Callable[[], Iterable[Violation]]


def named(code: str, hint: str, rows: Iterable[Sequence[Any]]) -> Iterator[Violation]:
    """A violation for each row of a query: what it is about, what was expected, what was found."""
    for what, expected, found in rows:
        yield Violation(code=code, object=what, expected=str(expected), found=str(found), hint=hint)
