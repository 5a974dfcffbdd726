"""The portfolio board: a book at the end of any day, its expected cash flow, its static pool."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import (
    CashFlowCard,
    PortfolioCard,
    PortfolioCut,
    QualityLine,
    Reading,
    VintageCard,
)
from loanops.platform.web.templatetags import in_language, money, percent
from loanops.surfaces.console.forms.fields import read_day
from loanops.surfaces.console.pages import charts, sheets
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.naming import partner_names, product_names
from loanops.surfaces.console.pages.sentences import Names
from loanops.surfaces.console.pages.shell import ConsoleRequest, page, render
from loanops.surfaces.console.pages.words import word_of

TREND_DAYS = 90
VINTAGES_MAX = 12
MEASURES = {
    "outstanding": "outstanding_rate",
    "ever_30": "ever_30_rate",
    "ever_90": "ever_90_rate",
}


@page(permissions.VIEW, needs_book=True)
def portfolio(request: ConsoleRequest) -> HttpResponse:
    """Outstanding, where and at risk; what is provided, and what is to come."""
    card = _asked(request)
    book, currency = request.book.code, request.book.currency
    flow = queries.cash_flow(book=book, viewer=request.actor)
    since = card.on - timedelta(days=TREND_DAYS)
    trend = queries.list_quality(book=book, since=since, until=card.on, viewer=request.actor)
    names, partners = product_names(request), partner_names(request)
    drawn = {
        "bucket_chart": _bucket_chart(card, currency),
        "class_chart": _class_chart(card, currency),
        "flow_chart": _flow_chart(flow, currency),
        "trend_chart": _trend_chart(trend, currency),
    }
    context = {
        "card": card,
        "of_day": _of_day(card),
        "readings": readings(),
        "figures": queries.class_figures(book=book, on=card.on),
        "flow": flow,
        "trend": trend,
        "cuts": (
            (_("By product"), "product", card.products, names),
            (_("By funder"), "funder", card.funders, partners),
        ),
        "at_risk_30": next(line for line in card.at_risk if line.days == 30),
        "where_finding": _of_products(card.products, names),
        **drawn,
    }
    return charts.asked(request, *drawn.values()) or render(
        request, "console/portfolio/portfolio.html", context
    )


def _of_day(card: PortfolioCard) -> str:
    """How the list of loans is asked for the same day and reading, before what narrows it."""
    return "" if card.on == card.business_date else f"on={card.on}&reading={card.reading}&"


def _asked(request: ConsoleRequest) -> PortfolioCard:
    """The day and the reading of the address; a day that has not come is the business day."""
    wanted = read_day(request.GET.get("on", ""))
    on = min(wanted, request.book.business_date) if wanted else None
    reading = Reading.NOW if request.GET.get("reading") == Reading.NOW.value else Reading.THEN
    return queries.get_portfolio(
        book=request.book.code, on=on, reading=reading, viewer=request.actor
    )


def readings() -> list[tuple[str, str]]:
    """The two readings of a past day with their words."""
    return [
        (Reading.THEN.value, _("as known then")),
        (Reading.NOW.value, _("as recalculated now")),
    ]


def _of_classes(card: PortfolioCard) -> str:
    if card.non_performing_minor is None:
        return _("Classes were not kept on this day")
    if not card.non_performing_minor:
        return _("No loan is non-performing")
    return _("%(share)s is non-performing; provision covers %(coverage)s of it") % {
        "share": percent(card.non_performing_rate),
        "coverage": percent(card.coverage),
    }


def _of_products(products: Sequence[PortfolioCut], names: Names) -> str:
    if not products:
        return _("Nothing is outstanding")
    first = products[0]
    return _("%(product)s holds %(share)s of the outstanding") % {
        "product": in_language(names.get(first.code)) or first.code,
        "share": percent(first.share, 1),
    }


def _of_flow(flow: CashFlowCard, currency: str) -> str:
    total = sum(month.total_minor for month in flow.months)
    if not total:
        return _("Nothing falls due in the next twelve months")
    most = max(flow.months, key=lambda month: month.total_minor)
    return _("%(amount)s falls due in twelve months, most in %(month)s") % {
        "amount": money(total, currency),
        "month": f"{most.month:%Y-%m}",
    }


def _of_trend(trend: Sequence[QualityLine]) -> str:
    known = [line for line in trend if line.non_performing_rate is not None]
    if not known:
        return _("No day has been closed yet")
    if known[0].non_performing_rate == known[-1].non_performing_rate:
        return _("Non-performing stands at %(share)s, as %(days)s days ago") % {
            "share": percent(known[-1].non_performing_rate),
            "days": (known[-1].on - known[0].on).days,
        }
    return _("Non-performing went from %(first)s to %(last)s in %(days)s days") % {
        "first": percent(known[0].non_performing_rate),
        "last": percent(known[-1].non_performing_rate),
        "days": (known[-1].on - known[0].on).days,
    }


def _bucket_chart(card: PortfolioCard, currency: str) -> Chart:
    late = card.buckets[1:]
    return Chart(
        place="buckets",
        title=charts.late_finding(
            [(cut.name, cut.outstanding_minor) for cut in late], card.outstanding_minor
        ),
        label=_("Outstanding principal past due by bucket"),
        head=_("Bucket"),
        drawn=charts.axis(
            [cut.name for cut in late],
            [_money(_("Outstanding"), [cut.outstanding_minor for cut in late], currency)],
        ),
    )


def _class_chart(card: PortfolioCard, currency: str) -> Chart:
    """The lower classes; the normal one would leave no room for them."""
    lower = card.classes[1:]
    return Chart(
        place="classes",
        title=_of_classes(card),
        label=_("Outstanding and provision of the lower classes"),
        head=_("Class"),
        drawn=charts.axis(
            [str(word_of("tier", cut.tier).text) for cut in lower],
            [
                _money(_("Outstanding"), [cut.outstanding_minor for cut in lower], currency),
                _money(_("Provision"), [cut.provision_minor for cut in lower], currency),
            ],
        ),
    )


def _flow_chart(flow: CashFlowCard, currency: str) -> Chart:
    months = flow.months
    return Chart(
        place="cash-flow",
        title=_of_flow(flow, currency),
        label=_("Principal, interest and fees that fall due by month"),
        head=_("Month"),
        drawn=charts.axis(
            [f"{month.month:%Y-%m}" for month in months],
            charts.parts(
                [month.principal_minor for month in months],
                [month.interest_minor for month in months],
                [month.fee_minor for month in months],
                currency,
            ),
        ),
    )


def _trend_chart(trend: Sequence[QualityLine], currency: str) -> Chart:
    return Chart(
        place="trend",
        title=_of_trend(trend),
        label=_("Outstanding and share that is non-performing by day"),
        head=_("Day"),
        drawn=charts.axis(
            [line.on.isoformat() for line in trend],
            [
                _money(_("Outstanding"), [line.outstanding_minor for line in trend], currency),
                charts.series(
                    _("Non-performing"),
                    charts.shares([line.non_performing_rate for line in trend]),
                    unit="%",
                    kind="line",
                    right=True,
                ),
            ],
        ),
    )


def _money(name: str, values_minor: Sequence[int], currency: str) -> dict[str, Any]:
    return charts.series(name, charts.amounts(values_minor, currency), unit=currency)


@page(permissions.VIEW, needs_book=True)
def export(request: ConsoleRequest) -> HttpResponse:
    """The board of a day as a CSV file: one line for each number, with what it is of."""
    card = _asked(request)
    currency = request.book.currency
    head = ("book", "on", "reading", "cut", "code", "outstanding", "share", "provision", "currency")
    cuts: list[tuple[str, str, int, Decimal | None, int | None]] = [
        ("all", "", card.outstanding_minor, None, card.provision_minor)
    ]
    cuts += [("bucket", cut.name, cut.outstanding_minor, cut.share, None) for cut in card.buckets]
    cuts += [
        ("at_risk", str(line.days), line.outstanding_minor, line.rate, None)
        for line in card.at_risk
    ]
    cuts += [
        ("class", cut.tier, cut.outstanding_minor, cut.share, cut.provision_minor)
        for cut in card.classes
    ]
    for kind, listed in (("product", card.products), ("funder", card.funders)):
        cuts += [
            (kind, cut.code, cut.outstanding_minor, cut.share, cut.provision_minor)
            for cut in listed
        ]
    rows = [
        (
            card.book,
            card.on,
            card.reading,
            kind,
            code,
            sheets.amount(outstanding_minor, currency),
            share,
            sheets.amount(provision_minor, currency),
            currency,
        )
        for kind, code, outstanding_minor, share, provision_minor in cuts
    ]
    return sheets.answer(f"portfolio-{card.book}-{card.on}-{card.reading}.csv", head, rows)


@page(permissions.VIEW, needs_book=True)
def static_pool(request: ConsoleRequest) -> HttpResponse:
    """Loans by the month of their payout, month on book by month on book."""
    measure = request.GET.get("measure", "")
    measure = measure if measure in MEASURES else "outstanding"
    product = request.GET.get("product", "")[:40]
    lines = queries.static_pool(book=request.book.code, product=product, viewer=request.actor)
    months = sorted({line.month for line in lines})
    cells = {(line.month, line.months_on_book): getattr(line, MEASURES[measure]) for line in lines}
    ages = range(max((line.months_on_book for line in lines), default=-1) + 1)
    newest = {line.month: line for line in lines}
    chart = Chart(
        place="static-pool",
        title=_of_pool(list(newest.values()), measure),
        label=_("The measure by months on book, one line for each month of payout"),
        head=_("Months on book"),
        drawn=charts.axis(
            [f"MOB{age}" for age in ages],
            [
                charts.series(
                    f"{month:%Y-%m}",
                    charts.shares([cells.get((month, age)) for age in ages]),
                    unit="%",
                    kind="line",
                )
                for month in months[-VINTAGES_MAX:]
            ],
        ),
    )
    context = {
        "measure": measure,
        "measures": (
            ("outstanding", _("unpaid principal")),
            ("ever_30", _("ever more than 30 days past due")),
            ("ever_90", _("ever more than 90 days past due")),
        ),
        "product": product,
        "names": product_names(request),
        "ages": ages,
        "rows": [(newest[month], [cells.get((month, age)) for age in ages]) for month in months],
        "chart": chart,
    }
    return charts.asked(request, chart) or render(
        request, "console/portfolio/static_pool.html", context
    )


def _of_pool(newest: Sequence[VintageCard], measure: str) -> str:
    """What is left of the oldest month of payout, or which month was late the most."""
    rated = [(getattr(card, MEASURES[measure]) or Decimal(0), card) for card in newest]
    if not rated:
        return _("No month has ended yet")
    if measure == "outstanding":
        rate, card = min(rated, key=lambda each: each[1].month)
    else:
        rate, card = max(rated, key=lambda each: each[0])
    words = {
        "outstanding": _("Of what was paid out in %(month)s, %(rate)s is still unpaid"),
        "ever_30": _("Paid out in %(month)s: %(rate)s was ever more than 30 days late"),
        "ever_90": _("Paid out in %(month)s: %(rate)s was ever more than 90 days late"),
    }
    return words[measure] % {"month": f"{card.month:%Y-%m}", "rate": percent(rate)}
