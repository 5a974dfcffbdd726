"""Outlook and hindsight: what a payment would do, and how a loan stood on a past day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from loanops.kernel.access import Viewer
from loanops.kernel.account import state
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing.domain import outlook as domain
from loanops.loanbook.servicing.domain.effects import ScheduleLine, lines_of
from loanops.loanbook.servicing.domain.outlook import Outlook
from loanops.loanbook.servicing.domain.standing import AsOfCard, past_card
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.queries.account import EventCard, list_events
from loanops.loanbook.servicing.queries.histories import events_of, terms_of
from loanops.loanbook.servicing.queries.loans import find_row
from loanops.platform.books import queries as books

_AMOUNT_MAX = 10**15
_AHEAD_MAX = timedelta(days=366)


@dataclass(frozen=True)
class PastCard:
    """A loan on a past day in both readings, and what has come in since that counts for before.

    ``then`` is what was known at the end of the day, ``now`` what is recalculated today; the
    schedules are in the same two readings. ``since`` explains what differs between them.
    """

    on: date
    then: AsOfCard
    now: AsOfCard
    schedule_then: tuple[ScheduleLine, ...]
    schedule_now: tuple[ScheduleLine, ...]
    since: tuple[EventCard, ...]


def get_outlook(*, number: str, on: date, amount_minor: int, viewer: Viewer) -> Outlook:
    """What paying an amount on a day, today or later, would do; nothing is booked.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    :raises BadField: the day lies before the business date or over a year ahead of it, or the
        amount cannot be.
    """
    loan = find_row(number, viewer)
    check_ahead(loan, on)
    if not 0 <= amount_minor <= _AMOUNT_MAX:
        raise BadField(field="amount_minor", problem="must be zero or more")
    return domain.outlook(terms_of(loan), events_of(loan), on, amount_minor)


def payoff_minor(*, number: str, on: date, viewer: Viewer) -> int:
    """What it takes to end a loan on a day, back-dated or ahead, in minor units.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    :raises Refusal: the loan is not one that can be ended on that day.
    """
    loan = find_row(number, viewer)
    return domain.payoff_minor(terms_of(loan), events_of(loan), on)


def get_past(*, number: str, on: date, viewer: Viewer) -> PastCard:
    """A loan at the end of a past day, as known then and as recalculated now.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    terms = terms_of(loan)
    then = state(terms, events_of(loan, booked_on__lte=on), on)
    now = state(terms, events_of(loan), on)
    since = (
        event
        for event in list_events(number=number, viewer=viewer)
        if event.counts_on <= on < event.booked_on
    )
    known = lines_of(then)
    return PastCard(
        on=on,
        then=past_card(number, then),
        now=past_card(number, now),
        schedule_then=tuple(known),
        schedule_now=tuple(lines_of(now, known)),
        since=tuple(since),
    )


def check_ahead(loan: Loan, on: date) -> None:
    """Hold that a day is the business date or within the year after it.

    :raises BadField: it lies before, or so far ahead that a quote of today would mean nothing.
    """
    today = books.business_date(loan.book_id)
    last = today + _AHEAD_MAX
    if not today <= on <= last:
        raise BadField(field="on", problem="must be from {first} to {last}", first=today, last=last)
