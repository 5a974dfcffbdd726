"""Rows corrupted behind the house's back, and the check that has to name them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from loanops.platform.audit import Violation

Find = Callable[[], Iterable[Violation]]


def names(find: Find, *objects: str) -> None:
    """Hold that a check names these rows (by how their names begin) and no others."""
    found = [violation.object for violation in find()]
    strange = [name for name in found if not name.startswith(objects)]
    unnamed = [wanted for wanted in objects if not any(n.startswith(wanted) for n in found)]
    assert (unnamed, strange) == ([], []), found
