"""Products that read their first rate from an index, on the console and in a quote."""

from __future__ import annotations

import html
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from loanops.origination.contracts import queries as contracts
from loanops.platform.books import queries as books
from loanops.registry.compliance import operations as compliance
from tests.factories import desk
from tests.factories.registry import AT, HOUSE, carded, publish
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def published(key: str, since: date) -> None:
    compliance.record_reference_rate(
        book="cn", key=key, rate_annual=Decimal("0.029"), effective_from=since, document="notice",
        actor=HOUSE, at=AT,
    )  # fmt: skip


def product(index: str) -> str:
    floating = {"index": index, "spread_bp": "850", "first_rate": "contract"}
    made = publish(
        "reading",
        terms=carded(floating=floating),
        rate_annual=None,
        effective_from=books.business_date("cn"),
    )
    return made.number


def page(client: Client, number: str) -> str:
    return " ".join(html.unescape(client.get(address("product", number)).content.decode()).split())


class TestTheProduct:
    def test_says_what_it_reads_today_and_tries_a_loan_at_it(self, client: Client) -> None:
        on = books.business_date("cn")
        published("lpr_1y", on)

        shown = page(client, product("lpr_1y"))

        assert f"read on {on}: 2.90% since {on}, and the points" in shown
        assert "the first rate too, on the day the contract is drawn up" in shown
        assert 'value="11.4"' in shown
        quoted = contracts.quote(
            book="cn", product="reading", principal_minor=1_000_000, term_months=12,
            annual_rate=None,
        )  # fmt: skip
        assert quoted.rate_annual == Decimal("0.114")

    def test_says_where_no_figure_is_known(self, client: Client) -> None:
        published("shibor", date(2099, 1, 1))

        shown = page(client, product("shibor"))

        assert shown.count("No figure of shibor is known on") == 2
