"""Orders about offers: make, make many, withdraw, expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from loanops.kernel.access import Actor, require
from loanops.kernel.refusals import BadField, ChangedMeanwhile, NotFound, Refusal
from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as applications_asked
from loanops.origination.contracts import events, permissions, queries
from loanops.origination.contracts.domain.lifecycle import OFFERS, OfferMove, OfferState
from loanops.origination.contracts.models import Offer
from loanops.origination.contracts.operations._drafting import (
    APPROVED,
    OFFER_COLUMNS,
    Draft,
    draft,
    offer_row,
    offer_told,
)
from loanops.origination.contracts.operations._frame import Frame, OfferIn, frame_of
from loanops.origination.contracts.operations._lapsing import OPEN, lapse
from loanops.origination.contracts.operations._telling import (
    Made,
    MadeOutcome,
    Refused,
    advancing,
    only,
    see_book,
)
from loanops.origination.contracts.queries import OfferCard
from loanops.origination.contracts.queries.scoping import seen
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_numbers
from loanops.platform.work import Work, unit_of_work


def make_offer(
    *,
    application: str,
    agreement: str,
    product_version: str,
    principal_minor: int,
    instalments: int,
    annual_rate: Decimal | None,
    start_date: date,
    actor: Actor,
    at: datetime,
) -> OfferCard:
    """Make a funder's binding offer with schedule, all-in cost and disclosure statement.

    The cost is held against the cap unrounded. Several offers may stand side by side.
    ``annual_rate`` is nothing where the product's first rate is read from its index.

    :raises NotPermitted: the actor may not make offers.
    :raises NotFound: application, agreement or product version is not in the book.
    :raises NotApproved: the application is not approved.
    :raises OfferAboveApproved, OutsideProduct, OutsideAgreement: it does not fit.
    :raises LawForbids, CostAboveCap: the law or the agreed ceiling forbids it.
    :raises IndexUnknown: its first rate is read from an index of which no figure is known.
    :raises BadField: it cannot be scheduled, or names a rate that is read, or lacks one.
    """
    require(actor, permissions.OFFER)
    asked = applications_asked.cards_of([application]).get(application)
    if asked is None or not actor.sees_book(asked.book) or not actor.sees_channel(asked.channel):
        raise NotFound(kind="application", number=application)
    book = asked.book
    given = OfferIn(
        application=application,
        agreement=agreement,
        product_version=product_version,
        principal_minor=principal_minor,
        instalments=instalments,
        annual_rate=annual_rate,
        start_date=start_date,
    )
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        frame = frame_of(book, [given])
        numbers, drafts, refused = _make(work, [given], frame)
        only(refused)

        row = offer_told(numbers[0], drafts[0], frame)
        work.record(
            "contracts.offered",
            subject=application,
            offer=numbers[0],
            funder=row["funder"],
            principal_minor=principal_minor,
            cost_simple=drafts[0].cost.simple,
            expires_on=row["expires_on"],
        )
        work.announce(events.OfferMade(subject=application, **row))
    return queries.get_offer(numbers[0])


def make_offers_many(
    *, book: str, offers: Sequence[OfferIn], actor: Actor, at: datetime
) -> MadeOutcome:
    """Make many offers at once; each row is refused by itself and by the same rules as one.

    :raises NotPermitted: the actor may not make offers.
    :raises NotFound: there is no such book.
    """
    require(actor, permissions.OFFER)
    see_book(actor, book)
    if not offers:
        return MadeOutcome(())
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        frame = frame_of(book, offers)
        numbers, drafts, refused = _make(work, offers, frame)
        if numbers:
            rows = [
                offer_told(number, each, frame)
                for number, each in zip(numbers, drafts, strict=True)
            ]
            work.record_batch("contracts.offered_many", subjects=numbers)
            work.announce(events.OffersMade(subject=f"{book}:{numbers[0]}", rows=tuple(rows)))
        else:
            work.unchanged()
    made = tuple(
        Made(each.given.application, number) for number, each in zip(numbers, drafts, strict=True)
    )
    return MadeOutcome(made, tuple(refused))


def _make(
    work: Work, offers: Sequence[OfferIn], frame: Frame
) -> tuple[list[str], list[Draft], list[Refused]]:
    drafts: list[Draft] = []
    refused: list[Refused] = []
    for given in offers:
        try:
            drafts.append(draft(given, frame))
        except Refusal as refusal:
            refused.append(Refused(given.application, refusal))
    numbers = new_numbers("OF", work.at, len(drafts))
    insert_many(
        Offer._meta.db_table,
        OFFER_COLUMNS,
        [
            offer_row(number, each, frame, work.at)
            for number, each in zip(numbers, drafts, strict=True)
        ],
    )
    fresh = [each.application.number for each in drafts if each.application.stage == APPROVED]
    if fresh:
        applications.mark_offered_many(
            numbers=list(dict.fromkeys(fresh)), actor=advancing(work.actor), at=work.at
        )
    return numbers, drafts, refused


def withdraw_offer(*, number: str, reason: str, actor: Actor, at: datetime) -> OfferCard:
    """Withdraw an offer that nobody has signed; without another one its application is open again.

    :raises NotPermitted: the actor may not make offers.
    :raises NotFound: there is no such offer.
    :raises BadField: no reason is given.
    :raises MoveNotAllowed: it is signed, expired or withdrawn.
    :raises ChangedMeanwhile: it moved while this was asked.
    """
    require(actor, permissions.OFFER)
    if not reason.strip():
        raise BadField(field="reason", problem="write down why")
    offer = Offer.objects.filter(number=number).first()
    if offer is None or not seen([offer], actor):
        raise NotFound(kind="offer", number=number)
    OFFERS.after(OfferState(offer.state), OfferMove.WITHDRAW)
    on = books.business_date(offer.book_id)
    with unit_of_work(actor=actor, at=at, book=offer.book_id, on=on) as work:
        if not lapse(work, [number], OfferMove.WITHDRAW, reason=reason):
            raise ChangedMeanwhile(number=number)

        work.record("contracts.offer_withdrawn", subject=number, reason=reason)
    return queries.get_offer(number)


def withdraw_offers_of(*, application: str, reason: str, actor: Actor, at: datetime) -> int:
    """Withdraw every open offer of an application that its applicant gave up; returns how many.

    :raises NotPermitted: the actor may not make offers.
    """
    require(actor, permissions.OFFER)
    found = Offer.objects.filter(application=application, state__in=OPEN).order_by("id")
    offers = seen(found, actor)
    if not offers:
        return 0
    book = offers[0].book_id
    with unit_of_work(actor=actor, at=at, book=book, on=books.business_date(book)) as work:
        numbers = [offer.number for offer in offers]
        lapsed = lapse(work, numbers, OfferMove.WITHDRAW, reason=reason, reopen=False)

        work.record_batch("contracts.offers_withdrawn", subjects=lapsed, reason=reason)
    return len(lapsed)


def expire_offers_many(*, book: str, actor: Actor, at: datetime) -> int:
    """Expire every open offer whose last day is over; returns how many.

    An application left without an open offer goes back, so that the next funder can be asked.

    :raises NotPermitted: the actor may not make offers.
    :raises NotFound: there is no such book.
    """
    require(actor, permissions.OFFER)
    see_book(actor, book)
    on = books.business_date(book)
    over = Offer.objects.filter(book_id=book, expires_on__lte=on, state__in=OPEN)
    numbers = list(over.order_by("id").values_list("number", flat=True))
    if not numbers:
        return 0
    with unit_of_work(actor=actor, at=at, book=book, on=on) as work:
        lapsed = lapse(work, numbers, OfferMove.EXPIRE, reason="expired")

        work.record_batch("contracts.offers_expired", subjects=lapsed)
    return len(lapsed)
