"""Refunds: unapplied money given back, asked for by one person and let go by another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, NotFound
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import AccountKey, EntryIn, JournalIn
from loanops.money.payments import events, permissions
from loanops.money.payments.domain.refunds import REFUNDS, RefundMove, RefundState, digest
from loanops.money.payments.domain.refusals import (
    KeptByLoan,
    MoreThanUnapplied,
    RequestChanged,
    SamePerson,
    plain,
)
from loanops.money.payments.models import Receipt, Refund
from loanops.money.payments.operations.receipts import UNAPPLIED
from loanops.money.payments.ports import kept_of
from loanops.money.payments.queries.receipts import (
    RefundCard,
    receipt_card,
    refund_card,
)
from loanops.platform.books.operations import hold_date
from loanops.platform.db import lock, new_number
from loanops.platform.work import Work, unit_of_work

REFUNDS_PAYABLE = AccountKey("refunds.payable")
REASONS = ("overpaid", "paid_twice", "not_ours", "other")


def request_refund(
    *, receipt: str, amount_minor: int, reason: str, actor: Actor, at: datetime
) -> RefundCard:
    """Ask for unapplied money of a receipt to be given back, the way it came.

    :raises NotPermitted: the actor may not ask for refunds.
    :raises NotFound: there is no such receipt in the actor's books.
    :raises BadField: the amount is not above zero, the reason is unknown, or one waits already.
    :raises MoreThanUnapplied: so much has no place any more.
    :raises KeptByLoan: the rest is credit of a loan.
    """
    require(actor, permissions.REQUEST_REFUND)
    row = Receipt.objects.filter(number=receipt).first()
    if row is None or not actor.sees_book(row.book_id):
        raise NotFound(kind="receipt", number=receipt)
    if amount_minor <= 0:
        raise BadField(field="amount", problem="must be above zero")
    if reason not in REASONS:
        raise BadField(
            field="reason", problem="must be one of {choices}", choices=", ".join(REASONS)
        )
    with unit_of_work(actor=actor, at=at, book=row.book_id, on=hold_date) as work:
        lock(Receipt._meta.db_table, [row.pk])
        row.refresh_from_db()
        _check(row, amount_minor)
        if Refund.objects.filter(receipt=row, state=RefundState.REQUESTED).exists():
            raise BadField(field="receipt", problem="a refund of it waits for a decision already")
        refund = Refund.objects.create(
            number=new_number("RF", at),
            book_id=row.book_id,
            receipt=row,
            amount_minor=amount_minor,
            reason=reason,
            sha256=digest(receipt=receipt, amount_minor=amount_minor, reason=reason),
            requested_by=actor.person,
            requested_at=at,
        )

        work.record(
            "payments.refund_requested",
            subject=refund.number,
            receipt=receipt,
            amount_minor=amount_minor,
            reason=reason,
        )
        _tell(work, refund)
    return refund_card(refund)


def approve_refund(*, number: str, actor: Actor, at: datetime) -> RefundCard:
    """Let a refund go: from now on the money is on its way and pays nothing else.

    :raises NotPermitted: the actor may not decide refunds.
    :raises NotFound: there is no such refund in the actor's books.
    :raises SamePerson: the actor asked for it.
    :raises MoveNotAllowed: it is decided already.
    :raises RequestChanged: it is not what was asked for.
    :raises MoreThanUnapplied: the money found another place meanwhile.
    :raises KeptByLoan: the rest is credit of a loan by now.
    """
    require(actor, permissions.DECIDE_REFUND)
    with _open_work(number, actor, at) as (work, refund):
        _decide(refund, RefundMove.APPROVE, work)
        receipt = refund.receipt
        wanted = digest(
            receipt=receipt.number, amount_minor=refund.amount_minor, reason=refund.reason
        )
        if wanted != refund.sha256:
            raise RequestChanged(number=number)
        _check(receipt, refund.amount_minor)

        receipt.refunded_minor += refund.amount_minor
        receipt.save(update_fields=["refunded_minor"])
        _post(work, refund, debit=UNAPPLIED, credit=REFUNDS_PAYABLE)

        work.record("payments.refund_approved", subject=number, amount_minor=refund.amount_minor)
        _tell(work, refund)
    return refund_card(refund)


def refund_credit(*, work: Work, receipt: str, amount_minor: int, asked_by: str) -> str:
    """Let credit that its loan gave up go, in a unit of work that posts it; returns the refund.

    It was asked for and approved as a change of the loan, by ``asked_by`` and whoever works.

    :raises MoreThanUnapplied: so much of the receipt has no place any more.
    :raises SamePerson: one person asked for it and approves it.
    """
    row = Receipt.objects.get(number=receipt)
    lock(Receipt._meta.db_table, [row.pk])
    row.refresh_from_db()
    unapplied_minor = receipt_card(row).unapplied_minor
    if amount_minor > unapplied_minor:
        raise MoreThanUnapplied(receipt=receipt, unapplied=plain(unapplied_minor))
    number = new_number("RF", work.at)
    if asked_by == work.actor.person:
        raise SamePerson(number=number)
    reason = "overpaid"
    Refund.objects.create(
        number=number,
        book_id=row.book_id,
        receipt=row,
        amount_minor=amount_minor,
        reason=reason,
        state=RefundState.APPROVED.value,
        sha256=digest(receipt=receipt, amount_minor=amount_minor, reason=reason),
        requested_by=asked_by,
        requested_at=work.at,
        decided_by=work.actor.person,
        decided_at=work.at,
    )
    row.refunded_minor += amount_minor
    row.save(update_fields=["refunded_minor"])

    work.record("payments.refund_approved", subject=number, amount_minor=amount_minor)
    return number


def refuse_refund(*, number: str, actor: Actor, at: datetime) -> RefundCard:
    """Refuse a refund; the money stays where it is.

    :raises NotPermitted: the actor may not decide refunds.
    :raises NotFound: there is no such refund in the actor's books.
    :raises SamePerson: the actor asked for it.
    :raises MoveNotAllowed: it is decided already.
    """
    require(actor, permissions.DECIDE_REFUND)
    with _open_work(number, actor, at) as (work, refund):
        _decide(refund, RefundMove.REFUSE, work)

        work.record("payments.refund_refused", subject=number)
        _tell(work, refund)
    return refund_card(refund)


def confirm_refund(*, number: str, reference: str, actor: Actor, at: datetime) -> RefundCard:
    """Say that the bank paid a refund out, and under which number of its own.

    :raises NotPermitted: the actor may not send refunds.
    :raises NotFound: there is no such refund in the actor's books.
    :raises BadField: the bank's number is missing.
    :raises MoveNotAllowed: it was not let go, or has ended.
    """
    require(actor, permissions.SEND_REFUND)
    if not reference.strip():
        raise BadField(field="reference", problem="must not be empty")
    with _open_work(number, actor, at) as (work, refund):
        refund.state = REFUNDS.after(RefundState(refund.state), RefundMove.CONFIRM).value
        refund.partner_reference, refund.ended_at = reference.strip()[:80], at
        refund.save(update_fields=["state", "partner_reference", "ended_at"])
        clearing = AccountKey(f"cash.clearing:{refund.receipt.channel}")
        _post(work, refund, debit=REFUNDS_PAYABLE, credit=clearing)

        work.record("payments.refund_sent", subject=number, amount_minor=refund.amount_minor)
        work.announce(
            events.RefundSent(
                subject=refund.receipt.subject or refund.receipt.number,
                refund=number,
                receipt=refund.receipt.number,
                amount_minor=refund.amount_minor,
            )
        )
    return refund_card(refund)


def fail_refund(*, number: str, problem: str, actor: Actor, at: datetime) -> RefundCard:
    """Say that the bank did not take a refund; its money is unapplied again.

    :raises NotPermitted: the actor may not send refunds.
    :raises NotFound: there is no such refund in the actor's books.
    :raises BadField: the problem is missing.
    :raises MoveNotAllowed: it was not let go, or has ended.
    """
    require(actor, permissions.SEND_REFUND)
    if not problem.strip():
        raise BadField(field="problem", problem="must not be empty")
    with _open_work(number, actor, at) as (work, refund):
        refund.state = REFUNDS.after(RefundState(refund.state), RefundMove.FAIL).value
        refund.problem, refund.ended_at = problem.strip()[:120], at
        refund.save(update_fields=["state", "problem", "ended_at"])
        refund.receipt.refunded_minor -= refund.amount_minor
        refund.receipt.save(update_fields=["refunded_minor"])
        _post(work, refund, debit=REFUNDS_PAYABLE, credit=UNAPPLIED)

        work.record("payments.refund_failed", subject=number, problem=refund.problem)
    return refund_card(refund)


@contextmanager
def _open_work(number: str, actor: Actor, at: datetime) -> Iterator[tuple[Work, Refund]]:
    """The unit of a refund, with its receipt locked: both are read as they stand now.

    :raises NotFound: there is no such refund in the actor's books.
    """
    known = Refund.objects.filter(number=number).first()
    if known is None or not actor.sees_book(known.book_id):
        raise NotFound(kind="refund", number=number)
    with unit_of_work(actor=actor, at=at, book=known.book_id, on=hold_date) as work:
        lock(Receipt._meta.db_table, [known.receipt_id])
        yield work, Refund.objects.select_related("receipt").get(pk=known.pk)


def _decide(refund: Refund, move: RefundMove, work: Work) -> None:
    state = REFUNDS.after(RefundState(refund.state), move)
    if refund.requested_by == work.actor.person:
        raise SamePerson(number=refund.number)
    refund.state, refund.decided_by, refund.decided_at = state.value, work.actor.person, work.at
    refund.save(update_fields=["state", "decided_by", "decided_at"])


def _tell(work: Work, refund: Refund) -> None:
    work.announce(
        events.RefundMoved(
            subject=refund.receipt.subject or refund.receipt.number,
            refund=refund.number,
            receipt=refund.receipt.number,
            amount_minor=refund.amount_minor,
            state=refund.state,
        )
    )


def _check(receipt: Receipt, amount_minor: int) -> None:
    """Hold that so much of a receipt belongs to nobody but its payer.

    :raises MoreThanUnapplied, KeptByLoan:
    """
    unapplied_minor = receipt_card(receipt).unapplied_minor
    if amount_minor > unapplied_minor:
        raise MoreThanUnapplied(receipt=receipt.number, unapplied=plain(unapplied_minor))
    if kept_of([(receipt.number, receipt.subject)]):
        raise KeptByLoan(receipt=receipt.number, subject=receipt.subject)


def _post(work: Work, refund: Refund, *, debit: AccountKey, credit: AccountKey) -> None:
    ledger.post(
        work=work,
        on=work.on,
        journal=JournalIn(
            kind="payments.refunded",
            subject=refund.receipt.subject or refund.receipt.number,
            entries=(EntryIn(debit, credit, refund.amount_minor),),
        ),
    )
