"""Pausing: the days on which days past due of a loan stood or stand still, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from loanops.kernel.account import CountingPaused, live, pauses_of, turn_of
from loanops.kernel.aging import counted_dpd
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.models import Loan, LoanEvent


@dataclass(frozen=True)
class CountingPauseCard:
    """A time in which days past due stand still: ``until`` shows the count of ``begins_on``.

    ``until`` is none until somebody ends the pause. ``cause`` is holiday, disaster, dispute or
    other, ``reason`` what was written about it; ``is_running`` says that it stands on the day.
    """

    cause: str
    reason: str
    begins_on: date
    until: date | None
    is_running: bool


def counting_of(loan: Loan, on: date) -> tuple[int, tuple[CountingPauseCard, ...]]:
    """The days past due of a loan that count on a day, and its pauses, the newest first.

    A pause that was undone is none.
    """
    if loan.changed_on is None:
        return counted_dpd(loan.oldest_due_on, on), ()
    rows = {row.key: row for row in LoanEvent.objects.filter(loan=loan).order_by("id")}
    told = [
        event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
        for row in rows.values()
    ]
    events = sorted(live(told, on), key=turn_of)
    began = {event.on: event for event in events if isinstance(event, CountingPaused)}
    pauses = pauses_of(events)
    cards = tuple(
        CountingPauseCard(
            cause=began[pause.since].cause.value,
            reason=json.loads(rows[began[pause.since].key].values_json or "{}").get("reason", ""),
            begins_on=pause.since,
            until=pause.until,
            is_running=pause.until is None or on < pause.until,
        )
        for pause in reversed(pauses)
    )
    return counted_dpd(loan.oldest_due_on, on, pauses), cards
