"""Journals as plain values, and what one must hold before it may be posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from loanops.kernel.refusals import Refusal


class EntryNotPositive(Refusal):
    """An entry moves an amount above zero; a move back is an entry the other way round."""

    code = "ledger_entry_not_positive"
    sentence = "An entry of {amount} cannot be posted; amounts are above zero."
    status = 422


class EntryWithinAccount(Refusal):
    """Debit and credit are two accounts."""

    code = "ledger_entry_within_account"
    sentence = "An entry needs two accounts; {account} was named on both sides."
    status = 422


class JournalEmpty(Refusal):
    """A journal has at least one entry."""

    code = "ledger_journal_empty"
    sentence = "A journal of {kind} without entries cannot be posted."
    status = 422


class AccountUnknown(Refusal):
    """The chart has no such account."""

    code = "ledger_account_unknown"
    sentence = "{account} is not an account of the chart."
    status = 422


class AccountKey(NamedTuple):
    """An account of a book: its code, and the dimension (辅助核算) it is kept by.

    ``code`` may carry a name after a colon: ``cash.clearing:unionpay``.
    """

    code: str
    dimension: str = ""

    @property
    def head(self) -> str:
        """The code in the chart."""
        return self.code.partition(":")[0]


class EntryIn(NamedTuple):
    """Both legs of one movement: ``amount_minor`` (above zero) from ``credit`` to ``debit``."""

    debit: AccountKey
    credit: AccountKey
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalIn:
    """What is to be posted together.

    ``kind`` says by which event, ``subject`` on whose behalf (a number). ``once`` is a key that
    may be used by one journal only, for what must never be posted twice.
    """

    kind: str
    subject: str
    entries: tuple[EntryIn, ...]
    once: str | None = None

    @property
    def total_minor(self) -> int:
        """The sum of what its entries move."""
        return sum(entry.amount_minor for entry in self.entries)


def entry(debit: AccountKey, credit: AccountKey, amount_minor: int) -> tuple[EntryIn, ...]:
    """The entry that moves a signed amount: none for zero, turned round where it is negative."""
    if amount_minor > 0:
        return (EntryIn(debit, credit, amount_minor),)
    if amount_minor < 0:
        return (EntryIn(credit, debit, -amount_minor),)
    return ()


def check(journal: JournalIn, heads: frozenset[str]) -> None:
    """Hold that a journal can stand in the book; ``heads`` are the codes of the chart.

    :raises JournalEmpty, EntryNotPositive, EntryWithinAccount, AccountUnknown:
    """
    if not journal.entries:
        raise JournalEmpty(kind=journal.kind)
    for debit, credit, amount_minor in journal.entries:
        if amount_minor <= 0:
            raise EntryNotPositive(amount=amount_minor)
        if debit == credit:
            raise EntryWithinAccount(account=debit.code)
        for account in (debit, credit):
            if account.head not in heads:
                raise AccountUnknown(account=account.code)
