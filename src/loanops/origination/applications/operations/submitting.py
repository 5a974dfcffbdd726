"""A request is taken in: one, or the many of a file, by the same checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import NotFound, Refusal
from loanops.origination.applications import events, permissions, queries
from loanops.origination.applications.domain.freezing import frozen_facts
from loanops.origination.applications.domain.lifecycle import LIFECYCLE, Move, Stage
from loanops.origination.applications.domain.refusals import PersonElsewhere
from loanops.origination.applications.domain.request import ApplicationRequest
from loanops.origination.applications.models import Application, Passage
from loanops.origination.applications.operations._moves import PASSAGE_COLUMNS
from loanops.origination.applications.operations._taking import (
    Intake,
    Taking,
    duplicate_answer,
)
from loanops.platform.books import queries as books
from loanops.platform.books.queries import BookCard
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work, once_more, unit_of_work
from loanops.registry.compliance import operations as compliance
from loanops.registry.compliance import permissions as compliance_permissions
from loanops.registry.parties import operations as parties
from loanops.registry.parties import permissions as parties_permissions
from loanops.registry.parties import queries as party_queries

_COLUMNS = (
    "number", "book_id", "source", "key", "content_digest", "product", "party_id", "amount_minor",
    "term_months", "annual_rate", "instalment_minor", "purpose", "region", "channel", "start_on",
    "stage", "reasons", "facts", "outcome", "duplicate", "entered_by", "entered_at",
    "submitted_at", "submitted_on", "moved_on", "version",
)  # fmt: skip


@dataclass(frozen=True)
class RequestRefused:
    """A request of a batch that was not taken: its place in the batch, and why."""

    place: int
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True)
class SubmitOutcome:
    """What became of a batch: new numbers, numbers known already, and refusals."""

    created: tuple[str, ...]
    repeated: tuple[str, ...]
    refused: tuple[RequestRefused, ...]


def submit(
    *, book: str, source: str, key: str, request: ApplicationRequest, actor: Actor, at: datetime
) -> queries.ApplicationCard:
    """Take in one request; the same key with the same content answers the same application.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such book in the actor's scope.
    :raises ContentChanged: the key was used with other content.
    :raises DuplicateApplication, CoolingOff: the person asks again too soon.
    :raises ProductNotOffered, AmountNotOffered, TermNotOffered, PurposeForbidden, ConsentNeeded,
        ConsentNotKnown, ApplicantMissing, IdentityNotKept: the request does not fit the book.
    :raises PersonElsewhere: the actor acts for another person than the one who is named.
    :raises Refusal: what parties say of the person, or the request's own bounds.
    """
    require(actor, permissions.SUBMIT)
    given = [replace(request, key=key)]
    # Who loses a race for a key or a person finds the winner's row then.
    outcome = once_more(lambda: _take(book, source, given, actor=actor, at=at, many=False))
    for refused in outcome.refused:
        raise refused.refusals[0]
    number = (outcome.created or outcome.repeated)[0]
    return queries.get_application(number, viewer=Viewer.house("applications"))


def submit_many(
    *, book: str, source: str, requests: Sequence[ApplicationRequest], actor: Actor, at: datetime
) -> SubmitOutcome:
    """Take in a batch: good requests go on, each bad one carries its own refusals.

    :raises NotPermitted: the actor may not submit.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.SUBMIT)
    return once_more(lambda: _take(book, source, requests, actor=actor, at=at, many=True))


def _take(
    book: str,
    source: str,
    requests: Sequence[ApplicationRequest],
    *,
    actor: Actor,
    at: datetime,
    many: bool,
) -> SubmitOutcome:
    if not actor.sees_book(book):
        raise NotFound(kind="book", number=book)
    card = books.get_book(book)
    with unit_of_work(actor=actor, at=at, book=book, on=card.business_date) as work:
        taken = Intake(card, source).check(requests)
        _refuse_strangers(taken, actor)
        good = [taking for taking in taken if taking.goes_on]
        numbers = write(work, card, source, good, stage=Stage.SUBMITTED)
        if numbers:
            _tell(work, source, numbers, good, many=many)
        else:
            work.unchanged()
    made = {taking.request.key: number for taking, number in zip(good, numbers, strict=True)}
    return SubmitOutcome(
        created=tuple(numbers),
        repeated=tuple(
            taking.repeats or made[taking.request.key]
            for taking in taken
            if taking.repeats is not None
        ),
        refused=tuple(
            RequestRefused(taking.place, tuple(taking.refusals))
            for taking in taken
            if taking.refusals
        ),
    )


def _refuse_strangers(taken: Sequence[Taking], actor: Actor) -> None:
    """Who acts for one person does not ask in the name of another whom the book knows."""
    for taking in taken:
        if taking.goes_on and taking.party and not actor.sees_party(taking.party):
            taking.refusals.append(PersonElsewhere(field="applicant"))


def write(
    work: Work, book: BookCard, source: str, good: Sequence[Taking], *, stage: Stage
) -> list[str]:
    """Write requests that passed every check, with their persons and consents."""
    if not good:
        return []
    persons = _register(work, book.code, good)
    _record_consents(work, book.code, good, persons)
    numbers = new_numbers("AP", work.at, len(good))
    insert_many(
        Application._meta.db_table,
        _COLUMNS,
        [
            application_row(work, book, source, number, taking, persons.get(taking.place), stage)
            for number, taking in zip(numbers, good, strict=True)
        ],
    )
    if stage is Stage.SUBMITTED:
        _log(work, numbers)
    return numbers


def _register(work: Work, book: str, good: Sequence[Taking]) -> dict[int, str]:
    """Each request's party number; the right to submit includes registering who applies."""
    named = [(taking.place, taking.person) for taking in good if taking.person is not None]
    if not named:
        return {}
    actor = lend(work.actor, parties_permissions.REGISTER)
    people = [person for _, person in named]
    numbers = parties.register_many(book=book, people=people, actor=actor, at=work.at)
    return {place: number for (place, _), number in zip(named, numbers, strict=True)}


def _record_consents(
    work: Work, book: str, good: Sequence[Taking], persons: dict[int, str]
) -> None:
    given = [
        compliance.ConsentIn(
            subject=persons[taking.place],
            purpose=consent.purpose,
            recipient=consent.recipient,
            wording_version=consent.wording_version,
            channel=taking.request.channel[:20],
        )
        for taking in good
        if taking.place in persons
        for consent in taking.request.consents
    ]
    actor = lend(work.actor, compliance_permissions.CONSENT)
    compliance.record_consents_many(book=book, consents=given, actor=actor, at=work.at)


def lend(actor: Actor, *grants: str) -> Actor:
    """The same person for one order that this room gives in its own name.

    Whoever is registered by it was in nobody's scope before.
    """
    scopes = replace(actor.scopes, parties=None)
    return replace(actor, grants=actor.grants | set(grants), scopes=scopes)


def application_row(
    work: Work,
    book: BookCard,
    source: str,
    number: str,
    taking: Taking,
    party: str | None,
    stage: Stage,
) -> tuple[Any, ...]:
    """One application as a row of its table."""
    request = taking.request
    answer = duplicate_answer(taking.duplicate)
    age = party_queries.age_of(taking.person, work.on) if taking.person else None
    facts = frozen_facts(request, age_years=age, identity_check=answer["match"])
    submitted = stage is Stage.SUBMITTED
    return (
        number,
        book.code,
        source,
        request.key,
        taking.digest,
        request.product,
        party,
        request.amount_minor,
        request.term_months,
        request.annual_rate,
        request.instalment_minor,
        request.purpose,
        request.region,
        request.channel,
        request.start_on,
        stage.value,
        [],
        facts,
        dict(request.outcome),
        answer,
        work.actor.person,
        work.at,
        work.at if submitted else None,
        work.on if submitted else None,
        work.on,
        1 if submitted else 0,
    )


def _log(work: Work, numbers: Sequence[str]) -> None:
    ids = Application.objects.filter(number__in=numbers).values_list("pk", flat=True)
    start, target = LIFECYCLE.start, LIFECYCLE.after(LIFECYCLE.start, Move.SUBMIT)
    insert_many(
        Passage._meta.db_table,
        PASSAGE_COLUMNS,
        [
            (pk, 0, Move.SUBMIT, start, target, work.actor.person, work.at, work.on)
            for pk in ids.order_by("pk")
        ],
    )


def _tell(
    work: Work, source: str, numbers: Sequence[str], good: Sequence[Taking], *, many: bool
) -> None:
    rows = [
        {
            "product": taking.request.product,
            "channel": taking.request.channel,
            "amount_minor": taking.request.amount_minor,
            "term_months": taking.request.term_months,
        }
        for taking in good
    ]
    if not many:
        tell_one(work, source, numbers[0], good[0])
        return
    work.record_batch("applications.submitted_many", subjects=numbers, source=source)
    told = tuple({"application": number, **row} for number, row in zip(numbers, rows, strict=True))
    work.announce(events.ApplicationsSubmitted(subject=numbers[0], rows=told))


def tell_one(work: Work, source: str, number: str, taking: Taking) -> None:
    """Record and announce one submission."""
    request = taking.request
    work.record("applications.submitted", subject=number, source=source)
    work.announce(
        events.ApplicationSubmitted(
            subject=number,
            product=request.product,
            channel=request.channel,
            amount_minor=request.amount_minor,
            term_months=request.term_months,
        )
    )
