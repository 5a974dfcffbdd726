"""What contracts and routing did moves an application on; they order it in, one or many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.origination.applications import permissions, queries
from loanops.origination.applications.domain.lifecycle import Move
from loanops.origination.applications.domain.refusals import ReasonsMissing
from loanops.origination.applications.operations._moves import Step, move_many, work_on

_CODES = {
    Move.OFFER: "applications.offered",
    Move.TAKE_BACK_OFFER: "applications.offer_taken_back",
    Move.SIGN: "applications.signed",
    Move.DISBURSE: "applications.disbursed",
    Move.REFUSE_FUNDING: "applications.funding_refused",
}


def mark_offered(*, number: str, actor: Actor, at: datetime) -> queries.ApplicationCard:
    """Note that an offer was made for an approved application.

    :raises NotPermitted, NotFound, MoveNotAllowed: the actor, the number or the stage forbids it.
    """
    return _one(number, Move.OFFER, actor=actor, at=at)


def mark_offered_many(*, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """Note offers for many approved applications; all or none.

    :raises NotPermitted, NotFound, MoveNotAllowed: as for one.
    """
    _many(numbers, Move.OFFER, actor=actor, at=at)


def take_back_offer(*, number: str, actor: Actor, at: datetime) -> queries.ApplicationCard:
    """Note that an offer lapsed or was not taken, so that another funder can be asked.

    :raises NotPermitted, NotFound, MoveNotAllowed: the actor, the number or the stage forbids it.
    """
    return _one(number, Move.TAKE_BACK_OFFER, actor=actor, at=at)


def take_back_offer_many(*, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """Note many offers that lapsed; all or none.

    :raises NotPermitted, NotFound, MoveNotAllowed: as for one.
    """
    _many(numbers, Move.TAKE_BACK_OFFER, actor=actor, at=at)


def mark_signed(*, number: str, actor: Actor, at: datetime) -> queries.ApplicationCard:
    """Note that the contract was signed.

    :raises NotPermitted, NotFound, MoveNotAllowed: the actor, the number or the stage forbids it.
    """
    return _one(number, Move.SIGN, actor=actor, at=at)


def mark_signed_many(*, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """Note many signed contracts; all or none.

    :raises NotPermitted, NotFound, MoveNotAllowed: as for one.
    """
    _many(numbers, Move.SIGN, actor=actor, at=at)


def mark_disbursed(*, number: str, actor: Actor, at: datetime) -> queries.ApplicationCard:
    """Note that the money was paid out, which ends the application.

    :raises NotPermitted, NotFound, MoveNotAllowed: the actor, the number or the stage forbids it.
    """
    return _one(number, Move.DISBURSE, actor=actor, at=at)


def mark_disbursed_many(*, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """Note many payouts; all or none.

    :raises NotPermitted, NotFound, MoveNotAllowed: as for one.
    """
    _many(numbers, Move.DISBURSE, actor=actor, at=at)


def refuse_funding(
    *, number: str, reasons: tuple[str, ...], actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Note that no funder takes the application, with the reasons; this ends it.

    :raises NotPermitted, NotFound, MoveNotAllowed: the actor, the number or the stage forbids it.
    :raises ReasonsMissing: no reason is given.
    """
    return _one(number, Move.REFUSE_FUNDING, actor=actor, at=at, reasons=reasons)


def refuse_funding_many(
    *, numbers: Sequence[str], reasons: tuple[str, ...], actor: Actor, at: datetime
) -> None:
    """Note many applications that no funder takes, for the same reasons; all or none.

    :raises NotPermitted, NotFound, MoveNotAllowed: as for one.
    :raises ReasonsMissing: no reason is given.
    """
    _many(numbers, Move.REFUSE_FUNDING, actor=actor, at=at, reasons=reasons)


def _one(
    number: str, move: Move, *, actor: Actor, at: datetime, reasons: tuple[str, ...] | None = None
) -> queries.ApplicationCard:
    require(actor, permissions.ADVANCE)
    changes = _changes(reasons)
    with work_on([number], actor=actor, at=at) as (work, rows):
        move_many(work, [Step(rows[number], move, changes)])

        work.record(_CODES[move], subject=number, reasons=list(reasons or ()))
    return queries.get_application(number, viewer=Viewer.house("applications"))


def _many(
    numbers: Sequence[str],
    move: Move,
    *,
    actor: Actor,
    at: datetime,
    reasons: tuple[str, ...] | None = None,
) -> None:
    require(actor, permissions.ADVANCE)
    changes = _changes(reasons)
    if not numbers:
        return
    with work_on(numbers, actor=actor, at=at) as (work, rows):
        move_many(work, [Step(rows[number], move, changes) for number in numbers])

        code = f"{_CODES[move]}_many"
        work.record_batch(code, subjects=list(numbers), reasons=list(reasons or ()))


def _changes(reasons: tuple[str, ...] | None) -> dict[str, list[str]]:
    if reasons is None:
        return {}
    if not reasons:
        raise ReasonsMissing(field="reasons")
    return {"reasons": list(reasons)}
