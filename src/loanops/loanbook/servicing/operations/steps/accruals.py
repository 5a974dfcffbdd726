"""Accruals: interest, fees and penalty of pools, posted as one entry for each pool and day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from loanops.loanbook.servicing.domain.accrual import Cohort, accrued_interest, accrued_penalty
from loanops.loanbook.servicing.domain.position import NO_PENAL, Penal, day_number
from loanops.loanbook.servicing.domain.rules import Rules, read_rules
from loanops.loanbook.servicing.models import (
    InterestAccrual,
    PenalMove,
    PenaltyAccrual,
    PeriodCohort,
    PeriodMove,
    Pool,
    SetAside,
    Unfolded,
)
from loanops.loanbook.servicing.operations.loading import INSTALMENT, LOAN, POOL, as_date, marks
from loanops.loanbook.servicing.operations.projecting import PenalKey
from loanops.loanbook.servicing.operations.replaying import replay_to
from loanops.loanbook.servicing.operations.steps.compounds import compound
from loanops.loanbook.servicing.operations.steps.late_fees import charge_late_fees
from loanops.loanbook.servicing.operations.steps.penalty_ends import leave
from loanops.loanbook.servicing.ports import Closing
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn, entry
from loanops.platform.db import execute, fetch, insert_many
from loanops.platform.work import Work

_ASIDE = SetAside._meta.db_table
_COHORT = PeriodCohort._meta.db_table
_INTEREST = InterestAccrual._meta.db_table
_MOVE = PenalMove._meta.db_table
_PENALTY = PenaltyAccrual._meta.db_table
_PERIOD_MOVE = PeriodMove._meta.db_table
_UNFOLDED = Unfolded._meta.db_table


class _Pool(NamedTuple):
    code: str
    rules: Rules


def _pools(book: str) -> dict[int, _Pool]:
    rows = Pool.objects.filter(book_id=book).values_list("id", "code", "rules_json")
    return {id_: _Pool(code, read_rules(rules)) for id_, code, rules in rows}


# --- interest and fees ---------------------------------------------------------------------------


def accrue_interest(work: Work, closing: Closing) -> int:
    """Step ``interest``: what every pool has earned up to the new day, less what was posted.

    Fees for being late that the new day brings are charged first.
    """
    pools = _pools(closing.book)
    charge_late_fees(work, closing, {id_: pool.rules for id_, pool in pools.items()})
    _fold_loans(work)
    earned = _earned(closing.book, closing.opens_on)
    posted = _posted(closing.book)
    entries: list[EntryIn] = []
    interest_minor = 0
    for pool_id, (interest, fee) in sorted(earned.items()):
        before = posted.get(pool_id, (0, 0))
        code = pools[pool_id].code
        entries += _earn("interest", code, interest - before[0])
        entries += _earn("fee", code, fee - before[1])
        interest_minor += interest - before[0]
    insert_many(
        _INTEREST,
        ("pool_id", "closed_on", "interest_minor", "fee_minor"),
        [(pool_id, closing.closed_on, *sums) for pool_id, sums in sorted(earned.items())],
    )
    _post(work, "servicing.accrued", entries)
    work.record(
        "servicing.accrued",
        subject=closing.book,
        closed_on=closing.closed_on,
        interest_minor=interest_minor,
        pools=len(earned),
    )
    return len(earned)


def _fold_loans(work: Work) -> None:
    """Put the periods of loans opened since the last close into cohorts.

    SQLite joins a CROSS JOIN in the order of its text: few new loans first, never the whole book.
    """
    execute(
        f"UPDATE {_UNFOLDED} SET fold_on = %s WHERE book_id = %s AND fold_on IS NULL",  # noqa: S608
        [work.on, work.book],
    )
    execute(
        f"""
        INSERT INTO {_COHORT}
            (pool_id, starts_on, due_on, principal_minor, interest_minor, fee_minor)
        SELECT i.pool_id, i.starts_on, i.due_on,
            SUM(i.principal_minor), SUM(i.interest_minor), SUM(i.fee_minor)
        FROM {_UNFOLDED} u CROSS JOIN {INSTALMENT} i
        WHERE u.book_id = %s AND u.fold_on = %s AND i.loan_id = u.loan_id
        GROUP BY i.pool_id, i.starts_on, i.due_on
        ON CONFLICT (pool_id, starts_on, due_on) DO UPDATE SET
            principal_minor = {_COHORT}.principal_minor + excluded.principal_minor,
            interest_minor = {_COHORT}.interest_minor + excluded.interest_minor,
            fee_minor = {_COHORT}.fee_minor + excluded.fee_minor
        """,  # noqa: S608 - names come from the models
        [work.book, work.on],
    )
    execute(
        f"DELETE FROM {_UNFOLDED} WHERE book_id = %s AND fold_on = %s",  # noqa: S608
        [work.book, work.on],
    )
    _fold_moves(work)


def _fold_moves(work: Work) -> None:
    """Take into the cohorts how changed loans moved them; each change is taken once."""
    mine = f"pool_id IN (SELECT id FROM {POOL} WHERE book_id = %s)"  # noqa: S608
    moved = execute(
        f"UPDATE {_PERIOD_MOVE} SET fold_on = %s WHERE fold_on IS NULL AND {mine}",  # noqa: S608
        [work.on, work.book],
    )
    if moved:
        fold_marked(work)


def fold_marked(work: Work) -> None:
    """Take moves of periods that are marked for the day of the work into their cohorts."""
    mine = f"pool_id IN (SELECT id FROM {POOL} WHERE book_id = %s)"  # noqa: S608
    execute(
        f"""
        INSERT INTO {_COHORT}
            (pool_id, starts_on, due_on, principal_minor, interest_minor, fee_minor)
        SELECT pool_id, starts_on, due_on,
            SUM(principal_minor), SUM(interest_minor), SUM(fee_minor)
        FROM {_PERIOD_MOVE} WHERE fold_on = %s AND {mine} GROUP BY pool_id, starts_on, due_on
        ON CONFLICT (pool_id, starts_on, due_on) DO UPDATE SET
            principal_minor = {_COHORT}.principal_minor + excluded.principal_minor,
            interest_minor = {_COHORT}.interest_minor + excluded.interest_minor,
            fee_minor = {_COHORT}.fee_minor + excluded.fee_minor
        """,  # noqa: S608 - names come from the models
        [work.on, work.book],
    )
    execute(
        f"DELETE FROM {_PERIOD_MOVE} WHERE fold_on = %s AND {mine}",  # noqa: S608
        [work.on, work.book],
    )


def _earned(book: str, on: date) -> dict[int, tuple[int, int]]:
    """Interest and fees earned by each pool up to a day; fees are earned when they fall due."""
    finished = {
        pool_id: (int(interest), int(fee))
        for pool_id, interest, fee in fetch(
            f"""
            SELECT c.pool_id, SUM(c.interest_minor), SUM(c.fee_minor)
            FROM {_COHORT} c JOIN {POOL} p ON p.id = c.pool_id
            WHERE p.book_id = %s AND c.due_on <= %s GROUP BY c.pool_id
            """,  # noqa: S608 - names come from the models
            [book, on],
        )
    }
    running: dict[int, list[Cohort]] = defaultdict(list)
    for pool_id, starts_on, due_on, interest in fetch(
        f"""
        SELECT c.pool_id, c.starts_on, c.due_on, c.interest_minor
        FROM {_COHORT} c JOIN {POOL} p ON p.id = c.pool_id
        WHERE p.book_id = %s AND c.due_on > %s AND c.starts_on < %s
        """,  # noqa: S608 - names come from the models
        [book, on, on],
    ):
        running[pool_id].append(Cohort(as_date(starts_on), as_date(due_on), interest))
    earned = {}
    for pool_id in finished.keys() | running.keys():
        interest, fee = finished.get(pool_id, (0, 0))
        earned[pool_id] = (accrued_interest(interest, running[pool_id], on), fee)
    return earned


def _posted(book: str) -> dict[int, tuple[int, int]]:
    return {
        pool_id: (interest, fee)
        for pool_id, interest, fee in fetch(
            f"""
            SELECT a.pool_id, a.interest_minor, a.fee_minor
            FROM {_INTEREST} a JOIN {POOL} p ON p.id = a.pool_id
            WHERE p.book_id = %s AND a.closed_on = (
                SELECT MAX(l.closed_on) FROM {_INTEREST} l WHERE l.pool_id = a.pool_id)
            """,  # noqa: S608 - names come from the models
            [book],
        )
    }


# --- penalty -------------------------------------------------------------------------------------


def accrue_penalty(work: Work, closing: Closing) -> int:
    """Step ``penalty``: instalments past their grace begin to bear it; pools post its growth."""
    pools = _pools(closing.book)
    replay_to(work=work, loan_ids=_entering_by_history(closing, pools), on=closing.opens_on)
    entered, count = _enter(closing, pools)
    rules = {id_: pool.rules for id_, pool in pools.items()}
    entered = compound(closing, rules, entered)
    entered, ended = leave(closing, rules, entered)
    moved = _moved_since(work)
    before = _penal_before(closing.book)
    entries: list[EntryIn] = []
    rows = []
    earned: dict[int, int] = {}
    for key in sorted(entered.keys() | moved.keys() | before.keys()):
        pool_id, rate = key
        was, posted_minor = before.get(key, (NO_PENAL, 0))
        penal = was.plus(moved.get(key, NO_PENAL)).plus(entered.get(key, NO_PENAL))
        accrued_minor = accrued_penalty(penal, pools[pool_id].rules, closing.opens_on, rate)
        rows.append((pool_id, rate, closing.closed_on, *penal, accrued_minor))
        earned[pool_id] = earned.get(pool_id, 0) + accrued_minor - posted_minor
    for pool_id, minor in earned.items():
        entries += _earn("penalty", pools[pool_id].code, minor)
    insert_many(
        _PENALTY,
        (
            "pool_id",
            "rate",
            "closed_on",
            "base_minor",
            "base_days",
            "frozen_minor_days",
            "settled_minor",
            "penalty_minor",
        ),
        rows,
    )
    _post(work, "servicing.penalised", entries)
    work.record(
        "servicing.penalised",
        subject=closing.book,
        closed_on=closing.closed_on,
        penalty_minor=sum(earned.values()),
        instalments=count,
        ended=ended,
        pools=len(rows),
    )
    return count


def entering_by_history(closing: Closing) -> list[int]:
    """Loans whose penalty follows a rate that changed while an instalment was in its grace.

    Only their events say which rate the days within it bear, now that it has passed.
    """
    return _entering_by_history(closing, _pools(closing.book))


def _entering_by_history(closing: Closing, pools: Mapping[int, _Pool]) -> list[int]:
    found: set[int] = set()
    for pool_id, (_, rules) in sorted(pools.items()):
        if rules.penalty_follows and rules.grace_days:
            last_due = closing.opens_on - timedelta(days=rules.grace_days + 1)
            found |= {
                loan_id
                for (loan_id,) in fetch(
                    f"""
                    SELECT DISTINCT i.loan_id FROM {INSTALMENT} i CROSS JOIN {LOAN} l
                    WHERE i.due_on <= %s AND i.pool_id = %s AND i.open_minor > 0
                        AND i.penal_to IS NULL AND i.penal_end IS NULL
                        AND l.id = i.loan_id AND l.changed_on > i.due_on AND NOT l.set_aside
                    """,  # noqa: S608 - names come from the models
                    [last_due, pool_id],
                )
            }
    return sorted(found)


def _enter(closing: Closing, pools: Mapping[int, _Pool]) -> tuple[dict[PenalKey, Penal], int]:
    """Instalments whose grace has passed unpaid begin to bear penalty; and how many."""
    entered: dict[PenalKey, Penal] = {}
    count = 0
    for (grace_days, delay_days), ids in _by_grace(pools).items():
        last_due = closing.opens_on - timedelta(days=grace_days + 1)
        for due_on in _unentered(ids, last_due):
            since = due_on + timedelta(days=delay_days)
            for pool_id, rate, principal_minor, interest_minor in fetch(
                f"""
                UPDATE {INSTALMENT} SET penal_to = %s
                WHERE due_on = %s AND pool_id IN ({marks(ids)})
                    AND open_minor > 0 AND penal_to IS NULL AND penal_end IS NULL
                    AND loan_id NOT IN (
                        SELECT loan_id FROM {_ASIDE} WHERE book_id = %s AND released_at IS NULL)
                RETURNING pool_id, penal_rate, principal_minor - paid_principal_minor,
                    interest_minor - paid_interest_minor
                """,  # noqa: S608 - names come from the models
                [since, due_on, *ids, closing.book],
            ):
                count += 1
                rules = pools[pool_id].rules
                if rules.penalty is not None:
                    base = principal_minor + (interest_minor if rules.penalty_on_interest else 0)
                    penal = Penal(base, base * day_number(since))
                    key = pool_id, rate
                    entered[key] = entered.get(key, NO_PENAL).plus(penal)
    return entered, count


def _by_grace(pools: Mapping[int, _Pool]) -> dict[tuple[int, int], list[int]]:
    """Pools by days of grace, and by how many days after the due date penalty is counted from."""
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    some_day = date(2000, 1, 1)
    for pool_id, (_, rules) in sorted(pools.items()):
        delay_days = (rules.penalty_from(some_day) - some_day).days
        groups[(rules.grace_days, delay_days)].append(pool_id)
    return groups


def _unentered(pools: Iterable[int], last_due: date) -> list[date]:
    ids = list(pools)
    return [
        as_date(due_on)
        for (due_on,) in fetch(
            f"""
            SELECT DISTINCT due_on FROM {INSTALMENT}
            WHERE due_on <= %s AND pool_id IN ({marks(ids)})
                AND open_minor > 0 AND penal_to IS NULL
            """,  # noqa: S608 - names come from the models
            [last_due, *ids],
        )
    ]


def _moved_since(work: Work) -> dict[PenalKey, Penal]:
    """What payments changed since the last close; each change is taken once."""
    mine = f"pool_id IN (SELECT id FROM {POOL} WHERE book_id = %s)"  # noqa: S608
    execute(
        f"UPDATE {_MOVE} SET fold_on = %s WHERE fold_on IS NULL AND {mine}",  # noqa: S608
        [work.on, work.book],
    )
    rows = fetch(
        f"""
        SELECT pool_id, rate, SUM(base_minor), SUM(base_days), SUM(frozen_minor_days),
            SUM(settled_minor)
        FROM {_MOVE} WHERE fold_on = %s AND {mine} GROUP BY pool_id, rate
        """,  # noqa: S608 - names come from the models
        [work.on, work.book],
    )
    execute(
        f"DELETE FROM {_MOVE} WHERE fold_on = %s AND {mine}",  # noqa: S608
        [work.on, work.book],
    )
    return {(pool_id, rate): Penal(*(int(each) for each in sums)) for pool_id, rate, *sums in rows}


def _penal_before(book: str) -> dict[PenalKey, tuple[Penal, int]]:
    return {
        (pool_id, rate): (Penal(*sums), penalty_minor)
        for pool_id, rate, *sums, penalty_minor in fetch(
            f"""
            SELECT a.pool_id, a.rate, a.base_minor, a.base_days, a.frozen_minor_days,
                a.settled_minor, a.penalty_minor
            FROM {_PENALTY} a JOIN {POOL} p ON p.id = a.pool_id
            WHERE p.book_id = %s AND a.closed_on = (
                SELECT MAX(l.closed_on) FROM {_PENALTY} l WHERE l.pool_id = a.pool_id)
            """,  # noqa: S608 - names come from the models
            [book],
        )
    }


# --- both ----------------------------------------------------------------------------------------


def _earn(what: str, pool: str, amount_minor: int) -> tuple[EntryIn, ...]:
    receivable = AccountKey(f"loans.{what}_receivable", pool)
    return entry(receivable, AccountKey(f"income.{what}", pool), amount_minor)


def _post(work: Work, kind: str, entries: list[EntryIn]) -> None:
    if entries:
        journal = JournalIn(kind=kind, subject=f"{work.book}:{work.on}", entries=tuple(entries))
        ledger.post(work=work, on=work.on, journal=journal)
