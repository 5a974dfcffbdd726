"""Derived fields: sums and differences of fields of the same row, and days moved by months.

    outstanding = "principal - paid_principal"
    first_due_on = "disbursed_on + 1 months"
    overdue_since = "next_due_on - 30 days"

Read from left to right. A field that is missing makes the result missing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from loanops.kernel.calendar import add_months
from loanops.platform.sheets.refusals import MapWrong

_PART: Final = re.compile(r"\s*([+-])\s*(?:(\d{1,5})\s+(days|months)|([a-z_]+))")
_HEAD: Final = re.compile(r"\s*([a-z_]+)")
_UNITS: Final = frozenset({"days", "months"})


@dataclass(frozen=True)
class Derived:
    """A field that follows from others: the first one, then each step with its sign."""

    head: str
    steps: tuple[tuple[int, str, int], ...]
    """Sign, the unit or the name of a field, and how many of the unit."""

    def of(self, values: Mapping[str, Any]) -> Any:
        """The value of the row; None where a field of it is missing."""
        found = values.get(self.head)
        for sign, what, count in self.steps:
            if found is None:
                return None
            if what == "days":
                found += timedelta(days=sign * count)
            elif what == "months":
                found = add_months(found, sign * count)
            else:
                other = values.get(what)
                found = None if other is None else found + sign * other
        return found


def derived(text: str, place: str, *, known: Mapping[str, str], kind: str) -> Derived:
    """A derivation as it stands in a map; ``known`` are the fields before it with their types.

    :raises MapWrong: it cannot be read, or names a field that is not there or of another type.
    """
    head = _HEAD.match(text)
    if head is None:
        raise _unread(place, kind)
    names, steps = [head[1]], []
    at = head.end()
    while part := _PART.match(text, at):
        at = part.end()
        sign = 1 if part[1] == "+" else -1
        steps.append((sign, part[3] or part[4], int(part[2] or 0)))
        names += [part[4]] if part[4] else []
    is_day = kind == "date"
    counts = any(what in _UNITS for _, what, _ in steps)
    if text[at:].strip() or counts != (is_day and bool(steps)) or (is_day and len(names) > 1):
        raise _unread(place, kind)
    for name in names:
        if known.get(name) != kind:
            raise MapWrong(
                place=place,
                problem="{name} is no field of the type {kind} that stands above it",
                name=name,
                kind=kind,
            )
    return Derived(names[0], tuple(steps))


def _unread(place: str, kind: str) -> MapWrong:
    like = "disbursed_on + 1 months" if kind == "date" else "principal - paid_principal"
    return MapWrong(place=place, problem="fields are added and taken away as in {like}", like=like)
