"""Questions that checks of the rooms that post ask of the whole ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loanops.money.ledger.domain.journal import AccountKey
from loanops.money.ledger.models import Account, Entry, Journal
from loanops.platform.db import fetch

_ACCOUNT = Account._meta.db_table
_ENTRY = Entry._meta.db_table
_JOURNAL = Journal._meta.db_table


def moments(*, subjects: Sequence[str]) -> Iterator[tuple[str, str, date]]:
    """The subject, kind and business day of every journal of subjects; for checks of rooms."""
    rows = Journal.objects.filter(subject__in=list(subjects)).order_by("id")
    yield from rows.values_list("subject", "kind", "posted_on")


def moved_by_day(*, code: str, kind: str) -> Iterator[tuple[str, str, date, int]]:
    """What journals of a kind moved on accounts of a code: book, dimension, day, and the growth.

    For checks of the rooms that post.
    """
    for book, dimension, on, moved in fetch(
        f"""
        SELECT a.book_id, a.dimension, j.posted_on,
            SUM(CASE WHEN e.debit_id = a.id THEN e.amount_minor ELSE -e.amount_minor END)
        FROM {_ACCOUNT} a JOIN {_ENTRY} e ON e.debit_id = a.id OR e.credit_id = a.id
        JOIN {_JOURNAL} j ON j.id = e.journal_id
        WHERE a.code = %s AND j.kind = %s GROUP BY a.book_id, a.dimension, j.posted_on
        """,  # noqa: S608 - names come from the models
        [code, kind],
    ):
        yield book, dimension, on if isinstance(on, date) else date.fromisoformat(on), int(moved)


def list_accounts() -> Iterator[tuple[str, AccountKey]]:
    """Every account with its book; for checks of the rooms that post."""
    for book, code, dimension in fetch(
        f"SELECT book_id, code, dimension FROM {_ACCOUNT} ORDER BY id"  # noqa: S608
    ):
        yield book, AccountKey(code, dimension)


def keys_but(known: Sequence[tuple[str, str]]) -> Iterator[tuple[Any, ...]]:
    """Number, kind and key of journals whose key does not begin as their kind's; for checks.

    ``known`` are the kinds that have keys, with how these begin.
    """
    mine = " OR ".join(["(kind = %s AND once LIKE %s)"] * len(known))
    yield from fetch(
        f"SELECT number, kind, once FROM {_JOURNAL} "  # noqa: S608
        f"WHERE once IS NOT NULL AND NOT ({mine}) ORDER BY id",
        [part for kind, begins in known for part in (kind, f"{begins}%")],
    )


def posted_for_books() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Number, kind and codes in the chart of journals of a whole book and day; for checks."""
    codes: dict[tuple[str, str], set[str]] = {}
    for number, kind, debit, credit in fetch(
        f"""
        SELECT j.number, j.kind, d.code, c.code FROM {_JOURNAL} j
        JOIN {_ENTRY} e ON e.journal_id = j.id
        JOIN {_ACCOUNT} d ON d.id = e.debit_id JOIN {_ACCOUNT} c ON c.id = e.credit_id
        WHERE j.subject LIKE '%%:____-__-__' GROUP BY j.number, j.kind, d.code, c.code
        """  # noqa: S608 - names come from the models
    ):
        found = codes.setdefault((number, kind), set())
        found |= {AccountKey(debit).head, AccountKey(credit).head}
    for (number, kind), found in codes.items():
        yield number, kind, frozenset(found)


@dataclass(frozen=True)
class OnceCard:
    """A journal that stands under a key of its own: on whose behalf, how much, to which accounts.

    ``credit`` is the first of the accounts that ``credited`` names with their amounts.
    """

    once: str
    book: str
    subject: str
    total_minor: int
    credit: str
    credited: tuple[tuple[str, int], ...]


def list_once(*, prefix: str) -> Iterator[OnceCard]:
    """The journals whose key begins with ``prefix``; for checks of the rooms that post."""
    journals: dict[tuple[Any, ...], list[tuple[str, int]]] = {}
    for row in fetch(
        f"""
        SELECT j.once, j.book_id, j.subject, j.total_minor, a.code, SUM(e.amount_minor)
        FROM {_JOURNAL} j JOIN {_ENTRY} e ON e.journal_id = j.id
        JOIN {_ACCOUNT} a ON a.id = e.credit_id
        WHERE j.once >= %s AND j.once < %s
        GROUP BY j.once, j.book_id, j.subject, j.total_minor, a.code
        """,  # noqa: S608 - names come from the models
        [prefix, f"{prefix}\U0010ffff"],
    ):
        journals.setdefault(tuple(row[:4]), []).append((row[4], int(row[5])))
    for (once, book, subject, total_minor), accounts in journals.items():
        credited = tuple(sorted(accounts))
        yield OnceCard(once, book, subject, total_minor, credited[0][0], credited)
