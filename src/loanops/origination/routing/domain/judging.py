"""What an answer makes of an intent: pure, so that every kind of doubt can be tested as a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from loanops.origination.routing.domain.lifecycle import (
    OPEN_PAYOUTS,
    AttemptMove,
    PayoutMove,
    PayoutState,
)

PROCESSING: Final = "processing"
SUCCESS: Final = "success"
REFUSED: Final = "refused"
UNKNOWN: Final = "unknown"
NOT_FOUND: Final = "not_found"


class Source(StrEnum):
    """How we came to hear it."""

    ANSWER = "answer"
    """The answer to the submission itself."""
    QUERY = "query"
    CALLBACK = "callback"


class Trouble(StrEnum):
    """What a person must look at."""

    CONTRADICTION = "contradiction"
    """The funder now says the opposite of what it had proven."""
    PAID_OTHERWISE = "paid_otherwise"
    """Paid, but not this amount, currency, day or payout number."""
    SERIAL_REUSED = "serial_reused"
    """The funder knows the serial with another content."""
    UNKNOWN_TOO_LONG = "unknown_too_long"
    SCHEDULE_DIFFERS = "schedule_differs"
    STRANGE_SERIAL = "strange_serial"
    """A believed callback about something we never asked for."""
    COPY_DIFFERS = "copy_differs"
    """The signed copy is not what was signed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What we wanted paid, and how it stands."""

    state: PayoutState
    amount_minor: int
    currency: str
    value_date: date
    pay_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the funder said of a payout, as far as it could be believed."""

    standing: str
    source: Source
    problem: str = ""
    paid_minor: int | None = None
    currency: str = ""
    value_date: date | None = None
    pay_number: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The move to make (none: nothing changes) and the trouble to open (none: all is well)."""

    move: PayoutMove | None
    trouble: Trouble | None = None


def judge_payout(intent: Intent, said: Said) -> Judgement:
    """What a word of the funder makes of a payout.

    Success needs a proven answer that fits in every figure; failure needs a query; a callback
    moves nothing; an end is never left, and what contradicts it is trouble.
    """
    if intent.state not in OPEN_PAYOUTS:
        return Judgement(None, _contradiction(intent, said))
    if said.source is Source.CALLBACK:
        odd = said.standing == SUCCESS and said.paid_minor is not None and not _fits(intent, said)
        return Judgement(None, Trouble.PAID_OTHERWISE if odd else None)
    if said.problem == Trouble.SERIAL_REUSED.value:
        return Judgement(PayoutMove.DOUBT, Trouble.SERIAL_REUSED)
    if said.standing == SUCCESS:
        if _fits(intent, said):
            return Judgement(PayoutMove.PAY)
        return Judgement(PayoutMove.DOUBT, Trouble.PAID_OTHERWISE)
    if said.standing == REFUSED and said.source is Source.QUERY:
        return Judgement(PayoutMove.FAIL)
    if said.standing == PROCESSING:
        return Judgement(PayoutMove.WAIT)
    return Judgement(PayoutMove.DOUBT)


def _fits(intent: Intent, said: Said) -> bool:
    return (said.paid_minor, said.currency, said.value_date) == (
        intent.amount_minor,
        intent.currency,
        intent.value_date,
    ) and bool(said.pay_number)


def _contradiction(intent: Intent, said: Said) -> Trouble | None:
    if said.standing == REFUSED and intent.state is PayoutState.SUCCESS:
        return Trouble.CONTRADICTION
    if said.standing != SUCCESS:
        return None
    if intent.state is PayoutState.FAILED:
        return Trouble.CONTRADICTION
    told = said.source is not Source.CALLBACK or said.paid_minor is not None
    fits = _fits(intent, said) and said.pay_number == intent.pay_number
    return Trouble.PAID_OTHERWISE if told and not fits else None


def judge_credit(standing: str) -> AttemptMove:
    """What the answer to a credit application makes of an attempt.

    No money moves on it, so a proven refusal counts wherever it was said.
    """
    return {
        SUCCESS: AttemptMove.GRANT,
        REFUSED: AttemptMove.REFUSE,
        PROCESSING: AttemptMove.WAIT,
    }.get(standing, AttemptMove.DOUBT)


def may_send_again(*, problem: str, not_found_seconds: float, window_seconds: int) -> bool:
    """Whether the same serial may be sent again: queries have not found it for long enough.

    That a query could not reach the funder says nothing about whether the order did.
    """
    return problem == NOT_FOUND and not_found_seconds >= window_seconds
