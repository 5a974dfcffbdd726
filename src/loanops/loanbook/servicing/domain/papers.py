"""Papers of a loan (statement, payoff quote, settlement certificate) as texts for a layout.

Everything that is shown is a text here, both languages side by side; the layout only places it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from loanops.kernel.money import format_amount
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.effects import ScheduleLine

Words = Mapping[str, Any]


class NotPaidInFull(Refusal):
    """A certificate was asked for while something is owed, or after the claim was given up."""

    code = "servicing_not_paid_in_full"
    sentence = "Loan {loan} is not paid in full: {left} is still to be paid."


class NothingToPayOff(Refusal):
    """A payoff was asked for of a loan that owes nothing."""

    code = "servicing_nothing_to_pay_off"
    sentence = "Loan {loan} owes nothing any more; there is nothing to pay off."


@dataclass(frozen=True)
class PaperHead:
    """Whose loan a paper is about: codes and numbers, the borrower's name masked."""

    loan: str
    contract: str
    book: str
    currency: str
    borrower_masked: str
    creditor: str
    principal_minor: int
    disbursed_on: date
    issued_on: date


@dataclass(frozen=True)
class PayoffCard:
    """What ends a loan on a day, part by part in minor units; valid for that day alone.

    ``fee_minor`` holds the fee for early repayment. ``each_day_minor`` is how much more it takes
    on the day after.
    """

    head: PaperHead
    on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    total_minor: int
    each_day_minor: int


@dataclass(frozen=True)
class StatementLine:
    """Something that happened: its day, its amount, and what its money paid by component."""

    on: date
    kind: str
    amount_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int


@dataclass(frozen=True)
class StatementCard:
    """A loan over a period: principal before, added, repaid and after; what happened; what is next.

    ``opening_minor + advanced_minor - waived_minor - repaid_minor == closing_minor``. ``until`` is
    the day after the last.
    """

    head: PaperHead
    since: date
    until: date
    opening_minor: int
    advanced_minor: int
    waived_minor: int
    repaid_minor: int
    closing_minor: int
    owed_minor: int
    credit_minor: int
    lines: tuple[StatementLine, ...]
    ahead: tuple[ScheduleLine, ...]


@dataclass(frozen=True)
class CertificateCard:
    """That a loan is paid in full: since when, and what was paid in all."""

    head: PaperHead
    settled_on: date
    paid_minor: int


class _Page:
    """One page in the making: the words, and amounts as texts."""

    def __init__(self, words: Words, name: str, head: PaperHead, creditor: str) -> None:
        self.words, self.name, self.head, self.creditor = words, name, head, creditor

    def money(self, amount_minor: int) -> str:
        whole, point, cents = format_amount(amount_minor, self.head.currency).partition(".")
        sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
        return f"{sign}{int(digits):,}{point}{cents}"

    def amount(self, amount_minor: int) -> str:
        return f"{self.head.currency} {self.money(amount_minor)}"

    def item(self, name: str, value: str, *, strong: bool = False) -> dict[str, Any]:
        return {**self.words["items"][name], "value": value, "strong": strong}

    def table(
        self, name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> dict[str, Any]:
        aligned = [
            {**self.words["columns"][each], "align": "left" if each in _LEFT else "right"}
            for each in columns
        ]
        return {**self.words["tables"][name], "columns": aligned, "rows": rows}

    def made(
        self, items: Sequence[dict[str, Any]], tables: Sequence[dict[str, Any]], fingerprint: str
    ) -> dict[str, Any]:
        head, note = self.head, self.words["notes"][self.name]
        begins = [self.item("loan", head.loan), self.item("contract", head.contract)]
        return {
            "title_zh": self.words["names"][self.name]["zh"],
            "title_en": self.words["names"][self.name]["en"],
            "number": head.loan,
            "date": head.issued_on.isoformat(),
            "note_zh": note["zh"],
            "note_en": note["en"],
            "fingerprint": fingerprint,
            "parties": [
                self._party("lender", self.creditor),
                self._party("borrower", head.borrower_masked or head.contract),
            ],
            "items": [*begins, *items],
            "tables": list(tables),
            "clauses": [],
            "signatures": [],
        }

    def _party(self, role: str, name: str) -> dict[str, str]:
        words = self.words["parties"][role]
        return {"role_zh": words["zh"], "role_en": words["en"], "name": name, "detail": ""}


_LEFT = frozenset({"on", "event", "number", "due_on"})
_PARTS = ("principal", "interest", "fee", "penalty")


def payoff_page(card: PayoffCard, words: Words, creditor: str, fingerprint: str) -> dict[str, Any]:
    """A payoff quote as the layout takes it."""
    page = _Page(words, "payoff", card.head, creditor)
    items = [
        page.item("on", card.on.isoformat()),
        *(
            page.item(f"part_{name}", page.amount(getattr(card, f"{name}_minor")))
            for name in _PARTS
        ),
        page.item("total", page.amount(card.total_minor), strong=True),
        page.item("each_day", page.amount(card.each_day_minor)),
    ]
    return page.made(items, [], fingerprint)


def certificate_page(
    card: CertificateCard, words: Words, creditor: str, fingerprint: str
) -> dict[str, Any]:
    """A settlement certificate as the layout takes it."""
    page = _Page(words, "certificate", card.head, creditor)
    items = [
        page.item("principal", page.amount(card.head.principal_minor)),
        page.item("disbursed_on", card.head.disbursed_on.isoformat()),
        page.item("paid", page.amount(card.paid_minor)),
        page.item("settled_on", card.settled_on.isoformat(), strong=True),
        page.item("still_owed", page.amount(0)),
    ]
    return page.made(items, [], fingerprint)


def statement_page(
    card: StatementCard, words: Words, creditor: str, fingerprint: str
) -> dict[str, Any]:
    """A statement as the layout takes it."""
    page = _Page(words, "statement", card.head, creditor)
    items = [
        page.item("period", f"{card.since} / {card.until - timedelta(days=1)}"),
        page.item("opening", page.amount(card.opening_minor)),
        page.item("advanced", page.amount(card.advanced_minor)),
        *([page.item("waived", page.amount(card.waived_minor))] if card.waived_minor else []),
        page.item("repaid", page.amount(card.repaid_minor)),
        page.item("closing", page.amount(card.closing_minor), strong=True),
        page.item("owed", page.amount(card.owed_minor)),
        page.item("credit", page.amount(card.credit_minor)),
    ]
    happened = [
        (
            line.on.isoformat(),
            "{zh} {en}".format(**words["events"][line.kind]),
            page.money(line.amount_minor),
            *(page.money(getattr(line, f"{name}_minor")) for name in _PARTS),
        )
        for line in card.lines
    ]
    ahead = [
        (
            str(line.number),
            line.due_on.isoformat(),
            page.money(line.principal_minor),
            page.money(line.interest_minor),
            page.money(line.fee_minor),
            page.money(line.open_minor),
        )
        for line in card.ahead
    ]
    tables = []
    if happened:
        tables.append(page.table("events", ("on", "event", "amount", *_PARTS), happened))
    if ahead:
        columns = ("number", "due_on", "principal", "interest", "fee", "open")
        tables.append(page.table("ahead", columns, ahead))
    return page.made(items, tables, fingerprint)
