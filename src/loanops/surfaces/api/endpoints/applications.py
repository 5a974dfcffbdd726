"""Applications: taken in, followed, withdrawn."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field, StrictInt, StrictStr

from loanops.kernel.money import parse_amount
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.queries import ApplicationCard
from loanops.origination.contracts import permissions as contracts_permissions
from loanops.origination.contracts import queries as contracts
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, whole_place_of
from loanops.surfaces.api.endpoints.contracts import OFFER_UNSAID, Offer
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seen_book
from loanops.surfaces.api.shapes import (
    Amount,
    Day,
    Flag,
    Note,
    Rate,
    Strict,
    Text,
    Wanted,
    Whole,
    Word,
    listed,
    published,
    shown,
)

router = Router(tags=["applications"])

# What the house knows of other people, or looks at to decide, is not told outside.
_UNSAID = frozenset({"duplicate", "facts", "entered_by", "rights"})
Application = published(queries.ApplicationCard, leave_out=_UNSAID)
Passage = published(queries.PassageCard, leave_out=frozenset({"actor"}))
Fact = StrictStr | StrictInt | Flag | None


class ApplicantIn(Strict):
    """Who applies; sealed at rest and never sent back in clear."""

    name: Text
    id_number: Text
    mobile: Text
    address: Note = ""
    email: Note = ""
    region: Note = ""
    industry: Note = ""
    income_monthly: Amount | None = None


class ConsentIn(Strict):
    """What the applicant agreed to, for whom, in which wording."""

    purpose: Text
    recipient: Note = ""
    wording_version: Text


class Request(Strict):
    """A request for a loan."""

    reference: Annotated[str, Field(min_length=1, max_length=120)]
    product: Word
    amount: Amount
    term_months: Annotated[StrictInt, Field(ge=1, le=480)]
    annual_rate: Rate | None = None
    purpose: Text = "other"
    region: Note = ""
    start_on: Day | None = None
    applicant: ApplicantIn | None = None
    facts: Annotated[dict[str, Fact], Field(max_length=200)] = {}
    consents: Annotated[list[ConsentIn], Field(max_length=50)] = []


class NewApplication(Request):
    """A request for a loan, and the book it is for."""

    book: Word


class Withdrawal(Strict):
    """Why, and which version was seen."""

    reason: Text
    version: Whole


class ApplicationsWanted(Wanted):
    """Which applications."""

    book: Word
    stage: Note = ""
    product: Note = ""


def _said(card: ApplicationCard) -> dict[str, Any]:
    return _said_in(books.get_book(card.book).currency, card)


def _said_in(currency: str, card: ApplicationCard) -> dict[str, Any]:
    return shown(card, currency, leave_out=_UNSAID)


def request_of(body: Request, currency: str, channel: str) -> operations.ApplicationRequest:
    """A body as the room takes it.

    :raises Refusal: an amount is finer than the currency.
    """
    person = body.applicant
    income = person.income_monthly if person else None
    return operations.ApplicationRequest(
        key=body.reference,
        product=body.product,
        amount_minor=parse_amount(body.amount, currency),
        term_months=body.term_months,
        annual_rate=None if body.annual_rate is None else Decimal(body.annual_rate),
        purpose=body.purpose,
        region=body.region,
        channel=channel,
        start_on=body.start_on,
        applicant=None
        if person is None
        else operations.Applicant(
            **person.model_dump(exclude={"income_monthly"}),
            income_monthly_minor=None if income is None else parse_amount(income, currency),
        ),
        facts=body.facts,
        consents=tuple(operations.Consent(**each.model_dump()) for each in body.consents),
    )


def source_of(request: Asked) -> str:
    """Where a request comes from: a reference is used once within it."""
    return f"api:{request.auth.partner or actor_of(request).person}"[:80]


@router.post("", response={201: Application}, auth=Key(permissions.SUBMIT))
def submit_application(request: Asked, body: NewApplication) -> HttpResponse:
    """Take in a request; `reference` is the caller's own name for it, used once."""
    actor, partner = actor_of(request), request.auth.partner

    def do(at: datetime) -> dict[str, Any]:
        book = seen_book(body.book, actor)
        card = operations.submit(
            book=book.code,
            source=source_of(request),
            key=body.reference,
            request=request_of(body, book.currency, partner or "direct"),
            actor=actor,
            at=at,
        )
        return _said(card)

    return once(request, do, status=201)


@router.get("", response=listed(Application), auth=Key(permissions.VIEW))
def list_applications(request: Asked, wanted: Query[ApplicationsWanted]) -> dict[str, Any]:
    """Applications of a book, newest first; a partner's program sees its own."""
    actor = actor_of(request)
    place = f"applications:{wanted.book}"
    page = queries.list_applications(
        queries.Filter(
            book=wanted.book,
            stages=(wanted.stage,) if wanted.stage else (),
            product=wanted.product,
            before=whole_place_of(wanted.cursor, of=place) or None,
            limit=wanted.limit,
        ),
        viewer=actor,
    )
    more, currency = page.next_before, seen_book(wanted.book, actor).currency
    return {
        "items": [_said_in(currency, card) for card in page.cards],
        "next_cursor": None if more is None else cursor_at(more, of=place),
    }


@router.get("/{number}", response=Application, auth=Key(permissions.VIEW))
def get_application(request: Asked, number: str) -> dict[str, Any]:
    """One application."""
    return _said(queries.get_application(number, viewer=actor_of(request)))


@router.get("/{number}/timeline", response=listed(Passage, paged=False), auth=Key(permissions.VIEW))
def list_application_moves(request: Asked, number: str) -> dict[str, Any]:
    """Every move of an application, oldest first."""
    unsaid = frozenset({"actor"})
    found = queries.timeline(number, viewer=actor_of(request))
    return {"items": [shown(card, "", leave_out=unsaid) for card in found]}


@router.get(
    "/{number}/offers",
    response=listed(Offer, paged=False),
    auth=Key(contracts_permissions.VIEW),
)
def list_application_offers(request: Asked, number: str) -> dict[str, Any]:
    """The offers of an application, the cheapest first."""
    actor = actor_of(request)
    queries.get_application(number, viewer=actor)
    found = contracts.list_offers(application=number, viewer=actor)
    return {"items": [shown(card, card.currency, leave_out=OFFER_UNSAID) for card in found]}


@router.post("/{number}/withdraw", response=Application, auth=Key(permissions.WITHDRAW))
def withdraw_application(request: Asked, number: str, body: Withdrawal) -> HttpResponse:
    """End an application because the applicant no longer wants it."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.withdraw(
            number=number,
            reason=body.reason,
            version=body.version,
            actor=actor_of(request),
            at=at,
        )
        return _said(card)

    return once(request, do)
