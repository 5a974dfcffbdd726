"""A promotion taken for an offer: the offer is replaced by one whose terms it lowers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from loanops.kernel.access import Actor, Viewer, require
from loanops.kernel.refusals import ChangedMeanwhile, MoveNotAllowed
from loanops.kernel.schedule import Terms
from loanops.origination.contracts import events, permissions, queries
from loanops.origination.contracts.domain.lifecycle import OfferMove, OfferState
from loanops.origination.contracts.domain.refusals import PromotionTaken
from loanops.origination.contracts.models import Offer
from loanops.origination.contracts.operations._drafting import (
    OFFER_COLUMNS,
    Draft,
    Under,
    draft,
    offer_row,
    offer_told,
)
from loanops.origination.contracts.operations._frame import Frame, OfferIn, frame_of
from loanops.origination.contracts.operations._lapsing import lapse
from loanops.origination.contracts.operations._rows import hold_offers, ready
from loanops.origination.contracts.operations._telling import looking, only, redeeming
from loanops.origination.contracts.queries import CostCard, OfferCard
from loanops.platform.books import queries as books
from loanops.platform.db import insert_many, new_number
from loanops.platform.work import unit_of_work
from loanops.registry.products import operations as products
from loanops.registry.products import queries as products_asked
from loanops.registry.products.queries import Asked, PromotionCard

_TAKES_ONE = frozenset({OfferState.MADE.value, OfferState.CONFIRMED.value})


@dataclass(frozen=True)
class Redemption:
    """What a promotion makes of an offer, beside the offer as it stands.

    ``total_minor`` is everything the borrower would pay, upfront fees included, and
    ``saving_minor`` how much less that is; ``instalment_minor`` is the first instalment.
    """

    offer: OfferCard
    promotion: PromotionCard
    rate_annual: Decimal
    instalment_minor: int
    upfront_fees_minor: int
    total_minor: int
    saving_minor: int
    cost: CostCard


def preview_promotion(*, offer: str, code: str, viewer: Viewer) -> Redemption:
    """What the offer would become under a promotion; writes nothing.

    :raises NotPermitted: the actor may not show and confirm offers.
    :raises NotFound: there is no such offer.
    :raises MoveNotAllowed: a contract is drawn up from it, or it is over.
    :raises PromotionTaken: it has a promotion already.
    :raises PromotionUnknown, PromotionDoesNotFit: the code is not for this offer.
    :raises CostAboveCap, LawForbids, OutsideAgreement, OutsideProduct: the offer could not be made
        today at all.
    :raises ChangedMeanwhile: the agreement was amended after the offer was made.
    """
    require(viewer, permissions.CONFIRM)
    card = queries.get_offer(offer, viewer=looking(viewer))
    made, promotion, _ = _draft(card, code)
    return _redemption(card, made, promotion)


def redeem_promotion(*, offer: str, code: str, actor: Actor, at: datetime) -> OfferCard:
    """Replace the offer by one that a promotion lowers; its statement is to be confirmed anew.

    The person's use of the promotion is taken in the same transaction, and given back where the
    new offer comes to nothing.

    :raises Refusal: as :func:`preview_promotion`.
    """
    require(actor, permissions.CONFIRM)
    card = queries.get_offer(offer, viewer=looking(actor))
    on = books.business_date(card.book)
    with unit_of_work(actor=actor, at=at, book=card.book, on=on) as work:
        held = hold_offers([offer], book=card.book, actor=actor)
        only(ready([offer], held, OfferMove.WITHDRAW, on)[1])
        card = queries.get_offer(offer)
        made, promotion, frame = _draft(card, code)
        shown = _redemption(card, made, promotion)

        number = new_number("OF", at)
        row = offer_row(number, made, frame, at)
        insert_many(Offer._meta.db_table, OFFER_COLUMNS, [row])
        lapse(work, [offer], OfferMove.WITHDRAW, reason=f"replaced by {number}")
        products.take_promotion(
            number=promotion.number,
            party=card.party,
            application=card.application,
            offer=number,
            saving_minor=shown.saving_minor,
            actor=redeeming(actor),
            at=at,
        )

        work.record(
            "contracts.promotion_redeemed",
            subject=offer,
            offer=number,
            promotion=promotion.code,
            saving_minor=shown.saving_minor,
        )
        told = offer_told(number, made, frame)
        work.announce(events.OfferMade(subject=card.application, **told))
    return queries.get_offer(number)


def _draft(card: OfferCard, code: str) -> tuple[Draft, PromotionCard, Frame]:
    """The offer anew under the promotion, held to every rule of today."""
    if card.state not in _TAKES_ONE:
        raise MoveNotAllowed(move="use a promotion", state=card.state)
    if card.promotion:
        raise PromotionTaken(offer=card.number)
    version = products_asked.get_version_by_number(card.product_version)
    asked = OfferIn(
        application=card.application,
        agreement=card.agreement,
        product_version=card.product_version,
        principal_minor=card.principal_minor,
        instalments=card.instalments,
        annual_rate=None if products_asked.begins_at_index(version) else card.rate_annual,
        start_date=card.start_date,
    )
    frame = replace(frame_of(card.book, [asked]), expires_on=card.expires_on)
    promotion = products_asked.promotion_for(
        book=card.book,
        code=code,
        party=card.party,
        asked=Asked(
            product=card.product,
            funder=card.funder,
            principal_minor=card.principal_minor,
            currency=card.currency,
            on=frame.on,
        ),
    )
    made = draft(asked, frame, Under(promotion, card.number, card.made_on))
    if made.terms != products_asked.lower(Terms.from_dict(card.terms), promotion.rule):
        # The borrower must not be shown as a saving what an amended agreement changed.
        raise ChangedMeanwhile(number=card.agreement)
    return made, promotion, frame


def _redemption(card: OfferCard, made: Draft, promotion: PromotionCard) -> Redemption:
    rows = made.plan.rows
    total_minor = made.plan.upfront_fees_minor + sum(row.total_minor for row in rows)
    cost, measure = made.cost, made.agreement.cost_measure
    return Redemption(
        offer=card,
        promotion=promotion,
        rate_annual=made.terms.annual_rate,
        instalment_minor=rows[0].total_minor,
        upfront_fees_minor=made.plan.upfront_fees_minor,
        total_minor=total_minor,
        saving_minor=max(card.total_minor - total_minor, 0),
        cost=CostCard(cost.simple, cost.effective, cost.method, measure),
    )
