"""A channel's program leads its borrower to the funder's page and has the end proven by query."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from loanops.origination.routing.operations import draw_down
from loanops.origination.routing.ports import GATEWAYS
from loanops.surfaces.api import commands
from loanops.surfaces.api.endpoints import signings
from tests.factories import contracts, routing, sandbox
from tests.factories.registry import HOUSE
from tests.factories.sandbox import Sandbox
from tests.surfaces.api.conftest import Program

pytestmark = [pytest.mark.django_db, pytest.mark.processes]
Issue = Callable[..., Program]
BACK = {"return_url": routing.RETURN}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox.running(
        tmp_path_factory.mktemp("sandbox"), banks=sandbox.without_chance()
    ) as banks:
        yield banks


@pytest.fixture
def contract(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """A contract that waits for its signature on the bank's page."""
    GATEWAYS.plug("open_bank", running.gateways())
    monkeypatch.setattr(signings, "now", lambda: contracts.later(60))
    funded = routing.yuan()
    (number,) = routing.drawn_up(funded, routing.routed(funded, first=601))
    return number


def test_is_signed_on_the_funders_page_and_proven_by_query(contract: str, program: Issue) -> None:
    caller = program("channel")
    session = caller.post(f"/contracts/{contract}/signing", BACK).json()

    known = caller.get(f"/contracts/{contract}/signing").json()
    before = caller.post(f"/contracts/{contract}/signing/result", {}).json()
    httpx.post(session["page_url"], data={"decision": "agree", "read": "yes"})
    after = caller.post(f"/contracts/{contract}/signing/result", {}).json()

    assert known == session
    assert (before["state"], after["state"]) == ("open", "signed")
    assert caller.get(f"/contracts/{contract}/signing").json()["state"] == "signed"
    assert caller.get(f"/contracts/{contract}").json()["state"] == "signed"


def test_is_paid_out_and_says_so(contract: str, program: Issue) -> None:
    caller = program("channel")
    session = caller.post(f"/contracts/{contract}/signing", BACK).json()
    none = caller.get(f"/contracts/{contract}/payouts").json()["items"]
    httpx.post(session["page_url"], data={"decision": "agree", "read": "yes"})
    caller.post(f"/contracts/{contract}/signing/result", {})

    draw_down(contract=contract, actor=HOUSE, at=contracts.later(90))

    (payout,) = caller.get(f"/contracts/{contract}/payouts").json()["items"]
    assert none == []
    assert payout["contract"] == contract
    assert payout["state"] in {"submitted", "success"}
    assert payout["currency"] == "CNY"
    assert "evidence" not in payout


def test_has_no_session_before_one_is_opened(contract: str, program: Issue) -> None:
    answer = program("channel").get(f"/contracts/{contract}/signing")

    assert (answer.status_code, answer.json()["title"]) == (404, "not_found")


def test_gives_an_open_session_again(contract: str, program: Issue) -> None:
    caller = program("channel")

    first, again = (caller.post(f"/contracts/{contract}/signing", BACK).json() for _ in range(2))

    assert first["serial"] == again["serial"]


def test_answers_another_partners_contract_like_none(contract: str, program: Issue) -> None:
    stranger = program("channel", partner="birch")

    foreign = stranger.post(f"/contracts/{contract}/signing", BACK)
    missing = stranger.post("/contracts/CT-NONE/signing", BACK)
    asked = [stranger.get(f"/contracts/{contract}/{part}") for part in ("signing", "payouts")]

    assert foreign.status_code == missing.status_code == 404
    assert [answer.status_code for answer in asked] == [404, 404]


@pytest.mark.parametrize("place", ["", "back", "javascript:alert(1)", 7])
def test_refuses_a_return_that_is_no_address(contract: str, program: Issue, place: object) -> None:
    answer = program("channel").post(f"/contracts/{contract}/signing", {"return_url": place})

    assert answer.status_code == 422


def test_draws_a_confirmed_offer_up_once(
    running: Sandbox, monkeypatch: pytest.MonkeyPatch, program: Issue
) -> None:
    GATEWAYS.plug("open_bank", running.gateways())
    caller = program("channel")
    funded = routing.yuan()
    (application,) = routing.routed(funded, first=621)
    (offer,) = caller.get(f"/applications/{application}/offers").json()["items"]
    path = f"/offers/{offer['number']}"
    early = caller.post(f"{path}/contract", {})
    for seconds, name, body in (
        (10, "disclosure", {}),
        (
            120,
            "confirmation",
            {
                "read_seconds": 100,
                "evidence": {"channel": "h5", "device": "phone", "ip": "127.0.0.1"},
            },
        ),
    ):
        monkeypatch.setattr(commands, "now", lambda seconds=seconds: contracts.later(seconds))
        assert caller.post(f"{path}/{name}", body).status_code == 200

    made = [caller.post(f"{path}/contract", {}, key="draw-up") for _ in range(2)]

    assert early.status_code == 409
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["number"] == made[1].json()["number"]
