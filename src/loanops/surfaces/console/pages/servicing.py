"""Pages of loans: the list, one loan with all its money, and what is overdue."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import operations, permissions, queries
from loanops.loanbook.servicing.queries import EventCard, InstalmentCard, LoanFilter
from loanops.money.ledger import permissions as ledger_grants
from loanops.money.ledger import queries as ledger
from loanops.money.payments import permissions as payment_grants
from loanops.money.payments import queries as payments
from loanops.platform.audit import queries as audit
from loanops.platform.web import clock
from loanops.platform.web.templatetags import money
from loanops.surfaces.console.forms.servicing import RepayForm
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.ledger import account_name
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, order, page, render
from loanops.surfaces.console.pages.words.loanbook import LOAN_STATES, TIERS

PAGE = 50
BUCKETS = ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")


@page(permissions.VIEW, needs_book=True)
def loans(request: ConsoleRequest) -> HttpResponse:
    """The loans of the book, newest first, narrowed by what stands in the address."""
    asked = request.GET
    state, bucket = asked.get("state", ""), asked.get("bucket", "")
    tier = asked.get("tier", "")
    wanted = LoanFilter(
        book=request.book.code,
        state=state if state in LOAN_STATES else "",
        bucket=BUCKETS.index(bucket) if bucket in BUCKETS else None,
        funder=asked.get("funder", "")[:40],
        product=asked.get("product", "")[:40],
        tier=tier if tier in TIERS else "",
        number=asked.get("number", "").strip()[:32],
        before=asked.get("before", "")[:32],
        limit=PAGE,
    )
    listed = queries.list_loans(wanted=wanted, viewer=request.actor)
    context = {
        "loans": listed.lines,
        "next": listed.next,
        "wanted": wanted,
        "states": LOAN_STATES,
        "buckets": BUCKETS,
        "tiers": TIERS,
        "bucket": bucket,
        "names": product_names(request),
        "partners": partner_names(request),
    }
    return render(request, "console/servicing/loans.html", context)


@page(permissions.VIEW, needs_book=True)
def loan(request: ConsoleRequest, number: str) -> HttpResponse:
    """One loan: what is owed today, the schedule, every event and every posting."""
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = next(each.currency for each in request.desk.books if each.code == card.book)
    rows = queries.get_schedule(number=number, viewer=request.actor)
    events = queries.list_events(number=number, viewer=request.actor)
    may_ledger = request.actor.may(ledger_grants.VIEW)
    may_payments = request.actor.may(payment_grants.VIEW)
    context: dict[str, Any] = {
        "loan": card,
        "currency": currency,
        "rows": rows,
        "chart": _chart(rows, currency),
        "events": [(event, _parts(event, currency)) for event in reversed(events)],
        "changes": queries.list_changes(number=number, viewer=request.actor),
        "names": product_names(request),
        "partners": partner_names(request),
        "accounts": {code: account_name(line) for code, line in ledger.chart().items()},
        "postings": (
            ledger.entries_of(subject=number, viewer=request.actor) if may_ledger else None
        ),
        "receipts": (
            payments.list_receipts(subject=number, viewer=request.actor) if may_payments else None
        ),
        "entries": audit.timeline(subjects=(number,), viewer=request.actor),
        "may_repay": card.state != "settled" and request.actor.may(permissions.REPAY),
        "may_release": card.set_aside and request.actor.may(permissions.RELEASE),
        "form": RepayForm(
            currency=currency,
            initial={"on": request.book.business_date, "channel": card.channel or "counter"},
        ),
    }
    return render(request, "console/servicing/loan.html", context)


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


def _chart(rows: list[InstalmentCard], currency: str) -> dict[str, Any]:
    return charts.schedule(
        labels=[row.due_on.isoformat() for row in rows],
        principal=[row.principal_minor for row in rows],
        interest=[row.interest_minor for row in rows],
        fees=[row.fee_minor + row.penalty_minor for row in rows],
        currency=currency,
    )


@order(permissions.REPAY, needs_book=True)
def repay(request: ConsoleRequest, number: str) -> HttpResponse:
    """Book money that came in for a loan."""
    card = queries.get_loan(number=number, viewer=request.actor)
    currency = next(each.currency for each in request.desk.books if each.code == card.book)
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


@page(permissions.VIEW, needs_book=True)
def overdue(request: ConsoleRequest) -> HttpResponse:
    """The book by buckets of days past due, and the loans that wait for a person."""
    lines = queries.list_ageing(book=request.book.code, viewer=request.actor)
    outstanding = sum(line.outstanding_minor for line in lines)
    context = {
        "lines": [
            (line, line.outstanding_minor * 10000 // outstanding / 100 if outstanding else 0)
            for line in lines
        ],
        "outstanding_minor": outstanding,
        "loans": sum(line.loans for line in lines),
        "chart": charts.axis(
            [line.name for line in lines[1:]],
            [
                charts.series(
                    _("Outstanding"),
                    charts.amounts(
                        [line.outstanding_minor for line in lines[1:]], request.book.currency
                    ),
                )
            ],
            left=request.book.currency,
        ),
        "aside": queries.list_set_aside(book=request.book.code, viewer=request.actor),
    }
    return render(request, "console/servicing/overdue.html", context)
