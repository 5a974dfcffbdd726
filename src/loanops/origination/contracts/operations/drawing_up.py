"""Orders about contracts: draw up, and its twin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from loanops.kernel import wire
from loanops.kernel.access import Actor, require
from loanops.kernel.schedule import FirstRate, FirstRead, Floating
from loanops.origination.contracts import permissions, queries
from loanops.origination.contracts.domain.contract import contract_data
from loanops.origination.contracts.domain.lifecycle import ContractState, OfferMove
from loanops.origination.contracts.domain.refusals import IndexMovedOn
from loanops.origination.contracts.domain.witness import canonical, witness
from loanops.origination.contracts.models import Contract, Offer
from loanops.origination.contracts.operations._persons import borrower_digests
from loanops.origination.contracts.operations._rows import (
    book_of_offer,
    hold_offers,
    move_offers,
    ready,
)
from loanops.origination.contracts.operations._telling import (
    Made,
    MadeOutcome,
    Refused,
    only,
    see_book,
    witnessed,
)
from loanops.origination.contracts.queries import ContractCard
from loanops.origination.contracts.queries.templates import current_template
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work, unit_of_work
from loanops.registry.compliance import queries as compliance
from loanops.registry.partners import queries as partners

RENDER_CHUNK = 20
READ_ON_CONTRACT = f'"first_rate":"{FirstRate.CONTRACT.value}"'
_COLUMNS = (
    "number", "offer_id", "book_id", "application", "party", "funder", "guarantor",
    "signing_mode", "currency", "principal_minor", "template_version", "data_json", "witness",
    "state", "drawn_up_at", "drawn_up_on", "file_sha256", "signed_copy_sha256",
)  # fmt: skip


def draw_up(*, offer: str, actor: Actor, at: datetime) -> ContractCard:
    """Draw up the contract of a confirmed offer; its PDF is rendered by a job beside.

    :raises NotPermitted: the actor may not sign.
    :raises NotFound: there is no such offer.
    :raises MoveNotAllowed: the statement is not confirmed, or the offer has gone on or ended.
    :raises OfferExpired: the offer's last day is over.
    :raises IndexMovedOn: its first rate is read on this day, and the index is another by now.
    """
    require(actor, permissions.SIGN)
    book = book_of_offer(offer, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        made, refused = _draw_up(work, [offer])
        only(refused)

        work.record("contracts.drawn_up", subject=offer, contract=made[0].number)
    return queries.get_contract(made[0].number)


def draw_up_many(*, book: str, offers: Sequence[str], actor: Actor, at: datetime) -> MadeOutcome:
    """Draw up many contracts; each row is refused by itself and by the same rules as one.

    :raises NotPermitted: the actor may not sign.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.SIGN)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        made, refused = _draw_up(work, offers)
        witnessed(work, "contracts.drawn_up_many", [each.number for each in made])
    return MadeOutcome(tuple(made), tuple(refused))


def _draw_up(work: Work, numbers: Sequence[str]) -> tuple[list[Made], list[Refused]]:
    offers = hold_offers(numbers, book=work.book, actor=work.actor)
    fit, refused = ready(numbers, offers, OfferMove.DRAW_UP, work.on)
    moved_on = _moved_on(work, fit)
    fit = [offer for offer in fit if offer.number not in moved_on]
    refused += [Refused(number, refusal) for number, refusal in moved_on.items()]
    if not fit:
        return [], refused
    drawn = new_numbers("CT", work.at, len(fit))
    insert_many(Contract._meta.db_table, _COLUMNS, _rows(work, drawn, fit))
    move_offers(fit, OfferMove.DRAW_UP)
    for start in range(0, len(drawn), RENDER_CHUNK):
        chunk = drawn[start : start + RENDER_CHUNK]
        work.enqueue(
            "contracts.render", key=f"contracts.render:{chunk[0]}", payload={"contracts": chunk}
        )
    made = [Made(offer.number, number) for offer, number in zip(fit, drawn, strict=True)]
    return made, refused


def _moved_on(work: Work, offers: Sequence[Offer]) -> dict[str, IndexMovedOn]:
    """Offers whose first rate is read on the contract's day, and is no longer theirs on it."""
    reading = [offer for offer in offers if READ_ON_CONTRACT in offer.terms_json]
    if not reading:
        return {}
    series = compliance.reference_series(book=work.book)
    found = {}
    for offer in reading:
        [item] = [
            each for each in json.loads(offer.statement_json)["items"] if "first_read" in each
        ]
        floating = wire.read(Floating, item["floating"], "floating")
        was = wire.read(FirstRead, item["first_read"], "first_read")
        now = floating.first_read(series.get(floating.index, ()), work.on)
        if now is None or now.rate_annual != was.rate_annual:
            found[offer.number] = IndexMovedOn(
                offer=offer.number,
                index=floating.index,
                was=f"{was.rate_annual.normalize():%}",
                now="—" if now is None else f"{now.rate_annual.normalize():%}",
                on=work.on,
            )
    return found


def _rows(work: Work, drawn: Sequence[str], offers: Sequence[Offer]) -> list[tuple[Any, ...]]:
    template = current_template()
    book = books.get_book(work.book)
    names = {
        code: card.legal_name
        for code, card in partners.find_partners(
            {offer.funder for offer in offers} | {offer.guarantor for offer in offers}
        ).items()
    }
    digests = borrower_digests(work, [offer.party for offer in offers])
    rows = []
    for number, offer in zip(drawn, offers, strict=True):
        data = contract_data(
            contract=number,
            offer=offer.number,
            book=work.book,
            application=offer.application,
            party=offer.party,
            borrower_digest=digests.get(offer.party, ""),
            platform_name=book.legal_entity,
            funder=offer.funder,
            funder_name=names[offer.funder],
            guarantor=offer.guarantor,
            guarantor_name=names.get(offer.guarantor, ""),
            agreement=offer.agreement,
            agreement_version=offer.agreement_version,
            product_version=offer.product_version,
            signing_mode=offer.signing_mode,
            currency=offer.currency,
            principal_minor=offer.principal_minor,
            terms_json=offer.terms_json,
            schedule_json=offer.schedule_json,
            statement_sha256=offer.statement_sha256,
            drawn_up_on=work.on,
        )
        text = canonical(data)
        rows.append((
            number, offer.number, work.book, offer.application, offer.party, offer.funder,
            offer.guarantor, offer.signing_mode, offer.currency, offer.principal_minor,
            template.version, text, witness(template.version, text),
            ContractState.DRAWN_UP.value, work.at, work.on, "", "",
        ))  # fmt: skip
    return rows
