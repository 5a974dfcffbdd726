"""Repayment: money laid on loans, one by one or by the file, by the same rule."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.operations.laying import Laid, Line, event_key, lay
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    LOAN,
    chunks,
    ids_of,
    marks,
    see_book,
)
from loanops.money.payments import queries as receipts
from loanops.money.payments.operations import ReceiptIn, ReceiptReused
from loanops.money.payments.queries import ReceiptCard
from loanops.platform.books.operations import hold_date
from loanops.platform.db import fetch
from loanops.platform.work import Work, once_more, unit_of_work

ROWS_PER_UNIT = 1_000
"""Repayments of one transaction: enough to share its cost, few enough to hold locks briefly."""


class DayNotReached(Refusal):
    """Money cannot count for a day that has not come."""

    code = "servicing_day_not_reached"
    sentence = "The book stands at {business_date}; a payment cannot count for {on}."
    status = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentIn:
    """Money of a loan's borrower; (channel, pay_no) names it once and for all."""

    loan: str
    channel: str
    pay_no: str
    amount_minor: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RepaymentCard:
    """A repayment as booked: where its money went, and how the loan stands after it.

    ``repeated`` says that it was booked before and that nothing was booked now.
    """

    loan: str
    receipt: str
    channel: str
    pay_no: str
    on: date
    amount_minor: int
    principal_minor: int
    interest_minor: int
    fee_minor: int
    penalty_minor: int
    unapplied_minor: int
    outstanding_minor: int
    state: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class RowRefused:
    """One row of a file that was refused: its place (from 0) and why."""

    row: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class RepaymentsBooked:
    """What came of a file of repayments."""

    cards: tuple[RepaymentCard, ...]
    refused: tuple[RowRefused, ...]


def repay(
    *,
    loan: str,
    channel: str,
    pay_no: str,
    amount_minor: int,
    on: date,
    actor: Actor,
    at: datetime,
) -> RepaymentCard:
    """Receive money and lay it on a loan, in the order of its product; the rest stays as credit.

    The same (channel, pay_no) again answers as it did and changes nothing.

    :raises NotPermitted: the actor may not book repayments.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: the amount is not above zero, or channel or pay_no is empty.
    :raises DayNotReached: ``on`` lies after the business date.
    :raises ReceiptReused: channel and pay_no were used for other money.
    :raises NotDisbursed: ``on`` lies before the disbursement.
    """
    require(actor, permissions.REPAY)
    known = ids_of([loan])
    if loan not in known or not actor.sees_book(known[loan][1]):
        raise NotFound(kind="loan", number=loan)
    book = known[loan][1]
    given = RepaymentIn(loan=loan, channel=channel, pay_no=pay_no, amount_minor=amount_minor, on=on)
    return once_more(lambda: _repay(book, given, known, actor, at))


def _repay(
    book: str, given: RepaymentIn, known: Mapping[str, tuple[int, str]], actor: Actor, at: datetime
) -> RepaymentCard:
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        booked = _book(work, [given], known)
        if booked.refused:
            raise booked.refused[0].refusal
        [card] = booked.cards
        if card.repeated:
            work.unchanged()
            return card

        values = _announced(card)
        work.record("servicing.repaid", subject=given.loan, channel=given.channel, **values)
        work.announce(events.LoanRepaid(subject=given.loan, **values))
    return card


def repay_many(
    *, book: str, rows: Sequence[RepaymentIn], actor: Actor, at: datetime
) -> RepaymentsBooked:
    """Book a file of repayments; a row that cannot be booked is refused alone.

    Every thousand rows are one transaction. Each row does exactly what :func:`repay` does.

    :raises NotPermitted: the actor may not book repayments.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.REPAY)
    see_book(actor, book)
    cards: list[RepaymentCard] = []
    refused: list[RowRefused] = []
    for start, part in enumerate(chunks(rows, ROWS_PER_UNIT)):
        booked = once_more(partial(_repay_part, book, part, actor, at))
        cards += booked.cards
        refused += [RowRefused(start * ROWS_PER_UNIT + r.row, r.refusal) for r in booked.refused]
    return RepaymentsBooked(tuple(cards), tuple(refused))


def _repay_part(
    book: str, part: Sequence[RepaymentIn], actor: Actor, at: datetime
) -> RepaymentsBooked:
    with (
        _no_collecting(),
        unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work,
    ):
        booked = _book(work, part, ids_of([row.loan for row in part]))
        _tell_many(work, booked.cards)
    return booked


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Let no search for cycles run over the many rows of a unit, which have none.

    It would take a third of the time; what it would have found is found after the unit.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def allocate_receipts(
    *, book: str, numbers: Sequence[str], actor: Actor, at: datetime
) -> RepaymentsBooked:
    """Lay receipts that exist on the loans they came for; what is no loan's stays unapplied.

    :raises NotPermitted: the actor may not book repayments.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.REPAY)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
        cards = receipts.receipts_by_number(numbers=numbers)
        rows = [_of_receipt(cards[number]) for number in numbers if number in cards]
        booked = _book(work, rows, ids_of([row.loan for row in rows]))
        _tell_many(work, booked.cards)
    return booked


def _of_receipt(card: ReceiptCard) -> RepaymentIn:
    return RepaymentIn(
        loan=card.subject,
        channel=card.channel,
        pay_no=card.pay_no,
        amount_minor=card.amount_minor,
        on=card.received_on,
    )


def _book(
    work: Work, rows: Sequence[RepaymentIn], loans: Mapping[str, tuple[int, str]]
) -> RepaymentsBooked:
    """Lay the rows that can be laid, answer those that were, refuse the others."""
    known = receipts.find_receipts(keys={(row.channel, row.pay_no) for row in rows})
    booked_before = _booked_before(loans, rows, known)
    refused: list[RowRefused] = []
    lines: dict[tuple[str, str], Line] = {}
    places: dict[tuple[str, str], int] = {}
    repeated: list[int] = []
    for place, row in enumerate(rows):
        key = (row.channel, row.pay_no)
        try:
            line = _line(work, row, loans, known.get(key), lines.get(key))
        except Refusal as refusal:
            refused.append(RowRefused(place, refusal))
            continue
        if key in lines or (row.loan, event_key(*key)) in booked_before:
            repeated.append(place)
            continue
        lines[key], places[key] = line, place
    laying = lay(work=work, lines=list(lines.values()))
    order = list(places.values())
    refused += [RowRefused(order[n], refusal) for n, refusal in laying.refused.items()]
    cards = {order[n]: _card(rows[order[n]], laid) for n, laid in laying.laid.items()}
    if repeated:
        booked_before = _booked_before(loans, [rows[place] for place in repeated], None)
    for place in repeated:
        row = rows[place]
        known_card = booked_before.get((row.loan, event_key(row.channel, row.pay_no)))
        if known_card is not None:
            cards[place] = _again(row, known_card)
    return RepaymentsBooked(
        tuple(card for _, card in sorted(cards.items())),
        tuple(sorted(refused, key=lambda each: each.row)),
    )


def _line(
    work: Work,
    row: RepaymentIn,
    loans: Mapping[str, tuple[int, str]],
    known: ReceiptCard | None,
    earlier: Line | None,
) -> Line:
    """The row as a line to lay.

    :raises NotFound, BadField, DayNotReached, ReceiptReused:
    """
    if row.loan not in loans or loans[row.loan][1] != work.book:
        raise NotFound(kind="loan", number=row.loan)
    given = ReceiptIn(
        channel=row.channel,
        pay_no=row.pay_no,
        subject=row.loan,
        amount_minor=row.amount_minor,
        received_on=row.on,
    )
    if row.on > work.on:
        raise DayNotReached(on=row.on, business_date=work.on)
    if (known is not None and not given.is_same(known)) or (
        earlier is not None and earlier.given != given
    ):
        raise ReceiptReused(channel=row.channel, pay_no=row.pay_no)
    return Line(loans[row.loan][0], given, known.number if known else "")


def _booked_before(
    loans: Mapping[str, tuple[int, str]],
    rows: Sequence[RepaymentIn],
    known: Mapping[tuple[str, str], ReceiptCard] | None,
) -> dict[tuple[str, str], dict[str, Any]]:
    """What was booked of rows before, by loan and event key; only known receipts can have been."""
    wanted = [
        row
        for row in rows
        if row.loan in loans and (known is None or (row.channel, row.pay_no) in known)
    ]
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for part in chunks(wanted):
        for number, key, receipt, values, outstanding_minor, state in fetch(
            f"""
            SELECT l.number, e.key, e.receipt, e.values_json, l.outstanding_minor, l.state
            FROM {EVENT} e JOIN {LOAN} l ON l.id = e.loan_id
            WHERE e.loan_id IN ({marks(part)}) AND e.key IN ({marks(part)})
            """,  # noqa: S608 - names come from the models
            [
                *(loans[row.loan][0] for row in part),
                *(event_key(row.channel, row.pay_no) for row in part),
            ],
        ):
            found[(number, key)] = {
                **json.loads(values),
                "receipt": receipt,
                "outstanding_minor": outstanding_minor,
                "state": state,
            }
    return found


def _card(row: RepaymentIn, laid: Laid) -> RepaymentCard:
    return RepaymentCard(
        loan=row.loan,
        receipt=laid.line.receipt,
        channel=row.channel,
        pay_no=row.pay_no,
        on=row.on,
        amount_minor=row.amount_minor,
        principal_minor=laid.parts.principal_minor,
        interest_minor=laid.parts.interest_minor,
        fee_minor=laid.parts.fee_minor,
        penalty_minor=laid.parts.penalty_minor,
        unapplied_minor=laid.unapplied_minor,
        outstanding_minor=laid.turn.after.outstanding_minor,
        state=laid.turn.after.state.value,
        repeated=False,
    )


_SAID_OF = (
    "receipt", "principal_minor", "interest_minor", "fee_minor", "penalty_minor",
    "unapplied_minor", "outstanding_minor", "state",
)  # fmt: skip


def _again(row: RepaymentIn, known: Mapping[str, Any]) -> RepaymentCard:
    """What was booked of a payment; one that came as a change says more of itself than is told."""
    return RepaymentCard(
        loan=row.loan,
        channel=row.channel,
        pay_no=row.pay_no,
        on=row.on,
        amount_minor=row.amount_minor,
        repeated=True,
        **{name: known[name] for name in _SAID_OF},
    )


def _announced(card: RepaymentCard) -> dict[str, Any]:
    return {
        "receipt": card.receipt,
        "on": card.on.isoformat(),
        "amount_minor": card.amount_minor,
        "principal_minor": card.principal_minor,
        "interest_minor": card.interest_minor,
        "fee_minor": card.fee_minor,
        "penalty_minor": card.penalty_minor,
        "unapplied_minor": card.unapplied_minor,
        "outstanding_minor": card.outstanding_minor,
        "state": card.state,
    }


def _tell_many(work: Work, cards: Sequence[RepaymentCard]) -> None:
    fresh = [card for card in cards if not card.repeated]
    if not fresh:
        work.unchanged()
        return
    work.record_batch(
        "servicing.repaid_many",
        subjects=[card.loan for card in fresh],
        amount_minor=sum(card.amount_minor for card in fresh),
    )
    work.announce(
        events.LoansRepaid(
            subject=work.book,
            rows=tuple({"loan": card.loan, **_announced(card)} for card in fresh),
        )
    )
