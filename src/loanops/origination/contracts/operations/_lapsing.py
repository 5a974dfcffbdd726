"""How offers come to nothing: together with their unsigned contracts, announced by application."""

from __future__ import annotations

from collections.abc import Sequence

from loanops.origination.applications import operations as applications
from loanops.origination.applications import queries as applications_asked
from loanops.origination.contracts import events
from loanops.origination.contracts.domain.lifecycle import (
    CONTRACTS,
    OFFERS,
    OPEN_OFFERS,
    ContractMove,
    ContractState,
    OfferMove,
    OfferState,
)
from loanops.origination.contracts.models import Contract, Offer
from loanops.origination.contracts.operations._drafting import OFFERED
from loanops.origination.contracts.operations._telling import advancing, redeeming
from loanops.platform.work import Work
from loanops.registry.products import operations as products

OPEN = tuple(sorted(state.value for state in OPEN_OFFERS))


def lapse(
    work: Work, numbers: Sequence[str], move: OfferMove, *, reason: str, reopen: bool = True
) -> list[str]:
    """Move open offers to their end and void what was drawn up from them; returns their numbers.

    Offers that are not open (any more) are left as they are. With ``reopen`` an application that
    is left without an open offer goes back to approved.
    """
    offers = list(
        Offer.objects.select_for_update().filter(number__in=numbers, state__in=OPEN).order_by("id")
    )
    if not offers:
        return []
    after = OFFERS.after(OfferState(offers[0].state), move)
    lapsed = [offer.number for offer in offers]
    Offer.objects.filter(number__in=lapsed).update(state=after.value)
    Contract.objects.filter(offer_id__in=lapsed, state=ContractState.DRAWN_UP.value).update(
        state=CONTRACTS.after(ContractState.DRAWN_UP, ContractMove.LAPSE).value
    )
    products.release_promotion_uses(
        book=work.book, offers=lapsed, actor=redeeming(work.actor), at=work.at
    )
    if reopen:
        _reopen(work, [offer.application for offer in offers])
    work.announce(
        events.OffersLapsed(
            subject=f"{work.book}:{lapsed[0]}",
            rows=tuple(
                {"offer": offer.number, "application": offer.application, "reason": reason}
                for offer in offers
            ),
        )
    )
    return lapsed


def _reopen(work: Work, touched: Sequence[str]) -> None:
    still_open = set(
        Offer.objects.filter(application__in=touched, state__in=OPEN).values_list(
            "application", flat=True
        )
    )
    without = sorted(set(touched) - still_open)
    stages = applications_asked.stages_of(without)
    back = [number for number in without if stages.get(number) == OFFERED]
    if back:
        applications.take_back_offer_many(numbers=back, actor=advancing(work.actor), at=work.at)
