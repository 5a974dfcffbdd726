"""Pages of loans: the list, and what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.aging import bucket_number
from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import LoanFilter, LoanLine, PastFilter, PastLine, Reading
from loanops.surfaces.console.forms.servicing import AT_RISK, BUCKETS, LoansForm
from loanops.surfaces.console.pages import charts, sheets
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.naming import (
    channel_name,
    intake_channels,
    partner_names,
    product_names,
)
from loanops.surfaces.console.pages.portfolio import readings
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render
from loanops.surfaces.console.pages.words.loanbook import LOAN_STATES, TIERS

PAGE = 50
HEAD = (
    "number", "application", "channel", "funder", "product", "disbursed_on", "principal",
    "outstanding", "overdue", "dpd", "bucket", "class", "state", "currency", "book", "on",
    "reading",
)  # fmt: skip
_AS_ASKED = ("state", "tier", "funder", "product", "origin_channel", "number", "before")


@page(permissions.VIEW, needs_book=True)
def loans(request: ConsoleRequest) -> HttpResponse:
    """The loans of the book, last paid out first, narrowed by what stands in the address."""
    asked = LoansForm(request.GET).read()
    if _is_past(request, asked):
        return _past_loans(request, asked)
    wanted = _of_today(request, asked)
    listed = queries.list_loans(wanted=wanted, viewer=request.actor)
    context = {
        "count": queries.count_loans(wanted=wanted, viewer=request.actor),
        "totals": queries.find_totals(wanted=wanted, viewer=request.actor),
    }
    return _shown(request, "loans", asked, listed.lines, {"next": listed.next, **context})


def _is_past(request: ConsoleRequest, asked: dict[str, Any]) -> bool:
    return asked["on"] is not None and asked["on"] != request.book.business_date


def _of_today(request: ConsoleRequest, asked: dict[str, Any]) -> LoanFilter:
    return LoanFilter(**_narrowed(request, asked))


def _of_past(request: ConsoleRequest, asked: dict[str, Any]) -> PastFilter:
    reading = Reading(asked["reading"] or Reading.THEN)
    return PastFilter(on=asked["on"], reading=reading, **_narrowed(request, asked))


def _narrowed(request: ConsoleRequest, asked: dict[str, Any]) -> dict[str, Any]:
    """What both lists are narrowed by."""
    return {
        "book": request.book.code,
        "bucket": bucket_number(asked["bucket"]),
        "at_risk": int(asked["at_risk"]) if asked["at_risk"] else None,
        "limit": PAGE,
        **{name: asked[name] for name in _AS_ASKED},
    }


@page(permissions.VIEW, needs_book=True)
def export_loans(request: ConsoleRequest) -> HttpResponse:
    """The whole list as a CSV or XLSX file: what stands in the address, no line left out."""
    asked = LoansForm(request.GET).read()
    on, reading = request.book.business_date, ""
    lines: Sequence[LoanLine | PastLine]
    if _is_past(request, asked):
        past = _of_past(request, asked)
        lines = queries.list_every_past_loan(wanted=past, viewer=request.actor)
        on, reading = past.on, past.reading.value
    else:
        lines = queries.list_every_loan(wanted=_of_today(request, asked), viewer=request.actor)
    currency = request.book.currency
    rows = [
        (
            line.number,
            line.application,
            line.origin_channel,
            line.funder,
            line.product,
            line.disbursed_on.isoformat(),
            sheets.amount(line.principal_minor, currency),
            sheets.amount(line.outstanding_minor, currency),
            sheets.amount(line.overdue_minor, currency),
            str(line.dpd),
            line.bucket_name,
            line.tier,
            line.state,
            currency,
            request.book.code,
            on.isoformat(),
            reading,
        )
        for line in lines
    ]
    name = "-".join(filter(None, ("loans", request.book.code, on.isoformat(), reading)))
    return sheets.kept(name, asked["form"] or "csv", HEAD, rows)


def _past_loans(request: ConsoleRequest, asked: dict[str, Any]) -> HttpResponse:
    """The same list at the end of a past day, with what was known then or is known now."""
    wanted = _of_past(request, asked)
    listed = queries.list_past_loans(wanted=wanted, viewer=request.actor)
    context = {
        "listed": listed,
        "next": listed.next,
        "readings": readings(),
        "count": listed.count,
        "totals": listed.totals,
    }
    return _shown(request, "past_loans", asked, listed.lines, context)


def _shown(
    request: ConsoleRequest,
    name: str,
    asked: dict[str, Any],
    lines: Sequence[LoanLine | PastLine],
    context: dict[str, Any],
) -> HttpResponse:
    """A list of loans with what it is narrowed by, and what the page adds up to."""
    narrowed = {
        "loans": lines,
        "asked": asked,
        "page_outstanding_minor": sum(line.outstanding_minor for line in lines),
        "page_overdue_minor": sum(line.overdue_minor for line in lines),
        "states": LOAN_STATES,
        "buckets": BUCKETS,
        "at_risk": AT_RISK,
        "tiers": TIERS,
        "names": product_names(request),
        "partners": partner_names(request),
        "channels": _channels(request, asked["origin_channel"]),
    }
    return render(request, f"console/servicing/{name}.html", {**narrowed, **context})


def _channels(request: ConsoleRequest, asked: str) -> dict[str, str]:
    """What the list may be narrowed to, the channel among it that it is narrowed to."""
    known = intake_channels(request)
    return known | ({asked: channel_name(request, asked)} if asked else {})


@page(permissions.VIEW, needs_book=True)
def overdue(request: ConsoleRequest) -> HttpResponse:
    """The book by buckets of days past due, and the loans that wait for a person."""
    lines = queries.list_ageing(book=request.book.code, viewer=request.actor)
    outstanding = sum(line.outstanding_minor for line in lines)
    late = lines[1:]
    chart = Chart(
        place="buckets",
        title=charts.late_finding(
            [(line.name, line.outstanding_minor) for line in late], outstanding
        ),
        label=_("Outstanding principal past due by bucket"),
        head=_("Bucket"),
        drawn=charts.axis(
            [line.name for line in late],
            [
                charts.series(
                    _("Outstanding"),
                    charts.amounts(
                        [line.outstanding_minor for line in late], request.book.currency
                    ),
                    unit=request.book.currency,
                )
            ],
        ),
    )
    context = {
        "lines": [(line, charts.share(line.outstanding_minor, outstanding)) for line in lines],
        "outstanding_minor": outstanding,
        "loans": sum(line.loans for line in lines),
        "chart": chart,
        "aside": queries.list_set_aside(book=request.book.code, viewer=request.actor),
    }
    return charts.asked(request, chart) or render(
        request, "console/servicing/overdue.html", context
    )
