"""Replaying: loans written as their events make them by a day that time alone has brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from loanops.loanbook.servicing.operations.loading import histories, hold, replayed
from loanops.loanbook.servicing.operations.projecting import Turned, project
from loanops.loanbook.servicing.operations.turning import turn_to
from loanops.platform.work import Work


def replay_to(*, work: Work, loan_ids: Sequence[int], on: date) -> None:
    """Write loans as they stand at the end of a day; the caller records.

    For loans of which something is overdue: these have no credit that could pay what falls due, so
    that no money moves, and what they earn is accrued with their pools.
    """
    if not loan_ids:
        return
    told = histories(loan_ids)
    turned: list[Turned] = []
    for held in hold(loan_ids, whole=True):
        now = replayed(told[held.id], held, [], on)
        made = turn_to(held, now.backing, now, held.figures.last_event_on, on)
        turned.append(Turned(held, made))
    project(work=work, turned=turned)
