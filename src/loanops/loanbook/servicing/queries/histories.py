"""Histories: the terms and the events of one loan, as the kernel folds them."""

from __future__ import annotations

import json
from typing import Any

from loanops.kernel.account import Event
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms


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
