"""Observations: the restructuring that a loan is observed for, and from when to when."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from loanops.kernel.account import Restructured, Reversed
from loanops.loanbook.servicing.domain.observing import (
    Kept,
    Observation,
    ObservationRules,
    observe,
)
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent

_CHUNK = 5_000


class Agreed(NamedTuple):
    """The newest restructuring of a loan that stands: its event and the day it counts for."""

    key: str
    on: date


def observations_of(
    ids: Iterable[int], *, rules: ObservationRules, on: date
) -> dict[int, Observation]:
    """The observations of loans by id, seen on a day; nothing of those never restructured.

    One that is over by the day is among them: its ``until`` is not after the day.
    """
    found: dict[int, Observation] = {}
    for part in _chunks(sorted(set(ids))):
        agreed = _agreed(part)
        dues: dict[int, list[Kept]] = defaultdict(list)
        rows = Instalment.objects.filter(loan_id__in=agreed).values_list(
            "loan_id", "due_on", "settled_on"
        )
        for loan_id, due_on, settled_on in rows:
            dues[loan_id].append(Kept(due_on, settled_on))
        grace = dict(Loan.objects.filter(pk__in=agreed).values_list("id", "pool__grace_days"))
        for loan_id, (key, agreed_on) in agreed.items():
            seen = observe(
                key=key,
                agreed_on=agreed_on,
                dues=dues[loan_id],
                grace_days=grace[loan_id],
                rules=rules,
                on=on,
            )
            if seen is not None:
                found[loan_id] = seen
    return found


def _agreed(ids: Sequence[int]) -> dict[int, Agreed]:
    """The newest restructuring of each loan that was not undone."""
    events: dict[int, list[LoanEvent]] = defaultdict(list)
    kinds = (Restructured.KIND, Reversed.KIND)
    for row in LoanEvent.objects.filter(loan_id__in=ids, kind__in=kinds).order_by("id"):
        events[row.loan_id].append(row)
    found: dict[int, Agreed] = {}
    for loan_id, rows in events.items():
        undone: set[str] = set()
        # The last word first, as the kernel has it: what undid may itself be undone.
        for row in reversed(rows):
            if row.kind == Reversed.KIND and row.key not in undone:
                undone.add(json.loads(row.content_json)["of"])
        standing = [
            Agreed(row.key, row.counts_on)
            for row in rows
            if row.kind == Restructured.KIND and row.key not in undone
        ]
        if standing:
            found[loan_id] = max(standing, key=lambda each: each.on)
    return found


def _chunks(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
