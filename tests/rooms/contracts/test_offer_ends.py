"""How offers end, how they are found, and quotes that bind nobody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.kernel.access import Scopes, Viewer
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted, Refusal
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    OutsideProduct,
)
from loanops.origination.contracts.models import Offer
from loanops.platform.books.models import Book
from loanops.registry.partners import queries as partners_asked
from tests.factories.contracts import (
    approved,
    chinese_market,
    drawn_up,
    later,
    offer_in,
    offered,
    open_market,
)
from tests.factories.registry import (
    AT,
    HOUSE,
    NOBODY,
    TODAY,
    stranger,
)

pytestmark = pytest.mark.django_db


class TestWithdrawOffer:
    def test_opens_the_application_again(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        card = offered(market, application)

        after = withdraw(card.number)

        assert (after.state, after.moves) == ("withdrawn", ())
        assert applications.stages_of([application]) == {application: "approved"}

    def test_leaves_the_application_while_another_offer_stands(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        first, _ = offered(market, application), offered(market, application)

        withdraw(first.number)

        assert applications.stages_of([application]) == {application: "offered"}

    def test_cannot_happen_twice(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        number = offered(market, application).number
        withdraw(number)

        with pytest.raises(MoveNotAllowed):
            withdraw(number)

    def test_needs_the_grant_and_a_reason(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        number = offered(market, application).number

        with pytest.raises(NotPermitted):
            withdraw(number, actor=NOBODY)
        with pytest.raises(BadField):
            withdraw(number, reason=" ")
        with pytest.raises(NotFound):
            withdraw(number, actor=stranger("contracts.offer"))


def withdraw(number: str, **values: Any) -> queries.OfferCard:
    given: dict[str, Any] = {"reason": "rate changed", "actor": HOUSE, **values}
    return operations.withdraw_offer(number=number, **given, at=AT)


class TestExpireOffersMany:
    def test_ends_what_is_over_and_voids_its_contract(self) -> None:
        market = chinese_market()
        over, fresh = approved(market, 2)
        offer = offered(market, over)
        contract = drawn_up(offer.number)
        Book.objects.update(business_date=TODAY + timedelta(days=6))
        young = offered(market, fresh)
        Book.objects.update(business_date=TODAY + timedelta(days=7))

        expired = operations.expire_offers_many(book="cn", actor=HOUSE, at=later(60))

        assert expired == 1
        assert queries.get_offer(offer.number).state == "expired"
        assert queries.get_contract(contract.number).state == "void"
        assert queries.get_offer(young.number).state == "made"
        assert applications.stages_of([over, fresh]) == {over: "approved", fresh: "offered"}

    def test_does_nothing_twice(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        offered(market, application)
        Book.objects.update(business_date=TODAY + timedelta(days=7))
        operations.expire_offers_many(book="cn", actor=HOUSE, at=AT)

        assert operations.expire_offers_many(book="cn", actor=HOUSE, at=AT) == 0

    def test_needs_the_grant(self) -> None:
        chinese_market()

        with pytest.raises(NotPermitted):
            operations.expire_offers_many(book="cn", actor=NOBODY, at=AT)


class TestQuote:
    def test_shows_schedule_total_and_cost_and_binds_nobody(self) -> None:
        chinese_market()

        card = queries.quote(
            book="cn", product="steady", principal_minor=1_000_000, term_months=12,
            annual_rate=None,
        )  # fmt: skip

        assert not card.binding
        assert card.schedule[0].total_minor == 88_849
        assert card.total_minor == 1_000_000 + card.interest_minor
        assert round(card.cost.simple, 3) == Decimal("0.120")
        assert not Offer.objects.exists()

    def test_counts_the_fees_of_a_funder(self) -> None:
        market = chinese_market()
        card = queries.quote(
            book="cn", product="steady", principal_minor=1_000_000, term_months=12,
            annual_rate=None, agreement=partners_asked.get_agreement(market.agreement),
        )  # fmt: skip

        assert card.fees_minor > 0
        assert card.cost.simple > Decimal("0.16")

    @pytest.mark.parametrize(
        ("values", "refusal"),
        [
            ({"principal_minor": 1}, OutsideProduct),
            ({"term_months": 7}, OutsideProduct),
            ({"book": "nowhere"}, NotFound),
        ],
    )
    def test_says_what_does_not_fit(self, values: dict[str, Any], refusal: type[Refusal]) -> None:
        chinese_market()
        given: dict[str, Any] = {
            "book": "cn", "product": "steady", "principal_minor": 1_000_000, "term_months": 12,
            "annual_rate": None,
        }  # fmt: skip

        with pytest.raises(refusal):
            queries.quote(**{**given, **values})

    def test_needs_a_rate_from_somewhere(self) -> None:
        open_market()

        with pytest.raises(BadField) as refused:
            queries.quote(
                book="us", product="personal", principal_minor=1_000_000, term_months=12,
                annual_rate=None,
            )  # fmt: skip

        assert refused.value.field == "annual_rate"


class TestQueries:
    def test_show_a_funder_its_own_offers(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        card = offered(market, application)
        other = Viewer(
            person="zhao", grants=frozenset({"contracts.view"}),
            scopes=Scopes(funders=frozenset({"lake"})),
        )  # fmt: skip

        assert queries.list_offers(application=application, viewer=other) == []
        with pytest.raises(NotFound):
            queries.get_offer(card.number, viewer=other)

    def test_need_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            queries.get_offer("OF-1", viewer=NOBODY)

    def test_find_many_in_a_few_questions(self, django_assert_max_num_queries: Any) -> None:
        market = open_market()
        numbers = approved(market, 5)
        made = operations.make_offers_many(
            book="us", offers=[offer_in(market, each) for each in numbers], actor=HOUSE, at=AT
        )

        with django_assert_max_num_queries(3):
            found = queries.find_offers(made.numbers)

        assert set(found) == set(made.numbers)
