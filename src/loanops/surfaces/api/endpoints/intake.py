"""Many applications in one request: good ones go on, each bad one carries its own refusals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router
from pydantic import Field

from loanops.kernel.refusals import Refusal
from loanops.origination.applications import operations, permissions, queries
from loanops.surfaces.api import problems
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.document import Problem
from loanops.surfaces.api.endpoints.applications import Request, request_of, source_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import Shown, Strict, Word

router = Router(tags=["applications"])
ROWS_MAX = 500


class NewApplications(Strict):
    """Requests of one book; a reference stands once among them."""

    book: Word
    applications: Annotated[list[Request], Field(min_length=1, max_length=ROWS_MAX)]


class TakenIn(Shown):
    """The caller's reference and our number of a request."""

    reference: str
    number: str


class Refused(Shown):
    """A request that was not taken in: its place in the list, from 0, and why."""

    place: int
    reference: str
    problems: list[Problem]


class IntakeResult(Shown):
    """What became of each: taken in now, known already with the same content, or refused."""

    created: list[TakenIn]
    repeated: list[TakenIn]
    refused: list[Refused]


@router.post("/batch", response=IntakeResult, auth=Key(permissions.SUBMIT))
def submit_applications(request: Asked, body: NewApplications) -> HttpResponse:
    """Take in up to 500 requests at once; a bad one stops none of the others.

    A body that does not have this shape is refused whole, naming every field of every row.
    """
    actor, channel = actor_of(request), request.auth.partner or "direct"

    def do(at: datetime) -> dict[str, Any]:
        book = seen_book(body.book, actor)
        readable, refused = _read(body.applications, book.currency, channel)
        outcome = operations.submit_many(
            book=book.code,
            source=source_of(request),
            requests=[each for _, each in readable],
            actor=actor,
            at=at,
        )
        refused += [(readable[each.place][0], each.refusals) for each in outcome.refused]
        return {
            "created": _named(outcome.created),
            "repeated": _named(outcome.repeated),
            "refused": [
                {
                    "place": place,
                    "reference": body.applications[place].reference,
                    "problems": [problems.told(each) for each in found],
                }
                for place, found in sorted(refused, key=lambda each: each[0])
            ],
        }

    return once(request, do)


def _read(
    rows: Sequence[Request], currency: str, channel: str
) -> tuple[list[tuple[int, operations.ApplicationRequest]], list[tuple[int, tuple[Refusal, ...]]]]:
    """The requests with their places, and those whose amounts the currency does not know."""
    readable: list[tuple[int, operations.ApplicationRequest]] = []
    refused: list[tuple[int, tuple[Refusal, ...]]] = []
    for place, row in enumerate(rows):
        try:
            readable.append((place, request_of(row, currency, channel)))
        except Refusal as refusal:
            refused.append((place, (refusal,)))
    return readable, refused


def _named(numbers: Sequence[str]) -> list[dict[str, str]]:
    keys = {number: card.key for number, card in queries.cards_of(numbers).items()}
    return [{"reference": keys[number], "number": number} for number in numbers]
