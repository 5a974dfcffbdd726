"""The book as a whole: its portfolio on any day, expected cash flow, static pool, and one class."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Query, Router
from pydantic import BaseModel, ConfigDict

from loanops.loanbook.servicing import permissions, queries
from loanops.loanbook.servicing.queries import PastFilter, Reading
from loanops.platform.books import queries as books
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.endpoints.loans import (
    LoanCount,
    LoansNarrowed,
    Totals,
    totals_shown,
)
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import own_loan, seen_book
from loanops.surfaces.api.shapes import (
    Day,
    Note,
    Word,
    listed,
    many,
    published,
    shape,
    shown,
)

router = Router(tags=["portfolio"])

Portfolio = published(queries.PortfolioCard, name="Portfolio")
CashFlow = published(queries.CashFlowCard, name="CashFlow")
Vintage = published(queries.VintageCard, name="Vintage")
# Who ordered something about a class, and why, is for staff.
_UNSAID = frozenset({"orders"})
LoanClass = published(queries.ClassCard, name="LoanClass", leave_out=_UNSAID)
PastLine = published(queries.PastLine)
PastLoans = shape(
    "PastLoans",
    "A page of the loans of a book at the end of a day, and what all of them add up to.",
    on=date,
    reading=str,
    items=many(PastLine),
    next_cursor=str | None,
    count=LoanCount | None,
    totals=Totals | None,
)


class _OfBook(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class PortfolioWanted(_OfBook):
    """Which book, at the end of which business day, with which knowledge."""

    on: Day | None = None
    reading: Literal["then", "now"] = "then"


class PastWanted(LoansNarrowed):
    """Which loans of a book, at the end of which business day, with which knowledge."""

    on: Day
    reading: Literal["then", "now"] = "then"


class VintagesWanted(_OfBook):
    """Which book; of one product where one is named."""

    product: Note = ""


@router.get("/portfolio", response=Portfolio, auth=Key(permissions.VIEW))
def get_portfolio(request: Asked, wanted: Query[PortfolioWanted]) -> dict[str, Any]:
    """A book at the end of a day, as known then or as recalculated now.

    Outstanding by bucket, class, product and funder; portfolio at risk, non-performing, provision.
    """
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    card = queries.get_portfolio(
        book=book.code, on=wanted.on, reading=Reading(wanted.reading), viewer=actor
    )
    return shown(card, book.currency)


@router.get("/portfolio/loans", response=PastLoans, auth=Key(permissions.VIEW))
def list_past_loans(request: Asked, wanted: Query[PastWanted]) -> dict[str, Any]:
    """Loans of a book at the end of a day, as known then or as recalculated now, with totals.

    The last paid out first. A narrowed page may be short of its limit and have a next one.
    """
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"past:{book.code}:{wanted.on}:{wanted.reading}"
    page = queries.list_past_loans(
        wanted=PastFilter(
            on=wanted.on,
            reading=Reading(wanted.reading),
            before=place_of(wanted.cursor, of=place),
            **wanted.asked(),
        ),
        viewer=actor,
    )
    return {
        "on": page.on,
        "reading": page.reading,
        "items": [shown(line, book.currency) for line in page.lines],
        "next_cursor": cursor_at(page.next, of=place) if page.next else None,
        "count": None if page.count is None else shown(page.count, book.currency),
        "totals": totals_shown(page.totals, book.currency),
    }


@router.get("/portfolio/cash-flow", response=CashFlow, auth=Key(permissions.VIEW))
def get_cash_flow(request: Asked, wanted: Query[_OfBook]) -> dict[str, Any]:
    """What a book's borrowers are to pay in the next twelve calendar months, as scheduled."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    return shown(queries.cash_flow(book=book.code, viewer=actor), book.currency)


@router.get(
    "/portfolio/static-pool", response=listed(Vintage, paged=False), auth=Key(permissions.VIEW)
)
def list_vintages(request: Asked, wanted: Query[VintagesWanted]) -> dict[str, Any]:
    """Loans by the month of their payout, at the end of each month since, as known then."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.static_pool(book=book.code, product=wanted.product, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}


@router.get("/loans/{number}/class", response=LoanClass, auth=Key(permissions.VIEW))
def get_loan_class(request: Asked, number: str) -> dict[str, Any]:
    """The five-tier class of a loan: by days past due, by judgement, and how it came there."""
    actor = actor_of(request)
    card = own_loan(number, actor)
    found = queries.get_class(number=number, viewer=actor)
    return shown(found, books.get_book(card.book).currency, leave_out=_UNSAID)
