"""INV-07: loans that were brought in stand in the ledger as they came, and imports are whole."""

from __future__ import annotations

import json
from collections.abc import Iterator

from loanops.kernel.account import BroughtIn
from loanops.loanbook.servicing.domain.importing.entering import BROUGHT
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.models import BookImport, Loan, LoanEvent
from loanops.money.ledger import queries as ledger
from loanops.platform.audit import Violation
from loanops.platform.db import fetch

_EVENT = LoanEvent._meta.db_table
_IMPORT = BookImport._meta.db_table
_LOAN = Loan._meta.db_table
_AGAINST = ("migration.opening", "loans.written_off")


def entries() -> Iterator[Violation]:
    """Loans brought in without exactly one journal of what was outstanding, and the reverse."""
    posted = {card.subject: card for card in ledger.list_once(prefix=BROUGHT)}
    for number, intent, amount_minor in fetch(
        f"""
        SELECT l.number, l.intent, e.amount_minor
        FROM {_LOAN} l LEFT JOIN {_EVENT} e ON e.loan_id = l.id AND e.kind = %s
        WHERE l.intent LIKE %s
        """,  # noqa: S608 - names come from the models
        [BroughtIn.KIND, f"{BROUGHT}%"],
    ):
        card = posted.pop(number, None)
        found = (card.once, card.total_minor) if card else None
        expected = (intent, amount_minor) if amount_minor else None
        if found != expected or (card and card.credit not in _AGAINST) or amount_minor is None:
            yield Violation(
                code="INV-07",
                object=f"loan {number}",
                expected=f"brought in by {expected}" if expected else "no journal of its entry",
                found=f"{found} against {card.credit}" if card else "no journal",
                hint="the loan and the journal by which it entered the book differ",
            )
    for subject, card in sorted(posted.items()):
        yield Violation(
            code="INV-07",
            object=f"journal {card.once}",
            expected=f"loan {subject}",
            found="none",
            hint="a loan was brought in that does not exist",
        )


def wholes() -> Iterator[Violation]:
    """Imports of which a loan is missing, and loans of an import that never was."""
    found = {
        json.loads(values)["import"]: count
        for values, count in fetch(
            f"SELECT values_json, COUNT(*) FROM {_EVENT} WHERE kind = %s GROUP BY values_json",  # noqa: S608
            [BroughtIn.KIND],
        )
    }
    kept = dict(fetch(f"SELECT number, loan_count FROM {_IMPORT}"))  # noqa: S608
    for number in sorted(found.keys() | kept.keys()):
        if found.get(number, 0) != kept.get(number, 0):
            yield Violation(
                code="INV-07",
                object=f"import {number}",
                expected=f"{kept.get(number, 0)} loans",
                found=f"{found.get(number, 0)}",
                hint="a file comes in whole; loans of it are gone or came from elsewhere",
            )


def withdrawn() -> Iterator[Violation]:
    """Imports taken back of which a loan stands, and loans taken back whose import stands."""
    for number, expected, found in fetch(
        f"""
        SELECT x.number, CASE WHEN x.undone_at IS NULL THEN 0 ELSE x.loan_count END, (
            SELECT COUNT(*) FROM {_LOAN} l
            WHERE l.book_id = x.book_id AND l.state = '{LoanState.WITHDRAWN}'
                AND EXISTS (
                    SELECT 1 FROM {_EVENT} e WHERE e.loan_id = l.id AND e.key = '{BroughtIn.KIND}'
                        AND e.values_json = '{{"import": "' || x.number || '"}}')
            ) FROM {_IMPORT} x
        """  # noqa: S608 - names come from the models
    ):
        if expected != found:
            yield Violation(
                code="INV-07",
                object=f"import {number}",
                expected=f"{expected} loans taken back",
                found=f"{found}",
                hint="a file is taken back whole; look for what was changed by hand",
            )
