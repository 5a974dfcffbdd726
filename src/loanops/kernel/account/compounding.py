"""Compounding: unpaid penalty that begins, on set days, to bear penalty itself (罚息计复利).

It does so while the instalment itself bears any, and as far as it stays unpaid: what is paid of it
or waived bears none from that day on, and what runs up after it waits for the next of the days.
"""

from __future__ import annotations

from datetime import date, timedelta

from loanops.kernel.account.working import Open, Working
from loanops.kernel.allocation import Component


def compounding_days(start: date, every: int, since: date, until: date) -> list[date]:
    """The days after one and up to another that lie whole periods behind the start of penalty."""
    first = max((since - start).days // every + 1, 1)
    last = (until - start).days // every
    return [start + timedelta(days=every * place) for place in range(first, last + 1)]


def take_in(account: Working, item: Open) -> None:
    """Let all unpaid penalty of an instalment bear penalty from the day it is counted to."""
    item.compounded_minor = _open_penalty(account, item)
    item.held_from = None


def still_bearing(account: Working, item: Open, base_minor: int) -> int:
    """What of its penalty still bears penalty beside the rest of an instalment."""
    if not base_minor:
        item.compounded_minor = 0
    elif item.compounded_minor:
        item.compounded_minor = min(item.compounded_minor, _open_penalty(account, item))
    return item.compounded_minor


def _open_penalty(account: Working, item: Open) -> int:
    number = item.row.number
    return sum(
        left_minor
        for key, left_minor in account.left.items()
        if key[0] == number and key[1] is Component.PENALTY
    )
