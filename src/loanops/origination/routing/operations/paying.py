"""Drawing down and finding out: the only way in which the house pays a loan out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import NotFound
from loanops.origination.contracts import queries as contracts
from loanops.origination.routing import permissions
from loanops.origination.routing.domain.judging import Trouble, may_send_again
from loanops.origination.routing.domain.lifecycle import OPEN_PAYOUTS, PayoutState
from loanops.origination.routing.models import PayoutIntent
from loanops.origination.routing.operations._asking import committed
from loanops.origination.routing.operations._drawing import Refused, submit
from loanops.origination.routing.operations._noting import Opening, open_exceptions
from loanops.origination.routing.operations._payouts import (
    Answered,
    query_all,
    send_all,
    take_answers,
)
from loanops.platform.books import queries as books
from loanops.platform.parameters import queries as parameters
from loanops.platform.work import unit_of_work

BATCH: Final = 500
_OPEN = [state.value for state in OPEN_PAYOUTS]


@dataclass(frozen=True)
class DrawOutcome:
    """What became of drawdowns, by contract. ``waiting`` ones end by query alone."""

    paid: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()


def draw_down(*, contract: str, actor: Actor, at: datetime) -> DrawOutcome:
    """Order the payout of a signed contract: one intent, one serial, committed before it is sent.

    :raises NotPermitted: the actor may not draw down.
    :raises NotFound: there is no such contract in the actor's scope.
    :raises NotSigned: nobody has signed it.
    :raises PayoutLive: it has a payout that is open or paid.
    :raises NoApprovedFunder, CreditExpired, AgreementNotInForce, FunderNotListedAnymore: what the
        payout would stand on is gone.
    """
    require(actor, permissions.DRAW_DOWN)
    card = contracts.get_contract(contract)
    if not actor.sees_book(card.book) or not actor.sees_funder(card.funder):
        raise NotFound(kind="contract", number=contract)
    outcome = draw_down_many(book=card.book, contracts=[contract], actor=actor, at=at)
    for each in outcome.refused:
        raise each.refusal
    return outcome


def draw_down_many(
    *, book: str, contracts: Sequence[str], actor: Actor, at: datetime
) -> DrawOutcome:
    """Order the payouts of many signed contracts; each is refused by itself.

    The serials of a batch are on disk before its first call; what the calls brought is written
    set-based after. A crash between the two leaves intents that a query ends.

    :raises NotPermitted: the actor may not draw down.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.DRAW_DOWN)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    wanted = list(dict.fromkeys(contracts))
    refused: list[Refused] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        serials, no = _submit(book, part, actor, at)
        refused += no
        _send(book, serials, actor, at)
    return _outcome(wanted, refused)


def _submit(
    book: str, contracts: Sequence[str], actor: Actor, at: datetime, races_left: int = 1
) -> tuple[list[str], list[Refused]]:
    """Commit the intents. Who loses a race for a contract finds the winner's on the second try."""
    on = books.business_date(book)
    try:
        with committed(), unit_of_work(actor=actor, at=at, book=book, on=on) as work:
            serials, refused = submit(work, contracts)
            if len(serials) == 1:
                intent = PayoutIntent.objects.get(serial=serials[0])
                work.record(
                    "routing.submitted", subject=intent.application, serial=intent.serial,
                    funder=intent.funder, contract=intent.contract,
                    amount_minor=intent.amount_minor,
                )  # fmt: skip
            elif serials:
                work.record_batch("routing.submitted_many", subjects=serials)
            else:
                work.unchanged()
    except IntegrityError:
        if not races_left:
            raise
        return _submit(book, contracts, actor, at, races_left - 1)
    return serials, refused


def _send(book: str, serials: Sequence[str], actor: Actor, at: datetime) -> None:
    intents = list(
        PayoutIntent.objects.filter(serial__in=serials).select_related("attempt").order_by("id")
    )
    if intents:
        _take(book, send_all(intents), actor, at)


def _take(book: str, answers: Sequence[Answered], actor: Actor, at: datetime) -> None:
    on = books.business_date(book)
    with committed(), unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        take_answers(work, answers)


def resolve(*, serial: str, actor: Actor, at: datetime) -> DrawOutcome:
    """Ask the funder what became of a payout; the answer to this alone ends an unknown one.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such payout in the actor's scope.
    """
    require(actor, permissions.RESOLVE)
    intent = PayoutIntent.objects.filter(serial=serial).first()
    if (
        intent is None
        or not actor.sees_book(intent.book_id)
        or not actor.sees_funder(intent.funder)
    ):
        raise NotFound(kind="payout", number=serial)
    return resolve_many(book=intent.book_id, serials=[serial], actor=actor, at=at)


def resolve_many(*, book: str, serials: Sequence[str], actor: Actor, at: datetime) -> DrawOutcome:
    """Ask about many payouts; ended ones too, so that a contradiction comes to light.

    A serial that its funder has not found for the agreed time is sent again as it is. A payout
    that stays unknown beyond its bound becomes an exception with an owner.

    :raises NotPermitted: the actor may not resolve.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.RESOLVE)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    asked: list[str] = []
    wanted = list(dict.fromkeys(serials))
    for start in range(0, len(wanted), BATCH):
        rows = PayoutIntent.objects.filter(book_id=book, serial__in=wanted[start : start + BATCH])
        intents = list(rows.select_related("attempt").order_by("id"))
        if intents:
            asked += [intent.contract for intent in intents]
            answers = query_all(intents)
            _take(book, answers, actor, at)
            _send_again(book, answers, actor, at)
    escalate(book=book, actor=actor, at=at)
    return _outcome(asked, [])


def _send_again(book: str, answers: Sequence[Answered], actor: Actor, at: datetime) -> None:
    """Send once more what the funder has not heard of for long enough, under the same serial."""
    on = books.business_date(book)
    window = parameters.value_on("routing.resend_after_seconds", on)
    lost = [
        each.intent.serial
        for each in answers
        if each.intent.state in _OPEN
        and may_send_again(
            problem=each.words[-1][1].problem,
            not_found_seconds=(at - (each.intent.not_found_since or at)).total_seconds(),
            window_seconds=window,
        )
    ]
    if not lost:
        return
    with committed(), unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        for serial in lost:
            work.record("routing.resent", subject=serial)
    _send(book, lost, actor, at)


def escalate(*, book: str, actor: Actor, at: datetime) -> int:
    """Open an exception for every payout that has been open beyond the bound; returns how many
    are.

    :raises NotPermitted: the actor may not resolve.
    """
    require(actor, permissions.RESOLVE)
    on = books.business_date(book)
    bound = timedelta(minutes=parameters.value_on("routing.unknown_bound_minutes", on))
    late = PayoutIntent.objects.filter(
        book_id=book, state__in=_OPEN, submitted_at__lt=at - bound
    ).order_by("id")
    if not late.exists():
        return 0
    openings = [
        Opening(
            kind=Trouble.UNKNOWN_TOO_LONG,
            serial=intent.serial,
            application=intent.application,
            funder=intent.funder,
            detail={"state": intent.state, "problem": intent.problem, "tries": intent.tries},
        )
        for intent in late
    ]
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        work.unchanged()
        open_exceptions(work, openings)
    return len(openings)


def _outcome(wanted: Sequence[str], refused: Sequence[Refused]) -> DrawOutcome:
    states: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        rows = PayoutIntent.objects.filter(contract__in=wanted[start : start + BATCH])
        states |= dict(rows.order_by("id").values_list("contract", "state"))
    no = {each.contract for each in refused}

    def those(*found: PayoutState) -> tuple[str, ...]:
        return tuple(each for each in wanted if each not in no and states.get(each) in found)

    return DrawOutcome(
        paid=those(PayoutState.SUCCESS),
        failed=those(PayoutState.FAILED),
        waiting=those(*OPEN_PAYOUTS),
        refused=tuple(refused),
    )
