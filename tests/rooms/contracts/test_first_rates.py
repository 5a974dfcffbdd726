"""First rates: where a product says so, an offer begins at the index and its points."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.refusals import BadField
from loanops.kernel.schedule import Terms
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    CostAboveCap,
    IndexMovedOn,
    OutsideAgreement,
)
from loanops.origination.contracts.models import Offer
from loanops.platform.books.models import Book
from loanops.registry.compliance import operations as compliance
from loanops.registry.products.domain.refusals import IndexUnknown
from loanops.registry.products.queries import PromotionEffect, Rule
from tests.factories.contracts import Market, approved, chinese_market, confirmed, offered
from tests.factories.promotions import launched
from tests.factories.registry import AT, HOUSE, TODAY, carded, publish

pytestmark = pytest.mark.django_db

SINCE = TODAY - timedelta(days=12)


def published(rate: str, since: date = SINCE, *, key: str = "lpr_1y") -> None:
    compliance.record_reference_rate(
        book="cn", key=key, rate_annual=Decimal(rate), effective_from=since, document="notice",
        actor=HOUSE, at=AT,
    )  # fmt: skip


def market(*, first_rate: str = "contract", index: str = "lpr_1y", **terms: Any) -> Market:
    """A bank that lends at LPR and points."""
    made = chinese_market(**terms)
    # Of this one no figure holds yet.
    published("0.03", TODAY + timedelta(days=5), key="shibor")
    floating = {"index": index, "spread_bp": "850", "first_rate": first_rate}
    version = publish(
        terms=carded(floating=floating), rate_annual=None, effective_from=date(2026, 1, 2)
    )
    published("0.029")
    return Market(made.book, made.agreement, version.number)


class TestAnOffer:
    @pytest.mark.parametrize("first_rate", ["offer", "contract"])
    def test_begins_at_the_last_figure_and_the_points(self, first_rate: str) -> None:
        where = market(first_rate=first_rate)
        published("0.020", TODAY + timedelta(days=1))
        [application] = approved(where)

        card = offered(where, application, annual_rate=None)

        assert card.rate_annual == Decimal("0.114")
        assert Terms.from_dict(card.terms).annual_rate == Decimal("0.114")
        assert card.statement["items"][0]["first_read"] == {
            "index": "lpr_1y",
            "index_rate": "0.029",
            "effective_from": SINCE.isoformat(),
            "read_on": TODAY.isoformat(),
            "spread_bp": "850",
            "rate_annual": "0.114",
        }

    def test_takes_a_figure_that_is_published_on_its_day(self) -> None:
        where = market()
        published("0.028", TODAY)
        [application] = approved(where)

        assert offered(where, application, annual_rate=None).rate_annual == Decimal("0.113")

    def test_may_be_told_the_very_rate_and_no_other(self) -> None:
        where = market()
        [application] = approved(where)

        with pytest.raises(BadField) as refused:
            offered(where, application, annual_rate=Decimal("0.11"))

        assert refused.value.field == "annual_rate"
        assert offered(where, application, annual_rate=Decimal("0.1140")).instalments == 12

    def test_needs_a_rate_where_none_is_read(self) -> None:
        where = chinese_market()
        [application] = approved(where)

        with pytest.raises(BadField, match="must be given"):
            offered(where, application, annual_rate=None)

    def test_is_held_to_the_agreement_and_the_law_at_the_rate_that_is_read(self) -> None:
        where = market(cost_cap_annual="0.165", rate_annual="0.12")
        [application] = approved(where)
        published("0.0351", TODAY)

        with pytest.raises(OutsideAgreement, match=r"0\.1201"):
            offered(where, application, annual_rate=None)

        published("0.035", TODAY)
        with pytest.raises(CostAboveCap):
            offered(where, application, annual_rate=None)
        assert not Offer.objects.exists()

    def test_is_refused_where_no_figure_is_known_on_the_day(self) -> None:
        where = market(index="shibor")
        [application] = approved(where)

        with pytest.raises(IndexUnknown) as refused:
            offered(where, application, annual_rate=None)

        assert str(refused.value) == (
            "No figure of shibor is known on 2026-11-02; record what was published first."
        )

    def test_keeps_its_figure_when_a_promotion_lowers_it(self) -> None:
        where = market()
        [application] = approved(where)
        card = offered(where, application, annual_rate=None)
        points = PromotionEffect.RATE_POINTS
        launched("LESS", Rule(effect=points, value=Decimal("0.01"), funders=("harbour",)))
        published("0.028", TODAY + timedelta(days=1))
        Book.objects.update(business_date=TODAY + timedelta(days=1))

        lowered = operations.redeem_promotion(offer=card.number, code="LESS", actor=HOUSE, at=AT)

        assert lowered.rate_annual == Decimal("0.104")
        assert lowered.statement["items"][0]["first_read"]["index_rate"] == "0.029"


class TestDrawingUp:
    def drawn_up_tomorrow(self, offer: str) -> queries.ContractCard:
        confirmed(offer)
        Book.objects.update(business_date=TODAY + timedelta(days=1))
        return operations.draw_up(offer=offer, actor=HOUSE, at=AT + timedelta(days=1))

    def test_is_refused_where_the_index_is_another_on_the_contracts_day(self) -> None:
        where = market()
        [application] = approved(where)
        card = offered(where, application, annual_rate=None)
        published("0.028", TODAY + timedelta(days=1))

        with pytest.raises(IndexMovedOn) as refused:
            self.drawn_up_tomorrow(card.number)

        assert "begins at 11.4" in str(refused.value)
        assert "is 11.3" in str(refused.value)

    def test_goes_on_where_the_offers_day_counts_or_the_figure_is_the_same(self) -> None:
        where = market(first_rate="offer")
        [application] = approved(where)
        card = offered(where, application, annual_rate=None)
        published("0.028", TODAY + timedelta(days=1))

        assert self.drawn_up_tomorrow(card.number).terms["annual_rate"] == "0.114"

    def test_goes_on_where_the_same_figure_was_published_again(self) -> None:
        where = market()
        [application] = approved(where)
        card = offered(where, application, annual_rate=None)
        published("0.029", TODAY + timedelta(days=1))

        contract = self.drawn_up_tomorrow(card.number)

        assert contract.terms["annual_rate"] == "0.114"

    def test_refuses_of_many_those_that_are_stale_alone(self) -> None:
        where = market()
        [first, second] = approved(where, 2)
        stale = offered(where, first, annual_rate=None)
        published("0.028", TODAY)
        fresh = offered(where, second, annual_rate=None)
        for each in (stale, fresh):
            confirmed(each.number)

        outcome = operations.draw_up_many(
            book="cn", offers=[stale.number, fresh.number], actor=HOUSE, at=AT
        )

        assert [each.source for each in outcome.made] == [fresh.number]
        assert [(each.subject, each.refusal.code) for each in outcome.refused] == [
            (stale.number, "contracts_index_moved_on")
        ]


class TestAQuote:
    def quoted(self, rate: str | None = None) -> queries.QuoteCard:
        return queries.quote(
            book="cn",
            product="steady",
            principal_minor=1_000_000,
            term_months=12,
            annual_rate=None if rate is None else Decimal(rate),
        )

    def test_says_what_it_read(self) -> None:
        market()

        card = self.quoted()

        assert card.rate_annual == Decimal("0.114")
        assert card.first_read is not None
        assert (card.first_read.index_rate, card.first_read.effective_from) == (
            Decimal("0.029"),
            SINCE,
        )

    def test_takes_no_other_rate(self) -> None:
        market()

        with pytest.raises(BadField, match="must be left out"):
            self.quoted("0.10")

    def test_of_a_product_with_a_rate_read_nothing(self) -> None:
        chinese_market()

        assert self.quoted().first_read is None
