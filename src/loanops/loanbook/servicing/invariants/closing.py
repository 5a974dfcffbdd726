"""INV-09: the close did every step, and what it accrued and aged is what the loans say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Q

from loanops.kernel.access import Viewer
from loanops.kernel.account import live, pauses_of, turn_of
from loanops.kernel.aging import BUCKET_LAST, bucket, counted_dpd, dpd
from loanops.loanbook.servicing.domain.accrual import Cohort, accrued_interest
from loanops.loanbook.servicing.domain.days import latest_due_of
from loanops.loanbook.servicing.domain.lifecycle import LIVE
from loanops.loanbook.servicing.domain.position import NO_PENAL, Penal, penal_of
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.invariants.figures import newest
from loanops.loanbook.servicing.models import (
    Instalment,
    InterestAccrual,
    Loan,
    PenalMove,
    PenaltyAccrual,
    PeriodMove,
    Pool,
    Unfolded,
)
from loanops.loanbook.servicing.operations.loading import as_date
from loanops.loanbook.servicing.ports import CLOSE
from loanops.loanbook.servicing.queries.histories import events_of
from loanops.loanbook.servicing.queries.loans import item_of_row
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_INSTALMENT = Instalment._meta.db_table
_LOAN = Loan._meta.db_table
_POOL = Pool._meta.db_table
_EVERY = 1_000_000_000


def missing_steps() -> Iterator[Violation]:
    """Closed days with a step that is not done; the newest may still be under way."""
    for card in books.list_books(viewer=Viewer.house("verify")):
        done: dict[date, set[str]] = defaultdict(set)
        for step in books.list_steps(book=card.code, limit=_EVERY):
            done[step.on].add(step.step)
        newest_closed = card.business_date - timedelta(days=1)
        day = min(done, default=card.business_date)
        taken_up = {
            step.name: min((on for on in done if step.name in done[on]), default=card.business_date)
            for step in CLOSE
            if step.is_later
        }
        while day <= newest_closed:
            wanted = [step.name for step in CLOSE if taken_up.get(step.name, day) <= day]
            missing = [name for name in wanted if name not in done[day]]
            if missing:
                yield Violation(
                    code="INV-09",
                    object=f"close of {card.code} {day}",
                    expected=f"{len(wanted)} steps",
                    found=f"without {', '.join(missing)}",
                    hint="run `loanops day close` to finish it",
                    severity="warning" if day == newest_closed else "violation",
                )
            day += timedelta(days=1)
        for day in sorted(day for day in done if day > newest_closed):
            yield Violation(
                code="INV-09",
                object=f"close of {card.code} {day}",
                expected="no step of a day that is open",
                found=", ".join(sorted(done[day])),
                hint="the business date was moved back by hand",
            )


def is_closed(book: str, business_date: date) -> bool:
    """Whether the newest close of a book has finished."""
    done = books.finished_steps(book=book, on=business_date - timedelta(days=1))
    return CLOSE.is_finished(done)


def accruals() -> Iterator[Violation]:
    """Pools whose accruals are not the sum over their loans."""
    for card in books.list_books(viewer=Viewer.house("verify")):
        yield from _interest(card.code)
        yield from _penalty(card.code)


def _interest(book: str) -> Iterator[Violation]:
    rows = newest(
        InterestAccrual._meta.db_table, "a.closed_on, a.interest_minor, a.fee_minor, p.code", book
    )
    by_day: dict[date, dict[int, tuple[int, int, str]]] = defaultdict(dict)
    for pool_id, closed_on, interest, fee, code in rows:
        by_day[as_date(closed_on)][pool_id] = (interest, fee, str(code))
    for closed_on, pools in by_day.items():
        recomputed = _recomputed(book, closed_on + timedelta(days=1))
        for pool_id, (interest, fee, code) in sorted(pools.items()):
            expected = recomputed.get(pool_id, (0, 0))
            if expected != (interest, fee):
                yield Violation(
                    code="INV-09",
                    object=f"accrued interest of {code} {closed_on}",
                    expected=f"interest {expected[0]}, fees {expected[1]}",
                    found=f"interest {interest}, fees {fee}",
                    hint="the accrual of the pool is not that of its instalments",
                )


def _recomputed(book: str, on: date) -> dict[int, tuple[int, int]]:
    """Interest and fees earned up to a day by the loans of every pool, from their instalments.

    What changed since the close is taken out again: it is not accrued yet.
    """
    mine = f"""
        FROM (
            SELECT pool_id, starts_on, due_on, interest_minor, fee_minor FROM {_INSTALMENT}
            WHERE loan_id NOT IN (SELECT loan_id FROM {Unfolded._meta.db_table})
            UNION ALL
            SELECT pool_id, starts_on, due_on, -interest_minor, -fee_minor
            FROM {PeriodMove._meta.db_table}
        ) i JOIN {_POOL} p ON p.id = i.pool_id
        WHERE p.book_id = %s
        """  # noqa: S608 - names come from the models
    finished = {
        pool_id: (int(interest), int(fee))
        for pool_id, interest, fee in fetch(
            f"""
            SELECT i.pool_id, SUM(i.interest_minor), SUM(i.fee_minor) {mine}
                AND i.due_on <= %s GROUP BY i.pool_id
            """,
            [book, on],
        )
    }
    running: dict[int, list[Cohort]] = defaultdict(list)
    for pool_id, starts_on, due_on, interest in fetch(
        f"""
        SELECT i.pool_id, i.starts_on, i.due_on, SUM(i.interest_minor) {mine}
            AND i.due_on > %s AND i.starts_on < %s GROUP BY i.pool_id, i.starts_on, i.due_on
        """,
        [book, on, on],
    ):
        cohort = Cohort(as_date(starts_on), as_date(due_on), int(interest))
        running[pool_id].append(cohort)
    earned = {}
    for pool_id in finished.keys() | running.keys():
        interest, fee = finished.get(pool_id, (0, 0))
        earned[pool_id] = (accrued_interest(interest, running[pool_id], on), fee)
    return earned


def _penalty(book: str) -> Iterator[Violation]:
    """What bears penalty by the accruals and the moves since, against the instalments."""
    pools = {
        row.pk: (row.code, read_rules(row.rules_json)) for row in Pool.objects.filter(book_id=book)
    }
    kept: dict[tuple[int, str], Penal] = {}
    for pool_id, rate, *sums in newest(
        PenaltyAccrual._meta.db_table,
        "a.rate, a.base_minor, a.base_days, a.frozen_minor_days, a.settled_minor",
        book,
    ):
        kept[pool_id, rate] = Penal(*sums)
    for move in PenalMove.objects.filter(pool__book_id=book):
        moved = Penal(move.base_minor, move.base_days, move.frozen_minor_days, move.settled_minor)
        key = move.pool_id, move.rate
        kept[key] = kept.get(key, NO_PENAL).plus(moved)
    borne: dict[tuple[int, str], Penal] = {}
    bearing = Q(penal_to__isnull=False) | ~Q(penalty_adjust_minor=0)
    for row in Instalment.objects.filter(bearing, pool__book_id=book).iterator():
        penal = penal_of(item_of_row(row), pools[row.pool_id][1])
        key = row.pool_id, row.penal_rate
        borne[key] = borne.get(key, NO_PENAL).plus(penal)
    for key in sorted(kept.keys() | borne.keys()):
        expected, found = borne.get(key, NO_PENAL), kept.get(key, NO_PENAL)
        if not _same(expected, found):
            yield Violation(
                code="INV-09",
                object=f"accrued penalty of {pools[key[0]][0]} {key[1]}".rstrip(),
                expected=_words(expected),
                found=_words(found),
                hint="what bears penalty in the pool is not that of its instalments",
            )


def _same(left: Penal, right: Penal) -> bool:
    """Whether two sums bear the same penalty on every day."""
    return (left.base_minor, left.frozen_minor_days - left.base_days, left.settled_minor) == (
        right.base_minor,
        right.frozen_minor_days - right.base_days,
        right.settled_minor,
    )


def _words(penal: Penal) -> str:
    days = penal.frozen_minor_days - penal.base_days
    return f"base {penal.base_minor}, days {days}, settled {penal.settled_minor}"


def wrong_buckets() -> Iterator[Violation]:
    """Loans in another bucket than that of their days past due, once the close has finished."""
    for card in books.list_books(viewer=Viewer.house("verify")):
        if not is_closed(card.code, card.business_date):
            continue
        on = card.business_date
        for loan, number, right in (*_by_days(card.code, on), *_by_pauses(card.code, on)):
            yield Violation(
                code="INV-09",
                object=f"loan {loan}",
                expected=f"bucket M{right}",
                found=f"bucket M{number}",
                hint="the close did not move the loan, or its bucket was changed by hand",
            )


def _by_days(book: str, on: date) -> Iterator[tuple[str, int, int]]:
    """Loans whose days past due mean another bucket: number, the bucket it has, the right one."""
    for number in range(BUCKET_LAST + 1):
        bounds = ["oldest_due_on > %s"] if number else []
        values: list[object] = [latest_due_of(number, on)] if number else []
        if number < BUCKET_LAST:
            bounds.append("oldest_due_on <= %s")
            values.append(latest_due_of(number + 1, on))
        for loan, oldest in fetch(
            f"""
            SELECT number, oldest_due_on FROM {_LOAN}
            WHERE book_id = %s AND bucket = %s AND NOT set_aside AND counted_from IS NULL
                AND oldest_due_on IS NOT NULL AND ({" OR ".join(bounds)})
            """,  # noqa: S608 - names come from the models
            [book, number, *values],
        ):
            yield loan, number, bucket(dpd(as_date(oldest), on))


def _by_pauses(book: str, on: date) -> Iterator[tuple[str, int, int]]:
    """The same of loans of which some days do not count."""
    held = Loan.objects.filter(book_id=book, counted_from__isnull=False, set_aside=False)
    for loan in held.filter(state__in=[state.value for state in LIVE]).order_by("id"):
        pauses = pauses_of(sorted(live(events_of(loan), on), key=turn_of))
        right = bucket(counted_dpd(loan.oldest_due_on, on, pauses))
        if right != loan.bucket:
            yield loan.number, loan.bucket, right
