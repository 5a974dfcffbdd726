"""Late news: loans whose figures of a past day are others by now, each with both readings."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from loanops.kernel.account import state
from loanops.loanbook.servicing.domain.classing import NORMAL, Classed, ClassRules, OrderKind
from loanops.loanbook.servicing.domain.lifecycle import LIVE, LoanState
from loanops.loanbook.servicing.domain.turn import stands
from loanops.loanbook.servicing.models import (
    Change,
    ClassChange,
    ClassOrder,
    Loan,
    LoanEvent,
)
from loanops.loanbook.servicing.queries.classing import PRINCIPAL, class_rules
from loanops.loanbook.servicing.queries.histories import Told, told_of
from loanops.money.ledger import queries as ledger
from loanops.platform.db import fetch

_EVENT = LoanEvent._meta.db_table
_LOAN = Loan._meta.db_table
_CHUNK = 5_000


class Side(NamedTuple):
    """Where a loan stood on a day by one reading; in no state where it stood nowhere.

    Nothing is outstanding of what is written off, and what has ended is in no class.
    """

    outstanding_minor: int = 0
    bucket: int = 0
    tier: int = NORMAL
    state: str = ""

    @property
    def told(self) -> Side:
        """The same without what is told of running loans alone, unless it is one."""
        return self if self.state in LIVE else Side(bucket=self.bucket, state=self.state)


class Difference(NamedTuple):
    """A loan that late news is about, on a day: as known then and as recalculated now."""

    loan_id: int
    number: str
    pool: int
    then: Side
    now: Side


class _Log(NamedTuple):
    """What the logs say of a loan at the end of a day."""

    state: str = LoanState.ACTIVE.value
    bucket: int = 0
    tier: int = NORMAL
    judged: int | None = None
    paused: bool = False
    observed: int | None = None


def differences(*, book: str, on: date) -> list[Difference]:
    """The loans of a book whose figures of a day are others by now.

    Replays the loans that something counts for on the day or before which was booked after it,
    and no other.
    """
    rows = fetch(
        f"""
        SELECT DISTINCT l.id, l.number, l.pool_id, l.book_id
        FROM {_EVENT} e JOIN {_LOAN} l ON l.id = e.loan_id
        WHERE e.booked_on > e.counts_on AND e.booked_on > %s AND e.counts_on <= %s ORDER BY l.id
        """,  # noqa: S608 - names come from the models
        [on, on],
    )
    # Not by SQL: where a book is named, a planner may begin with all of its loans.
    rows = [row for row in rows if row[3] == book]
    if not rows:
        return []
    posted = ledger.moved_until(code=PRINCIPAL, on=on, subjects=[row[1] for row in rows])
    logs = _logs([row[0] for row in rows], on)
    rules = class_rules(book=book, on=on)
    histories = told_of(row[0] for row in rows)
    found = []
    for loan_id, number, pool, _ in rows:
        log, told = logs.get(loan_id, _Log()), histories[loan_id]
        then = Side()
        if told.known(on):
            then = Side(posted.get(number, 0), log.bucket, log.tier, log.state).told
        now = _recalculated(told, on, log, rules)
        if then != now:
            found.append(Difference(loan_id, number, pool, then, now))
    return found


def _recalculated(told: Told, on: date, log: _Log, rules: ClassRules) -> Side:
    """A loan on a day by everything known now."""
    account = state(told.terms, told.events, on)
    was = Classed(by_days=log.tier, judged=log.judged, paused=log.paused, observed=log.observed)
    classed = was.aged(rules.by_days(account.dpd, on))
    standing, bucket = stands(account)
    return Side(account.principal_outstanding_minor, bucket, classed.tier, standing.value).told


def _logs(ids: list[int], on: date) -> dict[int, _Log]:
    """State, bucket, class and orders of loans at the end of a day, as known then."""
    found: dict[int, _Log] = {}
    for start in range(0, len(ids), _CHUNK):
        part = ids[start : start + _CHUNK]
        changes = Change.objects.filter(loan_id__in=part, changed_on__lte=on).order_by("id")
        for loan_id, to_state, number in changes.values_list("loan_id", "to_state", "to_bucket"):
            found[loan_id] = _Log(to_state, number)
        classes = ClassChange.objects.filter(loan_id__in=part, changed_on__lte=on).order_by("id")
        for loan_id, to_tier in classes.values_list("loan_id", "to_tier"):
            found[loan_id] = found.get(loan_id, _Log())._replace(tier=to_tier)
        orders = ClassOrder.objects.filter(loan_id__in=part, begins_on__lte=on).exclude(
            ended_on__lte=on
        )
        for loan_id, kind, tier in orders.values_list("loan_id", "kind", "tier"):
            log = found.get(loan_id, _Log())
            if kind == OrderKind.JUDGEMENT.value:
                found[loan_id] = log._replace(judged=tier)
            elif kind == OrderKind.OBSERVATION.value:
                found[loan_id] = log._replace(observed=tier)
            else:
                found[loan_id] = log._replace(paused=True)
    return found
