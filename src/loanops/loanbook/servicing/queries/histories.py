"""Histories: the terms and the events of loans, as the kernel folds them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops.kernel.account import Event
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Told:
    """The terms of a loan and its events in the order in which they came.

    ``booked`` are the days on which they came, one for each event.
    """

    terms: Terms
    events: tuple[Event, ...]
    booked: tuple[date, ...]

    def known(self, on: date) -> tuple[Event, ...]:
        """The events that were known at the end of a day."""
        pairs = zip(self.events, self.booked, strict=True)
        return tuple(event for event, booked_on in pairs if booked_on <= on)

    def is_news(self, on: date) -> bool:
        """Whether something that counts for a day or before came after it."""
        pairs = zip(self.events, self.booked, strict=True)
        return any(event.on <= on < booked_on for event, booked_on in pairs)


def told_of(ids: Iterable[int]) -> dict[int, Told]:
    """The histories of loans that exist, by id."""
    terms: dict[int, Terms] = {}
    events: dict[int, list[tuple[Event, date]]] = defaultdict(list)
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        for loan_id, text in LoanTerms.objects.filter(loan_id__in=part).values_list(
            "loan_id", "terms_json"
        ):
            terms[loan_id] = Terms.from_dict(json.loads(text))
        for row in LoanEvent.objects.filter(loan_id__in=part).order_by("id"):
            event = event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
            events[row.loan_id].append((event, row.booked_on))
    return {
        loan_id: Told(
            agreed,
            tuple(event for event, _ in events[loan_id]),
            tuple(booked_on for _, booked_on in events[loan_id]),
        )
        for loan_id, agreed in terms.items()
    }


def terms_of(loan: Loan) -> Terms:
    """The terms that a loan was paid out under."""
    return Terms.from_dict(json.loads(LoanTerms.objects.get(loan=loan).terms_json))


def events_of(loan: Loan, **known: Any) -> list[Event]:
    """The events of a loan in the order in which they came; ``known`` narrows their rows."""
    rows = LoanEvent.objects.filter(loan=loan, **known).order_by("id")
    return [
        event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
        for row in rows
    ]


def said_of_undone(loan_id: int, key: str) -> dict[str, Any]:
    """What an event was and the day it counted for, by which people know it; a key says neither."""
    row = LoanEvent.objects.get(loan_id=loan_id, key=key)
    return {"what": row.kind, "counted_on": row.counts_on.isoformat()}
