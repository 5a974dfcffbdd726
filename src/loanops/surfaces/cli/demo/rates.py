"""What LPR becomes in a season: made up, so that floating loans are seen to follow."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Final

from loanops.registry.compliance import operations
from loanops.surfaces.cli.demo import staff

# Business days left, as in `trouble`.
PUBLISHED: Final = 25
MADE_UP: Final = Decimal("0.0290")


def of_the_day(*, book: str, on: date, left: int, at: datetime) -> None:
    """On one day compliance records a lower rate; the close of the day reads it."""
    if left == PUBLISHED:
        operations.record_reference_rate(
            book=book,
            key="lpr_1y",
            rate_annual=MADE_UP,
            effective_from=on,
            document="演示数据，并非真实公告 · made up for the demo",
            actor=staff.actor("compliance", on=on),
            at=at,
        )
