"""Papers of a loan (statement, payoff quote, settlement certificate) as texts for a layout.

Everything that is shown is a text here, both languages side by side; the layout only places it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from loanops.kernel.money import format_amount, spoken_amount
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.balances import PARTS, Balance
from loanops.loanbook.servicing.domain.effects import ScheduleLine
from loanops.loanbook.servicing.domain.standing import AsOfCard

Words = Mapping[str, Any]

_LEFT = frozenset({"on", "event", "number", "due_on", "component"})
_MOVES = ("opening", "added", "waived", "paid", "closing")


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

    ``early_fee_minor`` is the fee for early repayment, ``fee_minor`` the other fees; the five
    parts add up. ``each_day_minor`` is how much more it takes on the day after.
    """

    head: PaperHead
    on: date
    principal_minor: int
    interest_minor: int
    fee_minor: int
    early_fee_minor: int
    penalty_minor: int
    total_minor: int
    each_day_minor: int


@dataclass(frozen=True)
class StatementLine:
    """Something that happened: its day, its amount, and what its money paid by component.

    ``late_fee_minor`` of the fees were for being late.
    """

    key: str
    on: date
    kind: str
    amount_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    late_fee_minor: int


@dataclass(frozen=True)
class StatementCard:
    """A loan over a period: how it stood before and after, by component; what happened and is next.

    ``balances`` are of principal, interest, fee and penalty; ``late_fees`` is the part of the fees
    that being late costs. ``until`` is the day after the last. ``reading`` says whether all of it
    is ``then``, as known at the end of the last day, or ``now``, as recalculated since.
    """

    head: PaperHead
    since: date
    until: date
    reading: str
    opening: AsOfCard
    closing: AsOfCard
    balances: tuple[Balance, ...]
    late_fees: Balance
    lines: tuple[StatementLine, ...]
    ahead: tuple[ScheduleLine, ...]

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.until - timedelta(days=1)

    @property
    def shown_balances(self) -> tuple[Balance, ...]:
        """The balances as people read them: fees for being late, if there are, beside penalty."""
        if self.late_fees.is_empty:
            return self.balances
        principal, interest, fee, penalty = self.balances
        return (principal, interest, fee.without(self.late_fees), self.late_fees, penalty)

    @property
    def shown_parts(self) -> tuple[str, ...]:
        """The components of the balances as people read them."""
        return tuple(balance.component for balance in self.shown_balances)

    def shown_line(self, line: StatementLine) -> tuple[int, ...]:
        """What the money of a line paid, by those components."""
        if self.late_fees.is_empty:
            return tuple(int(getattr(line, f"{name}_minor")) for name in PARTS)
        fee_minor = line.fee_minor - line.late_fee_minor
        return (
            line.principal_minor,
            line.interest_minor,
            fee_minor,
            line.late_fee_minor,
            line.penalty_minor,
        )


@dataclass(frozen=True)
class CertificateCard:
    """That a loan is paid in full: since when, and what was paid in all.

    ``early_fee_minor`` of it was the fee for early repayment.
    """

    head: PaperHead
    settled_on: date
    paid_minor: int
    early_fee_minor: int


@dataclass(frozen=True)
class Named:
    """Who a paper names: the creditor, and the borrower in clear where that may be said."""

    creditor: str
    borrower: str = ""


class _Page:
    """One page in the making: the words, and amounts as texts."""

    def __init__(self, words: Words, name: str, head: PaperHead, named: Named) -> None:
        self.words, self.name, self.head, self.named = words, name, head, named

    def money(self, amount_minor: int) -> str:
        return spoken_amount(amount_minor, self.head.currency)

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
        head, notes = self.head, [self.words["notes"][self.name]]
        if head.borrower_masked and not self.named.borrower:
            notes.append(self.words["notes"]["masked"])
        begins = [self.item("loan", head.loan), self.item("contract", head.contract)]
        return {
            "title_zh": self.words["names"][self.name]["zh"],
            "title_en": self.words["names"][self.name]["en"],
            "number": head.loan,
            "date": head.issued_on.isoformat(),
            "note_zh": "".join(note["zh"] for note in notes),
            "note_en": " ".join(note["en"] for note in notes),
            "fingerprint": fingerprint,
            "parties": [
                self._party("lender", self.named.creditor),
                self._party(
                    "borrower", self.named.borrower or head.borrower_masked or head.contract
                ),
            ],
            "items": [*begins, *items],
            "tables": list(tables),
            "clauses": [],
            "signatures": [],
        }

    def _party(self, role: str, name: str) -> dict[str, str]:
        words = self.words["parties"][role]
        return {"role_zh": words["zh"], "role_en": words["en"], "name": name, "detail": ""}


def payoff_page(card: PayoffCard, words: Words, named: Named, fingerprint: str) -> dict[str, Any]:
    """A payoff quote as the layout takes it."""
    page = _Page(words, "payoff", card.head, named)
    items = [
        page.item("on", card.on.isoformat()),
        *(
            page.item(f"part_{name}", page.amount(getattr(card, f"{name}_minor")))
            for name in ("principal", "interest", "fee", "early_fee", "penalty")
        ),
        page.item("total", page.amount(card.total_minor), strong=True),
        page.item("each_day", page.amount(card.each_day_minor)),
    ]
    return page.made(items, [], fingerprint)


def certificate_page(
    card: CertificateCard, words: Words, named: Named, fingerprint: str
) -> dict[str, Any]:
    """A settlement certificate as the layout takes it."""
    page = _Page(words, "certificate", card.head, named)
    items = [
        page.item("principal", page.amount(card.head.principal_minor)),
        page.item("disbursed_on", card.head.disbursed_on.isoformat()),
        page.item("paid", page.amount(card.paid_minor)),
        page.item("early_fee", page.amount(card.early_fee_minor)),
        page.item("settled_on", card.settled_on.isoformat(), strong=True),
        page.item("still_owed", page.amount(0)),
    ]
    return page.made(items, [], fingerprint)


def statement_page(
    card: StatementCard, words: Words, named: Named, fingerprint: str
) -> dict[str, Any]:
    """A statement as the layout takes it."""
    page = _Page(words, "statement", card.head, named)
    items = [
        page.item("period", f"{card.since} / {card.last}"),
        page.item("reading", "{zh} {en}".format(**words["readings"][card.reading])),
        page.item("closing", page.amount(card.closing.outstanding_minor), strong=True),
        page.item("owed", page.amount(card.closing.owed_minor)),
        page.item("credit", page.amount(card.closing.credit_minor)),
    ]
    stood = [
        (
            "{zh} {en}".format(**_component(words, each.component)),
            *(page.money(getattr(each, f"{name}_minor")) for name in _MOVES),
        )
        for each in card.shown_balances
    ]
    happened = [
        (
            line.on.isoformat(),
            "{zh} {en}".format(**words["events"][line.kind]),
            page.money(line.amount_minor),
            *(page.money(minor) for minor in card.shown_line(line)),
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
    tables = [page.table("balances", ("component", *_MOVES), stood)]
    if happened:
        tables.append(page.table("events", ("on", "event", "amount", *card.shown_parts), happened))
    if ahead:
        columns = ("number", "due_on", "principal", "interest", "fee", "open")
        tables.append(page.table("ahead", columns, ahead))
    return page.made(items, tables, fingerprint)


def _component(words: Words, component: str) -> Mapping[str, str]:
    """The name of a component by itself; of fees for being late that they are a cost of default."""
    named: Mapping[str, str] = words["components"].get(component, words["columns"][component])
    return named


def statement_rows(
    card: StatementCard, words: Words, tongue: str
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """A statement as one table, header and rows in a language: each amount, then by component.

    The balance before, what happened, what moved in all, and the balance after.
    """
    columns = ("on", "event", "amount", *card.shown_parts)
    header = tuple(words["columns"][each][tongue] for each in columns)

    def row(on: date, name: str, amounts_minor: Sequence[int]) -> tuple[str, ...]:
        shown = (format_amount(each, card.head.currency) for each in amounts_minor)
        return (on.isoformat(), name, *shown)

    def moved(on: date, move: str) -> tuple[str, ...]:
        amounts_minor = [int(getattr(each, f"{move}_minor")) for each in card.shown_balances]
        return row(on, words["columns"][move][tongue], (sum(amounts_minor), *amounts_minor))

    happened = [
        row(
            line.on,
            words["events"][line.kind][tongue],
            (line.amount_minor, *card.shown_line(line)),
        )
        for line in card.lines
    ]
    changes = [moved(card.last, move) for move in _MOVES[1:]]
    return header, [moved(card.since, _MOVES[0]), *happened, *changes]
