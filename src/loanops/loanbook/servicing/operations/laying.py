"""Laying money on loans: what single and bulk repayment share.

A payment on the newest day of its loan moves the stored position on. One for an earlier day, that
meets credit of the borrower, or for a loan that was changed, replays its whole history instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from loanops.kernel.account import Event, Repaid, Repayment
from loanops.kernel.allocation import Parts, Sweep
from loanops.kernel.refusals import Refusal
from loanops.loanbook.servicing.domain.exact import exact_turn
from loanops.loanbook.servicing.domain.lifecycle import LoanState
from loanops.loanbook.servicing.domain.orders import NotInState
from loanops.loanbook.servicing.domain.position import pay, stands_on
from loanops.loanbook.servicing.domain.turn import Turn, turn
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    Held,
    History,
    histories,
    hold,
    replayed,
)
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS
from loanops.loanbook.servicing.operations.projecting import Turned, applied, project, shape
from loanops.loanbook.servicing.operations.turning import (
    advance,
    allocations,
    backing_before,
    growth,
    turn_to,
)
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import EntryIn, JournalIn
from loanops.money.payments import operations as payments
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
        moved = None
        if line.loan_id not in slow and _is_newest(loan, line.given.received_on):
            moved = _move_on(loan, line, work.on)
        if moved is None:
            slow.setdefault(line.loan_id, []).append(place)
        else:
            laying.laid[place] = moved
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


def _move_on(held: Held, line: Line, on: date) -> Laid | None:
    """Lay the newest payment of a loan; nothing where only the history says where it goes."""
    given = line.given
    exact = exact_turn(
        before=held.figures,
        items=held.items.values(),
        amount_minor=given.amount_minor,
        paid_on=given.received_on,
        on=on,
    )
    if exact is not None:
        advance(held, exact)
        return Laid(line, held, exact.parts, 0, exact)
    paid = pay(list(held.items.values()), held.rules, given.amount_minor, given.received_on)
    if paid.unapplied_minor and _has_fallen_due(held, given.received_on, on):
        # What had no place on its day goes to what fell due since.
        return None
    made = turn(
        before=held.figures,
        stored=held.items,
        changed=paid.items,
        rules=held.rules,
        credit_minor=paid.unapplied_minor,
        event_on=given.received_on,
        on=on,
    )
    advance(held, made)
    return Laid(line, held, paid.parts, paid.unapplied_minor, made)


def _has_fallen_due(held: Held, since: date, on: date) -> bool:
    return any(since < item.due_on <= on for item in held.items.values())


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
