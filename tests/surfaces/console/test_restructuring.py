"""Restructurings on the console: before and after, from the loan and from its timeline."""

from __future__ import annotations

import html

import pytest
from django.test import Client

from loanops.loanbook.servicing import queries
from tests.factories import desk
from tests.factories.changes import CASES, order
from tests.factories.loans import HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def loan(operation: desk.Operation) -> str:
    return operation.loan


@pytest.fixture
def client(loan: str, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def page(client: Client, at: str) -> str:
    return " ".join(html.unescape(client.get(at).content.decode()).split())


class TestRestructurings:
    def test_are_shown_before_and_after_from_the_loan_and_its_timeline(
        self, client: Client, loan: str
    ) -> None:
        at = address("restructurings", loan)
        assert at not in page(client, address("loan", loan))
        assert "never restructured" in page(client, at)
        on = queries.get_loan(number=loan, viewer=HOUSE).on
        agreed = CASES["restructured"](loan) | {"principal": "spread"}

        booked = order(loan, "restructured", on, **agreed)

        seen = page(client, address("loan", loan))
        assert f'href="{at}"' in seen
        assert f'href="{at}#{booked.key}"' in seen
        shown = page(client, at)
        assert "“as agreed”" in shown
        assert "500.00" in shown
        assert f'id="{booked.key}"' in shown

        order(loan, "reversed", on, of=booked.key)

        assert "It was undone later" in page(client, at)
