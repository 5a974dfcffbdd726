"""Charts as plain values: what the browser draws, and the figures behind it.

Amounts leave as decimal text of the currency's unit; the browser reads them for drawing alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from loanops.platform.web.templatetags import major, money, percent
from loanops.surfaces.console.pages import sheets


@dataclass(frozen=True)
class Chart:
    """A chart: ``title`` says what it shows in a sentence, ``label`` what is drawn.

    ``place`` is its name on its page and that of its file, ``head`` says what its labels are.
    """

    place: str
    title: str
    label: str
    head: str
    drawn: Mapping[str, Any]

    @property
    def source(self) -> str:
        """The id of the element that holds its figures for the browser."""
        return f"chart-{self.place}"

    @property
    def heads(self) -> tuple[str, ...]:
        """The head of each column of its file, with the unit."""
        return (
            self.head,
            *(f"{each['name']} ({each['unit']})" if each["unit"] else each["name"]
              for each in self.drawn["series"]),
        )  # fmt: skip

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        """The rows of its file: each label with its figures."""
        for place, label in enumerate(self.drawn["labels"]):
            values = (each["values"][place] for each in self.drawn["series"])
            yield (label, *("" if value is None else str(value) for value in values))


def asked(request: HttpRequest, *charts: Chart) -> HttpResponse | None:
    """The figures behind the chart that the address asks for, as a file; None where for none."""
    wanted = request.GET.get("chart", "")
    found = next((chart for chart in charts if chart.place == wanted), None)
    if found is None:
        return None
    return sheets.answer(f"{found.place}.csv", found.heads, found.rows)


def amounts(values_minor: Sequence[int], currency: str) -> list[str]:
    """Minor units as decimal text."""
    return [str(major(value, currency)) for value in values_minor]


def shares(rates: Sequence[Decimal | None]) -> list[str | None]:
    """Rates as decimal text of per cent; none where nothing is known."""
    return [None if rate is None else f"{100 * rate:f}" for rate in rates]


def series(
    name: str,
    values: Sequence[str | int | None],
    *,
    unit: str = "",
    kind: str = "bar",
    stack: str = "",
    right: bool = False,
) -> dict[str, Any]:
    """One series of a chart; ``unit`` is a currency or %, ``right`` draws it by the right axis."""
    return {
        "name": name, "values": list(values), "unit": unit, "kind": kind, "stack": stack,
        "right": right,
    }  # fmt: skip


def axis(labels: Sequence[str], drawn: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Bars and lines over labels."""
    return {"kind": "axis", "labels": list(labels), "series": list(drawn)}


def funnel(name: str, items: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A funnel of counts of something that is named, widest first."""
    counts = series(name, [count for _name, count in items])
    return {"kind": "funnel", "labels": [name for name, _count in items], "series": [counts]}


def schedule(
    place: str,
    *,
    labels: Sequence[str],
    principal: Sequence[int],
    interest: Sequence[int],
    fees: Sequence[int],
    currency: str,
) -> Chart:
    """The instalments of a loan, stacked by what they are made of."""
    return Chart(
        place=place,
        title=_("Interest and fees are %(cost)s of the %(total)s to be paid")
        % {
            "cost": money(sum(interest) + sum(fees), currency),
            "total": money(sum(principal) + sum(interest) + sum(fees), currency),
        },
        label=_("Instalments by principal, interest and fees"),
        head=_("Due on"),
        drawn=axis(labels, parts(principal, interest, fees, currency)),
    )


def parts(
    principal: Sequence[int], interest: Sequence[int], fees: Sequence[int], currency: str
) -> list[dict[str, Any]]:
    """What falls due as stacked series; fees only where there are any."""
    named = [(_("Principal"), principal), (_("Interest"), interest)]
    named += [(_("Fees"), fees)] if any(fees) else []
    return [
        series(name, amounts(values, currency), unit=currency, stack="due")
        for name, values in named
    ]


def late_finding(late: Sequence[tuple[str, int]], whole_minor: int) -> str:
    """What buckets of days past due show: how much is late, and where most of it stands."""
    late_minor = sum(minor for _name, minor in late)
    if not whole_minor:
        return _("Nothing is outstanding")
    if not late_minor:
        return _("Nothing is past due")
    return _("%(share)s of principal is past due, most of it in %(bucket)s") % {
        "share": percent(share(late_minor, whole_minor)),
        "bucket": max(late, key=lambda each: each[1])[0],
    }


def share(part: int, whole: int) -> Decimal | None:
    """A part of a whole as a fraction; none of nothing."""
    return Decimal(part) / Decimal(whole) if whole else None
