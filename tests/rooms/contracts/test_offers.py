"""Offers: bound by application, product, agreement and law; each with schedule and cost."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.pricing import all_in_cost
from loanops.kernel.refusals import BadField, NotFound, NotPermitted, Refusal
from loanops.kernel.schedule import Terms, schedule
from loanops.origination.applications import operations as orders
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    CostAboveCap,
    LawForbids,
    NotApproved,
    OfferAboveApproved,
    OutsideAgreement,
    OutsideProduct,
)
from loanops.origination.contracts.models import Offer
from loanops.platform.audit.models import Entry
from loanops.platform.books.models import Book
from loanops.platform.outbox.models import Message
from loanops.registry.partners import operations as partners
from loanops.registry.products import operations as products
from loanops.registry.products import queries as products_asked
from tests.factories.contracts import (
    approved,
    chinese_market,
    confirmed,
    drawn_up,
    offer_in,
    offered,
    open_market,
)
from tests.factories.registry import (
    AT,
    HOUSE,
    NOBODY,
    TODAY,
    YEAR_END,
    agreed,
    carded,
    publish,
    stranger,
)

pytestmark = pytest.mark.django_db


class TestMakeOffer:
    def test_holds_schedule_cost_answer_and_expiry(self) -> None:
        market = chinese_market()
        [application] = approved(market)

        card = offered(market, application)

        terms = Terms.from_dict(card.terms)
        assert card.cost.simple == all_in_cost(terms, schedule(terms)).simple
        assert card.cost.simple > Decimal("0.16")
        assert sum(row.principal_minor for row in card.schedule) == 1_000_000
        assert (card.answer.allowed, card.answer.rule) == (True, "cost-cap-bank")
        assert card.expires_on == TODAY + timedelta(days=7)
        assert card.moves == ("confirm", "expire", "withdraw")

    def test_records_announces_and_moves_the_application_together(self) -> None:
        market = chinese_market()
        [application] = approved(market)

        card = offered(market, application)

        assert applications.stages_of([application]) == {application: "offered"}
        assert Entry.objects.filter(code="contracts.offered", subject=application).exists()
        message = Message.objects.get(name="contracts.offered")
        assert (message.subject, card.number in message.payload_json) == (application, True)

    def test_may_stand_beside_another_one(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        dear = offered(market, application)

        cheap = offered(market, application, annual_rate=Decimal("0.10"))

        side_by_side = queries.list_offers(application=application)
        assert [card.number for card in side_by_side] == [cheap.number, dear.number]

    def test_keeps_its_version_when_a_new_one_is_published(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        card = offered(market, application)

        publish(terms=carded(method="flat"), effective_from=TODAY)

        kept = queries.get_offer(card.number)
        assert (kept.product_version, kept.terms["method"]) == (market.version, "equal_instalment")

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ({"principal_minor": 1_000_001}, OfferAboveApproved),
            ({"principal_minor": 99_999}, OutsideProduct),
            ({"instalments": 5}, OutsideProduct),
            ({"annual_rate": Decimal("0.1201")}, OutsideAgreement),
            ({"annual_rate": Decimal("-0.01")}, BadField),
            ({"application": "AP-NONE"}, NotFound),
            ({"agreement": "AG-NONE"}, NotFound),
            ({"product_version": "PV-NONE"}, NotFound),
        ],
    )
    def test_refuses_what_does_not_fit_and_leaves_no_trace(
        self, values: dict[str, Any], refusal: type[Refusal]
    ) -> None:
        market = chinese_market()
        [application] = approved(market)
        given = {**vars(offer_in(market, application)), **values}

        with pytest.raises(refusal):
            operations.make_offer(**given, actor=HOUSE, at=AT)

        assert not Offer.objects.exists()
        assert applications.stages_of([application]) == {application: "approved"}
        assert not Entry.objects.filter(code__startswith="contracts.").exists()

    def test_refuses_a_term_that_the_funder_does_not_take(self) -> None:
        market = chinese_market(terms_months=[3, 6])
        [application] = approved(market)

        with pytest.raises(OutsideAgreement):
            offered(market, application)

    def test_refuses_an_agreement_that_is_suspended(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        partners.suspend_agreement(number=market.agreement, reason="pool", actor=HOUSE, at=AT)

        with pytest.raises(OutsideAgreement):
            offered(market, application)

    def test_needs_an_approved_application(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        signed_offer = offered(market, application)
        drawn_up(signed_offer.number)
        Book.objects.update(business_date=TODAY + timedelta(days=8))
        operations.expire_offers_many(book="cn", actor=HOUSE, at=AT)
        orders.refuse_funding(number=application, reasons=("NO_FUNDER",), actor=HOUSE, at=AT)

        with pytest.raises(NotApproved):
            offered(market, application)

    def test_needs_the_grant(self) -> None:
        market = chinese_market()
        [application] = approved(market)

        with pytest.raises(NotPermitted):
            offered(market, application, actor=NOBODY)

    def test_of_another_book_is_not_found(self) -> None:
        market = chinese_market()
        [application] = approved(market)

        with pytest.raises(NotFound):
            offered(market, application, actor=stranger("contracts.offer"))


class TestCap:
    """12 % interest with a guarantee fee on the balance: the fee alone decides."""

    def market(self, fee: str, **terms: Any) -> Any:
        row = {
            "name": "担保费", "charging_party": "guarantor", "timing": "per_instalment",
            "rate": fee, "base": "balance", "annual": True,
        }  # fmt: skip
        return chinese_market(fees=[row], **terms)

    def test_blocks_what_is_a_hair_above(self) -> None:
        market = self.market("0.1202")
        [application] = approved(market)

        with pytest.raises(CostAboveCap) as refused:
            offered(market, application)

        assert "24.0" in refused.value.values["found"]
        assert refused.value.values["limit"] == "24%"
        assert "金规〔2025〕9号" in refused.value.values["source"]

    def test_lets_the_limit_itself_pass_and_warns_by_the_stricter_measure(self) -> None:
        market = self.market("0.1198")
        [application] = approved(market)

        card = offered(market, application)

        assert card.cost.simple <= Decimal("0.24") < card.cost.effective
        assert [warning.values["measure"] for warning in card.answer.warnings] == ["effective"]

    def test_blocks_by_the_measure_of_the_agreement(self) -> None:
        market = self.market("0.1198", cost_measure="effective")
        [application] = approved(market)

        with pytest.raises(CostAboveCap):
            offered(market, application)

    def test_blocks_above_the_ceiling_that_was_agreed(self) -> None:
        market = self.market("0.048", cost_cap_annual="0.16")
        [application] = approved(market)

        with pytest.raises(CostAboveCap) as refused:
            offered(market, application)

        assert refused.value.values["limit"] == "16%"

    def test_is_unknown_to_the_open_pack(self) -> None:
        market = open_market()
        [application] = approved(market)

        card = offered(market, application, annual_rate=Decimal("0.99"))

        assert card.answer.rule == "none"

    def test_counts_what_one_consumer_may_owe(self) -> None:
        market = chinese_market(amount_max_minor=90_000_000)
        publish(amount_max_minor=90_000_000, effective_from=TODAY, rate_annual=Decimal("0.12"))
        version = products_asked.get_version(book="cn", product="steady", on=TODAY).number
        [application] = approved(market, amount_minor=20_000_100)

        with pytest.raises(LawForbids):
            offered(
                type(market)(market.book, market.agreement, version),
                application,
                principal_minor=20_000_100,
            )


class TestMakeOffersMany:
    def test_equals_one_by_one_to_the_last_unit(self) -> None:
        market = chinese_market()
        singly, together = approved(market, 3), approved(market, 3, first=10)
        rates = [Decimal("0.12"), Decimal("0.0999"), Decimal("0.07")]
        for number, rate in zip(singly, rates, strict=True):
            offered(market, number, annual_rate=rate)

        outcome = operations.make_offers_many(
            book="cn",
            offers=[
                offer_in(market, number, annual_rate=rate)
                for number, rate in zip(together, rates, strict=True)
            ],
            actor=HOUSE,
            at=AT,
        )

        assert [each.source for each in outcome.made] == together
        assert compared(singly) == compared(together)
        assert set(applications.stages_of(together).values()) == {"offered"}

    def test_refuses_each_row_by_itself_and_by_the_same_rules(self) -> None:
        market = chinese_market()
        good, dear, big = approved(market, 3)

        outcome = operations.make_offers_many(
            book="cn",
            offers=[
                offer_in(market, dear, annual_rate=Decimal("0.5")),
                offer_in(market, good),
                offer_in(market, big, principal_minor=9_000_000),
            ],
            actor=HOUSE,
            at=AT,
        )

        assert [each.source for each in outcome.made] == [good]
        assert [(each.subject, type(each.refusal)) for each in outcome.refused] == [
            (dear, OutsideAgreement),
            (big, OfferAboveApproved),
        ]

    def test_announces_once_with_a_row_for_each(self) -> None:
        market = open_market()
        numbers = approved(market, 3)

        operations.make_offers_many(
            book="us", offers=[offer_in(market, each) for each in numbers], actor=HOUSE, at=AT
        )

        message = Message.objects.get(name="contracts.offered_many")
        assert message.payload_json.count('"offer":') == 3
        assert Entry.objects.filter(code="contracts.offered_many").count() == 1

    def test_asks_the_database_no_more_for_more_rows(
        self, django_assert_max_num_queries: Any
    ) -> None:
        market = open_market()
        numbers = approved(market, 40)

        with django_assert_max_num_queries(40):
            operations.make_offers_many(
                book="us", offers=[offer_in(market, each) for each in numbers], actor=HOUSE, at=AT
            )

    def test_needs_the_grant_and_the_book(self) -> None:
        chinese_market()

        with pytest.raises(NotPermitted):
            operations.make_offers_many(book="cn", offers=[], actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            operations.make_offers_many(
                book="cn", offers=[], actor=stranger("contracts.offer"), at=AT
            )


COMPARED = (
    "product_version", "agreement", "agreement_version", "principal_minor", "instalments",
    "rate_annual", "start_date", "terms_json", "schedule_json", "cost_simple", "cost_effective",
    "answer_json", "state", "made_on", "expires_on", "signing_mode",
)  # fmt: skip


def compared(numbers: list[str]) -> list[dict[str, Any]]:
    return list(Offer.objects.filter(application__in=numbers).order_by("id").values(*COMPARED))


def test_an_amended_agreement_binds_new_offers_only() -> None:
    market = chinese_market(cost_cap_annual=None)
    first, second = approved(market, 2)
    old = offered(market, first)

    partners.amend_agreement(
        number=market.agreement,
        terms=agreed(rate_annual="0.08"),
        valid_from=date(2026, 11, 2),
        valid_to=YEAR_END,
        actor=HOUSE,
        at=AT,
    )

    assert queries.get_offer(old.number).agreement_version == 1
    assert offered(market, second, annual_rate=Decimal("0.08")).agreement_version == 2


def test_a_withdrawn_product_can_still_be_signed() -> None:
    market = chinese_market()
    [application] = approved(market)
    offer = offered(market, application)
    products.withdraw_product(book="cn", product="steady", effective_to=TODAY, actor=HOUSE, at=AT)

    assert confirmed(offer.number).state == "confirmed"
