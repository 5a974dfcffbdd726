"""Changes of loans over the API: looked at, ordered as shown, approved by a colleague."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import changes, loans, registry
from tests.surfaces.api.conftest import Program

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]
COLLEAGUE = "manager"


@pytest.fixture
def loan() -> str:
    loans.open_book()
    return loans.open_loan()


def asked(kind: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "on": loans.DAY.isoformat(), "values": values}


def look(caller: Program, loan: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = caller.post(f"/loans/{loan}/changes/preview", body)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_a_change_is_ordered_as_it_was_shown(loan: str, program: Issue) -> None:
    caller = program("operations")
    body = {**asked("prepaid", amount="2000.00", keep="term"), "channel": "counter", "pay_no": "7"}
    shown = look(caller, loan, body)

    ordered = {**body, "digest": shown["digest"], "reason": "wants to pay less"}
    booked = caller.post(f"/loans/{loan}/changes", ordered)

    assert booked.status_code == 201
    assert booked.json() == shown
    assert shown["after"]["outstanding"] == "8000.00"
    assert float(shown["saving"]) > 0
    told = caller.get(f"/loans/{loan}/events").json()["items"][-1]
    assert (told["kind"], told["content"]) == ("prepaid", {"keep": "term"})


def test_amounts_are_those_of_the_kind_of_change(loan: str, program: Issue) -> None:
    """What is `fee` of an extension is an amount, and of a restructuring a word."""
    agreed = asked(
        "restructured", instalments=6, annual_rate="0.08", method="equal_principal",
        fee="carry", principal="spread", principal_waived="100.00",
    )  # fmt: skip

    shown = look(program("operations"), loan, agreed)

    fallen = Decimal(shown["before"]["outstanding"]) - Decimal(shown["after"]["outstanding"])
    assert fallen == Decimal("100.00")


def test_what_is_left_over_of_a_payment_is_refunded(loan: str, program: Issue) -> None:
    loans.repay(loan, 3_000_000)
    caller = program("finance")
    paid = caller.get(f"/loans/{loan}/events").json()["items"][-1]["key"]

    shown = look(caller, loan, asked("refunded", of=paid, amount="100.00"))

    fallen = Decimal(shown["before"]["credit"]) - Decimal(shown["after"]["credit"])
    assert fallen == Decimal("100.00")
    assert shown["needs_second"]


def test_a_change_that_was_not_shown_is_refused(loan: str, program: Issue) -> None:
    caller = program("operations")
    ordered = {**asked("rate_changed", annual_rate="0.06"), "digest": "0" * 64, "reason": "x"}

    answer = caller.post(f"/loans/{loan}/changes", ordered)

    assert answer.status_code == 409


def test_a_change_for_two_is_asked_for_and_approved_by_a_colleague(
    loan: str, program: Issue
) -> None:
    caller, colleague = program("operations"), program(COLLEAGUE)
    body = asked("extended", periods=2)
    ordered = {**body, "digest": look(caller, loan, body)["digest"], "reason": "hardship"}
    alone = caller.post(f"/loans/{loan}/changes", ordered)
    made = caller.post(f"/loans/{loan}/change-requests", ordered)
    number = made.json()["request"]

    own = program("operations").post(f"/change-requests/{number}/approval", {})
    listed = colleague.get("/change-requests?book=cn").json()["items"]
    approved = colleague.post(f"/change-requests/{number}/approval", {})

    assert (alone.status_code, made.status_code, own.status_code) == (409, 201, 403)
    assert [each["number"] for each in listed] == [number]
    assert approved.status_code == 200
    assert approved.json()["after"]["instalments_left"] == 14


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("rate_changed", {"annual_rate": "much"}, "annual_rate"),
        ("prepaid", {"amount": "1.234", "keep": "term"}, "amount"),
        ("melted", {}, "kind"),
    ],
)
def test_a_change_that_cannot_be_names_the_field(
    loan: str, program: Issue, kind: str, values: dict[str, Any], field: str
) -> None:
    answer = program("operations").post(f"/loans/{loan}/changes/preview", asked(kind, **values))

    assert answer.status_code == 422
    assert field in answer.text


def test_a_request_is_refused_with_a_note(loan: str, program: Issue) -> None:
    caller, colleague = program("operations"), program(COLLEAGUE)
    body = asked("extended", periods=2)
    ordered = {**body, "digest": look(caller, loan, body)["digest"], "reason": "hardship"}
    number = caller.post(f"/loans/{loan}/change-requests", ordered).json()["request"]

    answer = colleague.post(f"/change-requests/{number}/refusal", {"note": "no proof"})

    assert answer.status_code == 204
    waiting = colleague.get("/change-requests?book=cn&waiting=false").json()["items"]
    assert [(each["state"], each["note"]) for each in waiting] == [("refused", "no proof")]


def test_a_restructuring_is_read_before_and_after_as_it_was_shown(
    loan: str, program: Issue
) -> None:
    shown = changes.order(
        loan, "restructured", **changes.CASES["restructured"](loan) | {"principal": "spread"}
    )

    [told] = program("operations").get(f"/loans/{loan}/restructurings").json()["items"]

    assert (told["key"], told["on"], told["is_undone"]) == (
        shown.key, shown.on.isoformat(), False,
    )  # fmt: skip
    assert told["before"]["unpaid"]["principal"] == "10000.00"
    assert told["after"]["unpaid"]["principal"] == "9500.00"
    assert told["waived"]["principal"] == "500.00"
    assert len(told["after"]["schedule"]) == len(shown.schedule_after)
    assert any(line["is_changed"] for line in told["after"]["schedule"])


def guaranteed() -> str:
    registry.register("anchor", "guarantor")
    registry.register("harbour", "bank")
    agreed = registry.sign(
        "harbour",
        guarantor="anchor",
        compensation_days=10,
        guarantee={"scope": "instalment", "base": "principal_and_interest", "cap_rate": "0.1"},
    )
    return loans.open_loan(
        guarantor="anchor", agreement=agreed.number, agreement_version=agreed.version
    )


def test_a_compensation_is_worked_out_by_the_agreement(loan: str, program: Issue) -> None:
    caller, mine = program("finance"), guaranteed()
    day = loans.DAY + timedelta(days=40)
    loans.close_until(day)

    told = caller.get(f"/loans/{mine}/guarantee").json()
    body = {"kind": "compensated", "on": day.isoformat(), "values": {}}
    shown = look(caller, mine, body)

    first = told["claims"][0]
    assert (told["guarantor"], told["guarantee"]["cap_rate"]) == ("anchor", "0.1")
    assert (first["number"], first["is_due"], first["price"]) == (1, True, "888.49")
    assert shown["postings"][-1]["amount"] == "888.49"
    ordered = {**body, "digest": shown["digest"], "reason": "ten days late"}
    assert caller.post(f"/loans/{mine}/changes", ordered).status_code == 201
    [left] = caller.get(f"/agreements/{told['agreement']}/ceilings").json()["items"]
    assert (left["cap"], left["used"], left["left"]) == ("1000.00", "888.49", "111.51")
    dearer = caller.post(
        f"/loans/{mine}/changes/preview", {**body, "values": {"number": 1, "price": "1.00"}}
    )
    assert dearer.status_code == 409
    assert caller.get(f"/loans/{loan}/guarantee").json()["guarantor"] == ""
