"""Restructurings: how a loan stood before and after each, as known when it was booked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Viewer
from loanops.kernel.account import Restructured, live
from loanops.kernel.allocation import Parts
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.domain.restructuring import (
    AgreedAnew,
    AgreedSide,
    derived,
    marked,
    read_agreed,
)
from loanops.loanbook.servicing.models import LoanEvent, Restructuring
from loanops.loanbook.servicing.queries.histories import terms_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.platform.books import queries as books


@dataclass(frozen=True)
class RestructuringCard:
    """A loan before and after it was agreed anew, both on the day ``booked_on``, as known then.

    ``key`` names the event, ``on`` is the day it counts for. ``capitalised``, ``carried`` and
    ``waived`` are what became of what was owed on that day, by component, in minor units.
    ``is_undone`` says that it was undone since, ``is_recalculated`` that something booked since
    counts for its day or before: what is kept here stands as it was in either case.
    """

    loan: str
    key: str
    on: date
    booked_on: date
    at: datetime
    reason: str
    before: AgreedSide
    after: AgreedSide
    capitalised: Parts
    carried: Parts
    waived: Parts
    is_undone: bool
    is_recalculated: bool


def list_restructurings(*, number: str, viewer: Viewer) -> list[RestructuringCard]:
    """The restructurings of a loan, in the order in which they were booked.

    Of those that were booked before both sides were kept, they are worked out from the events.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    rows = list(LoanEvent.objects.filter(loan=loan).order_by("id"))
    if all(row.kind != Restructured.KIND for row in rows):
        return []
    terms = terms_of(loan)
    events = [
        event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
        for row in rows
    ]
    counting = {event.key for event in live(events, books.business_date(loan.book_id))}
    kept = {row.event: row for row in Restructuring.objects.filter(loan=loan)}
    cards = []
    for place, row in enumerate(rows):
        if row.kind != Restructured.KIND:
            continue
        found = kept.get(row.key)
        agreed = (
            derived(terms, events[: place + 1], row.booked_on) if found is None else _read(found)
        )
        later = [each for each in events[place + 1 :] if each.on <= row.counts_on]
        cards.append(_card(number, row, agreed, row.key not in counting, bool(later)))
    return cards


def _read(row: Restructuring) -> AgreedAnew:
    return read_agreed(row.event, row.before_json, row.after_json, row.treated_json)


def _card(
    number: str, row: LoanEvent, agreed: AgreedAnew, is_undone: bool, is_recalculated: bool
) -> RestructuringCard:
    treated = agreed.treated
    return RestructuringCard(
        loan=number,
        key=row.key,
        on=row.counts_on,
        booked_on=row.booked_on,
        at=row.at,
        reason=json.loads(row.values_json or "{}").get("reason", ""),
        before=agreed.before,
        after=marked(agreed.after, agreed.before),
        capitalised=treated.capitalised,
        carried=treated.carried,
        waived=treated.waived,
        is_undone=is_undone,
        is_recalculated=is_recalculated,
    )
