"""Callbacks: kept as they came, believed by signature, and then asked back about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import NotFound, Refusal
from loanops.origination.routing import events, permissions
from loanops.origination.routing.domain.judging import Source, Trouble
from loanops.origination.routing.domain.lifecycle import (
    OPEN_ATTEMPTS,
    OPEN_PAYOUTS,
    OPEN_SIGNINGS,
    PayoutState,
)
from loanops.origination.routing.domain.refusals import CallbackRefused
from loanops.origination.routing.models import Attempt, PayoutIntent, Signing
from loanops.origination.routing.operations._noting import Heard, Opening, observe, open_exceptions
from loanops.origination.routing.operations._payouts import judge, opening_of
from loanops.origination.routing.ports import (
    GATEWAYS,
    Callback,
    CallbackNotBelieved,
    DrawdownAnswer,
    GatewayNotReady,
    Standing,
)
from loanops.platform.books import queries as books
from loanops.platform.inbox import operations as inbox
from loanops.platform.work import Work, unit_of_work
from loanops.registry.partners import queries as partners
from loanops.registry.partners.queries import AgreementCard

_OPEN_ATTEMPTS = {state.value for state in OPEN_ATTEMPTS}
_OPEN_SIGNINGS = {state.value for state in OPEN_SIGNINGS}
_OPEN_PAYOUTS = {state.value for state in OPEN_PAYOUTS}


def take_callback(
    *,
    funder: str,
    method: str,
    target: str,
    headers: Mapping[str, str],
    raw: bytes,
    actor: Actor,
    at: datetime,
) -> bool:
    """Take a funder's callback; returns whether it was new. It moves nothing by itself.

    ``raw`` are the bytes as received, ``target`` path and query as sent: the signature covers
    them. What it is about is queried by a job; what contradicts a proven end, names another
    amount, or is about nothing of ours becomes an exception.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such funder, or it has no agreement.
    :raises CallbackRefused: its signature, key, time or shape is not believed.
    """
    require(actor, permissions.RESOLVE)
    agreement = _agreement(funder, actor)
    try:
        gateway = GATEWAYS[agreement.gateway](funder, agreement.gateway_config)
        callback = gateway.read_callback(
            method=method, target=target, headers=headers, raw=raw, at=at
        )
    except (CallbackNotBelieved, GatewayNotReady) as wrong:
        raise CallbackRefused(funder=funder) from wrong
    on = books.business_date(agreement.book)
    with unit_of_work(actor=actor, at=at, book=agreement.book, on=on) as work:
        new = inbox.keep(source=f"funder:{funder}", key=callback.event_id, raw=raw.decode(), at=at)
        if not new:
            work.unchanged()
            return False
        work.record(
            "routing.callback_taken", subject=callback.serial, funder=funder, event=callback.event
        )
        _HANDS[callback.event](work, funder, callback)
    return True


def _agreement(funder: str, actor: Actor) -> AgreementCard:
    cards = partners.list_agreements_of(partner=funder, viewer=actor)
    if not cards:
        raise NotFound(kind="partner", number=funder)
    return cards[0]


def _drawdown(work: Work, funder: str, callback: Callback) -> None:
    intent = PayoutIntent.objects.filter(serial=callback.serial, funder=funder).first()
    if intent is None:
        _strange(work, funder, callback)
        return
    word = _word_of(callback, intent.currency)
    observe([Heard(callback.serial, Source.CALLBACK, word)], work.at)
    trouble = judge(intent, Source.CALLBACK, word).trouble
    if trouble is not None:
        open_exceptions(work, [opening_of(intent, word, trouble)])
    if intent.state in _OPEN_PAYOUTS or trouble is not None:
        # Asked back about, also where it contradicts an end: the query is kept as evidence.
        work.enqueue(
            "routing.resolve",
            key=f"routing.resolve:{callback.event_id}",
            payload={"serial": intent.serial, "ended": intent.state not in _OPEN_PAYOUTS},
        )


def _word_of(callback: Callback, currency: str) -> DrawdownAnswer:
    """What a callback claims, in the form of an answer; figures that cannot be read are absent."""
    body = callback.body
    return DrawdownAnswer(
        standing=callback.standing,
        request_number="",
        reason=str(body.get("reason") or "")[:64],
        paid_minor=_minor(body.get("paid_amount"), currency),
        currency=str(body.get("currency") or "")[:3],
        value_date=_date(body.get("value_date")),
        pay_number=str(body.get("pay_number") or "")[:64],
    )


def _minor(value: Any, currency: str) -> int | None:
    try:
        return parse_amount(value, currency) if isinstance(value, str) else None
    except Refusal:
        return None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _credit(work: Work, funder: str, callback: Callback) -> None:
    attempt = Attempt.objects.filter(credit_serial=callback.serial, funder=funder).first()
    if attempt is None:
        _strange(work, funder, callback)
    elif attempt.state in _OPEN_ATTEMPTS:
        work.enqueue(
            "routing.settle_attempt",
            key=f"routing.settle_attempt:{callback.event_id}",
            payload={"attempt": attempt.number},
        )


def _signing(work: Work, funder: str, callback: Callback) -> None:
    signing = Signing.objects.filter(serial=callback.serial, funder=funder).first()
    if signing is None:
        _strange(work, funder, callback)
    elif signing.state in _OPEN_SIGNINGS:
        work.enqueue(
            "routing.settle_signing",
            key=f"routing.settle_signing:{callback.event_id}",
            payload={"contract": signing.contract},
        )


def _repayment(work: Work, funder: str, callback: Callback) -> None:
    """A borrower paid at the funder's counter: told to whoever keeps the loan."""
    serial = str(callback.body.get("drawdown_serial") or "")
    intent = PayoutIntent.objects.filter(
        serial=serial, funder=funder, state=PayoutState.SUCCESS.value
    ).first()
    amount_minor = _minor(callback.body.get("paid_amount"), intent.currency) if intent else None
    paid_on = _date(callback.body.get("paid_on"))
    fits = intent is not None and callback.body.get("currency") == intent.currency
    if intent is None or not fits or not amount_minor or paid_on is None:
        _strange(work, funder, callback)
        return
    if callback.standing is Standing.SUCCESS:
        work.announce(
            events.RepaymentNotified(
                subject=serial,
                application=intent.application,
                serial=serial,
                funder=funder,
                channel=f"funder:{funder}",
                pay_no=callback.serial,
                amount_minor=amount_minor,
                paid_on=paid_on.isoformat(),
            )
        )


def _strange(work: Work, funder: str, callback: Callback) -> None:
    opening = Opening(
        kind=Trouble.STRANGE_SERIAL,
        serial=callback.serial,
        application="",
        funder=funder,
        detail={"event": callback.event, "event_id": callback.event_id},
    )
    open_exceptions(work, [opening])


_HANDS = {
    "drawdown": _drawdown,
    "credit": _credit,
    "signing": _signing,
    "repayment": _repayment,
}
