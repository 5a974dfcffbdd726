"""Compensations on pages: what is agreed, when it is offered, and that nothing need be typed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from loanops.loanbook.servicing import queries
from tests.factories import desk, loans, registry
from tests.factories.changes import order
from tests.factories.loans import HOUSE, close_until
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter
from tests.surfaces.console.test_changing import look, page, today, where


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


@pytest.fixture
def loan(operation: desk.Operation) -> str:
    """A loan of which the guarantor pays each instalment from ten days past due."""
    agreed = registry.sign(
        "harbour",
        guarantor="anchor",
        compensation_days=10,
        guarantee={
            "scope": "instalment",
            "base": "principal_and_interest",
            "cap_minor": 100_000,
        },
    )
    return loans.open_loan(
        agreed=loans.terms(start_date=registry.TODAY),
        guarantor="anchor",
        agreement=agreed.number,
        agreement_version=agreed.version,
    )


def late(loan: str, days: int) -> None:
    due_on = queries.get_schedule(number=loan, viewer=HOUSE)[0].due_on
    close_until(due_on + timedelta(days=days))


class TestOffering:
    def test_says_from_which_day_the_guarantor_pays(self, client: Client, loan: str) -> None:
        shown = page(client, address("changes", loan))
        assert "The guarantor pays from" in shown
        assert where(loan, "compensated") not in shown

    def test_offers_it_from_the_day_on(self, client: Client, loan: str) -> None:
        late(loan, 10)
        assert where(loan, "compensated") in page(client, address("changes", loan))

    def test_says_that_nobody_guarantees(self, client: Client, operation: desk.Operation) -> None:
        alone = loans.open_loan(agreed=loans.terms(start_date=registry.TODAY))
        assert "Nobody guarantees this loan." in page(client, address("changes", alone))


class TestOrdering:
    def test_shows_what_is_agreed_and_books_it_with_nothing_typed(
        self, client: Client, loan: str
    ) -> None:
        late(loan, 10)
        shown = page(client, where(loan, "compensated"))
        assert "anchor pays from 10 days past due" in shown
        assert "each late instalment · principal and interest" in shown

        said = look(client, loan, "compensated", {"owner": "anchor", "number": "1"})
        answer = client.post(where(loan, "compensated", "order_change"), said)

        assert answer["Location"] == address("loan", loan)
        told = queries.list_events(number=loan, viewer=HOUSE)[-1]
        assert (told.kind, told.content["price_minor"]) == ("compensated", 88_849)
        assert "principal and interest" in page(client, address("loan", loan))

    def test_is_shown_on_the_agreement_with_what_is_left(self, client: Client, loan: str) -> None:
        late(loan, 10)
        agreement = queries.get_guarantee(number=loan, viewer=HOUSE).agreement
        assert "1,000.00" in page(client, address("agreement", agreement))
        order(loan, "compensated", queries.get_loan(number=loan, viewer=HOUSE).on)
        shown = page(client, address("agreement", agreement))
        assert "888.49" in shown
        assert "111.51" in shown

    def test_refuses_in_words_what_is_not_agreed(self, client: Client, loan: str) -> None:
        late(loan, 10)
        shown = page(
            client,
            where(loan, "compensated"),
            on=today(loan),
            owner="anchor",
            number="1",
            price_minor="1",
        )
        assert "must be 888.49, what the guarantor pays by the agreement" in shown


class TestList:
    def test_leads_to_the_effect_of_each_and_to_a_file(self, client: Client, loan: str) -> None:
        assert "Nothing is due" in page(client, address("compensations"))
        late(loan, 10)

        shown = page(client, address("compensations"))

        assert loan in shown
        assert f"{where(loan, 'compensated')}?on={today(loan)}&owner=anchor&number=1" in shown
        effect = page(
            client, where(loan, "compensated"), on=today(loan), owner="anchor", number="1"
        )
        assert 'name="digest"' in effect
        file = client.get(address("export_compensations")).content.decode()
        assert f"{loan},1,harbour,anchor" in file
        assert file.count("888.49") == 1
