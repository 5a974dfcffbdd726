"""Collecting: direct debits and their policies, money without a place, returned money, refunds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from loanops.kernel.money import parse_amount
from loanops.money.payments import operations, permissions, queries
from loanops.money.payments.queries import DebitPolicy
from loanops.platform.books import queries as books
from loanops.surfaces.api.commands import once
from loanops.surfaces.api.cursors import cursor_at, place_of
from loanops.surfaces.api.keys import Asked, Key, actor_of
from loanops.surfaces.api.owning import seeing, seen_book
from loanops.surfaces.api.shapes import (
    Amount,
    Day,
    Flag,
    Note,
    Strict,
    Text,
    Wanted,
    Whole,
    Word,
    listed,
    published,
    shown,
)

router = Router(tags=["money"])

DebitFile = published(queries.FileCard, name="DebitFile")
DebitOrder = published(queries.OrderCard, name="DebitOrder")
Policy = published(queries.PolicyCard, name="DebitPolicySet")
Unapplied = published(queries.UnappliedCard)
Returned = published(queries.ReturnCard, name="ReturnedReceipt")
Refund = published(queries.RefundCard)
ClockTime = Annotated[str, StringConstraints(max_length=5)]


class DebitFilesWanted(Wanted):
    """Which debit files."""

    book: Word
    on: Day | None = None
    channel: Note = ""
    state: Note = ""


class OfBook(Wanted):
    """Of which book."""

    book: Word


class RefundsWanted(OfBook):
    """Which refunds."""

    state: Note = ""


class PoliciesWanted(BaseModel):
    """Of which book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    book: Word


class NewPolicy(Strict):
    """How a channel debits from a day on; without a channel, all that have none of their own."""

    book: Word
    channel: Note = ""
    effective_from: Day
    windows: Annotated[list[ClockTime], Field(max_length=12)]
    retry_dpd: Annotated[list[Whole], Field(max_length=60)] = []
    tries_per_instalment: Whole | None = None
    tries_per_month: Whole | None = None
    part_min: Amount | None = None
    rest_in_next_window: Flag = True
    stop_if_paid: Flag = True


class NewRefund(Strict):
    """How much of a receipt's unapplied money is to go back, and why."""

    amount: Amount
    reason: Word


class NewReturn(Strict):
    """A payment that the bank took back: all of it, its day, and the bank's reason."""

    amount: Amount
    reason: Text
    on: Day


class RefundConfirmed(Strict):
    """The number under which the bank paid the refund out."""

    reference: Text


class RefundFailed(Strict):
    """Why the bank did not pay the refund out."""

    problem: Text


def _currency(book: str) -> str:
    return books.get_book(book).currency


@router.get("/debit-files", response=listed(DebitFile), auth=Key(permissions.VIEW))
def list_debit_files(request: Asked, wanted: Query[DebitFilesWanted]) -> dict[str, Any]:
    """Debit files of a book, newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"debit-files:{book.code}"
    found = queries.find_files(
        wanted=queries.FileFilter(
            book=book.code,
            on=wanted.on,
            channel=wanted.channel,
            state=wanted.state,
            before=place_of(wanted.cursor, of=place),
            limit=wanted.limit,
        ),
        viewer=actor,
    )
    return _page(found, book.currency, wanted.limit, place)


def _page(found: list[Any], currency: str, limit: int, place: str) -> dict[str, Any]:
    more = len(found) == limit
    last = getattr(found[-1], "number", "") or getattr(found[-1], "receipt", "") if more else ""
    return {
        "items": [shown(card, currency) for card in found],
        "next_cursor": cursor_at(last, of=place) if more else None,
    }


@router.get("/debit-files/{number}", response=DebitFile, auth=Key(permissions.VIEW))
def get_debit_file(request: Asked, number: str) -> dict[str, Any]:
    """One debit file."""
    card = queries.get_file(number=number, viewer=actor_of(request))
    return shown(card, _currency(card.book))


@router.get("/debit-files/{number}/orders", response=listed(DebitOrder), auth=Key(permissions.VIEW))
def list_debit_orders(request: Asked, number: str, wanted: Query[Wanted]) -> dict[str, Any]:
    """The orders of a debit file, and what came of each."""
    actor = actor_of(request)
    card = queries.get_file(number=number, viewer=actor)
    place = f"debit-orders:{number}"
    found = queries.list_orders(
        wanted=queries.OrderFilter(
            file=number, before=place_of(wanted.cursor, of=place), limit=wanted.limit
        ),
        viewer=actor,
    )
    return _page(found, _currency(card.book), wanted.limit, place)


@router.get("/debit-policies", response=listed(Policy, paged=False), auth=Key(permissions.VIEW))
def list_debit_policies(request: Asked, wanted: Query[PoliciesWanted]) -> dict[str, Any]:
    """Every version of every debit policy of a book."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    found = queries.list_policies(book=book.code, viewer=actor)
    return {"items": [shown(card, book.currency) for card in found]}


@router.post("/debit-policies", response={201: Policy}, auth=Key(permissions.SET_POLICY))
def set_debit_policy(request: Asked, body: NewPolicy) -> HttpResponse:
    """Set how a channel debits from a later day on."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        book = seen_book(body.book, actor)
        policy = DebitPolicy(
            windows=tuple(body.windows),
            retry_dpd=tuple(body.retry_dpd),
            tries_per_instalment=body.tries_per_instalment,
            tries_per_month=body.tries_per_month,
            part_min_minor=(
                None if body.part_min is None else parse_amount(body.part_min, book.currency)
            ),
            rest_in_next_window=body.rest_in_next_window,
            stop_if_paid=body.stop_if_paid,
        )
        card = operations.set_debit_policy(
            book=book.code,
            channel=body.channel,
            policy=policy,
            effective_from=body.effective_from,
            actor=actor,
            at=at,
        )
        return shown(card, book.currency)

    return once(request, do, status=201)


@router.get("/unapplied", response=listed(Unapplied), auth=Key(permissions.VIEW))
def list_unapplied(request: Asked, wanted: Query[OfBook]) -> dict[str, Any]:
    """Receipts of which some money has no place yet, newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"unapplied:{book.code}"
    found = queries.list_unapplied(
        book=book.code,
        viewer=actor,
        before=place_of(wanted.cursor, of=place),
        limit=wanted.limit,
    )
    return _page(found, book.currency, wanted.limit, place)


def _receipt_currency(number: str, request: Asked) -> str:
    viewer = seeing(actor_of(request), permissions.VIEW)
    return _currency(queries.get_receipt(number=number, viewer=viewer).book)


@router.post(
    "/receipts/{number}/refunds", response={201: Refund}, auth=Key(permissions.REQUEST_REFUND)
)
def request_refund(request: Asked, number: str, body: NewRefund) -> HttpResponse:
    """Ask for unapplied money to go back to its payer."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        currency = _receipt_currency(number, request)
        card = operations.request_refund(
            receipt=number,
            amount_minor=parse_amount(body.amount, currency),
            reason=body.reason,
            actor=actor,
            at=at,
        )
        return shown(card, currency)

    return once(request, do, status=201)


@router.post("/receipts/{number}/return", response={201: Returned}, auth=Key(permissions.RETURN))
def return_receipt(request: Asked, number: str, body: NewReturn) -> HttpResponse:
    """Record that the bank took a payment back; what the loan had of it is undone."""
    actor = actor_of(request)

    def do(at: datetime) -> dict[str, Any]:
        currency = _receipt_currency(number, request)
        card = operations.return_receipt(
            receipt=number,
            amount_minor=parse_amount(body.amount, currency),
            reason=body.reason,
            on=body.on,
            actor=actor,
            at=at,
        )
        return shown(card, currency)

    return once(request, do, status=201)


@router.get("/refunds", response=listed(Refund), auth=Key(permissions.VIEW))
def list_refunds(request: Asked, wanted: Query[RefundsWanted]) -> dict[str, Any]:
    """Refunds of a book, newest first."""
    actor = actor_of(request)
    book = seen_book(wanted.book, actor)
    place = f"refunds:{book.code}"
    found = queries.list_refunds(
        book=book.code,
        viewer=actor,
        state=wanted.state,
        before=place_of(wanted.cursor, of=place),
        limit=wanted.limit,
    )
    return _page(found, book.currency, wanted.limit, place)


@router.get("/refunds/{number}", response=Refund, auth=Key(permissions.VIEW))
def get_refund(request: Asked, number: str) -> dict[str, Any]:
    """One refund."""
    card = queries.get_refund(number=number, viewer=actor_of(request))
    return shown(card, _currency(card.book))


@router.post("/refunds/{number}/approval", response=Refund, auth=Key(permissions.DECIDE_REFUND))
def approve_refund(request: Asked, number: str) -> HttpResponse:
    """Let a refund go that a colleague asked for."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.approve_refund(number=number, actor=actor_of(request), at=at)
        return shown(card, _currency(card.book))

    return once(request, do)


@router.post("/refunds/{number}/refusal", response=Refund, auth=Key(permissions.DECIDE_REFUND))
def refuse_refund(request: Asked, number: str) -> HttpResponse:
    """Refuse a refund that a colleague asked for."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.refuse_refund(number=number, actor=actor_of(request), at=at)
        return shown(card, _currency(card.book))

    return once(request, do)


@router.post("/refunds/{number}/confirmation", response=Refund, auth=Key(permissions.SEND_REFUND))
def confirm_refund(request: Asked, number: str, body: RefundConfirmed) -> HttpResponse:
    """Say that the bank paid a refund out."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.confirm_refund(
            number=number, reference=body.reference, actor=actor_of(request), at=at
        )
        return shown(card, _currency(card.book))

    return once(request, do)


@router.post("/refunds/{number}/failure", response=Refund, auth=Key(permissions.SEND_REFUND))
def fail_refund(request: Asked, number: str, body: RefundFailed) -> HttpResponse:
    """Say that the bank did not pay a refund out; its money has no place again."""

    def do(at: datetime) -> dict[str, Any]:
        card = operations.fail_refund(
            number=number, problem=body.problem, actor=actor_of(request), at=at
        )
        return shown(card, _currency(card.book))

    return once(request, do)
