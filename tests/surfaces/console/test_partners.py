"""Partners in the console: what was agreed with them, in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from loanops.registry.partners import operations
from tests.factories.desk import Operation
from tests.factories.registry import AT, HOUSE, YEAR_END, agreed
from tests.surfaces.console.addresses import address

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]


def amended(number: str, **guarantee: object) -> None:
    operations.amend_agreement(
        number=number,
        terms=agreed(guarantor="anchor", compensation_days=10, guarantee=guarantee),
        valid_from=date(2026, 12, 1),
        valid_to=YEAR_END,
        actor=HOUSE,
        at=AT,
    )


class TestAgreement:
    def test_says_what_the_guarantor_pays_for_and_up_to_how_much(
        self, operation: Operation, enter: Enter
    ) -> None:
        amended(operation.agreement, scope="instalment", base="with_penalty", cap_rate="0.08")

        page = enter("product_manager").get(address("agreement", operation.agreement))

        said = "逐期代偿 · 本金、利息和罚息 · 协议项下全部贷款合计不超过放款本金的 8.00%"
        assert said in page.content.decode()

    def test_says_of_an_amount_for_which_loans_it_is(
        self, operation: Operation, enter: Enter
    ) -> None:
        amended(operation.agreement, cap_minor=5_000_000, cap_per="year")

        page = enter("product_manager").get(address("agreement", operation.agreement))

        assert "整笔代偿 · 本金和利息 · 同一年度放款合计不超过" in page.content.decode()
        assert "50,000.00" in page.content.decode()
