"""What servicing does when money was paid out, collected, or reported by a funder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from loanops.kernel.access import Actor, Viewer
from loanops.kernel.sharing import ONE_LENDER
from loanops.loanbook.servicing import operations
from loanops.loanbook.servicing.domain.days import FIRST_WINDOW
from loanops.loanbook.servicing.models import Loan
from loanops.loanbook.servicing.operations import DisbursedIn
from loanops.money.payments import queries as payments
from loanops.origination.applications import queries as applications
from loanops.platform.books import queries as books
from loanops.platform.outbox import Announced
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products


def open_loan(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``routing.disbursed``: the payout becomes a loan."""
    _open(announced, [announced.payload], actor, at)


def open_loans_many(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``routing.disbursed_many``: every payout becomes a loan."""
    _open(announced, announced.payload["rows"], actor, at)


def allocate_debits(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``payments.debits_collected``: the receipts are laid on their loans."""
    numbers = [row["receipt"] for row in announced.payload["rows"]]
    operations.allocate_receipts(book=announced.book, numbers=numbers, actor=actor, at=at)


def take_back_returned(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``payments.debit_returned``: the repayment that the bank took back is undone."""
    payload = announced.payload
    if Loan.objects.filter(number=announced.subject).exists():
        operations.take_back(
            loan=announced.subject,
            receipt=payload["receipt"],
            on=date.fromisoformat(payload["on"]),
            actor=actor,
            at=at,
        )


def take_notified_repayment(announced: Announced, *, actor: Actor, at: datetime) -> None:
    """After ``routing.repayment_notified``: money paid at the funder's counter is booked here.

    A payout whose loan is not open yet is tried again by the outbox.
    """
    payload = announced.payload
    loan = Loan.objects.get(serial=payload["serial"], funder=payload["funder"])
    operations.repay(
        loan=loan.number,
        channel=payload["channel"],
        pay_no=payload["pay_no"],
        amount_minor=payload["amount_minor"],
        on=date.fromisoformat(payload["paid_on"]),
        actor=actor,
        at=at,
    )


def order_windows(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Job ``servicing.order_windows``: order the later debit windows whose time has come.

    A book that does not stand at today is left alone: its close is late, or a story is told.
    """
    del payload
    for book in books.list_books(viewer=Viewer.house("servicing")):
        here = at.astimezone(ZoneInfo(book.zone))
        if here.date() != book.business_date:
            continue
        ordered = payments.ordered_windows(book=book.code, on=book.business_date)
        policies = payments.policies_on(book=book.code, on=book.business_date)
        for channel in sorted({channel for channel, _ in ordered}):
            window = policies.of(channel).open_window(here.time())
            if window > FIRST_WINDOW and (channel, window) not in ordered:
                operations.order_window(
                    book=book.code, window=window, channel=channel, actor=actor, at=at
                )


def go_on_rereading(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Job ``servicing.reread``: work a run out, or book it, from where it stands."""
    operations.go_on_rereading(run=payload["run"], actor=actor, at=at)


def go_on_undoing(payload: Mapping[str, Any], *, actor: Actor, at: datetime) -> None:
    """Job ``servicing.undo_import``: take an import back as it was approved."""
    operations.go_on_undoing(request=payload["request"], actor=actor, at=at)


def _open(
    announced: Announced, rows: Sequence[Mapping[str, Any]], actor: Actor, at: datetime
) -> None:
    gateways = {
        card.partner: card.gateway
        for card in partners.list_agreements(book=announced.book, on=announced.on, suspended=True)
    }
    versions = products.find_versions(row["product_version"] for row in rows)
    cards = applications.cards_of(row["application"] for row in rows)
    # Payouts announced before agreements were named have none.
    agreed = partners.find_agreements(
        (row["agreement"], row["agreement_version"]) for row in rows if row.get("agreement")
    )
    operations.open_loans(
        book=announced.book,
        disbursed=[
            _disbursed(
                row,
                product=versions[row["product_version"]].product,
                asked=cards[row["application"]],
                gateway=gateways.get(row["funder"], ""),
                agreement=agreed.get((row.get("agreement", ""), row.get("agreement_version", 0))),
            )
            for row in rows
        ],
        actor=actor,
        at=at,
    )


def _disbursed(
    row: Mapping[str, Any],
    *,
    product: str,
    asked: applications.ApplicationCard,
    gateway: str,
    agreement: partners.AgreementCard | None,
) -> DisbursedIn:
    return DisbursedIn(
        application=row["application"],
        contract=row["contract"],
        intent=row["intent"],
        serial=row["serial"],
        funder=row["funder"],
        guarantor=row["guarantor"] or "",
        product=product,
        product_version=row["product_version"],
        party=asked.party or "",
        origin_channel=asked.channel,
        channel=f"{gateway}:{row['funder']}" if gateway else "",
        principal_minor=row["principal_minor"],
        terms=row["terms"],
        disbursed_on=date.fromisoformat(row["disbursed_on"]),
        agreement=agreement.number if agreement else "",
        agreement_version=agreement.version if agreement else 0,
        sharing=agreement.co_lending if agreement else ONE_LENDER,
    )
