"""Ends of penalty: instalments that bear no more of it so many days after their due date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from loanops.loanbook.servicing.domain.position import NO_PENAL, Penal, day_number
from loanops.loanbook.servicing.domain.rules import Rules
from loanops.loanbook.servicing.operations.loading import INSTALMENT, as_date
from loanops.loanbook.servicing.operations.projecting import PenalKey
from loanops.loanbook.servicing.ports import Closing
from loanops.platform.db import fetch


def leave(
    closing: Closing, pools: Mapping[int, Rules], entered: Mapping[PenalKey, Penal]
) -> tuple[dict[PenalKey, Penal], int]:
    """Instalments whose rule ends their penalty bear no more; and how many those are.

    What entered late may end at once, so that pools it entered are looked at further back.
    """
    moved, count = dict(entered), 0
    late = {pool_id for pool_id, _ in entered}
    for pool_id, rules in sorted(pools.items(), key=lambda pool: pool[0]):
        runs = _capped(pool_id, closing.opens_on) if rules.is_capped_by_rate else []
        if rules.penalty_days is not None:
            last_due = closing.opens_on - timedelta(days=rules.penalty_days)
            since = date.min if pool_id in late else last_due
            runs += _running(pool_id, since, last_due, rules.penalty_days)
        for run in runs:
            for rate, was, now in _end(pool_id, rules, run):
                count += 1
                key = pool_id, rate
                moved[key] = moved.get(key, NO_PENAL).plus(now).minus(was)
    return moved, count


class _Run(NamedTuple):
    """Instalments of one due date that run beyond their end: since when, and where that is."""

    due_on: date
    penal_to: date
    end: date
    is_own: bool


def _running(pool_id: int, since: date, last_due: date, stop_days: int) -> list[_Run]:
    """Those due between two days that end so many days after their due date."""
    found = (
        _Run(as_date(due_on), as_date(penal_to), as_date(due_on) + timedelta(days=stop_days), False)
        for due_on, penal_to in fetch(
            f"""
            SELECT DISTINCT due_on, penal_to FROM {INSTALMENT}
            WHERE due_on >= %s AND due_on <= %s AND pool_id = %s AND capped_on IS NULL
                AND open_minor > 0 AND penal_to IS NOT NULL AND penal_end IS NULL
            """,  # noqa: S608 - names come from the models
            [since, last_due, pool_id],
        )
    )
    return [each for each in found if each.penal_to < each.end]


def _capped(pool_id: int, on: date) -> list[_Run]:
    """Those whose cap, at the rates that they followed, leaves no more by a day."""
    return [
        _Run(as_date(due_on), as_date(penal_to), as_date(end), True)
        for due_on, penal_to, end in fetch(
            f"""
            SELECT DISTINCT due_on, penal_to, capped_on FROM {INSTALMENT}
            WHERE pool_id = %s AND capped_on <= %s AND penal_to < capped_on
                AND open_minor > 0 AND penal_end IS NULL
            """,  # noqa: S608 - names come from the models
            [pool_id, on],
        )
    ]


def _end(pool_id: int, rules: Rules, run: _Run) -> list[tuple[str, Penal, Penal]]:
    """Count instalments of a due date up to their end: rate, what each bore and what it bears."""
    due_on, penal_to, end, is_own = run
    bare = "principal_minor - paid_principal_minor"
    if rules.penalty_on_interest:
        bare += " + interest_minor - paid_interest_minor"
    base = f"{bare} + compounded_minor"
    own = "= %s AND penal_to < capped_on" if is_own else "IS NULL"
    days = (end - penal_to).days
    found = []
    for rate, base_minor, minor_days, adjust_minor in fetch(
        f"""
        UPDATE {INSTALMENT}
        SET penal_minor_days = penal_minor_days + ({base}) * %s, penal_to = %s
        WHERE due_on = %s AND pool_id = %s AND penal_to = %s AND penal_end IS NULL
            AND open_minor > 0 AND ({bare}) > 0 AND capped_on {own}
        RETURNING penal_rate, {base}, penal_minor_days, penalty_adjust_minor
        """,  # noqa: S608 - names come from the models
        [days, end, due_on, pool_id, penal_to, *([end] if is_own else [])],
    ):
        earlier = minor_days - base_minor * days
        was = Penal(base_minor, base_minor * day_number(penal_to), earlier, adjust_minor)
        settled_minor = rules.penalty_minor(minor_days, rate) + adjust_minor
        found.append((rate, was, Penal(settled_minor=settled_minor)))
    return found
