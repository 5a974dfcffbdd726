"""Changing: everything that can be ordered about a running loan, shown before it is booked.

``preview_change`` and ``change`` work the effect out by one function. What is booked carries the
digest of what was shown; where the loan moved on in between, nothing is booked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.account import (
    AccountState,
    Event,
    Restructured,
    Reversed,
    Waived,
)
from loanops.kernel.aging import bucket_name
from loanops.kernel.refusals import NotFound, Refusal
from loanops.loanbook.servicing import events, permissions
from loanops.loanbook.servicing.domain.counting import CountedDay, counted_days
from loanops.loanbook.servicing.domain.effects import (
    AccountFigures,
    EffectCard,
    Posting,
    digest_of,
    figures_of,
    lines_of,
    total_cost_minor,
)
from loanops.loanbook.servicing.domain.floating import first_missed, floats_on
from loanops.loanbook.servicing.domain.orders import (
    check_after,
    check_before,
    order_kind,
    values_of,
)
from loanops.loanbook.servicing.domain.reasons import reason_given
from loanops.loanbook.servicing.domain.replay import content_of
from loanops.loanbook.servicing.domain.restructuring import (
    KEPT,
    AgreedAnew,
    agreed_anew,
    digest_kept,
)
from loanops.loanbook.servicing.domain.turn import Turn
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations.ceilings import check_ceiling, hold_ceiling
from loanops.loanbook.servicing.operations.floating import look_again
from loanops.loanbook.servicing.operations.keeping import keep_restructuring
from loanops.loanbook.servicing.operations.laying import stop_debits_of
from loanops.loanbook.servicing.operations.leaving import (
    check_refund,
    leaving_entries,
    send_back,
)
from loanops.loanbook.servicing.operations.loading import (
    EVENT,
    Held,
    History,
    Replayed,
    histories,
    hold,
    replayed,
)
from loanops.loanbook.servicing.operations.observing import observe_loans
from loanops.loanbook.servicing.operations.opening import EVENT_COLUMNS
from loanops.loanbook.servicing.operations.ordering import (
    ChangeIn,
    event_asked,
    receipt_asked,
    refuse_known,
)
from loanops.loanbook.servicing.operations.projecting import (
    Turned,
    applied,
    project,
    shape,
)
from loanops.loanbook.servicing.operations.repayment import DayNotReached
from loanops.loanbook.servicing.operations.turning import allocations, growth, turn_to
from loanops.loanbook.servicing.queries.classing import class_rules
from loanops.loanbook.servicing.queries.histories import said_of_undone
from loanops.loanbook.servicing.queries.loans import seen
from loanops.money.ledger import operations as ledger
from loanops.money.ledger.operations import EntryIn, JournalIn
from loanops.money.payments import operations as payments
from loanops.money.payments.operations import ReceiptIn
from loanops.platform.books import queries as books
from loanops.platform.books.operations import hold_date
from loanops.platform.db import insert_many
from loanops.platform.parameters import queries as parameters
from loanops.platform.work import Work, once_more, unit_of_work


class EffectDiffers(Refusal):
    """What would be booked is not what was shown."""

    code = "servicing_effect_differs"
    sentence = "Loan {loan} has changed since this was shown; look at the effect again."
    status = 409


class SecondPersonNeeded(Refusal):
    """A change that takes two people was ordered by one."""

    code = "servicing_second_person_needed"
    sentence = "This change needs a second person: ask for it, and let a colleague approve it."
    status = 409


@dataclass(slots=True)
class Worked:
    """An effect worked out: what is to be shown, and what is to be written."""

    card: EffectCard
    held: Held
    event: Event
    receipt: ReceiptIn | None
    turn: Turn
    entries: tuple[EntryIn, ...]
    allocated: dict[str, int]
    unapplied_minor: int
    agreed: AgreedAnew | None


def preview_change(*, asked: ChangeIn, viewer: Viewer) -> EffectCard:
    """What a change would do: schedule, balances, cost and postings; nothing is written.

    :raises NotPermitted: the viewer may not order it.
    :raises NotFound: there is no such loan in the viewer's books.
    :raises Refusal: everything that :func:`change` refuses.
    """
    require_change(asked.kind, viewer)
    loan_id, book = find(asked.loan, viewer)
    on = books.business_date(book)
    [held] = hold([loan_id], whole=True, locked=False)
    return work_out(asked, held, histories([loan_id])[loan_id], on).card


def change(*, asked: ChangeIn, seen: str, reason: str, actor: Actor, at: datetime) -> EffectCard:
    """Order a change of a loan; ``seen`` is the digest of the effect that was shown.

    :raises NotPermitted: the actor may not order it.
    :raises NotFound: there is no such loan in the actor's books.
    :raises BadField: a value of the event is missing or wrong, or no reason is given.
    :raises DayNotReached: it would count for a day after the business date.
    :raises SecondPersonNeeded: it takes two people.
    :raises EffectDiffers: the loan moved on since the effect was shown.
    :raises Refusal: it does not fit the loan as it stands on its day, or what happened later.
    """
    require_change(asked.kind, actor)
    loan_id, book = find(asked.loan, actor)

    def unit() -> EffectCard:
        with unit_of_work(actor=actor, at=at, book=book, on=hold_date) as work:
            if needs_second(asked, work.on):
                raise SecondPersonNeeded
            return book_change(work, asked, loan_id, seen, reason, asked_by=actor.person)

    return once_more(unit)


def needs_second(asked: ChangeIn, on: date) -> bool:
    """Whether a change takes two people: always by its kind, or a waiver above what one may."""
    order = order_kind(asked.kind)
    if order.event is Waived:
        amount = asked.values.get("amount_minor")
        most_minor = parameters.value_on("servicing.waive_alone_max_minor", on)
        return isinstance(amount, int) and amount > most_minor
    return order.needs_second


def require_change(kind: str, viewer: Viewer) -> None:
    """Let pass who may order a kind of change.

    :raises BadField: there is no such kind.
    :raises NotPermitted: they may not.
    """
    order_kind(kind)
    require(viewer, permissions.CHANGES[kind])


def find(number: str, viewer: Viewer) -> tuple[int, str]:
    """The id and book of a loan within the viewer's books, funders and channels.

    :raises NotFound:
    """
    row = Loan.objects.filter(number=number).first()
    if row is None or not seen([row], viewer):
        raise NotFound(kind="loan", number=number)
    return row.pk, row.book_id


def book_change(
    work: Work, asked: ChangeIn, loan_id: int, seen: str, reason: str, *, asked_by: str
) -> EffectCard:
    """Write a change whose effect was shown, inside a unit of work.

    :raises EffectDiffers: the loan moved on since.
    """
    reason = reason_given(reason)
    refuse_known(asked)
    [held] = hold([loan_id], whole=True)
    history = histories([loan_id])[loan_id]
    worked = work_out(asked, held, history, work.on)
    if worked.card.digest != seen:
        raise EffectDiffers(loan=asked.loan)
    hold_ceiling(work, worked.event, held, history)
    _write(work, worked, reason.strip())
    if any(isinstance(each, Restructured) for each in (*history.events, worked.event)):
        observe_loans(work, [loan_id], on=work.on)
    if isinstance(worked.event, Reversed):
        missed = first_missed(history.terms, history.events, worked.event.of)
        look_again(loan_id, since=missed)
    send_back(work, worked.event, history, asked_by)
    return worked.card


def work_out(asked: ChangeIn, held: Held, history: History, on: date) -> Worked:
    """The effect of a change on a loan, seen on the business day ``on``."""
    if asked.on > on:
        raise DayNotReached(on=asked.on, business_date=on)
    event = event_asked(asked, history, held)
    receipt = receipt_asked(asked, event)
    check_before(event, held.figures.state, history.events, history.terms.extensions_max)
    before = replayed(history, held, [], on)
    after = replayed(history, held, [event], on)
    check_after(event, before.account, after.account)
    check_refund(event, history, after)
    check_ceiling(event, held, history)
    shown_before = _figures(before, held)
    turn = turn_to(held, before.backing, after, event.on, on)
    entries = (receipt.entries() if receipt else ()) + applied(held, turn)
    entries += leaving_entries(event, held, history)
    mine = after.repayments.get(event.key)
    schedule_before = lines_of(before.account)
    schedule_after = lines_of(after.account, schedule_before)
    postings = tuple(
        Posting(e.debit.code, e.debit.dimension, e.credit.code, e.credit.dimension, e.amount_minor)
        for e in entries
    )
    card = EffectCard(
        loan=asked.loan,
        key=event.key,
        kind=asked.kind,
        on=asked.on,
        before=shown_before,
        after=_figures(after, held),
        schedule_before=tuple(schedule_before),
        schedule_after=tuple(schedule_after),
        postings=postings,
        saving_minor=total_cost_minor(before.account) - total_cost_minor(after.account),
        digest=digest_of(
            loan=asked.loan,
            event=event,
            on=on,
            history=history.events,
            schedule=schedule_after,
            postings=postings,
        ),
        needs_second=needs_second(asked, on),
        floats=floats_on(history.terms, (*history.events, event), on),
        counting=_counting(before.account, after.account, held.id),
    )
    return Worked(
        card=card,
        held=held,
        event=event,
        receipt=receipt,
        turn=turn,
        entries=entries,
        allocated=allocations(history, after.repayments),
        unapplied_minor=mine.unapplied_minor if mine else 0,
        agreed=(
            agreed_anew(before.account, after.account, event.key)
            if isinstance(event, Restructured)
            else None
        ),
    )


def _counting(before: AccountState, after: AccountState, loan_id: int) -> tuple[CountedDay, ...]:
    if before.pauses == after.pauses:
        return ()
    book = Loan.objects.values_list("book_id", flat=True).get(pk=loan_id)
    return counted_days(before, after, class_rules(book=book, on=after.on))


def _figures(seen: Replayed, held: Held) -> AccountFigures:
    return figures_of(
        seen.account,
        claim_owner=held.claim_owner,
        state=held.figures.state.value,
        bucket_name=bucket_name(held.figures.bucket),
    )


def _write(work: Work, worked: Worked, reason: str) -> None:
    held, event, card = worked.held, worked.event, worked.card
    receipt = ""
    if worked.receipt is not None:
        money_minor = worked.receipt.amount_minor - worked.unapplied_minor
        [receipt] = payments.take_many(work=work, receipts=[(worked.receipt, money_minor)])
    payments.allocate_many(work=work, rows=growth(worked.allocated))
    if worked.entries:
        journal = JournalIn(
            kind=f"servicing.{card.kind}", subject=held.number, entries=worked.entries
        )
        ledger.post(work=work, on=work.on, journal=journal)
    _insert_event(work, worked, receipt, reason)
    if worked.agreed is not None:
        keep_restructuring(work, held.id, event, worked.agreed)
    held.changed_on = max(held.changed_on or event.on, event.on)
    shape(loans=[held])
    project(work=work, turned=[Turned(held, worked.turn)])
    stop_debits_of(work, [held])
    _tell(work, worked)


def _insert_event(work: Work, worked: Worked, receipt: str, reason: str) -> None:
    event, card = worked.event, worked.card
    parts = worked.turn.parts
    effect = {
        "principal_minor": parts.principal_minor,
        "interest_minor": parts.interest_minor,
        "fee_minor": parts.fee_minor,
        "penalty_minor": parts.penalty_minor,
        "unapplied_minor": worked.unapplied_minor,
        "saving_minor": card.saving_minor,
        "digest": card.digest,
        "reason": reason,
    }
    if worked.agreed is not None:
        effect[KEPT] = digest_kept(worked.agreed)
    insert_many(
        EVENT,
        (*EVENT_COLUMNS, "content_json"),
        [
            (
                worked.held.id,
                event.key,
                event.KIND,
                event.on,
                work.on,
                work.at,
                getattr(event, "amount_minor", 0),
                receipt,
                json.dumps(effect),
                content_of(event),
            )
        ],
    )


def _tell(work: Work, worked: Worked) -> None:
    card, said = worked.card, values_of(worked.event)
    code, undone = f"servicing.{card.kind}", {}
    if card.kind == "reversed":
        code, undone = "servicing.undone", said_of_undone(worked.held.id, said["of"])
    work.record(code, subject=card.loan, digest=card.digest, **said, **undone)
    work.announce(
        events.LoanChanged(
            subject=card.loan,
            kind=card.kind,
            on=card.on.isoformat(),
            key=card.key,
            values=said,
            outstanding_minor=card.after.outstanding_minor,
            to_pay_minor=card.after.to_pay_minor,
            state=card.after.state,
            claim_owner=card.after.claim_owner,
        )
    )
