"""Closes in a process of their own: ``python -m benchmarks.close_runs close|baseline``.

``close`` closes the day with the house's own steps. ``baseline`` does the same complete work as a
row-at-a-time job over every loan, through the ORM, and writes the same rows. ``at_once DAYS``
closes so many missed days by one order, ``daily DAYS`` by as many.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from math import floor

from django.db import connection, transaction

from benchmarks.book import AT, BOOK, CLOSES, HOUSE, OPENS
from loanops.kernel.aging import bucket, dpd
from loanops.loanbook.servicing import operations as servicing
from loanops.loanbook.servicing.domain.classing import Cause
from loanops.loanbook.servicing.domain.lifecycle import LoanState, moves_between
from loanops.loanbook.servicing.domain.position import reach
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import (
    Change,
    ClassChange,
    Instalment,
    InterestAccrual,
    Loan,
    LoanClass,
    PenaltyAccrual,
    Pool,
)
from loanops.loanbook.servicing.operations import STEPS
from loanops.loanbook.servicing.ports import CLOSE, CloseStep, Closing
from loanops.loanbook.servicing.queries.classing import class_rules
from loanops.loanbook.servicing.queries.loans import item_of_row
from loanops.money.ledger.models import Account, Balance, Entry, Journal
from loanops.money.payments.domain.policy import DEFAULT
from loanops.money.payments.models import DebitFile, DebitOrder
from loanops.platform.audit.models import Entry as AuditEntry
from loanops.platform.books.models import Book
from loanops.platform.books.models import CloseStep as StepRow
from loanops.platform.outbox.models import Message
from loanops.platform.work import Work


def close() -> dict[str, object]:
    """The house's close; seconds in all and by step, and the rows it wrote."""
    took: dict[str, float] = {}
    CLOSE.plug([replace(step, run=timed(step, took)) for step in STEPS])
    warm()
    before = rows()
    began, began_used = time.perf_counter(), time.process_time()
    servicing.close_day(book=BOOK, actor=HOUSE, at=AT)
    seconds, used = time.perf_counter() - began, time.process_time() - began_used
    return {"seconds": seconds, "used": used, "steps": took, "rows": growth(before, rows())}


def at_once(days: int) -> dict[str, object]:
    """Seconds and rows of closing missed days by one order."""
    return caught_up([OPENS + timedelta(days=days - 1)])


def daily(days: int) -> dict[str, object]:
    """Seconds and rows of closing the same days one by one."""
    return caught_up([OPENS + timedelta(days=day) for day in range(days)])


def caught_up(orders: list[date]) -> dict[str, object]:
    CLOSE.plug(STEPS)
    warm()
    before = rows()
    began = time.perf_counter()
    for until in orders:
        servicing.close_day(book=BOOK, until=until, actor=HOUSE, at=AT)
    return {"seconds": time.perf_counter() - began, "rows": growth(before, rows())}


def timed(step: CloseStep, took: dict[str, float]) -> Callable[[Work, Closing], int]:
    """The step with its time noted, the commit left out."""

    def run(work: Work, closing: Closing) -> int:
        start = time.perf_counter()
        touched = step.run(work, closing)
        took[step.name] = round(time.perf_counter() - start, 3)
        return touched

    return run


def warm() -> None:
    """Read what a copy has not read yet: the book of a business day that ends lies in memory."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT SUM(outstanding_minor) FROM {Loan._meta.db_table}")  # noqa: S608
        cursor.execute(f"SELECT SUM(paid_fee_minor) FROM {Instalment._meta.db_table}")  # noqa: S608


def rows() -> Counter[str]:
    with connection.cursor() as cursor:
        counted: Counter[str] = Counter()
        for table in connection.introspection.table_names(cursor):
            if table.split("_")[0] in {"servicing", "ledger", "payments", "books", "audit"} or (
                table in {"outbox_message", "jobs_job"}
            ):
                cursor.execute(f'SELECT COUNT(*) FROM "{table}"')  # noqa: S608
                counted[table] = cursor.fetchone()[0]
    return counted


def growth(before: Counter[str], after: Counter[str]) -> dict[str, int]:
    return {table: after[table] - before[table] for table in after if after[table] != before[table]}


class Sums:
    """What the baseline adds up over the book, exactly, to post one entry for each pool."""

    def __init__(self) -> None:
        self.finished: dict[int, int] = defaultdict(int)
        self.running: dict[int, Fraction] = defaultdict(Fraction)
        self.penalty: dict[int, Fraction] = defaultdict(Fraction)
        self.moved: dict[tuple[int, int, int], int] = defaultdict(int)
        self.classes = class_rules(book=BOOK, on=OPENS)


def baseline() -> dict[str, object]:
    """Every loan is loaded with its instalments, brought to the new day, and saved if changed."""
    warm()
    before = rows()
    began = time.perf_counter()
    loans = 0
    with transaction.atomic():
        Book.objects.filter(pk=BOOK).update(business_date=OPENS)
        sums = Sums()
        files: dict[str, DebitFile] = {}
        subjects: list[str] = []
        due = [0, 0]
        open_loans = Loan.objects.filter(book_id=BOOK).exclude(state="settled")
        for loan in open_loans.select_related("pool").iterator():
            loans += 1
            one_loan(loan, sums, files, subjects, due)
        finish(sums, files, subjects, due)
    return {"seconds": time.perf_counter() - began, "loans": loans, "rows": growth(before, rows())}


def one_loan(
    loan: Loan,
    sums: Sums,
    files: dict[str, DebitFile],
    subjects: list[str],
    due: list[int],
) -> None:
    rules = read_rules(loan.pool.rules_json)
    owed_minor = 0
    due_today = False
    for row in Instalment.objects.filter(loan=loan).order_by("number"):
        if row.due_on <= OPENS:
            sums.finished[loan.pool_id] += row.interest_minor
        elif row.starts_on < OPENS:
            length = (row.due_on - row.starts_on).days
            passed = (OPENS - row.starts_on).days
            sums.running[loan.pool_id] += Fraction(row.interest_minor * passed, length)
        if row.open_minor and row.due_on < OPENS:
            if row.penal_to is None:
                row.penal_to = rules.penalty_from(row.due_on)
                row.save()
            item = reach(item_of_row(row), rules, OPENS)
            sums.penalty[loan.pool_id] += rules.penalty_daily * item.penal_minor_days
            owed_minor += row.open_minor + item.penalty_open_minor(rules, OPENS)
        elif row.open_minor and row.due_on == OPENS:
            owed_minor += row.open_minor
            due_today = True
            due[0] += 1
            due[1] += row.open_minor
    days = dpd(loan.oldest_due_on, OPENS)
    aged = bucket(days)
    if aged > loan.bucket:
        before = LoanState(loan.state)
        [move] = moves_between(before, LoanState.OVERDUE)
        Change.objects.create(
            loan=loan,
            changed_on=OPENS,
            at=AT,
            move=move.value,
            from_state=before.value,
            to_state="overdue",
            from_bucket=loan.bucket,
            to_bucket=aged,
        )
        sums.moved[(loan.pool_id, loan.bucket, aged)] += loan.outstanding_minor
        loan.state, loan.bucket = "overdue", aged
        loan.save()
    one_class(loan, days, sums)
    if due_today or days in DEFAULT.retry_dpd:
        channel = loan.pool.channel
        if channel not in files:
            files[channel] = DebitFile.objects.create(
                number=f"DF-{channel}", book_id=BOOK, channel=channel, due_on=OPENS, window=1, at=AT
            )
        files[channel].order_count += 1
        files[channel].total_minor += owed_minor
        DebitOrder.objects.create(
            number=f"DD-{loan.number[3:]}-{OPENS:%Y%m%d}-1",
            book_id=BOOK,
            file=files[channel],
            channel=channel,
            subject=loan.number,
            account=loan.serial,
            due_on=OPENS,
            window=1,
            amount_minor=owed_minor,
            at=AT,
        )
        subjects.append(loan.number)


def one_class(loan: Loan, days: int, sums: Sums) -> None:
    tier = sums.classes.by_days(max(days, 0), OPENS)
    known = LoanClass.objects.filter(loan=loan).first()
    if known is None:
        known = LoanClass(loan=loan, book_id=BOOK, tier=0, days_tier=0)
    if tier == known.tier:
        return
    ClassChange.objects.create(
        loan=loan,
        book_id=BOOK,
        changed_on=OPENS,
        at=AT,
        cause=Cause.DAYS.value,
        from_tier=known.tier,
        to_tier=tier,
    )
    known.tier = known.days_tier = tier
    known.save()


def finish(sums: Sums, files: dict[str, DebitFile], subjects: list[str], due: list[int]) -> None:
    """Postings per pool, balances, steps and witnesses, one row at a time."""
    for file in files.values():
        file.save()
    for pool in Pool.objects.filter(book_id=BOOK):
        interest = sums.finished[pool.pk] + floor(sums.running[pool.pk])
        InterestAccrual.objects.create(
            pool=pool, closed_on=CLOSES, interest_minor=interest, fee_minor=0
        )
        PenaltyAccrual.objects.create(
            pool=pool,
            closed_on=CLOSES,
            base_minor=0,
            base_days=0,
            frozen_minor_days=0,
            settled_minor=0,
            penalty_minor=floor(sums.penalty[pool.pk]),
        )
        for what, amount in (("interest", interest), ("penalty", floor(sums.penalty[pool.pk]))):
            post(what, pool, amount)
    for (pool_id, _, _), amount in sums.moved.items():
        post("aged", Pool.objects.get(pk=pool_id), amount)
    for account in Account.objects.filter(book_id=BOOK):
        newest = Balance.objects.filter(account=account).order_by("-folded_on").first()
        if newest is not None:
            Balance.objects.create(
                account=account,
                folded_on=CLOSES,
                debit_minor=newest.debit_minor,
                credit_minor=newest.credit_minor,
            )
    for step in STEPS:
        StepRow.objects.create(book_id=BOOK, on=CLOSES, step=step.name, finished_at=AT)
        values = json.dumps({"step": step.name, "subjects": len(subjects), "due": due})
        AuditEntry.objects.create(
            at=AT,
            on=CLOSES,
            book=BOOK,
            actor="bench",
            code="servicing.close_step_done",
            subject=BOOK,
            values_json=values,
        )
        Message.objects.create(
            name="bench.step", book=BOOK, subject=BOOK, payload_json=values, at=AT, on=CLOSES
        )


def post(what: str, pool: Pool, amount_minor: int) -> None:
    if amount_minor <= 0:
        return
    debit, _ = Account.objects.get_or_create(
        book_id=BOOK, code=f"loans.{what}_receivable", dimension=pool.code
    )
    credit, _ = Account.objects.get_or_create(
        book_id=BOOK, code=f"income.{what}", dimension=pool.code
    )
    journal = Journal.objects.create(
        number=f"JN-{what}-{pool.pk}-{Journal.objects.latest('id').pk}",
        book_id=BOOK,
        kind=f"bench.{what}",
        subject=BOOK,
        posted_on=CLOSES,
        at=AT,
        total_minor=amount_minor,
        entry_count=1,
    )
    Entry.objects.create(journal=journal, debit=debit, credit=credit, amount_minor=amount_minor)


if __name__ == "__main__":
    days = [int(word) for word in sys.argv[2:]]
    way: Callable[..., dict[str, object]] = {
        "close": close,
        "baseline": baseline,
        "at_once": at_once,
        "daily": daily,
    }[sys.argv[1]]
    json.dump(way(*days), sys.stdout)
