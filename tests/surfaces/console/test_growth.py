"""Pages ask as many questions of many rows as of few, and read no more of them: counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.models import Model
from django.db.models.signals import post_init
from django.test import Client
from django.test.utils import CaptureQueriesContext

from loanops.loanbook.servicing import operations as servicing
from loanops.money.limits import operations as limits
from loanops.origination.applications import operations as applications
from tests.factories import contracts, desk, loans, registry, work
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import DETAILS, PAGES, about, address
from tests.surfaces.console.conftest import Enter

MORE = 12
NAMED_TOGETHER = {"Partner"}
"""Few things, whose names are read at once for a page."""


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
    work.follow()
    for place in range(MORE):
        registry.register(f"more-{place}", "bank")
        limits.set_quota(
            book="cn", owner=f"person:{place}", kind="funding", period="total", limit_minor=1,
            actor=HOUSE, at=AT,
        )  # fmt: skip


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


@contextmanager
def loaded() -> Iterator[list[str]]:
    """The rows that are read as things, by their kind."""
    kinds: list[str] = []

    def note(sender: type[Model], **_: object) -> None:
        kinds.append(sender.__name__)

    post_init.connect(note)
    try:
        yield kinds
    finally:
        post_init.disconnect(note)


class TestDetails:
    def test_read_as_much_among_many_as_among_few(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")

        def read_by(name: str) -> Counter[str]:
            with loaded() as kinds:
                client.get(address(name, about(operation, DETAILS[name][1])))
            return Counter(kind for kind in kinds if kind not in NAMED_TOGETHER)

        for name in DETAILS:
            read_by(name)
        few = {name: read_by(name) for name in DETAILS}

        furnish(operation)
        many = {name: read_by(name) for name in DETAILS}

        assert all(few.values())
        assert {name: many[name] - few[name] for name in DETAILS if many[name] - few[name]} == {}
