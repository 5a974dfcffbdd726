"""Entries: loans that enter the book from another system, as rows and as journals."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from loanops.kernel.account import BroughtIn
from loanops.loanbook.servicing.domain.accrual import Cohort, accrued_interest
from loanops.loanbook.servicing.domain.importing.entering import Entering
from loanops.loanbook.servicing.domain.position import Penal
from loanops.loanbook.servicing.domain.replay import content_of
from loanops.loanbook.servicing.models import Change, Loan, Unfolded
from loanops.loanbook.servicing.operations.floating import note_floating
from loanops.loanbook.servicing.operations.loading import EVENT, LOAN, TERMS
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS, LOAN_COLUMNS
from loanops.loanbook.servicing.operations.paid_out import count_paid_out
from loanops.loanbook.servicing.operations.projecting import (
    CHANGE_COLUMNS,
    PenalKey,
    insert_items,
    move_penal,
    principal,
)
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn, entry
from loanops.platform.db import insert_many
from loanops.platform.work import Work

OPENING = AccountKey("migration.opening")
"""What was brought in stands against this account, until the accountant moves it."""


def insert_loans(
    work: Work,
    numbers: Sequence[str],
    made: Sequence[Entering],
    pools: Mapping[str, int],
    *,
    origin: str,
) -> None:
    """Write loans with their terms, events, instalments and log, and the mark for the close."""
    insert_many(
        LOAN,
        (*LOAN_COLUMNS, "settled_on", "changed_on"),
        (
            _loan_row(work, number, new, pools[new.pool])
            for number, new in zip(numbers, made, strict=True)
        ),
    )
    # The numbers of one call lie together, so that one range read finds their ids.
    found = Loan.objects.filter(number__range=(numbers[0], numbers[-1]))
    ids = dict(found.values_list("number", "id"))
    loans = [(ids[number], new) for number, new in zip(numbers, made, strict=True)]
    insert_many(
        TERMS,
        ("loan_id", "terms_json", "agreement", "agreement_version"),
        (
            (
                id_,
                json.dumps(new.loan.terms.to_dict(), separators=(",", ":"), sort_keys=True),
                *_agreed(new),
            )
            for id_, new in loans
        ),
    )
    count_paid_out(
        work,
        [
            (_agreed(new)[0], new.loan.disbursed_on.year, new.loan.principal_minor)
            for new in made
            if new.loan.agreement
        ],
    )
    _insert_events(work, loans, origin)
    insert_items((id_, pools[new.pool], item) for id_, new in loans for item in new.items)
    insert_many(
        Change._meta.db_table,
        CHANGE_COLUMNS,
        [(id_, work.on, work.at, *step) for id_, new in loans for step in new.steps],
    )
    insert_many(
        Unfolded._meta.db_table, ("loan_id", "book_id"), ((id_, work.book) for id_, _ in loans)
    )
    note_floating(work, [(id_, new.loan.terms, new.events[0].on) for id_, new in loans])
    penal: dict[PenalKey, Penal] = {}
    for new in made:
        pool_id = pools[new.pool]
        penal[pool_id, ""] = penal.get((pool_id, ""), Penal()).plus(new.penal)
    move_penal(penal)


def _agreed(new: Entering) -> tuple[str, int]:
    """The agreement under which a loan runs, and its version."""
    agreement = new.loan.agreement
    return (agreement.number, agreement.version) if agreement else ("", 0)


def _loan_row(work: Work, number: str, new: Entering, pool_id: int) -> tuple[object, ...]:
    loan, figures = new.loan, new.figures
    return (
        number,
        work.book,
        pool_id,
        "",
        new.contract,
        new.intent,
        loan.number,
        new.party,
        loan.funder,
        loan.guarantor,
        loan.funder,
        loan.product,
        loan.product_version,
        loan.origin_channel,
        loan.principal_minor,
        loan.outstanding_minor,
        loan.disbursed_on,
        len(new.items),
        figures.state.value,
        figures.bucket,
        figures.outstanding_minor,
        figures.oldest_due_on,
        figures.credit_minor,
        figures.last_event_on,
        False,
        figures.settled_on,
        figures.last_event_on if new.is_written_off else None,
    )


def _insert_events(work: Work, loans: Sequence[tuple[int, Entering]], origin: str) -> None:
    values = json.dumps({"import": origin})
    insert_many(
        EVENT,
        (*EVENT_COLUMNS, "content_json"),
        (
            (
                id_,
                event.key,
                event.KIND,
                event.on,
                work.on,
                work.at,
                event.amount_minor if isinstance(event, BroughtIn) else 0,
                "",
                values,
                content_of(event),
            )
            for id_, new in loans
            for event in new.events
        ),
    )


def post_loans(work: Work, numbers: Sequence[str], made: Sequence[Entering]) -> None:
    """Post the principal of every loan."""
    journals = [
        JournalIn(
            kind="servicing.brought_in",
            subject=number,
            entries=(_principal(new),),
            once=new.intent,
        )
        for number, new in zip(numbers, made, strict=True)
        if new.loan.outstanding_minor
    ]
    ledger.post_many(work=work, on=work.on, journals=journals)


def _principal(new: Entering) -> EntryIn:
    """The claim against what was brought in; of one written off, against its lack of value."""
    stands = principal(new.pool, new.figures.bucket)
    against = AccountKey("loans.written_off", new.pool) if new.is_written_off else OPENING
    return EntryIn(stands, against, new.loan.outstanding_minor)


@dataclass(frozen=True)
class EarnedBefore:
    """What pools had earned by the cut-off, which is no income of this book.

    The next close accrues all that the loans ever earned, as of any loan that is new to it; what
    was earned before is taken off the income here, so that only the days since are left.
    """

    cut_off: date
    _periods: dict[str, Counter[tuple[date, date]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    _due: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))

    def add(self, made: Iterable[Entering]) -> None:
        """Count what these loans had earned."""
        for new in made:
            for item in new.items:
                if item.starts_on is None or item.starts_on >= self.cut_off:
                    continue
                if item.due_on > self.cut_off:
                    period = item.starts_on, item.due_on
                    self._periods[new.pool][period] += item.interest_minor
                    continue
                due = self._due[new.pool]
                due[0] += item.interest_minor
                due[1] += item.fee_minor - item.late_fee_minor
                due[2] += item.penalty_adjust_minor

    def by_pool(self) -> Iterator[tuple[str, dict[str, int]]]:
        """The amount of each kind of income, pool by pool."""
        for pool in sorted(self._periods.keys() | self._due.keys()):
            finished, fee, penalty = self._due[pool]
            running = [Cohort(*period, minor) for period, minor in self._periods[pool].items()]
            interest = accrued_interest(finished, running, self.cut_off)
            yield pool, {"interest": interest, "fee": fee, "penalty": penalty}


def post_earned(work: Work, earned: EarnedBefore, *, origin: str) -> None:
    """Take what was earned before off the income of every pool, against what was brought in."""
    journals = []
    for pool, amounts in earned.by_pool():
        entries: tuple[EntryIn, ...] = ()
        for what, amount_minor in amounts.items():
            entries += entry(AccountKey(f"income.{what}", pool), OPENING, amount_minor)
        if entries:
            journals.append(JournalIn(kind="servicing.brought_in", subject=origin, entries=entries))
    ledger.post_many(work=work, on=work.on, journals=journals)
