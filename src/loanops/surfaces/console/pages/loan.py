"""The page of one loan: what is owed and why, what a payment would do, and all that happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from loanops.kernel.money import currency as money_of
from loanops.kernel.money import format_amount, parse_amount
from loanops.kernel.refusals import BadField, Refusal
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.queries import EventCard, InstalmentCard, LoanCard
from loanops.money.ledger import permissions as ledger_grants
from loanops.money.ledger import queries as ledger
from loanops.money.payments import permissions as payment_grants
from loanops.money.payments import queries as payments
from loanops.platform.audit import queries as audit
from loanops.platform.web import clock
from loanops.platform.web.templatetags import money
from loanops.platform.web.words import words_of
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.forms.servicing import RepayForm
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.ledger import account_name
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.telling import event_in_words

BEGINNINGS = frozenset({"disbursed", "brought_in"})
PLAIN = BEGINNINGS | {"repaid"}
"""What leaves the schedule of a loan as it was."""


HOLIDAY_DAYS_MAX: Final = 14


@dataclass(frozen=True)
class EventLine:
    """An event as the timeline tells it."""

    event: EventCard
    said: list[tuple[str, str]]
    parts: list[tuple[str, str]]
    is_undone: bool
    may_undo: bool


@page(permissions.VIEW, needs_book=True)
def loan(request: ConsoleRequest, number: str) -> HttpResponse:
    """One loan: what is owed today, the schedule, every event and every posting."""
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = _currency(request, card)
    rows = queries.get_schedule(number=number, viewer=request.actor)
    timeline = _timeline(request, number, currency)
    may_ledger = request.actor.may(ledger_grants.VIEW)
    may_payments = request.actor.may(payment_grants.VIEW)
    actor = request.actor
    floating = queries.find_floating(number=number, viewer=actor)
    chart = _chart(rows, currency)
    context: dict[str, Any] = {
        "loan": card,
        "currency": currency,
        "rows": _with_plan(request, rows, timeline, number),
        "moved": _moved(rows),
        "owed": [row for row in rows if row.standing in {"overdue", "due"}],
        "chart": chart,
        "events": timeline,
        "restructured": any(line.event.kind == "restructured" for line in timeline),
        "rate_annual": card.annual_rate if floating is None else floating.rate_annual,
        "floating": floating,
        "owners": queries.get_owners(number=number, viewer=actor),
        "changes": queries.list_changes(number=number, viewer=actor),
        "requests": queries.list_requests(book=card.book, loan=number, waiting=True, viewer=actor),
        "names": product_names(request),
        "partners": partner_names(request),
        "accounts": {code: account_name(line) for code, line in ledger.chart().items()},
        "postings": ledger.entries_of(subject=number, viewer=actor) if may_ledger else None,
        "receipts": (
            payments.list_receipts(subject=number, viewer=actor) if may_payments else None
        ),
        "entries": audit.timeline(subjects=(number,), viewer=actor),
        "may_repay": card.state != "settled" and actor.may(permissions.REPAY),
        "may_release": card.set_aside and actor.may(permissions.RELEASE),
        "may_change": any(actor.may(grant) for grant in permissions.CHANGES.values()),
        "form": RepayForm(
            currency=currency,
            initial={"on": request.book.business_date, "channel": card.channel or "counter"},
        ),
    }
    context |= _owed(context["owed"])
    if card.state != "settled":
        context |= _outlook(request, card, currency, rows)
    return charts.asked(request, chart) or render(request, "console/servicing/loan.html", context)


def _currency(request: ConsoleRequest, card: LoanCard) -> str:
    return next(each.currency for each in request.desk.books if each.code == card.book)


def _owed(owed: Sequence[InstalmentCard]) -> dict[str, int]:
    """What is owed today in all, component by component."""
    return {
        "owed_minor": sum(row.open_minor for row in owed),
        "owed_principal_minor": sum(row.open_principal_minor for row in owed),
        "owed_interest_minor": sum(row.open_interest_minor for row in owed),
        "owed_fee_minor": sum(row.open_fee_minor for row in owed),
        "owed_penalty_minor": sum(row.open_penalty_minor for row in owed),
    }


def _with_plan(
    request: ConsoleRequest, rows: list[InstalmentCard], timeline: Sequence[EventLine], number: str
) -> list[tuple[InstalmentCard, Any]]:
    """Each instalment, beside what it was at first where that was something else."""
    if all(line.event.kind in PLAIN for line in timeline):
        return [(row, None) for row in rows]
    planned = {
        line.number: line for line in queries.list_planned(number=number, viewer=request.actor)
    }
    marked = []
    for row in rows:
        was = planned.get(row.number)
        is_same = was is not None and (
            (was.due_on, was.principal_minor, was.interest_minor, was.fee_minor)
            == (row.due_on, row.principal_minor, row.interest_minor, row.fee_minor)
        )
        marked.append((row, None if is_same else {"was": was}))
    return marked


def _moved(rows: Sequence[InstalmentCard]) -> dict[int, date]:
    """From where a holiday moved instalments, by number: the next one runs from there."""
    return {
        row.number: later.starts_on
        for row, later in pairwise(rows)
        if 0 < abs((later.starts_on - row.due_on).days) < HOLIDAY_DAYS_MAX
    }


def _timeline(request: ConsoleRequest, number: str, currency: str) -> list[EventLine]:
    events = queries.list_events(number=number, viewer=request.actor)
    by_key = {event.key: event for event in events}
    undone = {event.content.get("of") for event in events if event.kind == "reversed"}
    may_undo = request.actor.may(permissions.UNDO)
    partners = partner_names(request)
    return [
        EventLine(
            event=event,
            said=event_in_words(event, by_key, currency, partners),
            parts=_parts(event, currency),
            is_undone=event.key in undone,
            may_undo=may_undo and event.key not in undone and event.kind not in BEGINNINGS,
        )
        for event in reversed(events)
    ]


def _parts(event: EventCard, currency: str) -> list[tuple[str, str]]:
    """Where the money of an event went, part by part; nothing is left out but zeros.

    What a change saves is told as a cost where it costs more, and of a write-off not at all: it
    changes nothing for the borrower.
    """
    values = dict(event.values)
    saving_minor = values.pop("saving_minor", 0)
    if event.kind != "written_off":
        name = "saving_minor" if saving_minor > 0 else "extra_cost_minor"
        values[name] = abs(saving_minor)
    return [
        (name.removesuffix("_minor"), money(value, currency))
        for name, value in values.items()
        if name.endswith("_minor") and isinstance(value, int) and value
    ]


def _chart(rows: list[InstalmentCard], currency: str) -> Chart:
    return charts.schedule(
        "schedule",
        labels=[row.due_on.isoformat() for row in rows],
        principal=[row.principal_minor for row in rows],
        interest=[row.interest_minor for row in rows],
        fees=[row.fee_minor + row.penalty_minor for row in rows],
        currency=currency,
    )


def _outlook(
    request: ConsoleRequest, card: LoanCard, currency: str, rows: Sequence[InstalmentCard]
) -> dict[str, Any]:
    """What paying would do: at first what is owed today, or else the next instalment."""
    owed_minor = sum(row.open_minor for row in rows if row.due_on <= card.on)
    most_minor = sum(row.open_minor for row in rows)
    said = request.GET
    on = read_day(said.get("pay_on", "")) or card.on
    context: dict[str, Any] = {
        "pay_on": on,
        "pay": said.get("pay", format_amount(owed_minor or card.next_due_minor, currency)),
        "pay_most": -(-most_minor // money_of(currency).minor_per_major),
        "pay_owed": format_amount(owed_minor, currency) if owed_minor else "",
        "pay_next": format_amount(card.next_due_minor, currency),
    }
    try:
        amount_minor = parse_amount(str(context["pay"]).replace(",", "") or "0", currency)
        context["outlook"] = queries.get_outlook(
            number=card.number, on=on, amount_minor=amount_minor, viewer=request.actor
        )
    except Refusal as refusal:
        context["outlook_problem"] = words_of(refusal)
    else:
        context["payoff"] = format_amount(context["outlook"].payoff_minor, currency)
        context["may_order"] = on == card.on and request.actor.may(permissions.REPAY)
    return context


@page(permissions.VIEW, needs_book=True)
def outlook(request: ConsoleRequest, number: str) -> HttpResponse:
    """What paying an amount on a day would do, as the loan page shows it while it is typed.

    Opened by itself it leads to that page, which shows the same.
    """
    if not request.htmx:
        here = resolve_url("console:loan", number)
        return HttpResponseRedirect(f"{here}?{request.GET.urlencode()}")
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = _currency(request, card)
    rows = queries.get_schedule(number=number, viewer=request.actor)
    context = {"loan": card, "currency": currency}
    context |= _outlook(request, card, currency, rows)
    return render(request, "console/servicing/outcomes.html", context)


@page(permissions.VIEW, needs_book=True)
def past(request: ConsoleRequest, number: str) -> HttpResponse:
    """A loan on a past day: as it was known then, and as recalculated now."""
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = _currency(request, card)
    on: date = read_day(request.GET.get("on", "")) or card.on
    if on > card.on:
        raise BadField(field=_("Day"), problem=_("must not lie after the business date"))
    found = queries.get_past(number=number, on=on, viewer=request.actor)
    names = ("outstanding", "owed", "overdue", "penalty", "accrued_interest", "credit")
    figures = [
        (name, getattr(found.then, f"{name}_minor"), getattr(found.now, f"{name}_minor"))
        for name in names
    ]
    then = {line.number: line for line in found.schedule_then}
    context = {
        "loan": card,
        "currency": currency,
        "past": found,
        "figures": figures,
        "lines": [(line, then.get(line.number)) for line in found.schedule_now],
        "is_same": not found.since,
    }
    return render(request, "console/servicing/past.html", context)


@order(permissions.REPAY, needs_book=True)
def repay(request: ConsoleRequest, number: str) -> HttpResponse:
    """Book money that came in for a loan."""
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = _currency(request, card)
    typed = RepayForm(request.POST, currency=currency).read()
    booked = operations.repay(
        loan=number,
        channel=typed["channel"],
        pay_no=typed["pay_no"],
        amount_minor=typed["amount_minor"],
        on=typed["on"],
        actor=request.actor,
        at=clock.now(),
    )
    words = _("%(amount)s is booked; principal outstanding is now %(left)s.") % {
        "amount": money(booked.amount_minor, currency),
        "left": money(booked.outstanding_minor, currency),
    }
    return done(request, words, "console:loan", number)


@order(permissions.RELEASE)
def release(request: ConsoleRequest, number: str) -> HttpResponse:
    """Give a loan that was set aside back to the close."""
    operations.release(loan=number, actor=request.actor, at=clock.now())
    return done(request, _("The loan is back in the close."), "console:loan", number)
