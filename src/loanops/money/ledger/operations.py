"""Orders to the ledger. They join the unit of work of the room that posts, which witnesses them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from loanops.money.ledger import queries
from loanops.money.ledger.domain.journal import AccountKey, EntryIn, JournalIn, check, entry
from loanops.money.ledger.models import Account, Balance, Entry, Journal, Unfolded
from loanops.platform.db import (
    execute,
    fetch,
    insert_many,
    new_number,
    new_numbers,
    take_ids,
    together,
    upsert_many,
    write,
)
from loanops.platform.work import Work

__all__ = ["AccountKey", "EntryIn", "JournalIn", "entry", "fold", "post", "post_many"]

_ACCOUNT = Account._meta.db_table
_BALANCE = Balance._meta.db_table
_ENTRY = Entry._meta.db_table
_JOURNAL = Journal._meta.db_table
_UNFOLDED = Unfolded._meta.db_table

_JOURNAL_COLUMNS = (
    "number",
    "book_id",
    "kind",
    "subject",
    "posted_on",
    "at",
    "total_minor",
    "entry_count",
    "once",
)
_ENTRY_COLUMNS = ("journal_id", "debit_id", "credit_id", "amount_minor")


def post(*, work: Work, on: date, journal: JournalIn) -> str:
    """Post one journal on the business day ``on``; returns its number.

    :raises JournalEmpty, EntryNotPositive, EntryWithinAccount, AccountUnknown:
    """
    check(journal, _heads())
    accounts = _accounts(work.book, [journal])
    number = new_number("JN", work.at)
    with together():
        insert_many(_JOURNAL, _JOURNAL_COLUMNS, [_journal_row(work, on, number, journal)])
        # The journal is named by its number, so that no answer has to come back between.
        legs = [
            (accounts[debit], accounts[credit], sum_) for debit, credit, sum_ in journal.entries
        ]
        leg = f"SELECT id, %s, %s, %s FROM {_JOURNAL} WHERE number = %s"  # noqa: S608
        write(
            f"INSERT INTO {_ENTRY} ({', '.join(_ENTRY_COLUMNS)}) "
            + " UNION ALL ".join([leg] * len(legs)),
            [value for values in legs for value in (*values, number)],
        )
        write(
            f"INSERT INTO {_UNFOLDED} (journal_id, book_id, posted_on) "  # noqa: S608
            f"SELECT id, book_id, posted_on FROM {_JOURNAL} WHERE number = %s",
            [number],
        )
    return number


def post_many(*, work: Work, on: date, journals: Sequence[JournalIn]) -> list[str]:
    """Post many journals set-based; returns their numbers in order.

    :raises JournalEmpty, EntryNotPositive, EntryWithinAccount, AccountUnknown:
    """
    if not journals:
        return []
    heads = _heads()
    for journal in journals:
        check(journal, heads)
    accounts = _accounts(work.book, journals)
    numbers = new_numbers("JN", work.at, len(journals))
    ids = take_ids(_JOURNAL, len(journals))
    insert_many(
        _JOURNAL,
        ("id", *_JOURNAL_COLUMNS),
        [
            (id_, *_journal_row(work, on, number, journal))
            for id_, number, journal in zip(ids, numbers, journals, strict=True)
        ],
    )
    insert_many(
        _ENTRY,
        _ENTRY_COLUMNS,
        [
            (id_, accounts[debit], accounts[credit], amount_minor)
            for id_, journal in zip(ids, journals, strict=True)
            for debit, credit, amount_minor in journal.entries
        ],
    )
    insert_many(
        _UNFOLDED, ("journal_id", "book_id", "posted_on"), [(id_, work.book, on) for id_ in ids]
    )
    return numbers


def fold(*, work: Work, on: date) -> int:
    """Add what was posted up to the business day ``on`` to its snapshots, which then stand.

    Costs the journals since the last fold; returns the accounts that moved.

    :raises IntegrityError: an account has its balance of that day already.
    """
    execute(
        f"UPDATE {_UNFOLDED} SET fold_on = %s "  # noqa: S608
        "WHERE book_id = %s AND fold_on IS NULL AND posted_on <= %s",
        [on, work.book, on],
    )
    joined = f"JOIN {_UNFOLDED} u ON u.journal_id = e.journal_id"
    legs = queries.legs_sql(joined, "u.book_id = %s AND u.fold_on = %s")
    before = (
        f"SELECT l.{{column}} FROM {_BALANCE} l WHERE l.account_id = x.account_id "  # noqa: S608
        "ORDER BY l.folded_on DESC LIMIT 1"
    )
    moved = execute(
        f"""
        INSERT INTO {_BALANCE} (account_id, folded_on, debit_minor, credit_minor)
        SELECT x.account_id, %s,
            SUM(x.debit) + COALESCE(({before.format(column="debit_minor")}), 0),
            SUM(x.credit) + COALESCE(({before.format(column="credit_minor")}), 0)
        FROM ({legs}) x GROUP BY x.account_id
        """,  # noqa: S608
        [on, work.book, on, work.book, on],
    )
    execute(
        f"DELETE FROM {_UNFOLDED} WHERE book_id = %s AND fold_on = %s",  # noqa: S608
        [work.book, on],
    )
    return moved


def _heads() -> frozenset[str]:
    return frozenset(queries.chart())


def _journal_row(work: Work, on: date, number: str, journal: JournalIn) -> tuple[object, ...]:
    return (
        number,
        work.book,
        journal.kind,
        journal.subject,
        on,
        work.at,
        journal.total_minor,
        len(journal.entries),
        journal.once,
    )


def _accounts(book: str, journals: Iterable[JournalIn]) -> dict[AccountKey, int]:
    """The ids of every account the journals touch; those met for the first time are opened."""
    wanted = {account for journal in journals for each in journal.entries for account in each[:2]}
    found = _find_accounts(book, wanted)
    missing = sorted(wanted - set(found))
    if missing:
        upsert_many(
            _ACCOUNT,
            ("book_id", "code", "dimension"),
            [(book, key.code, key.dimension) for key in missing],
            conflict=("book_id", "code", "dimension"),
        )
        found |= _find_accounts(book, set(missing))
    return found


_ONE_BY_ONE_MAX = 50


def _find_accounts(book: str, wanted: set[AccountKey]) -> dict[AccountKey, int]:
    where, values = "", []
    if len(wanted) <= _ONE_BY_ONE_MAX:
        where = "AND (" + " OR ".join(["(code = %s AND dimension = %s)"] * len(wanted)) + ")"
        values = [part for key in wanted for part in key]
    rows = fetch(
        f"SELECT code, dimension, id FROM {_ACCOUNT} WHERE book_id = %s {where}",  # noqa: S608
        [book, *values],
    )
    return {AccountKey(code, dimension): id_ for code, dimension, id_ in rows}
