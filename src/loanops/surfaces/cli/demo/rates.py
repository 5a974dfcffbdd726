"""What LPR becomes in a season: made up, so that floating loans are seen to follow."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from loanops.loanbook.servicing import operations as servicing
from loanops.registry.compliance import operations
from loanops.surfaces.cli.demo import staff

# Business days left, as in `trouble`.
PUBLISHED: Final = 25
LATE: Final = 1
MADE_UP: Final = Decimal("0.0290")
CAME_LATE: Final = Decimal("0.0285")
LATE_BY: Final = timedelta(days=4)
INDEX: Final = "lpr_1y"


def of_the_day(*, book: str, on: date, left: int, at: datetime) -> None:
    """On one day compliance records a lower rate; the close of the day reads it.

    On the last but one a figure comes four days late: what it comes to for the loans that read the
    older one is worked out, and waits for a second person.
    """
    if left == PUBLISHED:
        _record(book, MADE_UP, on, on=on, at=at)
    if left == LATE:
        since = on - LATE_BY
        _record(book, CAME_LATE, since, on=on, at=at)
        servicing.ask_reread(
            book=book,
            index=INDEX,
            since=since,
            reason="报价公布后漏登，四天后补录",
            actor=staff.actor("ops", on=on),
            at=at,
        )


def _record(book: str, rate: Decimal, since: date, *, on: date, at: datetime) -> None:
    operations.record_reference_rate(
        book=book,
        key=INDEX,
        rate_annual=rate,
        effective_from=since,
        document="演示数据，并非真实公告 · made up for the demo",
        actor=staff.actor("compliance", on=on),
        at=at,
    )
