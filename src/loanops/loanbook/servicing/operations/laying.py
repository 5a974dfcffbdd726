"""Laying money on loans: what single and bulk repayment share.

A payment on the newest day of its loan moves the stored position on. One for an earlier day, that
meets credit of the borrower, or for a loan that was changed, replays its whole history instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from loanops.kernel.account import Disbursed, Event, Repaid, Repayment, owned
from loanops.kernel.allocation import Parts, Sweep
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.exact import exact_turn
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.orders import NotInState
from loanops.loanbook.servicing.domain.owners import payees
from loanops.loanbook.servicing.domain.position import pay, stands_on
from loanops.loanbook.servicing.domain.turn import NO_BACKING, Backing, Turn, turn
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    Held,
    History,
    Replayed,
    histories,
    hold,
    replayed,
)
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS
from loanops.loanbook.servicing.operations.projecting import Turned, applied, project, shape
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import EntryIn, JournalIn
from loanops.money.payments import operations as payments
from loanops.money.payments import queries as receipts
from loanops.money.payments.operations import ReceiptIn
from loanops.platform.db import insert_many, together
from loanops.platform.work import Work

NEAR = timedelta(days=45)
"""How far ahead instalments are read at first: the next one of a loan that is paid by the month."""


@dataclass(slots=True)
class Line:
    """One payment to lay: its loan, the receipt (and its number where it exists already)."""

    loan_id: int
    given: ReceiptIn
    receipt: str = ""

    def event(self) -> Repaid:
        """The event that the payment is for its loan."""
        on, amount_minor = self.given.received_on, self.given.amount_minor
        return Repaid(key=self.key, on=on, amount_minor=amount_minor)

    @property
    def key(self) -> str:
        """The key of the payment among the events of its loan."""
        return event_key(self.given.channel, self.given.pay_no)


def event_key(channel: str, pay_no: str) -> str:
    """How a repayment is named among the events of its loan."""
    return f"{channel}:{pay_no}"


@dataclass(slots=True)
class Laid:
    """A payment laid: what it paid itself, what of it found no place, and the turn it caused."""

    line: Line
    held: Held
    parts: Parts
    unapplied_minor: int
    turn: Turn


@dataclass(slots=True)
class Laying:
    """What came of laying payments: those laid, and those refused by position in the input."""

    laid: dict[int, Laid] = field(default_factory=dict)
    refused: dict[int, Refusal] = field(default_factory=dict)
    allocated: list[tuple[str, int]] = field(default_factory=list)


def lay(*, work: Work, lines: Sequence[Line]) -> Laying:
    """Lay payments on their loans in order, write and post them; the caller records."""
    held = _hold_near(lines, work.on)
    laying = Laying()
    slow: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        loan = held[line.loan_id]
        if line.loan_id in slow or not _is_newest(loan, line.given.received_on):
            slow.setdefault(line.loan_id, []).append(place)
            continue
        laying.laid[place] = _move_on(loan, line, work.on)
    if slow:
        _take_back(laying, slow)
        _replay(laying, lines, slow, work.on)
    _write(work, laying)
    return laying


def _hold_near(lines: Sequence[Line], on: date) -> dict[int, Held]:
    """The loans of payments, with the instalments that the money can reach.

    Those are few of many: only a loan whose money reaches further is read with all it owes.
    """
    money: dict[int, int] = {}
    for line in lines:
        money[line.loan_id] = money.get(line.loan_id, 0) + line.given.amount_minor
    held = {loan.id: loan for loan in hold(list(money), until=on + NEAR)}
    far = [loan.id for loan in held.values() if not _is_within(loan, money[loan.id])]
    return held | {loan.id: loan for loan in hold(far)}


def _is_within(held: Held, amount_minor: int) -> bool:
    """Whether money leaves some of the instalments open that were read, and goes no further."""
    orders = held.rules.orders
    stages = (orders.usual, *(stage.order for stage in orders.by_stage))
    if any(order.sweep is not Sweep.BY_INSTALMENT for order in stages):
        return False
    return amount_minor < sum(item.open_minor for item in held.items.values())


def _is_newest(held: Held, on: date) -> bool:
    """Whether a payment of the day only adds to the position, and changes nothing before it."""
    if held.figures.credit_minor or on < held.figures.last_event_on:
        return False
    if held.rules.orders.by_stage and on == held.figures.last_event_on:
        # Money of the day may have changed the stage, whose order still counts for the rest of it.
        return False
    if held.rules.is_line or held.rules.sharing or held.figures.state is LoanState.WRITTEN_OFF:
        return False
    if held.changed_on is not None:
        # What was charged is due by its own day, wherever it stands: only the history says so.
        return False
    return all(stands_on(item, held.rules, on) for item in held.items.values())


def _move_on(held: Held, line: Line, on: date) -> Laid:
    given = line.given
    exact = exact_turn(
        before=held.figures,
        items=held.items.values(),
        amount_minor=given.amount_minor,
        paid_on=given.received_on,
        on=on,
    )
    if exact is not None:
        _advance(held, exact)
        return Laid(line, held, exact.parts, 0, exact)
    paid = pay(list(held.items.values()), held.rules, given.amount_minor, given.received_on)
    made = turn(
        before=held.figures,
        stored=held.items,
        changed=paid.items,
        rules=held.rules,
        credit_minor=paid.unapplied_minor,
        event_on=given.received_on,
        on=on,
    )
    _advance(held, made)
    return Laid(line, held, paid.parts, paid.unapplied_minor, made)


def _advance(held: Held, made: Turn) -> None:
    held.figures = made.after
    for item in made.gone:
        del held.items[item.number]
    held.items |= {item.number: item for item in made.items}


def _take_back(laying: Laying, slow: dict[int, list[int]]) -> None:
    """Loans that need a replay for one payment are replayed for all of theirs."""
    for place in [place for place, laid in laying.laid.items() if laid.held.id in slow]:
        slow[laying.laid.pop(place).held.id].append(place)


def _replay(laying: Laying, lines: Sequence[Line], slow: Mapping[int, list[int]], on: date) -> None:
    told = histories(list(slow))
    wanted: dict[str, int] = {}
    for held in hold(list(slow), whole=True):
        history = told[held.id]
        ended = _replay_loan(laying, lines, sorted(slow[held.id]), held, history, on)
        wanted |= allocations(history, ended)
    laying.allocated += growth(wanted)


def _replay_loan(
    laying: Laying,
    lines: Sequence[Line],
    places: Sequence[int],
    held: Held,
    history: History,
    on: date,
) -> dict[str, Repayment]:
    """Lay payments one after the other; returns every repayment of the loan as it ends up."""
    if held.figures.state is LoanState.WITHDRAWN:
        laying.refused |= dict.fromkeys(places, NotInState(state=held.figures.state.value))
        return {}
    added: list[Event] = []
    mine: list[Laid] = []
    ended: dict[str, Repayment] = {}
    was = backing_before(history, held, on)
    for place in places:
        line = lines[place]
        event = line.event()
        try:
            after = replayed(history, held, [*added, event], on)
        except Refusal as refusal:
            laying.refused[place] = refusal
            continue
        added.append(event)
        ended = after.repayments
        made = turn_to(held, was, after, event.on, on)
        laying.laid[place] = Laid(line, held, after.repayments[line.key].parts, 0, made)
        mine.append(laying.laid[place])
        was = after.backing
    for laid in mine:
        # What a later line of the same call did to it counts too.
        laid.unapplied_minor = ended[laid.line.key].unapplied_minor
    return ended


def backing_before(history: History, held: Held, on: date) -> Backing:
    """The backing of a loan as its history has it; nothing where it is but payout and money."""
    plain = (Disbursed, Repaid)
    if all(type(event) in plain for event in history.events):
        return NO_BACKING
    return replayed(history, held, [], on).backing


def turn_to(held: Held, was: Backing, after: Replayed, event_on: date, on: date) -> Turn:
    """The turn from the stored instalments to replayed ones; the loan in memory takes it."""
    items = after.items
    made = turn(
        before=held.figures,
        stored=held.items,
        changed={number: item for number, item in items.items() if item != held.items.get(number)},
        gone=held.items.keys() - items.keys(),
        rules=held.rules,
        credit_minor=sum(each.unapplied_minor for each in after.repayments.values()),
        event_on=event_on,
        on=on,
        was=was,
        now=after.backing,
    )
    if held.rules.sharing:
        made = replace(made, received=_received(held, after))
    _advance(held, made)
    held.advanced_minor = after.account.advanced_minor
    held.claim_owner = after.account.owner or held.funder
    return made


def _received(held: Held, after: Replayed) -> dict[str, Parts]:
    """By how much what each owner received grows; the loan in memory takes it."""
    now = {
        owner: each.received
        for owner, each in owned(
            after.account,
            held.rules.sharing,
            lender=held.funder,
            payees=payees(held.guarantor),
        ).items()
    }
    was, held.received = held.received, now
    none = Parts()
    return {owner: now.get(owner, none) - was.get(owner, none) for owner in now.keys() | was.keys()}


def allocations(history: History, ended: Mapping[str, Repayment]) -> dict[str, int]:
    """What is to be allocated of each earlier receipt of a loan; nothing of one that is undone."""
    return {
        number: ended[key].laid_minor if key in ended else 0
        for key, number in history.receipts.items()
    }


def growth(wanted: Mapping[str, int]) -> list[tuple[str, int]]:
    """By how much the allocation of receipts changes."""
    before = receipts.allocated_of(numbers=list(wanted))
    return [
        (number, amount_minor - before[number])
        for number, amount_minor in wanted.items()
        if amount_minor != before[number]
    ]


def use_credit(*, work: Work, loan_ids: Sequence[int]) -> list[Turned]:
    """Lay the credit of loans over what is due by the day of the work; the caller records."""
    told = histories(loan_ids)
    wanted: dict[str, int] = {}
    turned: list[Turned] = []
    for held in hold(loan_ids, whole=True):
        now = replayed(told[held.id], held, [], work.on)
        made = turn_to(held, now.backing, now, held.figures.last_event_on, work.on)
        wanted |= allocations(told[held.id], now.repayments)
        turned.append(Turned(held, made))
    payments.allocate_many(work=work, rows=growth(wanted))
    _post(work, [(each.held, each.turn, ()) for each in turned], "servicing.credit_used")
    project(work=work, turned=turned)
    return turned


def _write(work: Work, laying: Laying) -> None:
    laid = [laying.laid[place] for place in sorted(laying.laid)]
    if not laid:
        return
    fresh = [each for each in laid if not each.line.receipt]
    known = [
        (each.line.receipt, each.line.given.amount_minor - each.unapplied_minor)
        for each in laid
        if each.line.receipt
    ]
    payments.allocate_many(work=work, rows=[*known, *laying.allocated])
    new = {id(each): each.line.given.entries() for each in fresh}
    with together():
        # Posting asks for its accounts: it comes first, so that the rest goes in one message.
        _post(
            work,
            [(each.held, each.turn, new.get(id(each), ())) for each in laid],
            "servicing.repaid",
        )
        _receive(work, fresh)
        _insert_events(work, laid)
        shape(loans={e.held.id: e.held for e in laid if e.turn.was is not None}.values())
        project(work=work, turned=[Turned(each.held, each.turn) for each in laid])
        stop_debits_of(work, (each.held for each in laid))


def _receive(work: Work, fresh: Sequence[Laid]) -> None:
    numbers = payments.take_many(
        work=work,
        receipts=[
            (each.line.given, each.line.given.amount_minor - each.unapplied_minor) for each in fresh
        ],
    )
    for each, number in zip(fresh, numbers, strict=True):
        each.line.receipt = number


def _insert_events(work: Work, laid: Sequence[Laid]) -> None:
    insert_many(
        EVENT,
        EVENT_COLUMNS,
        [
            (
                each.held.id,
                each.line.key,
                Repaid.KIND,
                each.line.given.received_on,
                work.on,
                work.at,
                each.line.given.amount_minor,
                each.line.receipt,
                json.dumps(_effect(each.parts, each.unapplied_minor)),
            )
            for each in laid
        ],
    )


def _effect(parts: Parts, unapplied_minor: int) -> dict[str, int]:
    return {
        "principal_minor": parts.principal_minor,
        "interest_minor": parts.interest_minor,
        "fee_minor": parts.fee_minor,
        "penalty_minor": parts.penalty_minor,
        "unapplied_minor": unapplied_minor,
    }


def _post(work: Work, turns: Sequence[tuple[Held, Turn, tuple[EntryIn, ...]]], kind: str) -> None:
    journals = [
        JournalIn(kind=kind, subject=held.number, entries=(*first, *applied(held, made)))
        for held, made, first in turns
    ]
    moving = [journal for journal in journals if journal.entries]
    if len(moving) == 1:
        ledger.post(work=work, on=work.on, journal=moving[0])
    else:
        ledger.post_many(work=work, on=work.on, journals=moving)


def stop_debits_of(work: Work, loans: Iterable[Held]) -> None:
    """Debit nobody for what was paid otherwise, or is not due any more."""
    paid_up = {
        held.number
        for held in loans
        if held.channel
        and (held.figures.oldest_due_on is None or held.figures.oldest_due_on > work.on)
    }
    payments.stop_debits(work=work, subjects=sorted(paid_up))
