"""Floating rates: what a loan follows, and whom another figure of an index would concern."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from loanops.kernel.access import Viewer, require
from loanops.kernel.account import Event, RateChanged, live, turn_of
from loanops.kernel.refusals import NotFound
from loanops.kernel.schedule import IndexValue, Reset, Terms
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.floating import (
    days_of_reset,
    fixed_on,
    rate_in_force,
    rate_read,
)
from loanops.loanbook.servicing.domain.replay import event_of
from loanops.loanbook.servicing.models import Loan, LoanEvent, LoanTerms, RateReset
from loanops.loanbook.servicing.queries.histories import events_of, terms_of
from loanops.loanbook.servicing.queries.loans import seen
from loanops.platform.books import queries as books
from loanops.registry.compliance import queries as compliance

EFFECTS_MAX = 500


@dataclass(frozen=True)
class FloatingCard:
    """How the rate of a loan floats, and what it is today; rates are fractions a year.

    ``spread_bp`` is nothing where the points are those of the agreed rate on the day the loan
    began; ``next_on`` where the loan reads its index whenever that changes, or never again.
    ``fixed_on`` is the day of the restructuring that fixed the rate, where one did.
    """

    loan: str
    on: date
    index: str
    spread_bp: Decimal | None
    reset: str
    month: int
    day: int
    floor: Decimal | None
    cap: Decimal | None
    rate_annual: Decimal
    next_on: date | None
    fixed_on: date | None


@dataclass(frozen=True)
class IndexEffect:
    """A loan, the day on which it read an index, and the rates that were and would be read."""

    loan: str
    on: date
    booked_annual: Decimal
    right_annual: Decimal


@dataclass(frozen=True)
class IndexEffects:
    """The loans that another figure of an index would concern; the first five hundred of them.

    ``count`` are all that were found.
    """

    key: str
    effective_from: date
    rate_annual: Decimal
    count: int
    effects: tuple[IndexEffect, ...]


def find_floating(*, number: str, viewer: Viewer) -> FloatingCard | None:
    """How the rate of a loan floats; nothing of a fixed one, or of one the viewer may not see.

    :raises NotPermitted: the viewer may not see loans.
    """
    require(viewer, permissions.VIEW)
    row = RateReset.objects.select_related("loan").filter(loan__number=number).first()
    if row is None or not seen([row.loan], viewer):
        return None
    loan = row.loan
    if (terms := terms_of(loan)).floating is None:
        return None
    on = books.business_date(loan.book_id)
    floating, events = terms.floating, events_of(loan)
    rate = rate_in_force(terms, events, on)
    return FloatingCard(
        loan=number,
        on=on,
        index=floating.index,
        spread_bp=floating.spread_bp,
        reset=floating.reset.value,
        month=floating.month,
        day=floating.day,
        floor=floating.floor,
        cap=floating.cap,
        rate_annual=_last_rate(terms, events, on) if rate is None else rate,
        next_on=None if rate is None or loan.settled_on is not None else row.next_on,
        fixed_on=fixed_on(terms, events, on),
    )


def _last_rate(terms: Terms, events: Sequence[Event], on: date) -> Decimal:
    rates = [
        event.annual_rate
        for event in sorted(live(events, on), key=turn_of)
        if hasattr(event, "annual_rate")
    ]
    return rates[-1] if rates else terms.annual_rate


def index_effects(
    *, book: str, key: str, effective_from: date, rate_annual: Decimal, viewer: Viewer
) -> IndexEffects:
    """The loans that read an index otherwise than they would with another figure from a day on.

    Nothing is booked: what was read stays until people change a loan. Loans with the days on which
    they read the index from that day on are looked at, and no others.

    :raises NotPermitted: the viewer may not see loans.
    :raises NotFound: there is no such book for the viewer.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        raise NotFound(kind="book", number=book)
    on = books.business_date(book)
    values = [
        value
        for value in compliance.reference_series(book=book).get(key, [])
        if value.effective_from != effective_from
    ]
    values = sorted([*values, IndexValue(effective_from, rate_annual)])
    found: list[IndexEffect] = []
    rows = _concerned(book, key, effective_from)
    histories = _histories([row.pk for row in rows])
    for row in seen(rows, viewer):
        terms, events = histories[row.pk]
        found += _effects(row.number, terms, events, values, effective_from, on)
    found.sort(key=lambda effect: (effect.on, effect.loan))
    return IndexEffects(key, effective_from, rate_annual, len(found), tuple(found[:EFFECTS_MAX]))


def _concerned(book: str, key: str, since: date) -> list[Loan]:
    """Loans that read the index since a day, and those that read it whenever it changes."""
    floating = RateReset.objects.filter(book_id=book, reference=key)
    read = LoanEvent.objects.filter(kind=RateChanged.KIND, counts_on__gte=since)
    mine = floating.filter(loan_id__in=read.values("loan_id")).values("loan_id")
    at_once = floating.filter(next_on__isnull=True).values("loan_id")
    return list(Loan.objects.filter(id__in=mine.union(at_once)).order_by("id"))


def _histories(ids: Iterable[int]) -> Mapping[int, tuple[Terms, list[Event]]]:
    wanted = list(ids)
    told: dict[int, tuple[Terms, list[Event]]] = {
        loan_id: (Terms.from_dict(json.loads(text)), [])
        for loan_id, text in LoanTerms.objects.filter(loan_id__in=wanted).values_list(
            "loan_id", "terms_json"
        )
    }
    for row in LoanEvent.objects.filter(loan_id__in=wanted).order_by("id"):
        told[row.loan_id][1].append(
            event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)
        )
    return told


def _effects(
    number: str,
    terms: Terms,
    events: Sequence[Event],
    values: Sequence[IndexValue],
    since: date,
    on: date,
) -> list[IndexEffect]:
    if terms.floating is None or rate_in_force(terms, events, on) is None:
        return []
    days = {
        event.on
        for event in live(events, on)
        if isinstance(event, RateChanged) and event.index and event.on >= since
    }
    if terms.floating.reset is Reset.EACH_CHANGE:
        days.update(days_of_reset(terms, values, since=since, until=on))
    found = []
    for day in sorted(days):
        booked, right = rate_in_force(terms, events, day), rate_read(terms, events, values, day)
        if booked is not None and right is not None and booked != right:
            found.append(IndexEffect(number, day, booked, right))
    return found
