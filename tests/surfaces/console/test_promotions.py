"""Promotions in the console: launched, looked at, taken for an offer as it was shown, ended."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from loanops.kernel.access import Viewer
from loanops.origination.contracts import queries as contracts
from loanops.registry.products import queries
from tests.factories.desk import Operation
from tests.factories.registry import TODAY
from tests.surfaces.console.addresses import address

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]
HOUSE = Viewer.house()
SUMMER = {
    "code": "summer",
    "effect": "fee_share",
    "percent": "25",
    "charging_party": "guarantor",
    "name_zh": "夏季优惠",
    "name_en": "Summer",
    "effective_from": TODAY.isoformat(),
    "uses_max": "10",
    "products": ["steady"],
}


class TestLaunching:
    def test_is_done_by_the_product_manager_and_shown(
        self, operation: Operation, enter: Enter
    ) -> None:
        client = enter("product_manager")

        client.post(address("launch_promotion"), SUMMER)

        [card] = [
            each
            for each in queries.list_promotions(book="cn", viewer=HOUSE)
            if each.code == "SUMMER"
        ]
        assert (str(card.value.normalize()), card.products, card.uses_max) == (
            "0.25",
            ("steady",),
            10,
        )
        page = client.get(address("promotion", card.number)).content.decode()
        assert "夏季优惠" in page
        assert "25" in page

    def test_without_the_figure_says_which_entry_is_missing(
        self, operation: Operation, enter: Enter
    ) -> None:
        answer = enter("product_manager").post(
            address("launch_promotion"), {**SUMMER, "percent": ""}, HTTP_HX_REQUEST="true"
        )

        assert "减免比例" in answer.content.decode()
        assert len(queries.list_promotions(book="cn", viewer=HOUSE)) == 1


class TestTaking:
    def test_shows_the_saving_first_and_books_exactly_that(
        self, operation: Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        before = contracts.get_offer(operation.offer, viewer=HOUSE)

        shown = client.get(address("redemption", operation.offer), {"code": "spring"})
        said = shown.context["shown"]
        client.post(address("redeem_promotion", operation.offer), {"code": "spring"})

        offers = contracts.list_offers(application=before.application, viewer=HOUSE)
        [new] = [each for each in offers if each.replaces == before.number]
        assert new.total_minor == said.total_minor == before.total_minor - said.saving_minor
        page = client.get(address("promotion", operation.promotion)).content.decode()
        assert new.number in page

    def test_with_a_strange_code_says_so_and_changes_nothing(
        self, operation: Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        shown = client.get(address("redemption", operation.offer), {"code": "WINTER"})

        assert "没有优惠码 WINTER" in shown.content.decode()
        assert contracts.get_offer(operation.offer, viewer=HOUSE).state == "made"


class TestEnding:
    def test_leaves_it_over(self, operation: Operation, enter: Enter) -> None:
        client = enter("product_manager")

        client.post(
            address("end_promotion", operation.promotion),
            {"effective_to": TODAY.isoformat(), "reason": "budget spent"},
        )

        assert not queries.get_promotion(operation.promotion, viewer=HOUSE).runs_on(TODAY)
