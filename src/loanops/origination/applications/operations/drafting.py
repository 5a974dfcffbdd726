"""Drafts: what staff type in before it is whole, edited with a version and submitted once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import ChangedMeanwhile, NotFound, Refusal
from loanops.origination.applications import permissions, queries
from loanops.origination.applications.domain.lifecycle import Move, Right, Stage, permits
from loanops.origination.applications.domain.refusals import StagePermitsNot
from loanops.origination.applications.domain.request import (
    ApplicationRequest,
    check_request,
    content_digest,
)
from loanops.origination.applications.models import Application
from loanops.origination.applications.operations._moves import Step, move_many, work_on
from loanops.origination.applications.operations._taking import Intake, Taking
from loanops.origination.applications.operations.submitting import tell_one, write
from loanops.origination.applications.queries.cards import sees
from loanops.platform.books import queries as books
from loanops.platform.work import unit_of_work

SOURCE = "staff"


def open_draft(
    *, book: str, key: str, request: ApplicationRequest, actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Keep a request that is not yet submitted; ``key`` makes a repeated click one draft.

    Person, product and bounds are checked already; nothing is decided on a draft.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such book in the actor's scope.
    :raises Refusal: what ``submit`` would refuse.
    """
    require(actor, permissions.SUBMIT)
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    card = books.get_book(book)
    with unit_of_work(actor=actor, at=at, book=book, on=card.business_date) as work:
        taking = Intake(card, SOURCE).check([replace(request, key=key)])[0]
        for refusal in taking.refusals:
            raise refusal
        if taking.repeats:
            number = taking.repeats
            work.unchanged()
        else:
            number = write(work, card, SOURCE, [taking], stage=Stage.DRAFT)[0]
            work.record("applications.drafted", subject=number)
    return queries.get_application(number, viewer=Viewer.house("applications"))


def edit_draft(
    *, number: str, version: int, request: ApplicationRequest, actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Change what a draft asks for; the person stays, an error there is withdrawn and typed anew.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such application in the actor's scope.
    :raises StagePermitsNot: it is no draft any more.
    :raises ChangedMeanwhile: it was changed since ``version`` was seen.
    :raises Refusal: the request's own bounds.
    """
    require(actor, permissions.SUBMIT)
    with work_on([number], actor=actor, at=at) as (work, rows):
        row = rows[number]
        _permit(row, actor, version)
        asked = replace(request, key=row.key, applicant=None)
        for refusal in (*check_request(asked), *_offering(row, asked)):
            raise refusal
        facts = {
            **row.facts,
            **asked.facts,
            "amount_minor": asked.amount_minor,
            "term_months": asked.term_months,
            "purpose": asked.purpose,
            "region": asked.region or None,
        }
        changed = Application.objects.filter(pk=row.pk, version=version).update(
            amount_minor=asked.amount_minor,
            term_months=asked.term_months,
            purpose=asked.purpose,
            region=asked.region,
            facts=facts,
            content_digest=content_digest(asked, row.party_id or ""),
            version=version + 1,
        )
        if not changed:
            raise ChangedMeanwhile(number=number)

        work.record(
            "applications.edited",
            subject=number,
            amount_minor=asked.amount_minor,
            term_months=asked.term_months,
        )
    return queries.get_application(number, viewer=Viewer.house("applications"))


def submit_draft(
    *, number: str, version: int, actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Submit a draft as it stands; from here on its facts are frozen.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such application in the actor's scope.
    :raises ChangedMeanwhile: it was changed since ``version`` was seen.
    :raises MoveNotAllowed: it is no draft any more.
    """
    require(actor, permissions.SUBMIT)
    with work_on([number], actor=actor, at=at) as (work, rows):
        row = rows[number]
        _see(row, actor)
        if row.version != version:
            raise ChangedMeanwhile(number=number)
        move_many(
            work, [Step(row, Move.SUBMIT, {"submitted_at": work.at, "submitted_on": work.on})]
        )

        tell_one(work, row.source, number, Taking(0, _asked(row)))
    return queries.get_application(number, viewer=Viewer.house("applications"))


def _see(row: Application, actor: Actor) -> None:
    if not sees(row, actor):
        raise NotFound(kind="application", number=row.number)


def _permit(row: Application, actor: Actor, version: int) -> None:
    _see(row, actor)
    if not permits(Stage(row.stage), Right.EDIT):
        raise StagePermitsNot(number=row.number, stage=row.stage, right=Right.EDIT)
    if row.version != version:
        raise ChangedMeanwhile(number=row.number)


def _offering(row: Application, asked: ApplicationRequest) -> list[Refusal]:
    return list(Intake(books.get_book(row.book_id), SOURCE).offered(asked))


def _asked(row: Application) -> ApplicationRequest:
    return ApplicationRequest(
        key=row.key,
        product=row.product,
        amount_minor=row.amount_minor,
        term_months=row.term_months,
        channel=row.channel,
    )
