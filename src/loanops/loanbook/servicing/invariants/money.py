"""INV-08, 21: money that events laid is that of their receipts, and was posted on their day."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence

from loanops.kernel.account import Disbursed, Repaid
from loanops.loanbook.servicing.invariants.replays import in_pieces
from loanops.loanbook.servicing.models import Loan, LoanEvent
from loanops.loanbook.servicing.operations.laying import event_key
from loanops.money.ledger import queries as ledger
from loanops.money.payments import queries as payments
from loanops.money.payments.queries import ReceiptCard
from loanops.platform.audit import Violation, named

_BY_ROOM = "servicing."
_WITHOUT_EVENT = frozenset({"servicing.credit_used"})


def strayed_receipts() -> Iterator[Violation]:
    """Events of money that is not that of their receipt."""
    for ids in in_pieces():
        rows = LoanEvent.objects.filter(loan_id__in=ids).exclude(receipt="").order_by("id")
        found = list(rows.select_related("loan"))
        cards = payments.receipts_by_number(
            numbers=[row.receipt for row in found], with_returned=True
        )
        for row in found:
            card = cards.get(row.receipt)
            wanted = (row.key, row.loan.number, row.amount_minor, row.counts_on, row.loan.book_id)
            if card is None or _of(card) != wanted:
                words = ("of event", row.key, "is", _of(card)[1:4] if card else "none")
                violation = (f"loan {row.loan.number} receipt {row.receipt}", wanted[1:4], words)
                yield from named("INV-08", "an event or its receipt was changed", [violation])
            yield from _added(row)


def _of(card: ReceiptCard) -> tuple[object, ...]:
    key = event_key(card.channel, card.pay_no)
    return key, card.subject, card.amount_minor, card.received_on, card.book


def _added(row: LoanEvent) -> Iterator[Violation]:
    """What the event says it did, which adds up to its money where it is a plain payment."""
    if row.kind != Repaid.KIND:
        return
    said = json.loads(row.values_json)
    total = sum(minor for name, minor in said.items() if name.endswith("_minor"))
    if total != row.amount_minor:
        violation = (f"loan {row.loan.number} event {row.key}", row.amount_minor, total)
        yield from named("INV-08", "what the event did is not its amount", [violation])


def unposted_events() -> Iterator[Violation]:
    """Journals of loans without an event of their kind and day, and payouts without a journal."""
    for ids in in_pieces():
        yield from _unposted(ids)


def _unposted(ids: Sequence[int]) -> Iterator[Violation]:
    numbers = dict(Loan.objects.filter(id__in=ids).values_list("id", "number"))
    happened: dict[tuple[str, str], set[object]] = defaultdict(set)
    for loan_id, kind, booked_on, counts_on in LoanEvent.objects.filter(
        loan_id__in=ids
    ).values_list("loan_id", "kind", "booked_on", "counts_on"):
        number = numbers[loan_id]
        happened[(number, f"{_BY_ROOM}{kind}")].add(booked_on)
        if booked_on < counts_on:
            row = (f"loan {number} event {kind}", f"booked from {counts_on} on", booked_on)
            yield from named("INV-21", "nothing is booked before the day it counts for", [row])
    posted: dict[tuple[str, str], set[object]] = defaultdict(set)
    for subject, kind, on in ledger.moments(subjects=sorted(numbers.values())):
        posted[(subject, kind)].add(on)
    hint = "an event or a journal was changed, added or removed"
    for (number, kind), days in sorted(posted.items()):
        if kind.startswith(_BY_ROOM) and kind not in _WITHOUT_EVENT:
            rows = [
                (f"journal {kind} of loan {number}", "an event of the day", day)
                for day in days - happened[(number, kind)]
            ]
            yield from named("INV-21", hint, rows)
    kind = f"{_BY_ROOM}{Disbursed.KIND}"
    rows = [
        (f"loan {number}", f"a payout posted on {sorted(map(str, on))}", "none")
        for (number, what), on in sorted(happened.items())
        if what == kind and on != posted[(number, kind)]
    ]
    yield from named("INV-21", hint, rows)
