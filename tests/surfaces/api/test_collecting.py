"""Direct debits, money without a place, returned payments and refunds over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from loanops.loanbook.servicing import queries as loans_asked
from loanops.money.payments import operations as payments
from loanops.money.payments.ports import KEEPERS
from tests.factories.loans import AT, BANK, DAY, HOUSE, open_book, open_loan, repay
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]


@pytest.fixture(autouse=True)
def _keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KEEPERS, "_plugged", {"servicing": loans_asked.keeps})


def stray(amount_minor: int = 50_000) -> str:
    open_book()
    return payments.receive(
        book="cn", channel=BANK, pay_no="STRAY-1", amount_minor=amount_minor, on=DAY, loan="",
        actor=HOUSE, at=AT,
    ).number  # fmt: skip


class TestRefund:
    def test_goes_from_one_who_asks_to_one_who_decides_to_the_bank(self, program: Issue) -> None:
        receipt = stray()
        asker, finance = program("operations"), program("finance")
        [waiting] = finance.get("/unapplied?book=cn").json()["items"]
        assert (waiting["receipt"], waiting["unapplied"]) == (receipt, "500.00")

        asked = asker.post(
            f"/receipts/{receipt}/refunds", {"amount": "300.00", "reason": "not_ours"}
        )
        number = asked.json()["number"]
        let_go = finance.post(f"/refunds/{number}/approval", {})
        paid = finance.post(f"/refunds/{number}/confirmation", {"reference": "WIRE-9"})

        assert (asked.status_code, asked.json()["state"]) == (201, "requested")
        assert let_go.json()["state"] == "approved"
        assert paid.json()["partner_reference"] == "WIRE-9"
        assert finance.get(f"/refunds/{number}").json() == paid.json()
        assert [each["number"] for each in finance.get("/refunds?book=cn").json()["items"]] == [
            number
        ]
        assert finance.get("/refunds?book=cn&state=requested").json()["items"] == []
        [left] = finance.get("/unapplied?book=cn").json()["items"]
        assert left["unapplied"] == "200.00"

    def test_that_the_bank_did_not_pay_gives_the_money_back(self, program: Issue) -> None:
        receipt = stray()
        asker, finance = program("operations"), program("finance")
        body = {"amount": "500.00", "reason": "not_ours"}
        number = asker.post(f"/receipts/{receipt}/refunds", body).json()["number"]
        finance.post(f"/refunds/{number}/approval", {})

        failed = finance.post(f"/refunds/{number}/failure", {"problem": "account closed"})

        assert failed.json()["problem"] == "account closed"
        [left] = finance.get("/unapplied?book=cn").json()["items"]
        assert left["unapplied"] == "500.00"

    def test_is_not_decided_by_who_asked(self, program: Issue) -> None:
        receipt = stray()
        finance = program("finance")
        body = {"amount": "1.00", "reason": "not_ours"}
        number = finance.post(f"/receipts/{receipt}/refunds", body).json()["number"]

        answer = finance.post(f"/refunds/{number}/approval", {})
        refused = program("manager").post(f"/refunds/{number}/refusal", {})

        assert answer.status_code in {403, 409}
        assert refused.json()["state"] == "refused"

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({"amount": "0.00", "reason": "not_ours"}, "amount"),
            ({"amount": "1.005", "reason": "not_ours"}, "amount"),
            ({"amount": "1.00", "reason": "because"}, "reason"),
            ({"amount": 1, "reason": "not_ours"}, "amount"),
            ({"reason": "not_ours"}, "amount"),
        ],
    )
    def test_of_what_cannot_be_names_the_field(
        self, body: dict[str, Any], field: str, program: Issue
    ) -> None:
        receipt = stray()

        answer = program("finance").post(f"/receipts/{receipt}/refunds", body)

        assert answer.status_code == 422
        assert field in str(answer.json())

    def test_of_more_than_is_there_is_refused(self, program: Issue) -> None:
        receipt = stray()
        body = {"amount": "500.01", "reason": "not_ours"}

        answer = program("finance").post(f"/receipts/{receipt}/refunds", body)

        assert answer.status_code in {409, 422}
        assert program("finance").get("/refunds?book=cn").json()["items"] == []


class TestReturn:
    def test_takes_the_payment_back_once(self, program: Issue) -> None:
        open_book()
        loan = open_loan()
        repay(loan, 88_849, pay_no="P-77")
        finance = program("finance")
        [receipt] = finance.get(f"/receipts?channel={BANK}&pay_no=P-77").json()["items"]
        body = {"amount": "888.49", "reason": "D102", "on": DAY.isoformat()}

        answer = finance.post(f"/receipts/{receipt['number']}/return", body)
        again = finance.post(f"/receipts/{receipt['number']}/return", body)

        assert (answer.status_code, answer.json()["amount"]) == (201, "888.49")
        assert again.status_code == 409

    def test_of_a_part_is_refused(self, program: Issue) -> None:
        receipt = stray()
        body = {"amount": "1.00", "reason": "D102", "on": DAY.isoformat()}

        answer = program("finance").post(f"/receipts/{receipt}/return", body)

        assert answer.status_code == 422
        assert answer.json()["field"] == "amount"


class TestPolicy:
    def body(self, **values: Any) -> dict[str, Any]:
        begins = (DAY + timedelta(days=1)).isoformat()
        return {
            "book": "cn", "effective_from": begins, "windows": ["09:00", "16:30"],
            "part_min": "50.00", "retry_dpd": [1, 3], **values,
        }  # fmt: skip

    def test_is_set_from_a_later_day_on_and_read_again(self, program: Issue) -> None:
        open_book()
        finance = program("finance")

        made = finance.post("/debit-policies", self.body())

        assert made.status_code == 201, made.json()
        assert made.json()["policy"]["windows"] == ["09:00", "16:30"]
        assert made.json()["policy"]["part_min"] == "50.00"
        assert finance.get("/debit-policies?book=cn").json()["items"] == [made.json()]

    @pytest.mark.parametrize(
        "values",
        [
            {"effective_from": DAY.isoformat()},
            {"windows": ["25:00"]},
            {"windows": []},
            {"retry_dpd": [0]},
            {"tries_per_month": -1},
            {"book": "nowhere"},
        ],
    )
    def test_that_nobody_could_follow_is_refused(
        self, values: dict[str, Any], program: Issue
    ) -> None:
        open_book()

        answer = program("finance").post("/debit-policies", self.body(**values))

        assert answer.status_code in {404, 422}
        assert program("finance").get("/debit-policies?book=cn").json()["items"] == []
