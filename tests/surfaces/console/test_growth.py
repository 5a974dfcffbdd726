"""Pages ask as many questions of many rows as of few: counted, page by page."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loanops.loanbook.servicing import operations as servicing
from loanops.origination.applications import operations as applications
from tests.factories import contracts, desk, loans, registry
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import PAGES, address
from tests.surfaces.console.conftest import Enter

MORE = 12


def furnish(operation: desk.Operation) -> None:
    """Many more of what the lists show, through the rooms' own twins."""
    market = contracts.Market("cn", operation.agreement, operation.product)
    approved = contracts.approved(market, MORE, first=160)
    for number in approved[:4]:
        contracts.drawn_up(contracts.offered(market, number).number)
    requests = [desk.request(place) for place in range(180, 180 + MORE)]
    asked = applications.submit_many(
        book="cn", source="test", requests=requests, actor=HOUSE, at=AT
    )
    for number in asked.created:
        applications.refer(number=number, reasons=["SCORE_LOW"], actor=HOUSE, at=AT)
    agreed = loans.terms(start_date=registry.TODAY)
    payouts = [loans.disbursed(agreed) for _ in range(MORE)]
    servicing.open_loans(book="cn", disbursed=payouts, actor=HOUSE, at=AT)
    for place in range(MORE):
        registry.register(f"more-{place}", "bank")


def asked_by(client: Client, name: str) -> tuple[int, int]:
    """How many statements a page takes, and how many rows its tables show."""
    with CaptureQueriesContext(connection) as asked:
        shown = client.get(address(name)).content.decode()
    return len(asked), len(re.findall(r"<tr\b", shown))


class TestLists:
    def test_ask_as_often_of_many_rows_as_of_few(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")
        for name in PAGES:
            client.get(address(name))
        few = {name: asked_by(client, name) for name in PAGES}

        furnish(operation)
        many = {name: asked_by(client, name) for name in PAGES}

        grown = {name for name in PAGES if many[name][1] >= few[name][1] + MORE // 3}
        assert {"work_list", "applications", "contracts", "loans", "partners"} <= grown
        assert [name for name in PAGES if many[name][0] > few[name][0]] == []
