"""The ways an application ends without a verdict: the applicant withdraws, or time runs out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile
from loanops.origination.applications import events, permissions, queries
from loanops.origination.applications.domain.lifecycle import Move
from loanops.origination.applications.operations._moves import Step, move_many, work_on

REASONS = (
    "no_longer_needed",
    "took_another_loan",
    "terms_not_liked",
    "entered_by_mistake",
    "other",
)


def withdraw(
    *, number: str, reason: str, version: int, actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Withdraw an application because the applicant no longer wants it.

    :raises NotPermitted: the actor may not withdraw.
    :raises NotFound: there is no such application in the actor's scope.
    :raises BadField: the reason is none of the known ones.
    :raises ChangedMeanwhile: it was changed since ``version`` was seen.
    :raises MoveNotAllowed: it is signed (money may be on its way) or has ended.
    """
    require(actor, permissions.WITHDRAW)
    if reason not in REASONS:
        raise BadField(field="reason", problem=f"choose one of: {', '.join(REASONS)}")
    queries.get_application(number, viewer=_seeing(actor))
    with work_on([number], actor=actor, at=at) as (work, rows):
        row = rows[number]
        if row.version != version:
            raise ChangedMeanwhile(number=number)
        move_many(work, [Step(row, Move.WITHDRAW)])

        work.record("applications.withdrawn", subject=number, reason=reason)
        work.announce(events.ApplicationWithdrawn(subject=number, reason=reason))
    return queries.get_application(number, viewer=Viewer.house("applications"))


def _seeing(actor: Actor) -> Viewer:
    """Who may withdraw sees what is withdrawn, within the own scope."""
    grants = actor.grants | {permissions.VIEW}
    return Viewer(person=actor.person, grants=grants, scopes=actor.scopes)


def expire_many(*, numbers: Sequence[str], actor: Actor, at: datetime) -> None:
    """End applications whose time has run out; all or none.

    :raises NotPermitted: the actor may not let applications expire.
    :raises NotFound: one is not in the actor's scope or in another book.
    :raises MoveNotAllowed: one is signed or has ended.
    """
    require(actor, permissions.EXPIRE)
    if not numbers:
        return
    with work_on(numbers, actor=actor, at=at) as (work, rows):
        move_many(work, [Step(rows[number], Move.EXPIRE) for number in numbers])

        work.record_batch("applications.expired_many", subjects=list(numbers))
        told = tuple({"application": number} for number in numbers)
        work.announce(events.ApplicationsExpired(subject=numbers[0], rows=told))
