"""Payouts sent and asked about, and what every answer makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from loanops.origination.applications import operations as applications
from loanops.origination.applications import permissions as application_grants
from loanops.origination.routing import events
from loanops.origination.routing.domain.judging import (
    NOT_FOUND,
    Intent,
    Judgement,
    Said,
    Source,
    Trouble,
    judge_payout,
)
from loanops.origination.routing.domain.lifecycle import (
    PAYOUTS,
    PayoutMove,
    PayoutState,
)
from loanops.origination.routing.models import PayoutIntent
from loanops.origination.routing.operations._asking import Reach, ask_all, doubting, lend
from loanops.origination.routing.operations._crediting import reach_of
from loanops.origination.routing.operations._noting import Heard, Opening, observe, open_exceptions
from loanops.origination.routing.operations._planning import move_holds
from loanops.origination.routing.ports import (
    DrawdownAnswer,
    DrawdownRequest,
    Payee,
    Standing,
)
from loanops.platform.db import lock, new_numbers, update_many
from loanops.platform.parameters import queries as parameters
from loanops.platform.work import Work

BOUND_ACCOUNT: Final = "bound"
"""The borrower's account is bound at the funder; we neither know nor send its number."""
ROWS_PER_EVENT: Final = 500
_BACK_OFF_MAX = 6
_CHANGED = (
    "state", "pay_number", "schedule_digest", "reason", "problem", "evidence", "tries",
    "not_found_since", "moved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answered:
    """One intent with every word heard about it, in order."""

    intent: PayoutIntent
    words: tuple[tuple[Source, DrawdownAnswer], ...]


def send_all(intents: Sequence[PayoutIntent]) -> list[Answered]:
    """Order every payout under its serial; a no is confirmed by a query at once."""
    return ask_all(_calls(intents, _send))


def query_all(intents: Sequence[PayoutIntent]) -> list[Answered]:
    """Ask what became of every payout."""
    return ask_all(_calls(intents, _query))


def _calls(
    intents: Sequence[PayoutIntent],
    ask: Callable[[PayoutIntent, Reach, Sequence[str]], Answered],
) -> list[Callable[[], Answered]]:
    reaches = reach_of(each.attempt for each in intents)
    calls: list[Callable[[], Answered]] = []
    for each in intents:
        numbers = new_numbers("RQ", each.submitted_at, 2)
        reach = reaches[each.attempt.agreement, each.attempt.agreement_version]
        calls.append(partial(ask, each, reach, numbers))
    return calls


def _send(intent: PayoutIntent, reach: Reach, numbers: Sequence[str]) -> Answered:
    request = DrawdownRequest(
        serial=intent.serial,
        request_number=numbers[0],
        credit_serial=intent.attempt.credit_serial,
        signing_serial=intent.signing_serial,
        contract_number=intent.contract,
        contract_digest=intent.contract_digest,
        reference=intent.application,
        currency=intent.currency,
        amount_minor=intent.amount_minor,
        value_date=intent.value_date,
        terms=intent.terms,
        payee=Payee(name="", account=BOUND_ACCOUNT),
    )
    said = doubting(DrawdownAnswer, numbers[0], lambda: reach.open().draw_down(request))
    if said.standing is not Standing.REFUSED:
        return Answered(intent, ((Source.ANSWER, said),))
    asked = _query(intent, reach, numbers[1:])
    return Answered(intent, ((Source.ANSWER, said), *asked.words))


def _query(intent: PayoutIntent, reach: Reach, numbers: Sequence[str]) -> Answered:
    found = doubting(
        DrawdownAnswer,
        numbers[0],
        lambda: reach.open().query_drawdown(intent.serial, request_number=numbers[0]),
    )
    return Answered(intent, ((Source.QUERY, found),))


def take_answers(work: Work, answers: Sequence[Answered]) -> None:
    """Write down what was heard and make each intent what the last word makes of it."""
    observe(
        [
            Heard(each.intent.serial, source, word)
            for each in answers
            for source, word in each.words
        ],
        work.at,
    )
    fresh = _held([each.intent for each in answers])
    judged = [
        (fresh[each.intent.pk], each.words[-1][1], judge(fresh[each.intent.pk], *each.words[-1]))
        for each in answers
    ]
    moving = [(intent, word, verdict) for intent, word, verdict in judged if verdict.move]
    update_many(
        PayoutIntent._meta.db_table,
        ("id",),
        _CHANGED,
        [_changes(intent, word, verdict, work) for intent, word, verdict in moving],
    )
    paid = [(intent, word) for intent, word, verdict in moving if verdict.move is PayoutMove.PAY]
    _tell_paid(work, paid)
    for intent, word, verdict in moving:
        if verdict.move is PayoutMove.FAIL:
            _tell_failed(work, intent, word.reason)
    waiting = {PayoutMove.WAIT, PayoutMove.DOUBT}
    _wait(work, [intent for intent, _, verdict in moving if verdict.move in waiting])
    open_exceptions(work, _openings(judged))
    _record(work, [(intent, verdict.move) for intent, _, verdict in moving if verdict.move])


def _held(intents: Sequence[PayoutIntent]) -> dict[int, PayoutIntent]:
    """The intents as they are now, held until the work ends."""
    ids = [each.pk for each in intents]
    lock(PayoutIntent._meta.db_table, ids)
    rows = PayoutIntent.objects.filter(pk__in=ids).select_related("attempt")
    return {row.pk: row for row in rows}


def judge(intent: PayoutIntent, source: Source, word: DrawdownAnswer) -> Judgement:
    """What one word makes of one intent."""
    return judge_payout(
        Intent(
            state=PayoutState(intent.state),
            amount_minor=intent.amount_minor,
            currency=intent.currency,
            value_date=intent.value_date,
            pay_number=intent.pay_number,
        ),
        Said(
            standing=word.standing.value,
            source=source,
            problem=word.problem,
            paid_minor=word.paid_minor,
            currency=word.currency,
            value_date=word.value_date,
            pay_number=word.pay_number,
        ),
    )


def _changes(
    intent: PayoutIntent, word: DrawdownAnswer, verdict: Judgement, work: Work
) -> tuple[Any, ...]:
    move = verdict.move or PayoutMove.DOUBT
    ended = move in {PayoutMove.PAY, PayoutMove.FAIL}
    lost = word.problem == NOT_FOUND
    return (
        intent.pk,
        PAYOUTS.after(PayoutState(intent.state), move).value,
        word.pay_number if move is PayoutMove.PAY else "",
        word.schedule_digest if move is PayoutMove.PAY else "",
        word.reason,
        verdict.trouble.value if verdict.trouble else word.problem,
        word.evidence if ended else intent.evidence,
        intent.tries + 1,
        (intent.not_found_since or work.at) if lost else None,
        work.at,
    )


def _tell_paid(work: Work, paid: Sequence[tuple[PayoutIntent, DrawdownAnswer]]) -> None:
    """Use the quotas, end the applications, and tell that money left: one event, or one a batch."""
    if not paid:
        return
    intents = [intent for intent, _ in paid]
    move_holds(work, [intent.attempt for intent in intents], use=True)
    applications.mark_disbursed_many(
        numbers=[intent.application for intent in intents],
        actor=lend(work.actor, application_grants.ADVANCE),
        at=work.at,
    )
    rows = [_disbursed(intent, word.pay_number) for intent, word in paid]
    if len(rows) == 1:
        work.record(
            "routing.disbursed", subject=intents[0].application, funder=intents[0].funder,
            serial=intents[0].serial, principal_minor=intents[0].amount_minor,
            paid_reference=rows[0]["paid_reference"],
        )  # fmt: skip
        work.announce(events.Disbursed(subject=intents[0].application, **rows[0]))
        return
    work.record_batch(
        "routing.disbursed_many",
        subjects=[intent.serial for intent in intents],
        principal_minor=sum(intent.amount_minor for intent in intents),
    )
    for start in range(0, len(rows), ROWS_PER_EVENT):
        part = tuple(rows[start : start + ROWS_PER_EVENT])
        work.announce(events.DisbursedMany(subject=f"{work.book}:{part[0]['intent']}", rows=part))


def _disbursed(intent: PayoutIntent, pay_number: str) -> dict[str, Any]:
    return {
        "application": intent.application,
        "contract": intent.contract,
        "intent": intent.number,
        "serial": intent.serial,
        "funder": intent.funder,
        "guarantor": intent.guarantor,
        "product_version": intent.product_version,
        "principal_minor": intent.amount_minor,
        "terms": intent.terms,
        "disbursed_on": intent.value_date.isoformat(),
        "paid_reference": pay_number,
        "agreement": intent.attempt.agreement,
        "agreement_version": intent.attempt.agreement_version,
    }


def _tell_failed(work: Work, intent: PayoutIntent, reason: str) -> None:
    """A payout that failed for certain keeps its reservation: it may be ordered anew."""
    work.record(
        "routing.payout_failed", subject=intent.application, serial=intent.serial, reason=reason
    )
    work.announce(
        events.PayoutFailed(
            subject=intent.application,
            application=intent.application,
            contract=intent.contract,
            serial=intent.serial,
            funder=intent.funder,
            reason=reason,
        )
    )


def _wait(work: Work, waiting: Sequence[PayoutIntent]) -> None:
    seconds = parameters.value_on("routing.query_interval_seconds", work.on)
    for intent in waiting:
        tries = intent.tries + 1
        work.enqueue(
            "routing.resolve",
            key=f"routing.resolve:{intent.serial}:{tries}",
            payload={"serial": intent.serial, "tries": tries},
            run_at=work.at + timedelta(seconds=seconds * 2 ** min(tries - 1, _BACK_OFF_MAX)),
        )


def _openings(
    judged: Sequence[tuple[PayoutIntent, DrawdownAnswer, Judgement]],
) -> list[Opening]:
    return [
        opening_of(intent, word, verdict.trouble)
        for intent, word, verdict in judged
        if verdict.trouble
    ]


def opening_of(intent: PayoutIntent, word: DrawdownAnswer, trouble: Trouble) -> Opening:
    """The exception that a word about an intent opens, with both figures side by side."""
    return Opening(
        kind=trouble,
        serial=intent.serial,
        application=intent.application,
        funder=intent.funder,
        detail={
            "state": intent.state,
            "amount_minor": intent.amount_minor,
            "value_date": intent.value_date.isoformat(),
            "pay_number": intent.pay_number,
            "said_standing": word.standing.value,
            "said_reason": word.reason,
            "said_minor": word.paid_minor,
            "said_date": word.value_date.isoformat() if word.value_date else "",
            "said_pay_number": word.pay_number,
        },
    )


def _record(work: Work, moved: Sequence[tuple[PayoutIntent, PayoutMove]]) -> None:
    """Witness every move; a batch by one entry. Nothing moved means nothing to witness."""
    if not moved:
        work.unchanged()
    elif len(moved) == 1:
        intent, move = moved[0]
        after = PAYOUTS.after(PayoutState(intent.state), move)
        work.record(
            "routing.payout_answered",
            subject=intent.application,
            serial=intent.serial,
            state=after.value,
        )
    else:
        counts: dict[str, int] = {}
        for _, move in moved:
            counts[move.value] = counts.get(move.value, 0) + 1
        serials = [intent.serial for intent, _ in moved]
        work.record_batch("routing.payouts_answered", subjects=serials, moves=counts)
