"""What is somebody else's answers, to every operation, like what does not exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from loanops.surfaces.api import commands
from loanops.surfaces.api.endpoints import signings
from tests.factories.registry import AT
from tests.surfaces.api.conftest import Program
from tests.surfaces.api.test_matrix import MATRIX
from tests.surfaces.api.world import OPERATIONS, PDF, Operation, World, build

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]
# A callback is its funder's own and an index is published; all else that is named is somebody's.
OPEN = {"", "funder", "reference_rate"}
NAMED = sorted(name for name, each in OPERATIONS.items() if each.kind not in OPEN)
STRANGERS: dict[str, dict[str, Any]] = {
    "another channel": {"role": "channel", "partner": "birch"},
    "the same channel in another book": {"role": "channel", "partner": "acorn", "books": ("us",)},
    "staff of another book": {"role": "operations", "books": ("us",)},
    "a manager of another book": {"role": "manager", "books": ("us",)},
    "another funder": {"role": "funder", "partner": "lake"},
    "another administrator": {"role": "administrator", "partner": ""},
}


@pytest.fixture
def world(program: Issue, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(commands, "now", lambda: AT)
    made = build(program)
    for module in (commands, signings):
        monkeypatch.setattr(module, "now", lambda: AT + timedelta(minutes=2))
    return made


def send(caller: Program, operation: Operation, number: str, world: World, key: str) -> Any:
    raw, kind = json.dumps(world.body(operation.name)).encode(), "application/json"
    if operation.name == "add_application_document":
        raw, kind = PDF, "application/pdf"
    return caller.client.generic(
        operation.method,
        f"/api/v1{operation.address(number)}",
        data=b"" if operation.method in {"GET", "DELETE"} else raw,
        content_type=kind,
        query_params=world.question(operation.name),
        headers={**caller.headers, "Idempotency-Key": key},
    )


@pytest.mark.parametrize("who", sorted(STRANGERS))
def test_a_stranger_learns_of_no_number(world: World, program: Issue, who: str) -> None:
    role = STRANGERS[who]["role"]
    caller = program(**STRANGERS[who])
    told = {}
    for name in NAMED:
        if role not in MATRIX[name] or (role == "administrator" and "webhook" not in name):
            continue
        operation, number = OPERATIONS[name], world.number(name)
        missing = f"{number[:3]}NONE"
        foreign, none = (
            send(caller, operation, each, world, f"{name}-{place}")
            for place, each in enumerate((number, missing))
        )
        alike = foreign.json()["detail"].replace(number, missing) == none.json()["detail"]
        if (foreign.status_code, none.status_code, alike) != (404, 404, True):
            told[name] = (foreign.status_code, none.status_code, foreign.content.decode())

    assert not told


def test_money_onto_a_loan_of_another_book_is_refused_like_onto_none(
    world: World, program: Issue
) -> None:
    caller = program("payment_company", partner="till", books=("us",))
    body = world.body("repay")

    foreign = caller.post("/repayments", body)
    none = caller.post("/repayments", {**body, "loan": "LN-NONE"})

    assert (foreign.status_code, none.status_code) == (404, 404)
    assert foreign.json()["detail"].replace(body["loan"], "LN-NONE") == none.json()["detail"]


@pytest.mark.parametrize("name", ["list_products", "list_applications", "list_loans", "quote"])
def test_a_book_out_of_scope_is_like_none(world: World, program: Issue, name: str) -> None:
    operation = OPERATIONS[name]
    caller = program("operations", books=("us",))
    answers = []
    for book in ("cn", "nowhere"):
        question = {**world.question(name), **({"book": book} if operation.method == "GET" else {})}
        body = {**(world.body(name) or {}), "book": book}
        answers.append(
            caller.client.generic(
                operation.method,
                f"/api/v1{operation.path}",
                data=b"" if operation.method == "GET" else json.dumps(body).encode(),
                content_type="application/json",
                query_params=question,
                headers=caller.headers,
            )
        )

    foreign, none = answers
    assert (foreign.status_code, none.status_code) == (404, 404), foreign.content.decode()
    assert foreign.json()["detail"].replace("cn", "nowhere") == none.json()["detail"]


@pytest.mark.parametrize("partner", ["birch", "acorn"])
def test_a_channel_reads_of_requests_for_loans_of_its_own_alone(
    world: World, program: Issue, partner: str
) -> None:
    caller = program("channel", partner=partner)

    listed = caller.get("/change-requests?book=cn").json()["items"]

    own = [world.numbers["request"]] if partner == "acorn" else []
    assert [each["number"] for each in listed] == own
