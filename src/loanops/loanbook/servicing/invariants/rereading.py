"""INV-14: what runs say they booked are the rates that loans were given, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date

from django.db.models import QuerySet

from loanops.kernel.account import RateChanged
from loanops.loanbook.servicing.domain.floating import REREAD, reread_key
from loanops.loanbook.servicing.domain.replay import said_of
from loanops.loanbook.servicing.domain.rereading import Standing
from loanops.loanbook.servicing.models import Loan, LoanEvent, RereadLoan
from loanops.platform.audit import Violation, named

_CHUNK = 1_000
_HINT = "a run or a rate that it booked was changed by hand: the page of the run says otherwise"


def booked() -> Iterator[Violation]:
    """Loans of runs whose events are others than were booked, and events of no run."""
    ids = sorted(
        {
            *RereadLoan.objects.values_list("loan_id", flat=True),
            *_events().values_list("loan_id", flat=True),
        }
    )
    for start in range(0, len(ids), _CHUNK):
        yield from named("INV-14", _HINT, _strayed(ids[start : start + _CHUNK]))


def _events() -> QuerySet[LoanEvent]:
    return LoanEvent.objects.filter(kind=RateChanged.KIND, key__startswith=REREAD)


def _rate(event: LoanEvent) -> str:
    """The rate of an event; what cannot be read, another check says."""
    try:
        return str(said_of(event.content_json).get("annual_rate", ""))
    except (ValueError, AttributeError):
        return ""


def _strayed(ids: Sequence[int]) -> Iterator[tuple[object, object, object]]:
    """What is wrong of some loans: its name, what should be there, and what is."""
    found: dict[int, dict[str, str]] = {}
    for event in _events().filter(loan_id__in=ids):
        found.setdefault(event.loan_id, {})[event.key] = _rate(event)
    rows = RereadLoan.objects.filter(loan_id__in=ids, standing=Standing.BOOKED.value)
    for row in rows.select_related("run", "loan").order_by("id"):
        mine = found.get(row.loan_id, {})
        for on, rate in json.loads(row.reads_json):
            key = reread_key(row.run.number, date.fromisoformat(on))
            was = mine.pop(key, None)
            if was != rate:
                yield f"loan {row.loan.number} event {key}", rate, was or "nothing"
    strange = [(loan_id, key) for loan_id, left in found.items() for key in left]
    numbers = dict(Loan.objects.filter(pk__in=found).values_list("id", "number"))
    for loan_id, key in strange:
        yield f"loan {numbers[loan_id]} event {key}", "a run that booked it", "none"
