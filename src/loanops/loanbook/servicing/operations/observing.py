"""Observing restructured loans: the class at which one may stand at best, and until when.

A restructuring begins it and its undoing ends it, in the same transaction; the close ends what is
over, and counts anew where a payment came late or the last day has come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from loanops.loanbook.servicing.domain.classing import NORMAL, Cause, Classed, Move, OrderKind
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.observing import Observation
from loanops.loanbook.servicing.models import ClassChange, ClassOrder, Loan, LoanClass, LoanEvent
from loanops.loanbook.servicing.operations.classing import (
    CLASS_COLUMNS,
    Reclassed,
    classed_of,
    put_classes,
)
from loanops.loanbook.servicing.operations.loading import chunks, marks
from loanops.loanbook.servicing.ports import Closing
from loanops.loanbook.servicing.queries.classing import class_rules
from loanops.loanbook.servicing.queries.observing import observations_of
from loanops.platform.db import fetch
from loanops.platform.work import Work

_CLASS = LoanClass._meta.db_table
_EVENT = LoanEvent._meta.db_table
_LOAN = Loan._meta.db_table
_ORDER = ClassOrder._meta.db_table
_LIVE = ", ".join(f"'{state.value}'" for state in LIVE)


class _Standing(NamedTuple):
    """What is written of a loan's observation: by which event, how low and until when."""

    key: str
    tier: int
    until: date


def to_observe(closing: Closing) -> list[int]:
    """Loans whose observation may be over or another: its last day has come, or late news has."""
    return [
        loan_id
        for (loan_id,) in fetch(
            f"""
            SELECT c.loan_id FROM {_CLASS} c JOIN {_LOAN} l ON l.id = c.loan_id
            WHERE c.book_id = %s AND c.observed_until <= %s AND NOT l.set_aside
                AND l.state IN ({_LIVE})
            UNION
            SELECT o.loan_id FROM {_EVENT} e JOIN {_ORDER} o ON o.loan_id = e.loan_id
            JOIN {_LOAN} l ON l.id = o.loan_id
            WHERE e.booked_on > e.counts_on AND e.booked_on = %s AND o.book_id = %s
                AND o.kind = '{OrderKind.OBSERVATION.value}' AND NOT l.set_aside
                AND l.state IN ({_LIVE})
            """,  # noqa: S608 - names come from the models
            [closing.book, closing.opens_on, closing.closed_on, closing.book],
        )
    ]


def observe_loans(work: Work, ids: Iterable[int], *, on: date) -> list[str]:
    """Write what the events of loans say of their observation on a day; who it changed.

    Nothing is observed where the rule pack asks for no period.
    """
    wanted = sorted(set(ids))
    rules = class_rules(book=work.book, on=on) if wanted else None
    if rules is None or rules.observation is None:
        return []
    seen = observations_of(wanted, rules=rules.observation, on=on)
    standing, earlier = _written(wanted)
    changed: list[Reclassed] = []
    begun: dict[int, _Standing] = {}
    over: dict[int, str] = {}
    numbers = []
    loans = _loans(wanted)
    first_seen = {
        loan_id: each for loan_id, each in seen.items() if each.key not in earlier.get(loan_id, {})
    }
    tiers = _tiers_when_agreed(first_seen)
    for loan_id, (number, was) in loans.items():
        is_due = loan_id in seen and seen[loan_id].until > on
        now = None
        if is_due:
            mine = seen[loan_id]
            # As low as on the day of the restructuring, and as the pack asks at least.
            lowest = max(rules.restructured_tier, tiers.get(loan_id, NORMAL))
            tier = earlier.get(loan_id, {}).get(mine.key, lowest)
            now = _Standing(mine.key, tier, mine.until)
        before = standing.get(loan_id)
        if now == before:
            continue
        if before is not None:
            over[loan_id] = _why(before, now, seen.get(loan_id))
        if now is not None:
            begun[loan_id] = now
        changed.append(_reclassed(loan_id, was, now))
        numbers.append(number)
    put_classes(work, changed)
    _end(work, over)
    _begin(work, begun)
    return numbers


def _reclassed(loan_id: int, was: Classed, now: _Standing | None) -> Reclassed:
    after = was._replace(
        observed=None if now is None else now.tier,
        observed_until=None if now is None else now.until,
    )
    cause = Cause.LAPSED if now is None else Cause.OBSERVED
    move = Move(cause, was.tier, after.tier) if was.tier != after.tier else None
    return Reclassed(loan_id, was, after, move)


def _why(before: _Standing, now: _Standing | None, seen: Observation | None) -> str:
    """Why an observation ended: it is over, what it is for was undone, or it is counted anew."""
    if seen is None or seen.key != before.key:
        return "undone" if now is None else "replaced"
    return "passed" if now is None else "counted_anew"


def _written(ids: list[int]) -> tuple[dict[int, _Standing], dict[int, dict[str, int]]]:
    """The observations that stand, and how low each loan was held for each restructuring."""
    standing: dict[int, _Standing] = {}
    earlier: dict[int, dict[str, int]] = {}
    for part in chunks(ids):
        rows = ClassOrder.objects.filter(loan_id__in=part, kind=OrderKind.OBSERVATION.value)
        for row in rows.order_by("id"):
            tier = row.tier or NORMAL
            earlier.setdefault(row.loan_id, {})[row.reason] = tier
            if row.ended_on is None and row.until is not None:
                standing[row.loan_id] = _Standing(row.reason, tier, row.until)
    return standing, earlier


def _loans(ids: list[int]) -> dict[int, tuple[str, Classed]]:
    """Number and class of those of the loans that are on the book."""
    return {
        loan_id: (number, classed_of(classed))
        for part in chunks(ids)
        for loan_id, number, *classed in fetch(
            f"SELECT l.id, l.number, {CLASS_COLUMNS} FROM {_LOAN} l "  # noqa: S608
            f"LEFT JOIN {_CLASS} c ON c.loan_id = l.id "
            f"WHERE l.id IN ({marks(part)}) AND l.state IN ({_LIVE}) ORDER BY l.id",
            part,
        )
    }


def _tiers_when_agreed(seen: Mapping[int, Observation]) -> dict[int, int]:
    """The class of loans at the end of the day on which they were restructured, by the log."""
    tiers: dict[int, int] = {}
    for part in chunks(sorted(seen)):
        rows = ClassChange.objects.filter(loan_id__in=part).order_by("id")
        for loan_id, changed_on, tier in rows.values_list("loan_id", "changed_on", "to_tier"):
            if changed_on <= seen[loan_id].agreed_on:
                tiers[loan_id] = tier
    return tiers


def _begin(work: Work, begun: Mapping[int, _Standing]) -> None:
    ClassOrder.objects.bulk_create(
        ClassOrder(
            loan_id=loan_id,
            book_id=work.book,
            kind=OrderKind.OBSERVATION.value,
            tier=now.tier,
            reason=now.key,
            by=work.actor.person,
            at=work.at,
            begins_on=work.on,
            until=now.until,
        )
        for loan_id, now in begun.items()
    )


def _end(work: Work, over: Mapping[int, str]) -> None:
    for why in sorted(set(over.values())):
        loans = [loan_id for loan_id, each in over.items() if each == why]
        ClassOrder.objects.filter(
            loan_id__in=loans, kind=OrderKind.OBSERVATION.value, ended_on__isnull=True
        ).update(ended_on=work.on, ended_at=work.at, ended_by=work.actor.person, ended_reason=why)
