"""INV-01, 15: what the ledger and payments keep for loans is kept as servicing posts and orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from loanops.kernel.account import BroughtIn, Disbursed
from loanops.kernel.aging import WRITTEN_OFF_BUCKET
from loanops.kernel.allocation import Component
from loanops.loanbook.servicing.domain.importing.entering import BROUGHT
from loanops.loanbook.servicing.domain.owners import CONTRA, RECEIVED
from loanops.loanbook.servicing.models import Loan, Pool
from loanops.money.ledger import queries as ledger
from loanops.money.payments import queries as payments
from loanops.platform.audit import Violation, named
from loanops.platform.db import fetch

_LOAN = Loan._meta.db_table
_POOL = Pool._meta.db_table
_BY_POOL: Final = ("loans.", "income.", "expense.", CONTRA)
"""How the codes of accounts begin that are kept by pool; principal is kept by bucket too."""

_KEYS: Final = (
    (f"servicing.{Disbursed.KIND}", "disbursed:"),
    (f"servicing.{BroughtIn.KIND}", BROUGHT),
)
_OF_BOOKS: Final = {
    "servicing.accrued": frozenset({
        "loans.interest_receivable", "loans.fee_receivable", "income.interest", "income.fee",
    }),
    "servicing.penalised": frozenset({"loans.penalty_receivable", "income.penalty"}),
    "servicing.provided": frozenset({"expense.provision", "loans.allowance"}),
    "servicing.aged": frozenset({"loans.principal"}),
}  # fmt: skip
"""What a close posts for a whole book, and the accounts that each kind moves."""


def strayed_accounts() -> Iterator[Violation]:
    """Accounts that are kept by something else than what their code is kept by."""
    pools: dict[str, set[str]] = {}
    for book, code in fetch(f"SELECT book_id, code FROM {_POOL}"):  # noqa: S608
        pools.setdefault(book, set()).add(code)
    aged = {
        book: {f"{code}/M{bucket}" for code in codes for bucket in range(WRITTEN_OFF_BUCKET + 1)}
        for book, codes in pools.items()
    }
    components = {component.value for component in Component}
    for book, key in ledger.list_accounts():
        if key.head == "loans.principal":
            known = aged.get(book, set())
        elif key.head.startswith(_BY_POOL):
            known = pools.get(book, set())
        else:
            known = components if key.head == RECEIVED else {""}
        if key.dimension not in known:
            row = (f"account {book} {key.code} {key.dimension}", "what it is kept by", "another")
            yield from named("INV-15", "the account was changed: nothing is posted to it", [row])


def strange_journals() -> Iterator[Violation]:
    """Journals under a key that their kind does not have, or of a book with others' accounts."""
    yield from named(
        "INV-01",
        "only what must never be posted twice has a key, which its kind begins",
        (
            (f"journal {number}", f"no such key of {kind}", once)
            for number, kind, once in ledger.keys_but(_KEYS)
        ),
    )
    for number, kind, heads in ledger.posted_for_books():
        known = _OF_BOOKS.get(kind, frozenset())
        if not heads <= known:
            row = (f"journal {number}", f"{kind} of {sorted(known)}", sorted(heads))
            yield from named("INV-01", "the kind or an account of the journal was changed", [row])


def strayed_debtors() -> Iterator[Violation]:
    """Debit orders that ask another debtor than that of their loan."""
    serials: dict[str, str] = dict(fetch(f"SELECT number, serial FROM {_LOAN}"))  # noqa: S608
    for subject, account in payments.debtors():
        if serials.get(subject) != account:
            row = (f"debit orders of loan {subject}", serials.get(subject, "none"), account)
            yield from named("INV-15", "the channel knows the loan by its serial", [row])
