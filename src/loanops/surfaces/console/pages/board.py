"""The day board: the figures of the day, each leading to its rows.

Every figure is read through a bounded question: what cannot be counted in one page says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from loanops.loanbook.servicing import permissions as loan_grants
from loanops.loanbook.servicing import queries as loans
from loanops.loanbook.servicing.queries import LoanFilter, LoanLine
from loanops.origination.applications import permissions as application_grants
from loanops.origination.applications import queries as applications
from loanops.origination.applications.queries import Filter
from loanops.platform.books import permissions
from loanops.platform.web.templatetags import grouped, percent
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render
from loanops.surfaces.console.pages.tags import short_money
from loanops.surfaces.console.pages.words import word_of

APPLICATIONS_MAX = 200
LOANS_MAX = 500
TREND_DAYS = 14
PASSED = ("approved", "offered", "signed", "disbursed", "funding_refused")
FUNNEL = (
    ("submitted", ("submitted", "in_review", "declined", *PASSED)),
    ("approved", PASSED),
    ("offered", ("offered", "signed", "disbursed")),
    ("signed", ("signed", "disbursed")),
    ("disbursed", ("disbursed",)),
)


@page(permissions.VIEW, needs_book=True)
def board(request: ConsoleRequest) -> HttpResponse:
    """What happened today in the chosen book, and how the book stands."""
    context: dict[str, Any] = {"book": request.book, "on": request.book.business_date}
    context["tomorrow"] = request.book.business_date + timedelta(days=1)
    if request.actor.may(application_grants.VIEW):
        context["intake"] = _intake(request)
    if request.actor.may(loan_grants.VIEW):
        context["portfolio"] = _portfolio(request)
    drawn = [
        part[name]
        for part in (context.get("intake", {}), context.get("portfolio", {}))
        for name in ("funnel", "paid_out", "buckets")
        if name in part
    ]
    return charts.asked(request, *drawn) or render(request, "console/board/board.html", context)


def _intake(request: ConsoleRequest) -> dict[str, Any]:
    on = request.book.business_date
    stages = applications.count_by_stage(book=request.book.code, viewer=request.actor)
    today = applications.list_applications(
        Filter(
            book=request.book.code,
            since=on,
            until=on + timedelta(days=1),
            limit=APPLICATIONS_MAX,
        ),
        viewer=request.actor,
    )
    passed = sum(stages[stage] for stage in PASSED)
    decided = passed + stages["declined"]
    steps = [(name, sum(stages[stage] for stage in within)) for name, within in FUNNEL]
    return {
        "today": len(today.cards),
        "today_minor": sum(card.amount_minor for card in today.cards),
        "more": today.next_before is not None,
        "to_review": stages["in_review"],
        "to_sign": stages["offered"],
        "passed": passed,
        "decided": decided,
        "approval_rate": charts.share(passed, decided),
        "steps": [(name, count, charts.share(count, steps[0][1])) for name, count in steps],
        "funnel": _funnel(steps),
    }


def _funnel(steps: Sequence[tuple[str, int]]) -> Chart:
    first, last = steps[0][1], steps[-1][1]
    return Chart(
        place="funnel",
        title=_("Of %(first)s applications %(last)s were paid out (%(share)s)")
        % {
            "first": grouped(first),
            "last": grouped(last),
            "share": percent(charts.share(last, first), 1),
        }
        if first
        else _("No application was submitted yet"),
        label=_("How many applications reached each step"),
        head=_("Step"),
        drawn=charts.funnel(
            _("Applications"), [(str(word_of("stage", name).text), count) for name, count in steps]
        ),
    )


def _portfolio(request: ConsoleRequest) -> dict[str, Any]:
    on, currency = request.book.business_date, request.book.currency
    ageing = loans.list_ageing(book=request.book.code, viewer=request.actor)
    outstanding = sum(line.outstanding_minor for line in ageing)
    overdue = sum(line.outstanding_minor for line in ageing if line.bucket)
    newest = loans.list_loans(
        wanted=LoanFilter(book=request.book.code, limit=LOANS_MAX, brief=True),
        viewer=request.actor,
    )
    days = _days(newest.lines, on, complete=not newest.next)
    return {
        "ageing": ageing,
        "outstanding_minor": outstanding,
        "overdue_minor": overdue,
        "overdue_rate": charts.share(overdue, outstanding),
        "loans": sum(line.loans for line in ageing),
        "late": sum(line.loans for line in ageing if line.bucket),
        "today": sum(count for day, count, _minor in days if day == on),
        "today_minor": sum(minor for day, _count, minor in days if day == on),
        "days": days,
        "paid_out": _paid_out(days, currency),
        "buckets": _buckets(ageing, currency),
    }


def _days(lines: Sequence[LoanLine], on: date, *, complete: bool) -> list[tuple[date, int, int]]:
    """Loans and principal paid out on each of the last days.

    Where the page ended before the oldest day, the days it does not hold whole are left out.
    """
    first = on - timedelta(days=TREND_DAYS - 1)
    if not complete and lines:
        first = max(first, min(line.disbursed_on for line in lines) + timedelta(days=1))
    found = {
        first + timedelta(days=place): (0, 0) for place in range(max((on - first).days + 1, 0))
    }
    for line in lines:
        if line.disbursed_on in found:
            count, minor = found[line.disbursed_on]
            found[line.disbursed_on] = (count + 1, minor + line.principal_minor)
    return [(day, count, minor) for day, (count, minor) in found.items()]


def _paid_out(days: Sequence[tuple[date, int, int]], currency: str) -> Chart:
    loans_paid = sum(count for _day, count, _minor in days)
    paid_minor = [minor for _day, _count, minor in days]
    return Chart(
        place="paid-out",
        title=ngettext(
            "%(amount)s was paid out in %(days)s days, %(loans)s loan",
            "%(amount)s was paid out in %(days)s days, %(loans)s loans",
            loans_paid,
        )
        % {
            "amount": short_money(sum(paid_minor), currency),
            "days": len(days),
            "loans": grouped(loans_paid),
        }
        if loans_paid
        else _("Nothing was paid out in the last days"),
        label=_("Money and loans paid out on each of the last days"),
        head=_("Day"),
        drawn=charts.axis(
            [day.isoformat() for day, _count, _minor in days],
            [
                charts.series(_("Paid out"), charts.amounts(paid_minor, currency), unit=currency),
                charts.series(
                    _("Loans"), [count for _day, count, _minor in days], kind="line", right=True
                ),
            ],
        ),
    )


def _buckets(ageing: Sequence[loans.BucketLine], currency: str) -> Chart:
    late = ageing[1:]
    return Chart(
        place="buckets",
        title=charts.late_finding(
            [(line.name, line.outstanding_minor) for line in late],
            sum(line.outstanding_minor for line in ageing),
        ),
        label=_("Outstanding principal past due by bucket"),
        head=_("Bucket"),
        drawn=charts.axis(
            [line.name for line in late],
            [
                charts.series(
                    _("Outstanding"),
                    charts.amounts([line.outstanding_minor for line in late], currency),
                    unit=currency,
                ),
                charts.series(_("Loans"), [line.loans for line in late], kind="line", right=True),
            ],
        ),
    )
