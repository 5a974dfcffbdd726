"""INV-01 and INV-02: journals stand as posted, balances are the sums of their legs."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from loanops.money.ledger.models import Account, Balance, Entry, Journal, Unfolded
from loanops.platform.audit import Check, Violation, named, witness
from loanops.platform.audit.witness import Written
from loanops.platform.db import fetch

_ACCOUNT = Account._meta.db_table
_BALANCE = Balance._meta.db_table
_ENTRY = Entry._meta.db_table
_JOURNAL = Journal._meta.db_table
_UNFOLDED = Unfolded._meta.db_table


def changed_journals() -> Iterator[Violation]:
    """Journals whose entries are not those that were posted."""
    for number, total, count, found_total, found_count in fetch(
        f"""
        SELECT j.number, j.total_minor, j.entry_count, x.total, x.entries
        FROM {_JOURNAL} j LEFT JOIN (
            SELECT journal_id, SUM(amount_minor) AS total, COUNT(*) AS entries
            FROM {_ENTRY} GROUP BY journal_id
        ) x ON x.journal_id = j.id
        WHERE x.total IS NULL OR x.total <> j.total_minor OR x.entries <> j.entry_count
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-01",
            object=f"journal {number}",
            expected=f"{count} entries of {total}",
            found=f"{found_count or 0} entries of {found_total or 0}",
            hint="an entry was changed, added or removed after it was posted",
        )
    on = "j.book_id || ':' || CAST(j.posted_on AS VARCHAR(10))"
    yield from named(
        "INV-01",
        "what is posted for a whole book is named for its day",
        fetch(
            f"""
            SELECT 'journal ' || j.number, {on}, j.subject FROM {_JOURNAL} j
            WHERE j.subject LIKE '%%:____-__-__' AND j.subject <> {on}
            """  # noqa: S608 - names come from the models
        ),
    )


def strayed_entries() -> Iterator[Violation]:
    """Entries between accounts of another book than their journal's, or of one account alone."""
    for number, entry, book, debit_book, credit_book in fetch(
        f"""
        SELECT j.number, e.id, j.book_id, d.book_id, c.book_id
        FROM {_ENTRY} e JOIN {_JOURNAL} j ON j.id = e.journal_id
        JOIN {_ACCOUNT} d ON d.id = e.debit_id JOIN {_ACCOUNT} c ON c.id = e.credit_id
        WHERE d.book_id <> j.book_id OR c.book_id <> j.book_id OR e.amount_minor <= 0
            OR e.debit_id = e.credit_id
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-01",
            object=f"journal {number} entry {entry}",
            expected=f"two accounts of book {book}",
            found=f"{debit_book} and {credit_book}",
            hint="an entry moves an amount above zero between two accounts of its own book",
        )


def wrong_balances() -> Iterator[Violation]:
    """Accounts whose newest balance is not the sum of the legs it should hold."""
    folded = f"""
        SELECT e.{{side}}_id AS account_id, SUM(e.amount_minor) AS total
        FROM {_ENTRY} e LEFT JOIN {_UNFOLDED} u ON u.journal_id = e.journal_id
        WHERE u.journal_id IS NULL GROUP BY e.{{side}}_id
        """  # noqa: S608 - names come from the models
    for book, code, dimension, debit, credit, legs_debit, legs_credit in fetch(
        f"""
        SELECT a.book_id, a.code, a.dimension, COALESCE(b.debit_minor, 0),
            COALESCE(b.credit_minor, 0), COALESCE(d.total, 0), COALESCE(c.total, 0)
        FROM {_ACCOUNT} a
        LEFT JOIN {_BALANCE} b ON b.account_id = a.id AND b.folded_on = (
            SELECT MAX(l.folded_on) FROM {_BALANCE} l WHERE l.account_id = a.id)
        LEFT JOIN ({folded.format(side="debit")}) d ON d.account_id = a.id
        LEFT JOIN ({folded.format(side="credit")}) c ON c.account_id = a.id
        WHERE COALESCE(b.debit_minor, 0) <> COALESCE(d.total, 0)
            OR COALESCE(b.credit_minor, 0) <> COALESCE(c.total, 0)
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-02",
            object=f"account {book} {code} {dimension}".rstrip(),
            expected=f"debit {legs_debit}, credit {legs_credit}",
            found=f"debit {debit}, credit {credit}",
            hint="the newest balance is not the sum of what was posted up to it",
        )


def unequal_totals() -> Iterator[Violation]:
    """Books whose newest balances do not add up to zero."""
    for book, debit, credit in fetch(
        f"""
        SELECT a.book_id, SUM(b.debit_minor), SUM(b.credit_minor)
        FROM {_ACCOUNT} a JOIN {_BALANCE} b ON b.account_id = a.id
        WHERE b.folded_on = (
            SELECT MAX(l.folded_on) FROM {_BALANCE} l WHERE l.account_id = a.id)
        GROUP BY a.book_id HAVING SUM(b.debit_minor) <> SUM(b.credit_minor)
        """  # noqa: S608 - names come from the models
    ):
        yield Violation(
            code="INV-02",
            object=f"book {book}",
            expected=f"credit {debit}",
            found=f"credit {credit}",
            hint="the trial balance is not zero",
        )


def strayed_marks() -> Iterator[Violation]:
    """Marks of journals that no balance holds yet, which say otherwise than their journals."""
    yield from named(
        "INV-02",
        "a mark for the next fold was changed: its journal is folded wrongly, or never",
        fetch(
            f"""
            SELECT 'mark of journal ' || j.number, j.posted_on, u.posted_on
            FROM {_UNFOLDED} u JOIN {_JOURNAL} j ON j.id = u.journal_id
            WHERE u.posted_on <> j.posted_on OR u.book_id <> j.book_id OR u.fold_on IS NOT NULL
            """  # noqa: S608 - names come from the models
        ),
    )


def wrong_days() -> Iterator[Violation]:
    """Balances of past days that are not what was posted up to them, or that are missing."""
    folds: dict[str, list[str]] = defaultdict(list)
    for book, on in fetch(
        f"SELECT DISTINCT a.book_id, b.folded_on FROM {_BALANCE} b "  # noqa: S608
        f"JOIN {_ACCOUNT} a ON a.id = b.account_id ORDER BY 1, 2"
    ):
        folds[book].append(str(on))
    moved = _moved_by_day()
    kept: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for account_id, on, debit, credit in fetch(
        f"SELECT account_id, folded_on, debit_minor, credit_minor FROM {_BALANCE}"  # noqa: S608
    ):
        kept[account_id][str(on)] = (debit, credit)
    for account_id, book, code, dimension in fetch(
        f"SELECT id, book_id, code, dimension FROM {_ACCOUNT} ORDER BY id"  # noqa: S608
    ):
        wanted = _balances(moved.get(account_id, ()), folds[book])
        found = kept[account_id]
        yield from named(
            "INV-02",
            "the balance of the day, or the day of a journal, was changed",
            [
                (f"balance of {book} {code} {dimension} {on}", wanted.get(on), found.get(on))
                for on in sorted(wanted.keys() | found.keys())
                if wanted.get(on) != found.get(on)
            ],
        )


def _moved_by_day() -> dict[int, list[tuple[str, int, int]]]:
    """What folded journals moved of every account, day by day: debit and credit."""
    moved: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    side = f"""
        SELECT e.{{side}}_id AS account_id, j.posted_on AS posted_on, {{sums}}
        FROM {_ENTRY} e JOIN {_JOURNAL} j ON j.id = e.journal_id
        LEFT JOIN {_UNFOLDED} u ON u.journal_id = e.journal_id
        WHERE u.journal_id IS NULL GROUP BY e.{{side}}_id, j.posted_on
        """  # noqa: S608 - names come from the models
    debit = side.format(side="debit", sums="SUM(e.amount_minor) AS debit, 0 AS credit")
    credit = side.format(side="credit", sums="0 AS debit, SUM(e.amount_minor) AS credit")
    for account_id, on, debited, credited in fetch(
        f"""
        SELECT x.account_id, x.posted_on, SUM(x.debit), SUM(x.credit)
        FROM ({debit} UNION ALL {credit}) x GROUP BY 1, 2 ORDER BY 1, 2
        """  # noqa: S608 - names come from the models
    ):
        moved[account_id].append((str(on), int(debited), int(credited)))
    return moved


def _balances(
    moved: Iterable[tuple[str, int, int]], folds: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """The balances that an account should have kept: one by each fold that took of its moves."""
    wanted: dict[str, tuple[int, int]] = {}
    debit = credit = 0
    for on, debited, credited in moved:
        debit, credit = debit + debited, credit + credited
        place = bisect_left(folds, on)
        wanted[folds[place] if place < len(folds) else on] = (debit, credit)
    return wanted


def unwitnessed() -> Iterator[Violation]:
    """Journals of a moment that the audit does not know, or with a number of another moment."""
    yield from witness.unwitnessed(
        [
            Written(
                source=f"{_JOURNAL} x",
                name="'journal ' || x.number",
                at="x.at",
                book="x.book_id",
                on="x.posted_on",
            )
        ]
    )
    yield from witness.misnumbered(Journal.objects.all(), "JN")


CHECKS = (
    Check(
        code="INV-14",
        statement="Every journal was posted when the audit saw something done in its book.",
        find=unwitnessed,
    ),
    Check(
        code="INV-02",
        statement="Every balance of every past day is what was posted up to it.",
        find=wrong_days,
    ),
    Check(
        code="INV-02",
        statement="Journals that wait for their fold are marked as they were posted.",
        find=strayed_marks,
    ),
    Check(
        code="INV-01",
        statement="Every journal holds exactly the entries that were posted.",
        find=changed_journals,
    ),
    Check(
        code="INV-01",
        statement="Every entry moves an amount between two accounts of its journal's book.",
        find=strayed_entries,
    ),
    Check(
        code="INV-02",
        statement="Every account's balance is the sum of its legs.",
        find=wrong_balances,
    ),
    Check(
        code="INV-02",
        statement="The trial balance of every book is zero.",
        find=unequal_totals,
    ),
)
