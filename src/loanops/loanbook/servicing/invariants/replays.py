"""INV-03: every loan is what the kernel's account makes of its terms and events."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from loanops.kernel.account import AccountState, BroughtIn, Disbursed, Event, Repaid, state
from loanops.kernel.refusals import Refusal
from loanops.kernel.schedule import Terms
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.position import Item, standing
from loanops.loanbook.servicing.domain.replay import event_of, items_of
from loanops.loanbook.servicing.domain.rules import Rules, read_rules, rules_of
from loanops.loanbook.servicing.domain.turn import figures_of
from loanops.loanbook.servicing.invariants.plain import replayed_alike
from loanops.loanbook.servicing.models import Instalment, Loan, LoanEvent, LoanTerms
from loanops.loanbook.servicing.queries.loans import item_of_row
from loanops.platform.audit import Violation
from loanops.platform.books import queries as books

_CHUNK = 5_000


def differing_loans() -> Iterator[Violation]:
    """Loans whose projection is not the replay of their events."""
    for ids in in_pieces():
        books_of: dict[str, list[Loan]] = defaultdict(list)
        for loan in Loan.objects.filter(id__in=ids).select_related("pool").order_by("id"):
            books_of[loan.book_id].append(loan)
        for book, loans in books_of.items():
            on = books.business_date(book)
            alike = replayed_alike(loans, on)
            yield from _differing([loan for loan in loans if loan.pk not in alike], on)


def in_pieces() -> Iterator[Sequence[int]]:
    """The ids of all loans, some at a time: checks that look at each loan hold no more of them."""
    ids = list(Loan.objects.order_by("id").values_list("id", flat=True))
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]


def _differing(loans: Sequence[Loan], on: date) -> Iterator[Violation]:
    ids = [loan.pk for loan in loans]
    terms = dict(LoanTerms.objects.filter(loan_id__in=ids).values_list("loan_id", "terms_json"))
    events: dict[int, list[LoanEvent]] = defaultdict(list)
    for row in LoanEvent.objects.filter(loan_id__in=ids).order_by("id"):
        events[row.loan_id].append(row)
    stored: dict[int, dict[int, Item]] = defaultdict(dict)
    for instalment in Instalment.objects.filter(loan_id__in=ids):
        stored[instalment.loan_id][instalment.number] = item_of_row(instalment)
    for loan in loans:
        rules = read_rules(loan.pool.rules_json)
        try:
            agreed = Terms.from_dict(json.loads(terms.get(loan.pk, "{}")))
            account = state(agreed, [_event(row) for row in events[loan.pk]], on)
        except Refusal as refusal:
            yield _violation(loan, "events that can be replayed", str(refusal))
            continue
        replayed = {item.number: item for item in items_of(account, rules)}
        yield from _compared(loan, stored[loan.pk], replayed, rules, on)
        kept = _figures(
            loan.outstanding_minor, loan.credit_minor, loan.advanced_minor, loan.claim_owner,
            loan.state == LoanState.WRITTEN_OFF,
        )  # fmt: skip
        owes = not account.is_settled
        wanted = _figures(
            account.principal_outstanding_minor, account.unapplied_minor, account.advanced_minor,
            account.owner or loan.funder, owes and account.written_off_on is not None,
        )  # fmt: skip
        if kept != wanted:
            yield _violation(loan, wanted, kept)
        yield from _dated(loan, account, replayed, agreed, rules, events[loan.pk])


def _dated(
    loan: Loan,
    account: AccountState,
    items: dict[int, Item],
    agreed: Terms,
    rules: Rules,
    events: Sequence[LoanEvent],
) -> Iterator[Violation]:
    """The days of a loan and its rules, which follow from its events and terms too."""
    came = {Disbursed.KIND, Repaid.KIND, BroughtIn.KIND}
    last = max(row.counts_on for row in events)
    figures = figures_of(account, items, rules, last_event_on=last, settled_before=loan.settled_on)
    changed = max((row.counts_on for row in events if row.kind not in came), default=None)
    paid_out = [row.counts_on for row in events if row.kind == Disbursed.KIND]
    first = paid_out[0] if paid_out else loan.disbursed_on
    wanted = _days(first, last, changed, figures.settled_on, figures.counted_from)
    kept = _days(
        loan.disbursed_on, loan.last_event_on, loan.changed_on, loan.settled_on, loan.counted_from
    )
    if kept != wanted:
        yield _violation(loan, wanted, kept)
    # Who lends with whom is the agreement's, not a term of the loan.
    if rules_of(agreed, rules.sharing) != rules:
        yield _violation(loan, "the rules of its terms", f"those of pool {loan.pool.code}")


def _days(
    first: date,
    last: date,
    changed: date | None,
    settled: date | None,
    counted: date | None,
) -> str:
    return (
        f"paid out {first}, last event {last}, changed {changed}, settled {settled}, "
        f"counted from {counted}"
    )


def _event(row: LoanEvent) -> Event:
    return event_of(row.key, row.kind, row.counts_on, row.amount_minor, row.content_json)


def _compared(
    loan: Loan, stored: dict[int, Item], replayed: dict[int, Item], rules: Rules, on: date
) -> Iterator[Violation]:
    for number in sorted(stored.keys() | replayed.keys()):
        if stored.get(number) == replayed.get(number):
            continue
        kept = _words(stored[number], rules, on) if number in stored else "none"
        wanted = _words(replayed[number], rules, on) if number in replayed else "none"
        if kept != wanted:
            yield _violation(loan, wanted, kept, part=f" instalment {number}")
    seen = standing(replayed.values(), rules, on)
    if seen.oldest_due_on != loan.oldest_due_on:
        yield _violation(
            loan, f"oldest due {seen.oldest_due_on}", f"oldest due {loan.oldest_due_on}"
        )


def _figures(
    outstanding_minor: int, credit_minor: int, advanced_minor: int, owner: str, written_off: bool
) -> str:
    return (
        f"outstanding {outstanding_minor} of {advanced_minor}, credit {credit_minor}, "
        f"owned by {owner}{', written off' if written_off else ''}"
    )


def _words(item: Item, rules: Rules, on: date) -> str:
    return (
        f"from {item.starts_on} due {item.due_on}, "
        f"asks {item.principal_minor}/{item.interest_minor}/{item.fee_minor}, "
        f"paid {item.paid_principal_minor}/{item.paid_interest_minor}/{item.paid_fee_minor}"
        f"/{item.paid_penalty_minor}, penalty {item.penalty_minor(rules, on)}, "
        f"at {item.penal_rate or 'the agreed rate'}, "
        f"late {item.late_fee_minor} by {item.late_fee_count}, "
        f"to {item.penal_end}, capped {item.capped_on}, "
        f"owner {item.owner or 'the first'}, settled {item.settled_on}"
    )


def _violation(loan: Loan, expected: str, found: str, part: str = "") -> Violation:
    return Violation(
        code="INV-03",
        object=f"loan {loan.number}{part}",
        expected=expected,
        found=found,
        hint="the projection is not the replay of the loan's events",
    )
