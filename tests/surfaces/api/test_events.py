"""A partner hears of its own applications and loans, and of nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from loanops.config.owners import owners_of
from loanops.origination.applications.operations import VerdictIn, apply_verdicts_many
from loanops.platform.jobs import runner
from loanops.platform.outbox import pump
from loanops.surfaces.api import commands
from loanops.surfaces.api.endpoints import events
from tests.factories import contracts, loans
from tests.factories.registry import AT, HOUSE
from tests.rooms.platform.receiver import Receiver, listening
from tests.surfaces.api.conftest import Program
from tests.surfaces.api.test_flow import submit

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "now", lambda: AT)
    monkeypatch.setattr(events, "now", lambda: AT + timedelta(minutes=1))


@pytest.fixture
def market() -> contracts.Market:
    return contracts.chinese_market()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as made:
        yield made


def heard(caller: Program, wanted: str = "*") -> list[dict[str, Any]]:
    while pump.deliver(at=AT):
        continue
    answer = caller.get(f"/events?type={wanted}&limit=200")
    assert answer.status_code == 200, answer.content.decode()
    return list(answer.json()["items"])


def decided(*numbers: str) -> None:
    verdicts = [
        VerdictIn(number=number, outcome="approve", reasons=(), offered_minor=1_200_000)
        for number in numbers
    ]
    apply_verdicts_many(verdicts=verdicts, actor=HOUSE, at=AT)


class TestFeed:
    def test_tells_a_channel_of_its_own_application_in_decimal_money(
        self, market: contracts.Market, program: Issue
    ) -> None:
        acorn, birch = (program("channel", partner=code) for code in ("acorn", "birch"))
        number = submit(acorn)["number"]

        (event,) = heard(acorn, "applications.submitted")

        assert event["subject"] == number
        assert event["data"] == {
            "subject": number, "product": "steady", "channel": "acorn",
            "amount": "12000.00", "currency": "CNY", "term_months": 12,
        }  # fmt: skip
        assert heard(birch) == []

    def test_shows_each_channel_its_own_rows_of_a_batch(
        self, market: contracts.Market, program: Issue
    ) -> None:
        acorn, birch = (program("channel", partner=code) for code in ("acorn", "birch"))
        of_acorn = submit(acorn, 1)["number"]
        of_birch = submit(birch, 2)["number"]
        decided(of_acorn, of_birch)

        for caller, number in ((acorn, of_acorn), (birch, of_birch)):
            (event,) = heard(caller, "applications.approved_many")
            assert [row["application"] for row in event["data"]["rows"]] == [number]
            assert event["data"]["rows"][0]["offered"] == "12000.00"

    def test_follows_an_application_to_its_offer(
        self, market: contracts.Market, program: Issue
    ) -> None:
        acorn = program("channel", partner="acorn")
        number = submit(acorn)["number"]
        decided(number)
        contracts.offered(market, number)

        (event,) = heard(acorn, "contracts.*")

        assert (event["type"], event["subject"]) == ("contracts.offered", number)

    def test_outlives_the_key_that_sent_the_application(
        self, market: contracts.Market, program: Issue
    ) -> None:
        number = submit(program("channel", partner="acorn"))["number"]
        rotated = program("channel", partner="acorn")

        assert rotated.get(f"/applications/{number}").status_code == 200
        assert submit(rotated)["number"] == number
        assert {event["subject"] for event in heard(rotated)} == {number}

    def test_shows_the_house_everything(self, market: contracts.Market, program: Issue) -> None:
        number = submit(program("channel", partner="acorn"))["number"]

        names = {event["type"] for event in heard(program()) if event["subject"] == number}

        assert "applications.submitted" in names


class TestPosting:
    def test_reaches_the_channel_signed(
        self, market: contracts.Market, program: Issue, receiver: Receiver
    ) -> None:
        acorn, birch = (program("channel", partner=code) for code in ("acorn", "birch"))
        hook = {"url": receiver.url, "events": ["applications.*"]}
        secret = acorn.post("/webhooks", hook).json()["secret"]
        birch.post("/webhooks", hook)
        number = submit(acorn)["number"]

        while pump.deliver(at=AT):
            continue
        for job in runner.claim(at=AT, limit=100):
            if job.name == "webhooks.post":
                runner.run_one(job, clock=lambda: AT)

        (request,) = receiver.received
        event = Webhook(secret).verify(request.body, request.headers)
        assert (event["subject"], event["data"]["amount"]) == (number, "12000.00")


class TestOwners:
    def test_of_a_loan_are_its_channel_its_funder_and_its_guarantor(
        self, market: contracts.Market, program: Issue
    ) -> None:
        number = submit(program("channel", partner="acorn"))["number"]
        loan = loans.open_loan(application=number, funder="harbour", guarantor="shield")

        found = owners_of([loan, number, "LN-NONE", "AP-NONE", "cn"])

        assert found == {
            loan: frozenset({"acorn", "harbour", "shield"}),
            number: frozenset({"acorn"}),
        }
