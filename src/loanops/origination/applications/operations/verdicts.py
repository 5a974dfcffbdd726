"""The verdict is ordered into an application: approve, decline, refer, and their bulk twin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.origination.applications import events, permissions, queries
from loanops.origination.applications.domain.lifecycle import Move, Stage
from loanops.origination.applications.domain.refusals import (
    DocumentsMissing,
    OfferAboveRequest,
    ReasonsMissing,
)
from loanops.origination.applications.models import Application
from loanops.origination.applications.operations._moves import Step, move_many, work_on
from loanops.platform.work import Work

_MOVES = {"approve": Move.APPROVE, "decline": Move.DECLINE, "refer": Move.REFER}


@dataclass(frozen=True)
class VerdictIn:
    """One verdict: approve (with the amount, in minor units), decline or refer, with reasons."""

    number: str
    outcome: str
    reasons: tuple[str, ...] = ()
    offered_minor: int | None = None


def approve(
    *, number: str, offered_minor: int, reasons: tuple[str, ...], actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Approve an application up to an amount in minor units.

    :raises NotPermitted: the actor may not decide.
    :raises NotFound: there is no such application in the actor's scope.
    :raises MoveNotAllowed: it is not submitted or in review; a decline has no way back.
    :raises OfferAboveRequest: the amount is not above zero and within the request.
    :raises DocumentsMissing: a mandatory document is not there.
    """
    verdict = VerdictIn(number, "approve", reasons, offered_minor)
    return _one(verdict, actor=actor, at=at)


def decline(
    *, number: str, reasons: tuple[str, ...], actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Decline an application for good, with the reason codes the applicant is told.

    :raises NotPermitted: the actor may not decide.
    :raises NotFound: there is no such application in the actor's scope.
    :raises MoveNotAllowed: it is not submitted or in review.
    :raises ReasonsMissing: no reason is given.
    :raises DocumentsMissing: a mandatory document is not there, before any review.
    """
    return _one(VerdictIn(number, "decline", reasons), actor=actor, at=at)


def refer(
    *, number: str, reasons: tuple[str, ...], actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Put an application in front of a person, with the reasons why.

    :raises NotPermitted: the actor may not decide.
    :raises NotFound: there is no such application in the actor's scope.
    :raises MoveNotAllowed: it is not submitted.
    :raises ReasonsMissing: no reason is given.
    :raises DocumentsMissing: a mandatory document is not there.
    """
    return _one(VerdictIn(number, "refer", reasons), actor=actor, at=at)


def _one(verdict: VerdictIn, *, actor: Actor, at: datetime) -> queries.ApplicationCard:
    require(actor, permissions.DECIDE)
    with work_on([verdict.number], actor=actor, at=at) as (work, rows):
        row = rows[verdict.number]
        _move(work, [verdict], rows)
        _tell_one(work, row, verdict)
    return queries.get_application(verdict.number, viewer=Viewer.house("applications"))


def apply_verdicts_many(*, verdicts: Sequence[VerdictIn], actor: Actor, at: datetime) -> None:
    """Order many verdicts into applications of one book at once; all of them or none.

    :raises NotPermitted: the actor may not decide.
    :raises NotFound: an application is not in the actor's scope or in another book.
    :raises MoveNotAllowed, OfferAboveRequest, ReasonsMissing, DocumentsMissing: as for one.
    """
    require(actor, permissions.DECIDE)
    if not verdicts:
        return
    with work_on([verdict.number for verdict in verdicts], actor=actor, at=at) as (work, rows):
        for outcome in _MOVES:
            _move(work, [each for each in verdicts if each.outcome == outcome], rows)
        _tell_many(work, verdicts)


def _move(work: Work, verdicts: Sequence[VerdictIn], rows: dict[str, Application]) -> None:
    missing = queries.missing_documents(rows[verdict.number] for verdict in verdicts)
    for verdict in verdicts:
        _rule(verdict, rows[verdict.number], missing.get(verdict.number, ()))
    steps = [
        Step(
            rows[verdict.number],
            _MOVES[verdict.outcome],
            {"reasons": list(verdict.reasons), "offered_minor": verdict.offered_minor},
        )
        for verdict in verdicts
    ]
    move_many(work, steps)


def _rule(verdict: VerdictIn, row: Application, missing: tuple[str, ...]) -> None:
    if verdict.outcome != "approve" and not verdict.reasons:
        raise ReasonsMissing(field="reasons")
    offered = verdict.offered_minor
    if verdict.outcome == "approve" and not (offered and 0 < offered <= row.amount_minor):
        raise OfferAboveRequest(field="offered_minor", number=row.number)
    # A reviewer may decline because the papers never came; nothing else goes on without them.
    may_lack = verdict.outcome == "decline" and row.stage == Stage.IN_REVIEW
    if missing and not may_lack:
        raise DocumentsMissing(number=row.number, kinds=", ".join(missing))


def _tell_one(work: Work, row: Application, verdict: VerdictIn) -> None:
    number, reasons = row.number, tuple(verdict.reasons)
    if verdict.outcome == "approve":
        offered = verdict.offered_minor or 0
        work.record(
            "applications.approved", subject=number, offered_minor=offered, reasons=list(reasons)
        )
        work.announce(
            events.ApplicationApproved(subject=number, offered_minor=offered, reasons=reasons)
        )
    elif verdict.outcome == "decline":
        work.record("applications.declined", subject=number, reasons=list(reasons))
        work.announce(events.ApplicationDeclined(subject=number, reasons=reasons))
    else:
        work.record("applications.referred", subject=number, reasons=list(reasons))
        work.announce(events.ApplicationReferred(subject=number, reasons=reasons))


def _tell_many(work: Work, verdicts: Sequence[VerdictIn]) -> None:
    for outcome, code, event in (
        ("approve", "applications.approved_many", events.ApplicationsApproved),
        ("decline", "applications.declined_many", events.ApplicationsDeclined),
        ("refer", "applications.referred_many", events.ApplicationsReferred),
    ):
        chosen = [verdict for verdict in verdicts if verdict.outcome == outcome]
        if not chosen:
            continue
        work.record_batch(code, subjects=[verdict.number for verdict in chosen])
        rows = tuple(
            {
                "application": verdict.number,
                "offered_minor": verdict.offered_minor,
                "reasons": list(verdict.reasons),
            }
            for verdict in chosen
        )
        work.announce(event(subject=chosen[0].number, rows=rows))
