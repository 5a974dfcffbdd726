"""The portfolio over the API: on any day, as known then and as recalculated now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from loanops.loanbook.servicing import operations
from tests.factories.loans import AT, HOUSE, close_until, open_book, open_loan, repay
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)
Issue = Callable[..., Program]


@pytest.fixture(scope="module")
def loan(once: None) -> str:
    """A loan of which a payment of its due date was entered forty days late."""
    open_book()
    number = open_loan()
    close_until(DUE + timedelta(days=40))
    repay(number, 88_849, DUE)
    return number


def parts(answer: Any) -> dict[str, str]:
    return {
        cut["name"]: cut["outstanding"]
        for cut in answer.json()["buckets"]
        if cut["outstanding"] != "0.00"
    }


class TestPortfolio:
    def test_tells_a_payment_now_and_not_then_between_its_date_and_its_entry(
        self, loan: str, program: Issue
    ) -> None:
        caller = program("manager")
        asked = f"/portfolio?book=cn&on={(DUE + timedelta(days=35)).isoformat()}"

        then, now = caller.get(asked), caller.get(f"{asked}&reading=now")

        assert (parts(then), parts(now)) == ({"M2": "10000.00"}, {"M1": "9211.51"})
        assert then.json()["classes"][1] == {
            "tier": "special_mention",
            "non_performing": False,
            "outstanding": "10000.00",
            "share": "1.000000",
            "provision": "500.00",
            "rate": "0.050000",
            "currency": "CNY",
        }
        assert (now.json()["recalculated"], now.json()["provision"]) == (1, "92.12")
        assert [line["rate"] for line in now.json()["at_risk"]] == [
            "1.000000", "0.000000", "0.000000", "0.000000",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("question", "status", "field"),
        [
            ("book=cn&on=2030-01-01", 422, "on"),
            ("book=cn&reading=never", 422, "reading"),
            ("book=cn&on=yesterday", 422, "on"),
            ("book=us", 404, None),
        ],
    )
    def test_refuses_what_cannot_be_told(
        self, loan: str, program: Issue, question: str, status: int, field: str | None
    ) -> None:
        answer = program("manager").get(f"/portfolio?{question}")

        assert answer.status_code == status
        assert answer.json().get("field") == field

    def test_is_not_for_a_program_of_one_channel(self, loan: str, program: Issue) -> None:
        answer = program("channel", partner="acorn").get("/portfolio?book=cn")

        assert answer.status_code == 403
        assert answer.json()["title"] == "servicing_portfolio_not_by_channel"


def test_the_cash_flow_adds_up_to_what_is_outstanding(loan: str, program: Issue) -> None:
    flow = program("manager").get("/portfolio/cash-flow?book=cn").json()

    expected = sum(round(100 * float(month["principal"])) for month in flow["months"])
    assert expected + round(100 * float(flow["overdue_principal"])) == 921_151
    assert (flow["later_principal"], flow["not_expected"]) == ("0.00", "0.00")


def test_the_static_pool_names_month_and_months_on_book(loan: str, program: Issue) -> None:
    answer = program("manager").get("/portfolio/static-pool?book=cn")

    lines = [(line["month"], line["months_on_book"]) for line in answer.json()["items"]]
    assert lines == [("2026-11-01", 0), ("2026-11-01", 1)]


def test_the_class_of_a_loan_tells_its_history_and_nobodys_reasons(
    loan: str, program: Issue
) -> None:
    operations.reclassify(loan=loan, tier="loss", reason="fraud", until=None, actor=HOUSE, at=AT)

    told = program("risk_manager").get(f"/loans/{loan}/class").json()

    assert (told["tier"], told["judged_tier"], told["days_tier"]) == (
        "loss", "loss", "special_mention",
    )  # fmt: skip
    assert [each["cause"] for each in told["changes"]] == ["judged", "days"]
    assert "fraud" not in str(told)


class TestPastLoans:
    def test_tell_a_payment_now_and_not_then_between_its_date_and_its_entry(
        self, loan: str, program: Issue
    ) -> None:
        caller = program("manager")
        asked = f"/portfolio/loans?book=cn&on={(DUE + timedelta(days=35)).isoformat()}"

        then, now = caller.get(asked).json(), caller.get(f"{asked}&reading=now").json()

        assert [(each["number"], each["outstanding"], each["bucket_name"]) for each in (
            then["items"][0], now["items"][0]
        )] == [(loan, "10000.00", "M2"), (loan, "9211.51", "M1")]  # fmt: skip
        assert then["totals"] == {
            "outstanding": "10000.00", "late": "10000.00", "recalculated": 1, "currency": "CNY",
        }  # fmt: skip
        assert (now["totals"]["outstanding"], now["reading"]) == ("9211.51", "now")

    def test_go_on_from_page_to_page(self, loan: str, program: Issue) -> None:
        second = open_loan()
        caller, asked = program("manager"), "/portfolio/loans?book=cn&limit=1&on=2027-01-11"
        first = caller.get(asked).json()

        rest = caller.get(f"{asked}&cursor={first['next_cursor']}").json()

        assert {first["items"][0]["number"], rest["items"][0]["number"]} == {loan, second}
        assert rest["next_cursor"] is None
        other = caller.get(f"{asked}&reading=now&cursor={first['next_cursor']}")
        assert (other.status_code, other.json()["field"]) == (422, "cursor")

    @pytest.mark.parametrize(
        ("question", "status", "field"),
        [
            ("book=cn&on=2030-01-01", 422, "on"),
            ("book=cn", 422, "on"),
            ("book=cn&on=2026-12-05&bucket=M9", 422, "bucket"),
            ("book=us&on=2026-12-05", 404, None),
        ],
    )
    def test_refuses_what_cannot_be_told(
        self, loan: str, program: Issue, question: str, status: int, field: str | None
    ) -> None:
        answer = program("manager").get(f"/portfolio/loans?{question}")

        assert answer.status_code == status
        assert answer.json().get("field") == field

    def test_are_for_a_program_of_one_channel_those_of_its_own(
        self, loan: str, program: Issue
    ) -> None:
        answer = program("channel", partner="acorn").get("/portfolio/loans?book=cn&on=2026-12-05")

        assert (answer.json()["items"], answer.json()["totals"]) == ([], None)


class TestLoans:
    def test_are_narrowed_counted_and_added_up(self, loan: str, program: Issue) -> None:
        second = open_loan()
        caller = program("manager")

        def asked(question: str) -> Any:
            return caller.get(f"/loans?book=cn&{question}").json()

        whole = asked("limit=10")
        assert {each["number"] for each in whole["items"]} == {loan, second}
        assert whole["count"] == {"loans": 2, "more": False}
        assert whole["totals"] == {
            "outstanding": "19211.51", "late": "9211.51", "recalculated": 0, "currency": "CNY",
        }  # fmt: skip
        [late] = asked("state=overdue")["items"]
        assert (late["number"], late["tier"], late["bucket"]) == (loan, "special_mention", 1)
        # An instalment of 888.49, and penalty for nine days on the 796.38 of principal in it.
        assert late["overdue"] == "892.07"
        assert [each["number"] for each in asked("tier=special_mention")["items"]] == [loan]
        assert asked("tier=special_mention")["totals"] is None
        assert [each["number"] for each in asked("bucket=M0")["items"]] == [second]
        assert [each["number"] for each in asked("at_risk=1")["items"]] == [loan]
        assert asked("at_risk=1")["totals"]["outstanding"] == "9211.51"
        assert asked("at_risk=30")["items"] == []
        assert asked(f"number={loan}")["items"] == [late]
        assert asked("state=settled&product=cash-12")["items"] == []

    def test_go_on_from_page_to_page_and_not_from_another_list(
        self, loan: str, program: Issue
    ) -> None:
        second, caller = open_loan(), program("manager")
        first = caller.get("/loans?book=cn&limit=1").json()

        rest = caller.get(f"/loans?book=cn&limit=1&cursor={first['next_cursor']}").json()

        assert {first["items"][0]["number"], rest["items"][0]["number"]} == {loan, second}
        other = caller.get(f"/loans?book=cn&number=LN&cursor={first['next_cursor']}")
        assert (other.status_code, other.json()["field"]) == (422, "cursor")

    @pytest.mark.parametrize("path", ["/loans?book=cn", "/portfolio/loans?book=cn&on=2026-12-05"])
    @pytest.mark.parametrize(
        ("question", "field"),
        [
            ("state=asleep", "state"),
            ("tier=worse", "tier"),
            ("bucket=M9", "bucket"),
            ("at_risk=31", "at_risk"),
            ("number=LN_%25", "number"),
            ("funder=nobody", "funder"),
            ("product=nothing", "product"),
            ("colour=red", "colour"),
        ],
    )
    def test_refuse_what_there_cannot_be(
        self, loan: str, program: Issue, path: str, question: str, field: str
    ) -> None:
        answer = program("manager").get(f"{path}&{question}")

        assert (answer.status_code, answer.json()["field"]) == (422, field)
