"""Loans as they stand, and repayments onto them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.kernel.aging import bucket_number
from loanops.kernel.money import parse_amount
from loanops.kernel.refusals import BadField
from loanops.loanbook.servicing import operations, permissions, queries
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.endpoints.receipts import check_channel
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import check_own, own_loan, paid_loan, seen_book
from loanops.surfaces.api.shapes import (
    Amount,
    Day,
    MoneyText,
    Note,
    Strict,
    Text,
    Wanted,
    Word,
    listed,
    many,
    published,
    shape,
    shown,
)

router = Router(tags=["loans"])

_UNSAID = frozenset({"pool", "claim_owner", "set_aside"})
Loan = published(queries.LoanCard, leave_out=_UNSAID)
Line = published(queries.LoanLine, name="LoanLine", leave_out=_UNSAID)
LoanCount = published(queries.LoanCount)
Totals = shape(
    "PastTotals",
    "All loans asked for: principal outstanding, what of it is past due, and late news of the day.",
    outstanding=MoneyText,
    late=MoneyText,
    recalculated=int,
    currency=str,
)
Lines = shape(
    "LoanLinePage",
    "A page of the loans of a book, how many there are, and what all of them add up to.",
    items=many(Line),
    next_cursor=str | None,
    count=LoanCount | None,
    totals=Totals | None,
)
Instalment = published(queries.InstalmentCard)
LoanEvent = published(queries.EventCard, name="LoanEvent")
Repayment = published(operations.RepaymentCard)
_KNOWN = frozenset({"known_at"})
Standing = published(queries.AsOfCard, name="Standing", leave_out=_KNOWN)
Owners = published(queries.OwnersCard, name="LoanOwners")
Restructuring = published(queries.RestructuringCard)
Guarantee = published(queries.GuaranteeCard, name="LoanGuarantee")
Balance = published(queries.Balance)
StatementLine = published(queries.StatementLine)
Statement = shape(
    "Statement",
    "A loan before a period, at its end, its balances, and what happened in it.",
    loan=str,
    since=date,
    until=date,
    reading=str,
    opening=Standing,
    closing=Standing,
    balances=many(Balance),
    late_fees=Balance,
    lines=many(StatementLine),
    events=many(LoanEvent),
)


State = Literal["active", "overdue", "settled", "written_off", "withdrawn"]
Bucket = Literal["M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+", "WO"]
AtRisk = Literal["1", "30", "60", "90"]
Tier = Literal["normal", "special_mention", "substandard", "doubtful", "loss"]


class LoansNarrowed(Wanted):
    """Which loans of a book, of today or of a past day.

    `number` is how a number begins, `origin_channel` by which channel the loan was asked for.
    """

    book: Word
    number: Note = ""
    state: State | None = None
    bucket: Bucket | None = None
    tier: Tier | None = None
    funder: Note = ""
    product: Note = ""
    origin_channel: Note = ""
    at_risk: AtRisk | None = None

    def asked(self) -> dict[str, Any]:
        """The same as the room asks it."""
        return {
            "book": self.book,
            "number": self.number,
            "state": self.state or "",
            "bucket": None if self.bucket is None else bucket_number(self.bucket),
            "tier": self.tier or "",
            "funder": self.funder,
            "product": self.product,
            "origin_channel": self.origin_channel,
            "at_risk": None if self.at_risk is None else int(self.at_risk),
            "limit": self.limit,
        }


class LoansWanted(LoansNarrowed):
    """Which loans of a book as they stand today; `number` is how a number begins."""

    application: Note = ""


class StatementWanted(BaseModel):
    """Of which business days, with which knowledge; `until` is the day after the last one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Day | None = None
    until: Day | None = None
    reading: Literal["then", "now"] = "now"


class NewRepayment(Strict):
    """Money that came in; channel and pay_no name it once and for all."""

    loan: Word
    channel: Text
    pay_no: Text
    amount: Amount
    currency: Word
    on: Day


@router.get("/loans", response=Lines, auth=Key(permissions.VIEW))
def list_loans(request: Asked, wanted: Query[LoansWanted]) -> dict[str, Any]:
    """Loans of a book, last paid out first; a partner's program asks for those of its applications.

    A narrowed page may be short of its limit and have a next one.
    """
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    if actor.scopes.channels is not None:
        if not wanted.application:
            raise BadField(field="application", problem="name one of your applications")
        check_own(wanted.application, actor, kind="application", number=wanted.application)
    asked = queries.LoanFilter(application=wanted.application, **wanted.asked())
    place = f"loans:{book.code}:{'number' if asked.by_number else 'payout'}"
    asked = replace(asked, before=place_of(wanted.cursor, of=place))
    page = queries.list_loans(wanted=asked, viewer=actor)
    totals = queries.find_totals(wanted=asked, viewer=actor)
    count = queries.count_loans(wanted=asked, viewer=actor)
    return {
        "items": [shown(line, book.currency, leave_out=_UNSAID) for line in page.lines],
        "next_cursor": cursor_at(page.next, of=place) if page.next else None,
        "count": None if count is None else shown(count, book.currency),
        "totals": totals_shown(totals, book.currency),
    }


def totals_shown(totals: queries.ListTotals | None, currency: str) -> dict[str, Any] | None:
    """Totals over the wire: of a class there are none, since what is past due of it is not kept."""
    return None if totals is None or totals.late_minor is None else shown(totals, currency)


@router.get("/loans/{number}", response=Loan, auth=Key(permissions.VIEW))
def get_loan(request: Asked, number: str) -> dict[str, Any]:
    """A loan as it stands on its book's business day."""
    card = own_loan(number, actor_of(request))
    return shown(card, books.get_book(card.book).currency, leave_out=_UNSAID)


@router.get(
    "/loans/{number}/schedule", response=listed(Instalment, paged=False), auth=Key(permissions.VIEW)
)
def list_loan_instalments(request: Asked, number: str) -> dict[str, Any]:
    """The schedule of a loan, with what is paid and open of each instalment."""
    actor = actor_of(request)
    currency = books.get_book(own_loan(number, actor).book).currency
    found = queries.get_schedule(number=number, viewer=actor)
    return {"items": [shown(card, currency) for card in found]}


@router.get(
    "/loans/{number}/events", response=listed(LoanEvent, paged=False), auth=Key(permissions.VIEW)
)
def list_loan_events(request: Asked, number: str) -> dict[str, Any]:
    """What happened to a loan, in the order it was booked."""
    actor = actor_of(request)
    currency = books.get_book(own_loan(number, actor).book).currency
    found = queries.list_events(number=number, viewer=actor)
    return {"items": [shown(card, currency) for card in found]}


@router.get("/loans/{number}/owners", response=Owners, auth=Key(permissions.VIEW))
def list_loan_owners(request: Asked, number: str) -> dict[str, Any]:
    """Whose a loan is: what each owner has received, and what is unpaid of what is theirs."""
    actor = actor_of(request)
    currency = books.get_book(own_loan(number, actor).book).currency
    return shown(queries.get_owners(number=number, viewer=actor), currency)


@router.get(
    "/loans/{number}/restructurings",
    response=listed(Restructuring, paged=False),
    auth=Key(permissions.VIEW),
)
def list_loan_restructurings(request: Asked, number: str) -> dict[str, Any]:
    """A loan before and after each restructuring, as known when it was booked."""
    actor = actor_of(request)
    currency = books.get_book(own_loan(number, actor).book).currency
    found = queries.list_restructurings(number=number, viewer=actor)
    return {"items": [shown(card, currency) for card in found]}


@router.get("/loans/{number}/guarantee", response=Guarantee, auth=Key(permissions.VIEW))
def get_loan_guarantee(request: Asked, number: str) -> dict[str, Any]:
    """Who guarantees a loan, and what they pay for by its agreement, from which day."""
    actor = actor_of(request)
    currency = books.get_book(own_loan(number, actor).book).currency
    return shown(queries.get_guarantee(number=number, viewer=actor), currency)


@router.get("/loans/{number}/statement", response=Statement, auth=Key(permissions.VIEW))
def get_loan_statement(
    request: Asked, number: str, wanted: Query[StatementWanted]
) -> dict[str, Any]:
    """How a loan stood before a period and at its end, and what happened in between.

    Without dates: from the payout to the open business day.
    """
    actor = actor_of(request)
    own_loan(number, actor)
    card = queries.get_statement(
        number=number,
        since=wanted.since,
        until=wanted.until,
        reading=queries.Reading(wanted.reading),
        viewer=actor,
    )
    currency, told = card.head.currency, {line.key for line in card.lines}
    events = [
        event for event in queries.list_events(number=number, viewer=actor) if event.key in told
    ]
    return {
        "loan": number,
        "since": card.since,
        "until": card.until,
        "reading": card.reading,
        "opening": shown(card.opening, currency, leave_out=_KNOWN),
        "closing": shown(card.closing, currency, leave_out=_KNOWN),
        "balances": [shown(each, currency) for each in card.balances],
        "late_fees": shown(card.late_fees, currency),
        "lines": [shown(line, currency) for line in card.lines],
        "events": [shown(event, currency) for event in events],
    }


@router.post("/repayments", response={201: Repayment}, auth=Key(permissions.REPAY))
def repay(request: Asked, body: NewRepayment) -> HttpResponse:
    """Book money that a borrower paid; the same channel and pay_no again changes nothing."""
    actor = actor_of(request)
    check_channel(body.channel, request)

    def do(at: datetime) -> dict[str, Any]:
        currency = books.get_book(paid_loan(body.loan, actor).book).currency
        if body.currency != currency:
            raise BadField(field="currency", problem="the loan is in {currency}", currency=currency)
        card = operations.repay(
            loan=body.loan,
            channel=body.channel,
            pay_no=body.pay_no,
            amount_minor=parse_amount(body.amount, currency),
            on=body.on,
            actor=actor,
            at=at,
        )
        return shown(card, currency)

    return once(request, do, status=201)
