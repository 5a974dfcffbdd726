"""Rebuilding: what can be derived of loans is written anew from their terms and events.

Only what differs is written, so that a second run finds nothing to do. The ledger is not touched:
what it says otherwise than the loans, ``loanops verify`` names. Sums of pools are put right by
what they lack, so that money that comes meanwhile is neither lost nor counted twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from loanops.kernel.access import Actor, require
from loanops.kernel.account import BroughtIn, Disbursed, Repaid
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing import permissions
from loanops.loanbook.servicing.domain.position import NO_PENAL, Item, Penal, penal_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.domain.turn import figures_of
from loanops.loanbook.servicing.models import (
    PenalMove,
    PenaltyAccrual,
    PeriodMove,
    Pool,
)
from loanops.loanbook.servicing.operations.loading import (
    INSTALMENT,
    LOAN,
    POOL,
    Held,
    History,
    as_date,
    as_date_or_none,
    chunks,
    histories,
    hold,
    replayed,
    see_book,
)
from loanops.loanbook.servicing.operations.periods import strayed_periods
from loanops.loanbook.servicing.operations.projecting import (
    PERIOD_COLUMNS,
    PenalKey,
    move_penal,
    rewrite,
)
from loanops.loanbook.servicing.operations.steps.accruals import fold_marked
from loanops.loanbook.servicing.ports import CLOSE
from loanops.platform.books import queries as books
from loanops.platform.db import fetch, insert_many, lock
from loanops.platform.work import Work, unit_of_work

LOANS_PER_UNIT = 1_000
"""Loans of one transaction: enough to share its cost, few enough to hold locks briefly."""


class CloseUnderWay(Refusal):
    """Between two steps of a close, loans and pools are seen from different days."""

    code = "servicing_close_under_way"
    sentence = "The close of {closed_on} has not finished; finish it and try again."
    status = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What came of a rebuild.

    ``changed`` are loans that were written anew, ``stuck`` the numbers of those whose events cannot
    be replayed and which stand as they were, ``periods`` and ``pools`` sums that were put right.
    """

    book: str
    loans: int
    changed: int
    periods: int
    pools: int
    stuck: tuple[str, ...]


def rebuild(*, book: str, actor: Actor, at: datetime) -> Rebuilt:
    """Write instalments, figures and sums of pools anew where events and terms make others.

    Every thousand loans are one transaction, the sums another; run again, it goes on.

    :raises NotPermitted: the actor may not close a day, which takes the same care.
    :raises NotFound: there is no such book in the actor's scope.
    :raises CloseUnderWay: the last close has steps left to do.
    """
    require(actor, permissions.CLOSE_DAY)
    see_book(actor, book)
    on = books.business_date(book)
    _refuse_under_way(book, on - timedelta(days=1))
    ids = [row[0] for row in fetch(f"SELECT id FROM {LOAN} WHERE book_id = %s ORDER BY id", [book])]  # noqa: S608
    changed, stuck = 0, []
    for part in chunks(ids, LOANS_PER_UNIT):
        with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            fresh, lost = _differing(part, on)
            stuck += lost
            changed += len(fresh)
            rewrite(loans=fresh)
            if fresh:
                work.record_batch("servicing.rebuilt", subjects=[held.number for held in fresh])
            else:
                work.unchanged()
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        # Two at once would both put the same sums right.
        lock(POOL, (row.pk for row in Pool.objects.filter(book_id=book)))
        periods, pools = _right_periods(work), _right_penal(book)
        if periods or pools:
            work.record("servicing.sums_rebuilt", subject=book, periods=periods, pools=pools)
        else:
            work.unchanged()
    return Rebuilt(
        book=book, loans=len(ids), changed=changed, periods=periods, pools=pools, stuck=tuple(stuck)
    )


def _refuse_under_way(book: str, closed_on: date) -> None:
    done = books.finished_steps(book=book, on=closed_on)
    if done and not CLOSE.is_finished(done):
        raise CloseUnderWay(closed_on=closed_on)


def _differing(ids: Sequence[int], on: date) -> tuple[list[Held], list[str]]:
    """The loans that are not what their history makes of them, as it makes them; and the stuck."""
    told = _readable(ids)
    fresh, stuck = [], []
    for held in hold(ids, whole=True):
        try:
            right = derived(held, told[held.id], on)
        except (Refusal, KeyError, ValueError):
            stuck.append(held.number)
            continue
        if right != held:
            fresh.append(right)
    return fresh, stuck


def _readable(ids: Sequence[int]) -> dict[int, History]:
    """The histories that can be read; one that cannot is found by halves and left out."""
    try:
        return histories(ids)
    except (Refusal, ValueError, TypeError):
        middle = len(ids) // 2
        return _readable(ids[:middle]) | _readable(ids[middle:]) if middle else {}


def derived(held: Held, history: History, on: date) -> Held:
    """A loan as its terms and events make it, seen at the end of a day.

    What the close set aside stays in its state and bucket until it is released.

    :raises Refusal: the events do not fit each other.
    """
    seen = replayed(history, held, [], on)
    came = (Disbursed, Repaid, BroughtIn)
    changes = [event.on for event in history.events if type(event) not in came]
    figures = figures_of(
        seen.account,
        seen.items,
        held.rules,
        last_event_on=max(event.on for event in history.events),
        settled_before=held.figures.settled_on,
    )
    if held.set_aside:
        figures = figures._replace(state=held.figures.state, bucket=held.figures.bucket)
    return replace(
        held,
        figures=figures,
        items=seen.items,
        instalment_count=len(seen.items),
        advanced_minor=seen.account.advanced_minor,
        claim_owner=seen.account.owner or held.funder,
        changed_on=max(changes, default=None),
    )


def _right_periods(work: Work) -> int:
    """Add to cohorts what they lack of their instalments; one statement reads both."""
    rows = [
        (
            each.pool_id,
            each.starts_on,
            each.due_on,
            *(right - kept for right, kept in zip(each.expected, each.found, strict=True)),
            work.on,
        )
        for each in strayed_periods(book=work.book)
    ]
    insert_many(PeriodMove._meta.db_table, (*PERIOD_COLUMNS, "fold_on"), rows)
    if rows:
        fold_marked(work)
    return len(rows)


def _right_penal(book: str) -> int:
    """Append how what bears penalty in pools differs from their instalments."""
    missing: dict[PenalKey, Penal] = {}
    for key, penal in _borne_and_kept(book):
        missing[key] = missing.get(key, NO_PENAL).plus(penal)
    # Days of the base and days counted already may stand on either side of the same penalty.
    wrong = {
        key: penal
        for key, penal in missing.items()
        if (penal.base_minor, penal.frozen_minor_days - penal.base_days, penal.settled_minor)
        != (0, 0, 0)
    }
    move_penal(wrong)
    return len(wrong)


def _borne_and_kept(book: str) -> Iterator[tuple[PenalKey, Penal]]:
    """What instalments bear, less what accruals and moves keep: read in one statement."""
    rules = {row.pk: read_rules(row.rules_json) for row in Pool.objects.filter(book_id=book)}
    accrual, move = PenaltyAccrual._meta.db_table, PenalMove._meta.db_table
    for pool_id, rate, borne, first, second, days, settled, *dated in fetch(
        f"""
        SELECT i.pool_id, i.penal_rate, 1, i.principal_minor - i.paid_principal_minor,
            i.interest_minor - i.paid_interest_minor, i.penal_minor_days, i.penalty_adjust_minor,
            i.due_on, i.penal_to, i.penal_end, i.capped_on, i.compounded_minor
        FROM {INSTALMENT} i JOIN {POOL} p ON p.id = i.pool_id
        WHERE p.book_id = %s AND (i.penal_to IS NOT NULL OR i.penalty_adjust_minor <> 0)
        UNION ALL
        SELECT m.pool_id, m.rate, 0, m.base_minor, m.base_days, m.frozen_minor_days,
            m.settled_minor, NULL, NULL, NULL, NULL, 0
        FROM {move} m JOIN {POOL} p ON p.id = m.pool_id WHERE p.book_id = %s
        UNION ALL
        SELECT a.pool_id, a.rate, 0, a.base_minor, a.base_days, a.frozen_minor_days,
            a.settled_minor, NULL, NULL, NULL, NULL, 0
        FROM {accrual} a JOIN {POOL} p ON p.id = a.pool_id
        WHERE p.book_id = %s AND a.closed_on = (
            SELECT MAX(l.closed_on) FROM {accrual} l WHERE l.pool_id = a.pool_id)
        """,  # noqa: S608 - names come from the models
        [book, book, book],
    ):
        if not borne:
            yield (pool_id, rate), NO_PENAL.minus(Penal(first, second, days, settled))
            continue
        due_on, penal_to, penal_end, capped_on, more = dated
        item = Item(
            number=0,
            due_on=as_date(due_on),
            principal_minor=first,
            interest_minor=second,
            fee_minor=0,
            penal_to=as_date_or_none(penal_to),
            penal_minor_days=days,
            penal_end=as_date_or_none(penal_end),
            penalty_adjust_minor=settled,
            penal_rate=rate,
            capped_on=as_date_or_none(capped_on),
            compounded_minor=more,
        )
        yield (pool_id, rate), penal_of(item, rules[pool_id])
