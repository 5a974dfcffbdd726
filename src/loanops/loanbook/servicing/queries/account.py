"""A loan's account: its schedule, its history, and how it stood on a past day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Viewer
from loanops.kernel.account import state
from loanops.kernel.aging import bucket_name
from loanops.loanbook.servicing.domain.effects import ScheduleLine, lines_of
from loanops.loanbook.servicing.domain.replay import said_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.domain.standing import AsOfCard, past_card
from loanops.loanbook.servicing.models import Change, Instalment, LoanEvent
from loanops.loanbook.servicing.queries.histories import events_of, terms_of
from loanops.loanbook.servicing.queries.loans import find_row, item_of_row
from loanops.platform.books import queries as books


@dataclass(frozen=True)
class InstalmentCard:
    """One instalment on a day: due, paid and open in minor units; ``open_minor`` holds penalty.

    ``standing`` is paid, overdue, due (on the day) or upcoming; ``late_days`` counts from the due
    day of an instalment that is overdue. ``open_principal_minor`` and the three after it add up to
    ``open_minor``. ``late_fee_minor`` of the fees was charged for being late.
    """

    number: int
    starts_on: date
    due_on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    paid_minor: int
    open_minor: int
    standing: str
    settled_on: date | None
    late_days: int
    open_principal_minor: int
    open_interest_minor: int
    open_fee_minor: int
    open_penalty_minor: int
    late_fee_minor: int


@dataclass(frozen=True)
class EventCard:
    """Something that happened to a loan: the day it counts for, the day and moment it came.

    ``content`` is what the event says beside its day and amount, ``values`` what it did when it
    was booked: where money went, what it saved, why it was ordered.
    """

    key: str
    kind: str
    counts_on: date
    booked_on: date
    at: datetime
    amount_minor: int
    receipt: str
    content: dict[str, Any]
    values: dict[str, Any]


@dataclass(frozen=True)
class CreditCard:
    """What is left over of one payment, by the key of its event and the day it counts for."""

    key: str
    on: date
    left_minor: int


@dataclass(frozen=True)
class StateChangeCard:
    """One line of the log of states and buckets."""

    changed_on: date
    at: datetime
    move: str
    from_state: str
    to_state: str
    from_bucket: str
    to_bucket: str


def get_schedule(*, number: str, viewer: Viewer, on: date | None = None) -> list[InstalmentCard]:
    """The schedule of a loan with what is paid, on the business day or a later one.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    day = on or books.business_date(loan.book_id)
    rules = read_rules(loan.pool.rules_json)
    cards = []
    for row in Instalment.objects.filter(loan=loan).order_by("number"):
        item = item_of_row(row)
        penalty_open_minor = item.penalty_open_minor(rules, day)
        open_minor = item.open_minor + penalty_open_minor
        standing = _standing(row.due_on, open_minor, day)
        cards.append(
            InstalmentCard(
                number=row.number,
                starts_on=row.starts_on,
                due_on=row.due_on,
                principal_minor=row.principal_minor,
                interest_minor=row.interest_minor,
                fee_minor=row.fee_minor,
                penalty_minor=item.penalty_minor(rules, day),
                paid_minor=item.paid.total_minor,
                open_minor=open_minor,
                standing=standing,
                settled_on=row.settled_on,
                late_days=(day - row.due_on).days if standing == "overdue" else 0,
                open_principal_minor=row.principal_minor - row.paid_principal_minor,
                open_interest_minor=row.interest_minor - row.paid_interest_minor,
                open_fee_minor=row.fee_minor - row.paid_fee_minor,
                open_penalty_minor=penalty_open_minor,
                late_fee_minor=row.late_fee_minor,
            )
        )
    return cards


def list_planned(*, number: str, viewer: Viewer) -> list[ScheduleLine]:
    """The schedule of a loan as it was when the loan began, before anything happened to it.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    first = events_of(loan)[:1]
    return lines_of(state(terms_of(loan), first, first[0].on)) if first else []


def _standing(due_on: date, open_minor: int, on: date) -> str:
    if not open_minor:
        return "paid"
    if due_on < on:
        return "overdue"
    return "due" if due_on == on else "upcoming"


def list_events(*, number: str, viewer: Viewer) -> list[EventCard]:
    """Everything that happened to a loan, in the order in which it came.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    return [
        EventCard(
            key=row.key,
            kind=row.kind,
            counts_on=row.counts_on,
            booked_on=row.booked_on,
            at=row.at,
            amount_minor=row.amount_minor,
            receipt=row.receipt,
            content=said_of(row.content_json),
            values=json.loads(row.values_json) if row.values_json else {},
        )
        for row in LoanEvent.objects.filter(loan=loan).order_by("id")
    ]


def list_credits(*, number: str, viewer: Viewer) -> list[CreditCard]:
    """The payments of a loan of which something found no place, the oldest first.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    if not loan.credit_minor:
        return []
    account = state(terms_of(loan), events_of(loan), books.business_date(loan.book_id))
    return [
        CreditCard(paid.key, paid.on, paid.unapplied_minor)
        for paid in account.repayments
        if paid.unapplied_minor and not paid.is_capital
    ]


def list_changes(*, number: str, viewer: Viewer) -> list[StateChangeCard]:
    """The log of a loan's states and buckets, oldest first.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    return [
        StateChangeCard(
            changed_on=row.changed_on,
            at=row.at,
            move=row.move,
            from_state=row.from_state,
            to_state=row.to_state,
            from_bucket=bucket_name(row.from_bucket),
            to_bucket=bucket_name(row.to_bucket),
        )
        for row in Change.objects.filter(loan=loan).order_by("id")
    ]


def as_of(*, number: str, on: date, known_at: datetime | None = None, viewer: Viewer) -> AsOfCard:
    """A loan at the end of a past day: recalculated now, or from what was known at a moment.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is none that the viewer may see.
    """
    loan = find_row(number, viewer)
    known = {} if known_at is None else {"at__lte": known_at}
    account = state(terms_of(loan), events_of(loan, **known), on)
    return past_card(number, account, known_at)
