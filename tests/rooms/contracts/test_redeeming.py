"""A promotion taken for an offer: shown first, booked as shown, given back with the offer."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import ChangedMeanwhile, MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import invariants, operations, queries
from loanops.origination.contracts.domain.refusals import PromotionTaken
from loanops.origination.contracts.models import Offer
from loanops.origination.contracts.queries import OfferCard
from loanops.platform.books.models import Book
from loanops.registry.partners import operations as partners
from loanops.registry.products import queries as products
from loanops.registry.products.domain.refusals import PromotionDoesNotFit, PromotionUnknown
from loanops.registry.products.models import PromotionUse
from loanops.registry.products.queries import PromotionEffect, Rule
from tests.factories.contracts import (
    approved,
    chinese_market,
    confirmed,
    drawn_up,
    later,
    offered,
    open_market,
)
from tests.factories.promotions import launched
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, YEAR_END, agreed, stranger

pytestmark = pytest.mark.django_db

POINTS = Rule(effect=PromotionEffect.RATE_POINTS, value=Decimal("0.02"), funders=("harbour",))


def an_offer() -> OfferCard:
    market = chinese_market()
    return offered(market, approved(market)[0])


def redeem(number: str, code: str = "SPRING", actor: Actor = HOUSE) -> OfferCard:
    return operations.redeem_promotion(offer=number, code=code, actor=actor, at=later(5))


class TestPreview:
    def test_writes_nothing_and_is_what_is_booked(self) -> None:
        card = an_offer()
        launched()

        shown = operations.preview_promotion(offer=card.number, code="spring", viewer=HOUSE)

        assert Offer.objects.count() == 1
        assert not PromotionUse.objects.exists()
        booked = redeem(card.number)
        assert booked.total_minor == shown.total_minor == card.total_minor - shown.saving_minor
        assert booked.schedule[0].total_minor == shown.instalment_minor
        assert booked.cost.simple == shown.cost.simple < card.cost.simple
        assert shown.saving_minor > 0


class TestRedeem:
    def test_replaces_the_offer_and_keeps_the_application_offered(self) -> None:
        card = an_offer()
        promotion = launched()

        new = redeem(card.number)

        assert (new.replaces, new.promotion, new.state) == (card.number, promotion.number, "made")
        assert (new.expires_on, new.principal_minor) == (card.expires_on, card.principal_minor)
        assert queries.get_offer(card.number).state == "withdrawn"
        assert applications.stages_of([card.application]) == {card.application: "offered"}
        saved = products.get_promotion(promotion.number)
        assert (saved.uses, saved.saved_minor) == (1, card.total_minor - new.total_minor)
        assert [each for check in invariants.CHECKS for each in check.find()] == []

    def test_of_the_rate_lowers_the_rate(self) -> None:
        card = an_offer()
        launched(rule=POINTS)

        assert redeem(card.number).rate_annual == card.rate_annual - Decimal("0.02")

    def test_after_a_confirmation_asks_for_another(self) -> None:
        card = confirmed(an_offer().number)
        launched()

        new = redeem(card.number)

        assert (new.state, new.disclosure) == ("made", None)

    def test_becomes_a_contract_like_any_other(self) -> None:
        card = an_offer()
        launched()

        contract = drawn_up(redeem(card.number).number)

        assert contract.terms["fees"][0]["rate"] == "0.024"

    def test_is_given_back_where_the_offer_comes_to_nothing(self) -> None:
        card = an_offer()
        promotion = launched(uses_max=1)
        new = redeem(card.number)

        operations.withdraw_offer(number=new.number, reason="mistake", actor=HOUSE, at=AT)

        assert products.get_promotion(promotion.number).uses == 0
        assert [each for check in invariants.CHECKS for each in check.find()] == []

    def test_in_a_book_without_identity_counts_uses_alone(self) -> None:
        market = open_market(
            fees=[
                {
                    "name": "origination fee",
                    "charging_party": "platform",
                    "timing": "upfront",
                    "amount_minor": 2_000,
                }
            ]
        )
        rule = Rule(
            effect=PromotionEffect.FEE_AMOUNT, value=Decimal(500), charging_party="platform"
        )
        promotion = launched(rule=rule, book="us")
        rate = {"annual_rate": Decimal("0.1199")}
        cards = [offered(market, number, **rate) for number in approved(market, 2)]

        new = [redeem(card.number) for card in cards]

        assert [card.upfront_fees_minor for card in new] == [1_500, 1_500]
        assert products.get_promotion(promotion.number).uses == 2


class TestRefusals:
    def test_of_who_may_not_confirm_offers_or_sees_other_books(self) -> None:
        card = an_offer()
        launched()

        with pytest.raises(NotPermitted):
            redeem(card.number, actor=NOBODY)
        with pytest.raises(NotFound):
            redeem(card.number, actor=stranger("contracts.confirm"))
        assert queries.get_offer(card.number).state == "made"

    def test_of_a_code_that_is_not_there_or_not_for_this_loan(self) -> None:
        card = an_offer()
        launched(effective_from=TODAY + timedelta(days=1))

        with pytest.raises(PromotionUnknown):
            redeem(card.number, "SUMMER")
        with pytest.raises(PromotionDoesNotFit):
            redeem(card.number)
        assert Offer.objects.count() == 1

    def test_of_a_second_promotion_on_one_offer(self) -> None:
        card = an_offer()
        launched()
        launched("SUMMER", POINTS)
        new = redeem(card.number)

        with pytest.raises(PromotionTaken):
            redeem(new.number, "SUMMER")

    def test_of_a_second_use_by_one_person(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        first, second = offered(market, application), offered(market, application)
        launched()
        redeem(first.number)

        with pytest.raises(PromotionDoesNotFit, match="used it already"):
            redeem(second.number)
        assert queries.get_offer(second.number).state == "made"

    def test_once_a_contract_is_drawn_up_or_the_offer_is_over(self) -> None:
        card = an_offer()
        launched()
        drawn_up(card.number)

        with pytest.raises(MoveNotAllowed):
            redeem(card.number)

    def test_where_the_agreement_was_amended_after_the_offer(self) -> None:
        card = an_offer()
        launched()
        terms: dict[str, Any] = {"guarantor": "anchor", "cost_cap_annual": "0.24"}
        fee = {**card.terms["fees"][0], "rate": "0.03"}
        partners.amend_agreement(
            number=card.agreement,
            terms=agreed(**terms, fees=[fee]),
            valid_from=TODAY + timedelta(days=1),
            valid_to=YEAR_END,
            actor=HOUSE,
            at=AT,
        )
        Book.objects.update(business_date=TODAY + timedelta(days=1))

        with pytest.raises(ChangedMeanwhile):
            redeem(card.number)


@pytest.mark.parametrize(
    "change",
    [
        {"terms_json": None},
        {"replaces": "OF-NONE"},
        {"promotion": "PR-NONE"},
        {"state": "withdrawn"},
    ],
)
def test_verify_names_an_offer_that_does_not_follow_from_its_promotion(
    change: dict[str, Any],
) -> None:
    card = an_offer()
    launched()
    new = redeem(card.number)
    first = Offer.objects.get(number=card.number)
    if "terms_json" in change:
        change = {"terms_json": first.terms_json}

    Offer.objects.filter(number=new.number).update(**change)

    [violation] = invariants.wrong_promotions()
    assert violation.object == new.number
