"""A partner's program lives through the main job by the API, and sees its own rows alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from loanops.origination.applications.operations import VerdictIn, apply_verdicts_many
from loanops.surfaces.api import commands
from tests.factories import contracts, loans, people
from tests.factories.registry import AT, HOUSE, TODAY
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The windows' clock, moved by the seconds given."""

    def move(seconds: int) -> None:
        monkeypatch.setattr(commands, "now", lambda: AT + timedelta(seconds=seconds))

    move(0)
    return move


def asked(serial: int = 1, **values: Any) -> dict[str, Any]:
    person = people.person(serial)
    consents = [
        {"purpose": purpose, "wording_version": version} for purpose, version in contracts.GIVEN
    ]
    return {
        "book": "cn",
        "reference": f"order-{serial}",
        "product": "steady",
        "amount": "12000.00",
        "term_months": 12,
        "purpose": "consumption",
        "applicant": {
            "name": person.name,
            "id_number": person.id_number,
            "mobile": person.mobile,
            "income_monthly": "9000.00",
        },
        "consents": consents,
        **values,
    }


def submit(caller: Program, serial: int = 1, **values: Any) -> dict[str, Any]:
    answer = caller.post("/applications", asked(serial, **values))
    assert answer.status_code == 201, answer.content.decode()
    return dict(answer.json())


@pytest.fixture
def market() -> contracts.Market:
    return contracts.chinese_market()


class TestApplication:
    def test_comes_back_without_a_word_of_who_applies(
        self, market: contracts.Market, program: Issue
    ) -> None:
        answer = program("channel", partner="acorn").post("/applications", asked())

        assert answer.status_code == 201, answer.content.decode()
        made = answer.json()
        assert (made["amount"], made["currency"]) == ("12000.00", "CNY")
        assert (made["stage"], made["channel"]) == ("submitted", "acorn")
        person = people.person(1)
        for secret in (person.id_number, person.mobile, person.name):
            assert secret not in answer.content.decode()

    def test_is_taken_once_whatever_the_key(self, market: contracts.Market, program: Issue) -> None:
        caller = program("channel", partner="acorn")

        numbers = {submit(caller)["number"] for _ in range(2)}

        assert len(numbers) == 1

    @pytest.mark.parametrize(
        ("values", "status", "title"),
        [
            ({"amount": "12000.001"}, 422, "amount_too_fine"),
            ({"amount": "-1"}, 422, "bad_field"),
            ({"amount": 12000}, 422, "bad_field"),
            ({"amount": "1e5"}, 422, "bad_field"),
            ({"book": "us"}, 404, "not_found"),
            ({"term_months": "12"}, 422, "bad_field"),
            ({"term_months": True}, 422, "bad_field"),
            ({"stage": "approved"}, 422, "bad_field"),
            ({"start_on": "2026-02-30"}, 422, "bad_field"),
            ({"start_on": 20260101}, 422, "bad_field"),
            ({"facts": {"score": 1.5}}, 422, "bad_field"),
        ],
    )
    def test_that_cannot_be_taken_is_refused(
        self,
        market: contracts.Market,
        program: Issue,
        values: dict[str, Any],
        status: int,
        title: str,
    ) -> None:
        answer = program("channel", partner="acorn").post("/applications", asked(**values))

        assert (answer.status_code, answer.json()["title"]) == (status, title)

    def test_with_a_name_where_a_field_belongs_is_refused_without_saying_it_back(
        self, market: contracts.Market, program: Issue
    ) -> None:
        answer = program("channel", partner="acorn").post(
            "/applications", asked(facts={"王小明": 1.5})
        )

        assert answer.status_code == 422
        assert "王小明" not in str(answer.json())
        assert answer.json()["field"].startswith("facts.")

    def test_of_another_partner_answers_like_one_that_is_not_there(
        self, market: contracts.Market, program: Issue
    ) -> None:
        number = submit(program("channel", partner="acorn"))["number"]
        stranger = program("channel", partner="birch")

        paths = ["", "/timeline", "/offers"]
        foreign = [stranger.get(f"/applications/{number}{path}") for path in paths]
        missing = [stranger.get(f"/applications/AP-NONE{path}") for path in paths]
        listed = stranger.get("/applications?book=cn").json()

        for one, other in zip(foreign, missing, strict=True):
            assert one.status_code == other.status_code == 404
            assert one.json()["detail"].replace(number, "AP-NONE") == other.json()["detail"]
        assert listed == {"items": [], "next_cursor": None}

    def test_is_listed_page_by_page_without_a_gap(
        self, market: contracts.Market, program: Issue
    ) -> None:
        caller = program("channel", partner="acorn")
        made = [submit(caller, serial)["number"] for serial in range(1, 6)]

        found, cursor = [], ""
        while cursor is not None:
            page = caller.get(f"/applications?book=cn&limit=2&cursor={cursor}").json()
            found += [each["number"] for each in page["items"]]
            cursor = page["next_cursor"]

        assert found == list(reversed(made))

    def test_is_withdrawn_once_and_only_as_it_was_seen(
        self, market: contracts.Market, program: Issue
    ) -> None:
        caller = program("channel", partner="acorn")
        made = submit(caller)
        path = f"/applications/{made['number']}/withdraw"

        stale = caller.post(path, {"reason": "other", "version": made["version"] + 1})
        done = caller.post(path, {"reason": "other", "version": made["version"]})
        twice = caller.post(path, {"reason": "other", "version": done.json()["version"]})

        assert (stale.status_code, stale.json()["title"]) == (409, "changed_meanwhile")
        assert (done.status_code, done.json()["stage"]) == (200, "withdrawn")
        assert (twice.status_code, twice.json()["title"]) == (409, "move_not_allowed")


class TestOffer:
    def offered(self, market: contracts.Market, number: str) -> str:
        verdict = VerdictIn(number=number, outcome="approve", reasons=(), offered_minor=1_200_000)
        apply_verdicts_many(verdicts=[verdict], actor=HOUSE, at=AT)
        return contracts.offered(market, number).number

    def test_is_read_shown_and_confirmed(
        self, market: contracts.Market, program: Issue, clock: Callable[[int], None]
    ) -> None:
        caller = program("channel", partner="acorn")
        offer = self.offered(market, submit(caller)["number"])

        read = caller.get(f"/offers/{offer}").json()
        shown = caller.post(f"/offers/{offer}/disclosure", {})
        hasty = caller.post(
            f"/offers/{offer}/confirmation", {"read_seconds": 0, "evidence": contracts.PAGE}
        )
        clock(60)
        confirmed = caller.post(
            f"/offers/{offer}/confirmation", {"read_seconds": 60, "evidence": contracts.PAGE}
        )

        principals = [Decimal(row["principal"]) for row in read["schedule"]]
        assert sum(principals) == Decimal(read["principal"]) == 10_000
        assert read["statement"]
        assert shown.status_code == 200
        assert hasty.status_code == 409
        assert (confirmed.status_code, confirmed.json()["state"]) == (200, "confirmed")

    def test_of_another_partner_answers_like_one_that_is_not_there(
        self, market: contracts.Market, program: Issue
    ) -> None:
        offer = self.offered(market, submit(program("channel", partner="acorn"))["number"])
        stranger = program("channel", partner="birch")

        answers = [
            stranger.get(f"/offers/{offer}"),
            stranger.post(f"/offers/{offer}/disclosure", {}),
            stranger.post(f"/offers/{offer}/confirmation", {"read_seconds": 9, "evidence": {}}),
        ]

        assert [answer.status_code for answer in answers] == [404, 404, 404]


class TestQuote:
    def test_costs_nothing_and_needs_no_key_of_its_own(
        self, market: contracts.Market, program: Issue
    ) -> None:
        caller = program("channel", partner="acorn")
        asked_for = {"book": "cn", "product": "steady", "amount": "12000.00", "term_months": 12}

        answer = caller.client.post(
            "/api/v1/quotes", data=asked_for, content_type="application/json",
            headers=caller.headers,
        )  # fmt: skip

        quoted = answer.json()
        assert answer.status_code == 200, quoted
        assert len(quoted["schedule"]) == 12
        assert (quoted["principal"], quoted["currency"]) == ("12000.00", "CNY")
        assert quoted["binding"] is False

    def test_lists_what_is_offered_today(self, market: contracts.Market, program: Issue) -> None:
        answer = program("channel").get("/products?book=cn")

        (product,) = answer.json()["items"]
        assert (product["product"], product["amount_max"]) == ("steady", "200000.00")


class TestLoan:
    @pytest.fixture
    def loan(self) -> str:
        loans.open_book()
        return loans.open_loan()

    def paid(self, number: str, **values: Any) -> dict[str, Any]:
        return {
            "loan": number, "channel": "till", "pay_no": "P-1", "amount": "100.00",
            "currency": "CNY", "on": loans.DAY.isoformat(), **values,
        }  # fmt: skip

    def test_shows_its_schedule_and_what_happened(self, loan: str, program: Issue) -> None:
        caller = program("finance")

        card = caller.get(f"/loans/{loan}").json()
        schedule = caller.get(f"/loans/{loan}/schedule").json()["items"]
        events = caller.get(f"/loans/{loan}/events").json()["items"]
        lines = caller.get("/loans?book=cn").json()["items"]

        assert (card["number"], card["currency"]) == (loan, "CNY")
        assert [row["number"] for row in schedule] == list(range(1, len(schedule) + 1))
        assert isinstance(events, list)
        assert [line["number"] for line in lines] == [loan]

    def test_takes_a_repayment_once_by_its_own_number(self, loan: str, program: Issue) -> None:
        caller = program("payment_company", partner="till")

        first = caller.post("/repayments", self.paid(loan))
        again = caller.post("/repayments", self.paid(loan))
        other = caller.post("/repayments", self.paid(loan, amount="200.00"))

        assert first.status_code == 201, first.content.decode()
        assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
        assert first.json()["receipt"] == again.json()["receipt"]
        assert other.status_code == 409

    @pytest.mark.parametrize(
        ("values", "status"),
        [({"currency": "USD"}, 422), ({"amount": "0"}, 422), ({"loan": "LN-NONE"}, 404)],
    )
    def test_refuses_money_that_does_not_fit(
        self, loan: str, program: Issue, values: dict[str, Any], status: int
    ) -> None:
        answer = program("payment_company").post("/repayments", self.paid(loan, **values))

        assert answer.status_code == status

    def test_takes_money_of_the_callers_own_company_alone(self, loan: str, program: Issue) -> None:
        caller = program("payment_company", partner="till")

        answers = [
            caller.post("/repayments", self.paid(loan, channel="other")),
            caller.get("/receipts?channel=other&pay_no=P-1"),
        ]

        assert [answer.status_code for answer in answers] == [422, 422]
        assert {answer.json()["field"] for answer in answers} == {"channel"}

    def test_finds_the_receipt_of_a_payment_number(self, loan: str, program: Issue) -> None:
        caller = program("payment_company", partner="till")
        path = "/receipts?channel=till&pay_no=P-1"
        before = caller.get(path).json()
        caller.post("/repayments", self.paid(loan))

        (receipt,) = caller.get(path).json()["items"]

        assert before == {"items": []}
        assert (receipt["subject"], receipt["amount"], receipt["currency"]) == (
            loan, "100.00", "CNY",
        )  # fmt: skip
        foreign = program("payment_company", partner="till", books=("us",)).get(path)
        assert foreign.json() == {"items": []}

    def test_has_a_statement_that_adds_up(self, loan: str, program: Issue) -> None:
        paid = self.paid(loan, amount="200.00")
        program("payment_company").post("/repayments", paid)

        said = program("finance").get(f"/loans/{loan}/statement").json()

        assert (said["since"], said["until"]) == ("2026-11-02", "2026-11-03")
        assert (said["opening"]["outstanding"], said["closing"]["outstanding"]) == (
            "0.00",
            "9900.00",
        )
        assert [line["component"] for line in said["balances"]] == [
            "principal", "interest", "fee", "penalty",
        ]  # fmt: skip
        assert (said["balances"][0]["added"], said["balances"][0]["closing"]) == (
            "10000.00",
            said["closing"]["outstanding"],
        )
        assert [event["kind"] for event in said["events"]] == ["disbursed", "repaid"]
        assert [event["amount"] for event in said["events"]] == ["10000.00", "200.00"]

    @pytest.mark.parametrize(
        ("period", "field"),
        [
            ("since=2026-11-01", "since"),
            ("since=2026-11-03&until=2026-11-03", "since"),
            ("until=2026-11-04", "until"),
            ("until=2026-02-30", "until"),
            ("since=yesterday", "since"),
        ],
    )
    def test_has_no_statement_of_a_period_that_is_none(
        self, loan: str, program: Issue, period: str, field: str
    ) -> None:
        answer = program("finance").get(f"/loans/{loan}/statement?{period}")

        assert (answer.status_code, answer.json()["field"]) == (422, field)

    def test_is_seen_by_its_funder_and_by_no_other(self, loan: str, program: Issue) -> None:
        funder, other = (program("funder", partner=code) for code in ("harbour", "lake"))

        assert [line["number"] for line in funder.get("/loans?book=cn").json()["items"]] == [loan]
        assert funder.get(f"/loans/{loan}/statement").status_code == 200
        assert other.get("/loans?book=cn").json()["items"] == []
        assert other.get(f"/loans/{loan}").status_code == 404

    def test_of_a_book_out_of_scope_is_not_there_for_anybody(
        self, loan: str, program: Issue
    ) -> None:
        answers = [
            program("payment_company", books=("us",)).post("/repayments", self.paid(loan)),
            program("finance", books=("us",)).get(f"/loans/{loan}"),
            program("channel", partner="acorn").get(f"/loans/{loan}"),
        ]

        assert [answer.status_code for answer in answers] == [404, 404, 404]


class TestCallback:
    @pytest.mark.parametrize("raw", [b"", b"{}", b"\xff\x00", b"[" * 1000])
    def test_of_a_funder_that_is_none_moves_nothing(
        self, market: contracts.Market, client: Any, raw: bytes
    ) -> None:
        answer = client.post("/api/v1/callbacks/nobody", data=raw, content_type="application/json")

        assert answer.status_code == 404
        assert answer.json()["title"] == "not_found"


def test_the_book_of_these_tests_stands_at_today() -> None:
    assert AT.date() == TODAY
