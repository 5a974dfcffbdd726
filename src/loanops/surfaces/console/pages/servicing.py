"""Pages of loans: the list, and what is overdue."""

from __future__ import annotations

from datetime import date

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.aging import WRITTEN_OFF_BUCKET, bucket_name, bucket_number
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import LoanFilter, PastFilter, Reading
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.portfolio import readings
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render
from loanops.surfaces.console.pages.words.loanbook import LOAN_STATES, TIERS

PAGE = 50
BUCKETS = ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")


@page(permissions.VIEW, needs_book=True)
def loans(request: ConsoleRequest) -> HttpResponse:
    """The loans of the book, newest first, narrowed by what stands in the address."""
    asked = request.GET
    on = read_day(asked.get("on", ""))
    if on is not None and on < request.book.business_date:
        return _past_loans(request, on)
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


def _past_loans(request: ConsoleRequest, on: date) -> HttpResponse:
    """The same list at the end of a past day, with what was known then or is known now."""
    asked = request.GET
    bucket = asked.get("bucket", "")
    now = asked.get("reading") == Reading.NOW.value
    wanted = PastFilter(
        book=request.book.code,
        on=on,
        reading=Reading.NOW if now else Reading.THEN,
        bucket=bucket_number(bucket),
        funder=asked.get("funder", "")[:40],
        product=asked.get("product", "")[:40],
        number=asked.get("number", "").strip()[:32],
        before=asked.get("before", "")[:64],
        limit=PAGE,
    )
    listed = queries.list_past_loans(wanted=wanted, viewer=request.actor)
    context = {
        "listed": listed,
        "loans": listed.lines,
        "next": listed.next,
        "wanted": wanted,
        "readings": readings(),
        "buckets": (*BUCKETS, bucket_name(WRITTEN_OFF_BUCKET)),
        "bucket": bucket,
        "names": product_names(request),
        "partners": partner_names(request),
    }
    return render(request, "console/servicing/past_loans.html", context)


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
