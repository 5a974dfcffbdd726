"""A person judges what a strategy referred."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loanops.kernel.access import Actor, require
from loanops.kernel.money import spoken_amount
from loanops.kernel.refusals import BadField, NotFound
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as asked
from loanops.origination.decisioning import permissions, queries
from loanops.origination.decisioning.domain.judging import verdict_hash
from loanops.origination.decisioning.domain.refusals import (
    AboveLimit,
    NotUnderReview,
    ReasonUnknown,
    SelfReview,
)
from loanops.origination.decisioning.domain.strategy import Outcome, canonical
from loanops.origination.decisioning.models import Verdict
from loanops.origination.decisioning.operations.deciding import lend, next_places
from loanops.origination.decisioning.queries.verdicts import last_limits
from loanops.platform.books import queries as books
from loanops.platform.db import new_number
from loanops.platform.work import unit_of_work

IN_REVIEW = "in_review"
NOTE_MAX = 1000
_OUTCOMES = (Outcome.APPROVE.value, Outcome.DECLINE.value)


def review(
    *,
    number: str,
    outcome: str,
    reasons: Sequence[str],
    offered_minor: int | None,
    note: str,
    actor: Actor,
    at: datetime,
) -> queries.VerdictCard:
    """Approve or decline an application that a strategy referred to a person.

    ``reasons`` are codes that a reviewer may give with the outcome; ``offered_minor`` belongs to
    an approval alone and stays within the request and the limit the strategy named.

    :raises NotPermitted: the actor may not review.
    :raises NotFound: there is no such application in the actor's scope.
    :raises NotUnderReview: it is not in review.
    :raises SelfReview: the actor entered it.
    :raises BadField: the outcome, the amount or the note is missing or out of range.
    :raises ReasonUnknown: a reason is none that goes with the outcome.
    :raises AboveLimit: the amount is above what the strategy allows.
    :raises OfferAboveRequest, DocumentsMissing: as ordered into the application.
    """
    require(actor, permissions.REVIEW)
    card = asked.cards_of([number]).get(number) if number.isprintable() else None
    if card is None or not actor.sees_book(card.book):
        raise NotFound(kind="application", number=number)
    if card.stage != IN_REVIEW:
        raise NotUnderReview(number=number, stage=card.stage)
    if card.entered_by == actor.person:
        raise SelfReview(number=number)
    codes = _checked(outcome, reasons, offered_minor, note)
    limit = last_limits([number]).get(number)
    if limit is not None and offered_minor is not None and offered_minor > limit:
        most = spoken_amount(limit, books.get_book(card.book).currency)
        raise AboveLimit(field="offered_minor", number=number, limit=most)
    on = books.business_date(card.book)
    verdict = new_number("VD", at)
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        if outcome == Outcome.APPROVE:
            applications.approve(
                number=number, offered_minor=offered_minor or 0, reasons=codes,
                actor=lend(actor), at=at,
            )  # fmt: skip
        else:
            applications.decline(number=number, reasons=codes, actor=lend(actor), at=at)
        Verdict.objects.create(
            number=verdict,
            book_id=card.book,
            application_id=number,
            place=next_places([number])[number],
            strategy=None,
            outcome=outcome,
            reasons=list(codes),
            limit_minor=limit,
            offered_minor=offered_minor,
            **_frozen(number, outcome, codes, limit, note),
            note=note,
            decided_by=actor.person,
            decided_at=at,
            decided_on=on,
        )

        work.record("decisioning.reviewed", subject=number, outcome=outcome, reasons=list(codes))
    return queries.get_verdict(verdict)


def _checked(
    outcome: str, reasons: Sequence[str], offered_minor: int | None, note: str
) -> tuple[str, ...]:
    if outcome not in _OUTCOMES:
        raise BadField(field="outcome", problem="choose approve or decline")
    if outcome == Outcome.APPROVE and offered_minor is None:
        raise BadField(field="offered_minor", problem="say up to which amount")
    if outcome == Outcome.DECLINE and offered_minor is not None:
        raise BadField(field="offered_minor", problem="belongs to an approval alone")
    if not note.strip():
        raise BadField(field="note", problem="write down what was checked and found")
    if len(note) > NOTE_MAX:
        raise BadField(field="note", problem="is too long; 1,000 characters are kept")
    known = [reason.code for reason in queries.review_reasons(outcome)]
    codes = tuple(dict.fromkeys(reasons))
    for code in codes or ("",):
        if code not in known:
            raise ReasonUnknown(field="reasons", reason=code, reasons=", ".join(known))
    return codes


def _frozen(
    number: str, outcome: str, codes: tuple[str, ...], limit: int | None, note: str
) -> dict[str, Any]:
    inputs: dict[str, Any] = {"note": note}
    seal = verdict_hash(
        application=number,
        strategy_hash="",
        outcome=outcome,
        reasons=codes,
        score=None,
        grade="",
        limit_minor=limit,
        inputs=inputs,
        outputs={},
        trace=(),
    )
    return {
        "inputs_json": canonical(inputs),
        "outputs_json": "{}",
        "trace_json": "[]",
        "seal": seal,
    }
