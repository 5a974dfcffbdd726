"""INV-09: what closes of past days kept is what their postings and the loans say of these days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from loanops.kernel.access import Viewer
from loanops.kernel.aging import bucket
from loanops.loanbook.servicing.domain.accrual import accrued_penalty
from loanops.loanbook.servicing.domain.classing import NORMAL, ORDER
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.position import Penal
from loanops.loanbook.servicing.domain.rules import read_rules
from loanops.loanbook.servicing.models import (
    Change,
    ClassSum,
    InterestAccrual,
    Loan,
    LoanEvent,
    PenaltyAccrual,
    Pool,
    VintageSum,
)
from loanops.loanbook.servicing.operations.loading import as_date
from loanops.loanbook.servicing.queries.classing import class_rules
from loanops.money.ledger import queries as ledger
from loanops.platform.audit import Violation, named, witness
from loanops.platform.books import queries as books
from loanops.platform.db import fetch

_CHANGE = Change._meta.db_table
_EVENT = LoanEvent._meta.db_table
_LOAN = Loan._meta.db_table
_POOL = Pool._meta.db_table
_HOUSE = Viewer.house("verify")


def posted_accruals() -> Iterator[Violation]:
    """Accruals of any day that were not posted, day by day, as they grew."""
    for model, columns in (
        (InterestAccrual, {"interest": "interest_minor", "fee": "fee_minor"}),
        (PenaltyAccrual, {"penalty": "penalty_minor"}),
    ):
        kind = "servicing.accrued" if model is InterestAccrual else "servicing.penalised"
        for what, column in columns.items():
            yield from _posted(model._meta.db_table, kind, what, column)


def _posted(table: str, kind: str, what: str, column: str) -> Iterator[Violation]:
    posted: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for book, pool, on, minor in ledger.moved_by_day(code=f"loans.{what}_receivable", kind=kind):
        posted[(book, pool)][on] = minor
    kept: dict[tuple[str, str], dict[date, int]] = defaultdict(dict)
    for book, pool, on, minor in fetch(
        f"""
        SELECT p.book_id, p.code, a.closed_on, SUM(a.{column}) FROM {table} a
        JOIN {_POOL} p ON p.id = a.pool_id GROUP BY p.book_id, p.code, a.closed_on
        ORDER BY a.closed_on
        """  # noqa: S608 - names come from the models
    ):
        kept[(book, pool)][as_date(on)] = int(minor)
    for key in sorted(posted.keys() | kept.keys()):
        total = 0
        for on in sorted(posted[key].keys() | kept[key].keys()):
            total += posted[key].get(on, 0)
            if kept[key].get(on) != total:
                row = (f"accrued {what} of {key[1]} {on}", total, kept[key].get(on, "none"))
                yield from named("INV-09", "the accrual is not what was posted up to it", [row])


def penalty_rows() -> Iterator[Violation]:
    """Accruals of penalty that are not what their base and days make, or that miss a day."""
    rules = {row.pk: (row.code, read_rules(row.rules_json)) for row in Pool.objects.all()}
    before: dict[tuple[int, str], date] = {}
    for pool_id, rate, closed_on, penalty_minor, *sums in fetch(
        f"""
        SELECT pool_id, rate, closed_on, penalty_minor, base_minor, base_days, frozen_minor_days,
            settled_minor
        FROM {PenaltyAccrual._meta.db_table} ORDER BY pool_id, rate, closed_on
        """  # noqa: S608 - names come from the models
    ):
        code, mine = rules[pool_id]
        on = as_date(closed_on)
        right = accrued_penalty(Penal(*sums), mine, on + timedelta(days=1), rate)
        follows = on - before.get((pool_id, rate), on - timedelta(days=1)) == timedelta(days=1)
        if right != penalty_minor or not follows:
            row = (f"accrued penalty of {code} {on}", right, penalty_minor)
            yield from named("INV-09", "the accrual is not what bore penalty on the day", [row])
        before[pool_id, rate] = on


_COUNTED = (
    ("servicing.accrued", "pools", "interest", InterestAccrual, "x.pool_id"),
    ("servicing.penalised", "pools", "penalty", PenaltyAccrual, "x.pool_id"),
    ("servicing.vintages_summed", "rows", "vintages", VintageSum, ""),
)


def counted_rows() -> Iterator[Violation]:
    """Days of which fewer or more rows are kept than the audit saw written."""
    for code, count, what, model, pool in _COUNTED:
        table = model._meta.db_table
        source = f"{table} x JOIN {_POOL} p ON p.id = {pool}" if pool else f"{table} x"
        book = "p.book_id" if pool else "x.book_id"
        kept = {
            (name, as_date(on).isoformat()): rows
            for name, on, rows in fetch(
                f"SELECT {book}, x.closed_on, COUNT(*) FROM {source} GROUP BY 1, 2"  # noqa: S608
            )
        }
        for said in witness.said(code):
            # Closes of before told no number of pools that bore penalty.
            wanted = said.values.get(count)
            found = kept.get((said.book, str(said.values["closed_on"])), 0)
            if wanted is not None and wanted != found:
                row = (f"{what} of {said.book} {said.values['closed_on']}", wanted, found)
                yield from named("INV-09", "a row of the day was removed or added", [row])


def provided_rows() -> Iterator[Violation]:
    """Sums by class whose provision is not that of their class, or that count what they cannot."""
    for card in books.list_books(viewer=_HOUSE):
        rules: dict[date, Any] = {}
        for pool, closed_on, tier, loans, outstanding_minor, provision_minor in fetch(
            f"""
            SELECT p.code, s.closed_on, s.tier, s.loans, s.outstanding_minor, s.provision_minor
            FROM {ClassSum._meta.db_table} s JOIN {_POOL} p ON p.id = s.pool_id
            WHERE p.book_id = %s ORDER BY s.closed_on
            """,  # noqa: S608 - names come from the models
            [card.code],
        ):
            on = as_date(closed_on)
            if tier >= len(ORDER):
                row = (f"class {tier} of {pool} {on}", "a class that there is", tier)
                yield from named("INV-09", "the class of the sum was changed", [row])
                continue
            if on not in rules:
                rules[on] = class_rules(book=card.code, on=on)
            right = rules[on].provision_minor(tier, outstanding_minor)
            counted = loans is None if tier == NORMAL else bool(loans)
            if right != provision_minor or not counted:
                row = (f"class {ORDER[tier].value} of {pool} {on}", right, provision_minor)
                yield from named("INV-09", "what was provided is not the rate of the class", [row])


def vintages() -> Iterator[Violation]:
    """Vintages whose loans, principal and lateness are not those of the loans as known then."""
    opened = _by_month(
        f"""
        SELECT l.book_id, l.product, l.disbursed_on, l.principal_minor, MIN(e.booked_on)
        FROM {_LOAN} l JOIN {_EVENT} e ON e.loan_id = l.id
        GROUP BY l.id, l.book_id, l.product, l.disbursed_on, l.principal_minor
        """  # noqa: S608 - names come from the models
    )
    late = [
        _by_month(
            f"""
            SELECT l.book_id, l.product, l.disbursed_on, l.principal_minor, MIN(c.changed_on)
            FROM {_LOAN} l JOIN {_CHANGE} c ON c.loan_id = l.id AND c.to_bucket >= {bucket(days)}
            GROUP BY l.id, l.book_id, l.product, l.disbursed_on, l.principal_minor
            """  # noqa: S608 - names come from the models
        )
        for days in (31, 91)
    ]
    taken_back = [
        _by_month(
            f"""
            SELECT l.book_id, l.product, l.disbursed_on, l.principal_minor, l.last_event_on
            FROM {_LOAN} l WHERE l.state = '{LoanState.WITHDRAWN}' {was_late}
            """  # noqa: S608 - names come from the models
        )
        for was_late in ("", *(_WAS_LATE.format(bucket=bucket(days)) for days in (31, 91)))
    ]
    for book, product, month, closed_on, count, minor, left_minor, *ever in fetch(
        f"""
        SELECT book_id, product, month, closed_on, loans, principal_minor, outstanding_minor,
            ever_30_minor, ever_90_minor
        FROM {VintageSum._meta.db_table} ORDER BY id
        """  # noqa: S608 - names come from the models
    ):
        key, on = (book, product, as_date(month)), as_date(closed_on)
        there, *were_late = (
            _until(each.get(key, ()), on) - _until(gone.get(key, ()), on)
            for each, gone in zip([opened, *late], taken_back, strict=True)
        )
        known = _count(opened.get(key, ()), on) - _count(taken_back[0].get(key, ()), on)
        wanted = (known, there, *were_late)
        is_month = (on + timedelta(days=1)).month != on.month
        if wanted != (count, minor, *ever) or not is_month or left_minor < 0:
            row = (f"vintage {product} {month} at {on}", wanted, (count, minor, *ever))
            yield from named("INV-09", "the loans of the month add up otherwise", [row])


_WAS_LATE = (
    f"AND EXISTS (SELECT 1 FROM {_CHANGE} c "  # noqa: S608 - names come from the models
    "WHERE c.loan_id = l.id AND c.to_bucket >= {bucket})"
)
_Month = tuple[str, str, date]


def _by_month(sql: str) -> dict[_Month, list[tuple[date, int]]]:
    """Since when something is true of loans, and their principal, by month of payout."""
    found: dict[_Month, list[tuple[date, int]]] = defaultdict(list)
    for book, product, disbursed_on, minor, since in fetch(sql):
        month = as_date(disbursed_on).replace(day=1)
        found[(book, product, month)].append((as_date(since), minor))
    return found


def _count(rows: Iterable[tuple[date, int]], on: date) -> int:
    return sum(since <= on for since, _ in rows)


def _until(rows: Iterable[tuple[date, int]], on: date) -> int:
    return sum(minor for since, minor in rows if since <= on)
