"""Charts as plain values: what the browser draws, and what stands in the table behind it.

Amounts leave as decimal text of the currency's unit; the browser reads them for drawing alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from loanops.platform.web.templatetags import major


def amounts(values_minor: Sequence[int], currency: str) -> list[str]:
    """Minor units as decimal text."""
    return [str(major(value, currency)) for value in values_minor]


def series(
    name: str,
    values: Sequence[str | int],
    *,
    kind: str = "bar",
    stack: str = "",
    right: bool = False,
) -> dict[str, Any]:
    """One series of a chart; ``right`` draws it against the right axis."""
    return {"name": name, "values": list(values), "kind": kind, "stack": stack, "right": right}


def axis(
    labels: Sequence[str],
    drawn: Sequence[dict[str, Any]],
    *,
    left: str = "",
    right: str = "",
) -> dict[str, Any]:
    """Bars and lines over labels; ``left`` and ``right`` name the units of the axes."""
    return {
        "kind": "axis",
        "labels": list(labels),
        "series": list(drawn),
        "left": left,
        "right": right,
    }


def funnel(items: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """A funnel of named counts, widest first."""
    return {"kind": "funnel", "items": [{"name": name, "value": value} for name, value in items]}


def schedule(
    *,
    labels: Sequence[str],
    principal: Sequence[int],
    interest: Sequence[int],
    fees: Sequence[int],
    currency: str,
) -> dict[str, Any]:
    """The instalments of a loan, stacked by what they are made of."""
    drawn = [
        series(_("Principal"), amounts(principal, currency), stack="due"),
        series(_("Interest"), amounts(interest, currency), stack="due"),
    ]
    if any(fees):
        drawn.append(series(_("Fees"), amounts(fees, currency), stack="due"))
    return axis(labels, drawn, left=currency)


def share(part: int, whole: int) -> Decimal | None:
    """A part of a whole as a fraction; none of nothing."""
    return Decimal(part) / Decimal(whole) if whole else None
