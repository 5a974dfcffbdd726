"""Questions to the ledger."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from loanops.kernel.access import Viewer, require
from loanops.money.ledger import permissions
from loanops.money.ledger.domain.journal import AccountKey
from loanops.money.ledger.models import Account, Balance, Entry, Journal, Unfolded
from loanops.platform.db import fetch

_ACCOUNT = Account._meta.db_table
_BALANCE = Balance._meta.db_table
_ENTRY = Entry._meta.db_table
_JOURNAL = Journal._meta.db_table
_UNFOLDED = Unfolded._meta.db_table
_SUBJECTS_MAX = 5_000


@dataclass(frozen=True)
class ChartLine:
    """One account of the chart: the side its balance stands on, its kind and its names."""

    code: str
    side: str
    kind: str
    name: dict[str, str]


@dataclass(frozen=True)
class BalanceCard:
    """What an account has moved; ``balance_minor`` is counted on the account's normal side."""

    code: str
    dimension: str
    side: str
    debit_minor: int
    credit_minor: int
    balance_minor: int


@dataclass(frozen=True)
class TrialBalance:
    """Every account of a book, and the two totals, which are equal."""

    book: str
    on: date | None
    rows: tuple[BalanceCard, ...]
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True)
class EntryCard:
    """One movement as a person reads it."""

    journal: str
    kind: str
    subject: str
    posted_on: date
    at: datetime
    debit: str
    debit_dimension: str
    credit: str
    credit_dimension: str
    amount_minor: int


@cache
def chart() -> dict[str, ChartLine]:
    """The chart of accounts, by code."""
    raw = tomllib.loads(
        files("loanops.money.ledger").joinpath("data/chart.toml").read_text(encoding="utf-8")
    )
    return {
        code: ChartLine(code, row["side"], row["kind"], {"en": row["en"], "zh": row["zh"]})
        for code, row in raw.items()
    }


def trial_balance(*, book: str, on: date | None = None, viewer: Viewer) -> TrialBalance:
    """The balances of a book: now, or as known at the end of the business day ``on``.

    :raises NotPermitted: the viewer may not read the ledger.
    """
    require(viewer, permissions.VIEW)
    moved = _moved(book, on) if viewer.sees_book(book) else {}
    rows = tuple(_card(key, *totals) for key, totals in sorted(moved.items()))
    return TrialBalance(
        book=book,
        on=on,
        rows=rows,
        debit_minor=sum(row.debit_minor for row in rows),
        credit_minor=sum(row.credit_minor for row in rows),
    )


def balances_of(*, book: str, heads: Iterable[str], viewer: Viewer) -> dict[AccountKey, int]:
    """The balances now of every account under the codes ``heads``, on their normal side.

    :raises NotPermitted: the viewer may not read the ledger.
    """
    wanted = frozenset(heads)
    return {
        AccountKey(row.code, row.dimension): row.balance_minor
        for row in trial_balance(book=book, viewer=viewer).rows
        if AccountKey(row.code).head in wanted
    }


def entries_of(*, subject: str, viewer: Viewer, limit: int = 500) -> list[EntryCard]:
    """What was posted on behalf of a subject (a loan's number), oldest first.

    :raises NotPermitted: the viewer may not read the ledger.
    """
    require(viewer, permissions.VIEW)
    rows = (
        Entry.objects.filter(journal__subject=subject)
        .order_by("journal_id", "id")
        .select_related("journal", "debit", "credit")[:limit]
    )
    return [_entry_card(row) for row in rows if viewer.sees_book(row.journal.book_id)]


def moved_by_subject(*, head: str) -> Iterator[tuple[str, str, str, int, int]]:
    """What accounts under a code moved, by book, subject and code: debit and credit.

    For checks of the rooms that post.
    """
    where = "a.code = %s OR a.code LIKE %s"
    rows = fetch(
        f"""
        SELECT j.book_id, j.subject, x.code, SUM(x.debit), SUM(x.credit)
        FROM (
            SELECT e.journal_id, a.code, e.amount_minor AS debit, 0 AS credit
            FROM {_ACCOUNT} a JOIN {_ENTRY} e ON e.debit_id = a.id WHERE {where}
            UNION ALL
            SELECT e.journal_id, a.code, 0, e.amount_minor
            FROM {_ACCOUNT} a JOIN {_ENTRY} e ON e.credit_id = a.id WHERE {where}
        ) x JOIN {_JOURNAL} j ON j.id = x.journal_id
        GROUP BY j.book_id, j.subject, x.code
        """,  # noqa: S608 - names come from the models
        [head, f"{head}:%", head, f"{head}:%"],
    )
    for book, subject, code, debit, credit in rows:
        yield book, subject, code, int(debit), int(credit)


def moved_of(*, head: str, subjects: Iterable[str]) -> Iterator[tuple[str, str, str, int]]:
    """What accounts under a code moved on behalf of subjects: by subject, code and dimension.

    On the normal side of the account. For the rooms that post.
    """
    sign = 1 if chart()[head].side == "debit" else -1
    wanted = sorted(set(subjects))
    for start in range(0, len(wanted), _SUBJECTS_MAX):
        part = wanted[start : start + _SUBJECTS_MAX]
        legs = " UNION ALL ".join(
            f"""
            SELECT j.subject, a.code, a.dimension, {one} * e.amount_minor AS minor
            FROM {_JOURNAL} j JOIN {_ENTRY} e ON e.journal_id = j.id
            JOIN {_ACCOUNT} a ON a.id = e.{side}_id
            WHERE j.subject IN ({", ".join(["%s"] * len(part))}) AND a.code LIKE %s
            """  # noqa: S608 - names come from the models
            for side, one in (("debit", sign), ("credit", -sign))
        )
        rows = fetch(
            f"SELECT x.subject, x.code, x.dimension, SUM(x.minor) FROM ({legs}) x "  # noqa: S608
            "GROUP BY x.subject, x.code, x.dimension",
            [*part, f"{head}:%"] * 2,
        )
        for subject, code, dimension, minor in rows:
            yield subject, code, dimension, int(minor)


def balances_until(*, book: str, code: str, on: date, viewer: Viewer) -> dict[str, int]:
    """What one account of the chart had moved by the end of the business day ``on``, by dimension.

    On its normal side. It counts what was posted up to the day, whether a close folded it or not.

    :raises NotPermitted: the viewer may not read the ledger.
    """
    require(viewer, permissions.VIEW)
    if not viewer.sees_book(book):
        return {}
    sign = 1 if chart()[code].side == "debit" else -1
    moved: dict[str, int] = {}
    for dimension, net in fetch(
        f"""
        SELECT a.dimension, b.debit_minor - b.credit_minor
        FROM {_ACCOUNT} a JOIN {_BALANCE} b ON b.account_id = a.id
        WHERE a.book_id = %s AND a.code = %s AND b.folded_on = (
            SELECT MAX(l.folded_on) FROM {_BALANCE} l
            WHERE l.account_id = a.id AND l.folded_on <= %s)
        """,  # noqa: S608 - names come from the models
        [book, code, on],
    ):
        moved[dimension] = sign * int(net)
    legs = legs_sql(
        f"JOIN {_UNFOLDED} u ON u.journal_id = e.journal_id", "u.book_id = %s AND u.posted_on <= %s"
    )
    for dimension, net in fetch(
        f"""
        SELECT a.dimension, SUM(x.debit) - SUM(x.credit) FROM ({legs}) x
        JOIN {_ACCOUNT} a ON a.id = x.account_id WHERE a.code = %s GROUP BY a.dimension
        """,  # noqa: S608 - names come from the models
        [book, on, book, on, code],
    ):
        moved[dimension] = moved.get(dimension, 0) + sign * int(net)
    return moved


def moved_after(*, book: str, code: str, on: date) -> dict[str, int]:
    """Debit less credit of one account since a day that no close has passed, by subject.

    Reads what is not folded yet; for the rooms that post.
    """
    source = f"{_UNFOLDED} u CROSS JOIN {_JOURNAL} j"
    where = "u.book_id = %s AND u.posted_on > %s AND j.id = u.journal_id"
    return _net_by_subject(source, where, [book, on], code)


def moved_until(*, code: str, on: date, subjects: Sequence[str]) -> dict[str, int]:
    """Debit less credit of one account up to the end of a business day, of some subjects.

    For the rooms that post.
    """
    moved: dict[str, int] = {}
    for start in range(0, len(subjects), _SUBJECTS_MAX):
        part = subjects[start : start + _SUBJECTS_MAX]
        where = f"j.subject IN ({', '.join(['%s'] * len(part))}) AND j.posted_on <= %s"
        moved |= _net_by_subject(f"{_JOURNAL} j", where, [*part, on], code)
    return moved


def _net_by_subject(source: str, where: str, values: list[object], code: str) -> dict[str, int]:
    """Debit less credit of an account in the journals ``j`` of a source, by subject.

    SQLite joins a CROSS JOIN in the order of its text: the few journals first.
    """
    moved: dict[str, int] = {}
    for leg, sign in (("debit", 1), ("credit", -1)):
        for subject, sum_minor in fetch(
            f"""
            SELECT j.subject, SUM(e.amount_minor)
            FROM {source} CROSS JOIN {_ENTRY} e CROSS JOIN {_ACCOUNT} a
            WHERE {where} AND e.journal_id = j.id AND a.id = e.{leg}_id AND a.code = %s
            GROUP BY j.subject
            """,  # noqa: S608 - names come from the models
            [*values, code],
        ):
            moved[subject] = moved.get(subject, 0) + sign * int(sum_minor)
    return moved


def _entry_card(row: Entry) -> EntryCard:
    return EntryCard(
        journal=row.journal.number,
        kind=row.journal.kind,
        subject=row.journal.subject,
        posted_on=row.journal.posted_on,
        at=row.journal.at,
        debit=row.debit.code,
        debit_dimension=row.debit.dimension,
        credit=row.credit.code,
        credit_dimension=row.credit.dimension,
        amount_minor=row.amount_minor,
    )


def _card(key: AccountKey, debit_minor: int, credit_minor: int) -> BalanceCard:
    side = chart()[key.head].side
    net_minor = debit_minor - credit_minor
    return BalanceCard(
        code=key.code,
        dimension=key.dimension,
        side=side,
        debit_minor=debit_minor,
        credit_minor=credit_minor,
        balance_minor=net_minor if side == "debit" else -net_minor,
    )


def _moved(book: str, on: date | None) -> dict[AccountKey, tuple[int, int]]:
    """Debit and credit of every account: the newest snapshot, and what none holds yet."""
    known = fetch(
        f"""
        SELECT a.code, a.dimension, b.debit_minor, b.credit_minor
        FROM {_ACCOUNT} a JOIN {_BALANCE} b ON b.account_id = a.id
        WHERE a.book_id = %s AND b.folded_on = (
            SELECT MAX(l.folded_on) FROM {_BALANCE} l
            WHERE l.account_id = a.id AND l.folded_on <= %s)
        """,  # noqa: S608 - names come from the models
        [book, on or date.max],
    )
    moved = {AccountKey(code, dim): (debit, credit) for code, dim, debit, credit in known}
    if on is None:
        legs = legs_sql(f"JOIN {_UNFOLDED} u ON u.journal_id = e.journal_id", "u.book_id = %s")
        for code, dimension, debit, credit in fetch(
            f"""
            SELECT a.code, a.dimension, SUM(x.debit), SUM(x.credit) FROM ({legs}) x
            JOIN {_ACCOUNT} a ON a.id = x.account_id
            GROUP BY a.code, a.dimension
            """,  # noqa: S608 - names come from the models
            [book, book],
        ):
            before = moved.get(AccountKey(code, dimension), (0, 0))
            moved[AccountKey(code, dimension)] = (before[0] + int(debit), before[1] + int(credit))
    return moved


def legs_sql(join: str, where: str) -> str:
    """Every leg as (account_id, debit, credit); ``where`` and its values come twice."""
    return f"""
        SELECT e.debit_id AS account_id, e.amount_minor AS debit, 0 AS credit
        FROM {_ENTRY} e {join} WHERE {where}
        UNION ALL
        SELECT e.credit_id, 0, e.amount_minor FROM {_ENTRY} e {join} WHERE {where}
        """  # noqa: S608 - names come from the models
