"""The living page of components: every part that pages are made of, drawn by the part itself.

What it shows of money and days is made up; nothing on it asks the database or changes anything.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from django.http import HttpResponse
from django.utils.translation import gettext as _

from loanops.kernel.schedule import FirstRead, Floating, Penalty, Row
from loanops.platform.web import clock
from loanops.surfaces.console.forms.identity import RoleForm
from loanops.surfaces.console.forms.servicing import RepayForm
from loanops.surfaces.console.pages import charts
from loanops.surfaces.console.pages.charts import Chart
from loanops.surfaces.console.pages.portfolio import readings
from loanops.surfaces.console.pages.shell import ConsoleRequest, done, page, render, today
from loanops.surfaces.console.pages.tours import STOPS, Tour
from loanops.surfaces.console.pages.words import TABLES

TOKENS = Path(__file__).parent.parent / "static" / "console" / "tokens.css"
STATUSES = ("stage", "loan", "payout", "tier", "standing", "job")
ICONS = (
    "inbox", "file-text", "cash", "send", "signature", "users", "scale", "gavel", "check", "x",
)  # fmt: skip
_TOKEN = re.compile(r"^  --([\w-]+): ([^;]+);|^  /\* (.+?) \*/", re.MULTILINE)


@page(needs_book=True, asks=True)
def components(request: ConsoleRequest) -> HttpResponse:
    """Every component; what is posted to it is answered and thrown away."""
    if request.method == "POST":
        return done(
            request, _("This is how success is said. Nothing was done."), "console:components"
        )
    funnel, paid_out = _funnel(), _paid_out(request.desk.currency)
    form = RepayForm(
        {"amount_minor": "1.234", "channel": "counter"}, currency=request.desk.currency
    )
    context = {
        "tokens": tokens(),
        "statuses": [(kind, TABLES[kind]) for kind in STATUSES],
        "icons": ICONS,
        "funnel": funnel,
        "paid_out": paid_out,
        "lines": list(zip(paid_out.drawn["labels"], _PAID_MINOR, strict=True)),
        "paid_minor": sum(_PAID_MINOR),
        "steps": list(funnel.rows),
        "rows": _schedule(),
        "refused": form,
        "form": RepayForm(currency=request.desk.currency, initial={"on": today()}),
        "role_form": RoleForm(books=request.desk.books, initial={"valid_from": today()}),
        "readings": readings(),
        "reading": "then",
        "on": today(),
        "penalty": Penalty(multiplier=Decimal("1.5"), grace_days=3, cap=Decimal("0.5")),
        "floating": Floating(index="lpr_1y", spread_bp=Decimal(145), floor=Decimal("0.03")),
        "first": FirstRead(
            index="lpr_1y", index_rate=Decimal("0.0310"), effective_from=today(),
            read_on=today(), spread_bp=Decimal(145), rate_annual=Decimal("0.0455"),
        ),
        "card": SimpleNamespace(
            reason=_("The borrower asked for it"), asked_at=clock.now(), decided_at=clock.now(),
            note=_("Seen and agreed"),
        ),
        "tour": Tour(1, 4, _("Work list"), STOPS["work_list"], "", "#"),
        "undo": {"to": request.path, "entries": []},
        "requests": [SimpleNamespace(number="CR-0001", kind="deferred")],
    }  # fmt: skip
    return charts.asked(request, funnel, paid_out) or render(
        request, "console/components/components.html", context
    )


@cache
def tokens() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The tokens by their headings: name, value by day, value by night (empty where the same)."""
    day, _brace, night = TOKENS.read_text(encoding="utf-8").partition('[data-bs-theme="dark"]')
    at_night = {name: value for name, value, _head in _TOKEN.findall(night)}
    groups: list[tuple[str, list[tuple[str, str, str]]]] = []
    for name, value, head in _TOKEN.findall(day):
        if head:
            groups.append((head, []))
        else:
            groups[-1][1].append((name, value, at_night.get(name, "")))
    return groups


_PAID_MINOR = (1_284_000_00, 980_500_00, 0, 1_530_250_00, 1_102_000_00)


def _paid_out(currency: str) -> Chart:
    first = today() - timedelta(days=len(_PAID_MINOR) - 1)
    return Chart(
        place="sample-bars",
        title=_("Most was paid out on the fourth day"),
        label=_("Money and loans paid out on each of the last days"),
        head=_("Day"),
        drawn=charts.axis(
            [(first + timedelta(days=place)).isoformat() for place in range(len(_PAID_MINOR))],
            [
                charts.series(_("Paid out"), charts.amounts(_PAID_MINOR, currency), unit=currency),
                charts.series(_("Loans"), [12, 9, 0, 15, 10], kind="line", right=True),
            ],
        ),
    )


def _funnel() -> Chart:
    steps = ("submitted", "approved", "offered", "signed", "disbursed")
    counts = (8912, 6951, 4634, 3654, 3387)
    return Chart(
        place="sample-funnel",
        title=_("Every fifth application is lost before approval"),
        label=_("How many applications reached each step"),
        head=_("Step"),
        drawn=charts.funnel(
            _("Applications"),
            [
                (str(TABLES["stage"][step].text), count)
                for step, count in zip(steps, counts, strict=True)
            ],
        ),
    )


def _schedule() -> list[Row]:
    """Three instalments of a small loan."""
    start, balance, rows = today(), 300_000, []
    for number, principal in enumerate((99_010, 100_000, 100_990), 1):
        due = start + timedelta(days=30)
        rows.append(
            Row(
                number=number,
                start_date=start,
                due_date=due,
                principal_minor=principal,
                interest_minor=balance // 100,
                fees_minor=0,
                balance_minor=balance - principal,
            )
        )
        start, balance = due, balance - principal
    return rows
