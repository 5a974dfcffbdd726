"""Orders about the disclosure statement: show, confirm, and their twins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import Refusal
from loanops.origination.contracts import permissions, queries
from loanops.origination.contracts.domain.evidence import CONFIRMATION, require_keys
from loanops.origination.contracts.domain.lifecycle import OfferMove
from loanops.origination.contracts.domain.refusals import NotShown, ReadTooShort
from loanops.origination.contracts.domain.witness import canonical, digest
from loanops.origination.contracts.models import Disclosure, Offer
from loanops.origination.contracts.operations._rows import (
    book_of_offer,
    hold_offers,
    move_offers,
    ready,
)
from loanops.origination.contracts.operations._telling import (
    Outcome,
    Refused,
    only,
    see_book,
    witnessed,
)
from loanops.origination.contracts.queries import OfferCard
from loanops.platform import vault
from loanops.platform.books import queries as books
from loanops.platform.db import update_many, upsert_many
from loanops.platform.work import Work, unit_of_work
from loanops.registry.compliance import queries as compliance

_SHOWN = (
    "offer_id", "book_id", "statement_sha256", "read_seconds_min", "shown_at",
    "evidence_sealed", "evidence_sha256",
)  # fmt: skip
_CONFIRMED = ("confirmed_at", "read_seconds", "evidence_sealed", "evidence_sha256")


@dataclass(frozen=True, kw_only=True)
class ConfirmationIn:
    """That a borrower confirmed a statement.

    ``read_seconds`` is what the reader's page measured and is kept; the law's reading time is held
    against our own clock. The evidence names channel, device and ip; it is sealed.
    """

    offer: str
    read_seconds: int
    evidence: Mapping[str, str]


def show_disclosure(*, offer: str, actor: Actor, at: datetime) -> OfferCard:
    """Note that the statement of an offer is now before the borrower's eyes: the clock starts.

    Showing it again starts the clock anew, until it is confirmed.

    :raises NotPermitted: the actor may not confirm for borrowers.
    :raises NotFound: there is no such offer.
    :raises MoveNotAllowed: the statement is confirmed already, or the offer has ended.
    :raises OfferExpired: the offer's last day is over.
    """
    require(actor, permissions.CONFIRM)
    book = book_of_offer(offer, actor)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        _, refused = _show(work, [offer])
        only(refused)

        work.record("contracts.disclosure_shown", subject=offer)
    return queries.get_offer(offer)


def show_disclosures_many(
    *, book: str, offers: Sequence[str], actor: Actor, at: datetime
) -> Outcome:
    """Note that many statements are shown; each row is refused by itself.

    :raises NotPermitted: the actor may not confirm for borrowers.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.CONFIRM)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        shown, refused = _show(work, offers)
        witnessed(work, "contracts.disclosure_shown_many", shown)
    return Outcome(tuple(shown), tuple(refused))


def _show(work: Work, numbers: Sequence[str]) -> tuple[list[str], list[Refused]]:
    offers = hold_offers(numbers, book=work.book, actor=work.actor)
    fit, refused = ready(numbers, offers, OfferMove.CONFIRM, work.on)
    seconds = compliance.law_of(book=work.book, on=work.on).read_seconds_min()
    upsert_many(
        Disclosure._meta.db_table,
        _SHOWN,
        [
            (offer.number, work.book, offer.statement_sha256, seconds, work.at, "", "")
            for offer in fit
        ],
        conflict=("offer_id",),
        update=("shown_at", "read_seconds_min"),
    )
    return [offer.number for offer in fit], refused


def confirm_disclosure(
    *,
    offer: str,
    read_seconds: int,
    evidence: Mapping[str, str],
    actor: Actor,
    at: datetime,
) -> OfferCard:
    """Keep the borrower's confirmation of the statement, with evidence.

    The forced reading time is counted here, from showing to confirming.

    :raises NotPermitted: the actor may not confirm for borrowers.
    :raises NotFound: there is no such offer.
    :raises MoveNotAllowed: it is confirmed already, or the offer has ended.
    :raises OfferExpired: the offer's last day is over.
    :raises NotShown: the statement was never shown.
    :raises ReadTooShort: the reading time is not over.
    :raises EvidenceMissing: the evidence does not name channel, device and ip.
    """
    require(actor, permissions.CONFIRM)
    book = book_of_offer(offer, actor)
    given = ConfirmationIn(offer=offer, read_seconds=read_seconds, evidence=evidence)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        _, refused = _confirm(work, [given])
        only(refused)

        work.record("contracts.disclosure_confirmed", subject=offer, read_seconds=read_seconds)
    return queries.get_offer(offer)


def confirm_disclosures_many(
    *, book: str, confirmations: Sequence[ConfirmationIn], actor: Actor, at: datetime
) -> Outcome:
    """Keep many confirmations; each row is refused by itself and by the same rules as one.

    :raises NotPermitted: the actor may not confirm for borrowers.
    :raises NotFound: there is no such book in the actor's scope.
    """
    require(actor, permissions.CONFIRM)
    see_book(actor, book)
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        confirmed, refused = _confirm(work, confirmations)
        witnessed(work, "contracts.disclosure_confirmed_many", confirmed)
    return Outcome(tuple(confirmed), tuple(refused))


def _confirm(work: Work, given: Sequence[ConfirmationIn]) -> tuple[list[str], list[Refused]]:
    numbers = [each.offer for each in given]
    offers = hold_offers(numbers, book=work.book, actor=work.actor)
    fit, refused = ready(numbers, offers, OfferMove.CONFIRM, work.on)
    by_offer = {each.offer: each for each in reversed(given)}
    shown = {
        row.offer_id: row
        for row in Disclosure.objects.filter(offer_id__in=[offer.number for offer in fit])
    }
    kept: list[tuple[Offer, tuple[object, ...]]] = []
    for offer in fit:
        try:
            row = _confirmed(by_offer[offer.number], shown.get(offer.number), work.at)
        except Refusal as refusal:
            refused.append(Refused(offer.number, refusal))
        else:
            kept.append((offer, row))
    update_many(Disclosure._meta.db_table, ("offer_id",), _CONFIRMED, [row for _, row in kept])
    move_offers([offer for offer, _ in kept], OfferMove.CONFIRM)
    return [offer.number for offer, _ in kept], refused


def _confirmed(given: ConfirmationIn, shown: Disclosure | None, at: datetime) -> tuple[object, ...]:
    if shown is None:
        raise NotShown(offer=given.offer)
    seconds = min(int((at - shown.shown_at).total_seconds()), given.read_seconds)
    if seconds < shown.read_seconds_min:
        raise ReadTooShort(
            offer=given.offer, read_seconds=seconds, read_seconds_min=shown.read_seconds_min
        )
    require_keys(given.offer, given.evidence, CONFIRMATION)
    text = canonical(dict(given.evidence))
    return (given.offer, at, given.read_seconds, vault.seal("evidence", text), digest(text))
