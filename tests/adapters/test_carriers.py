"""The contract of a carrier: a serial is carried once, doubt is an answer, forgeries are none."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from loanops.adapters.open_carrier import OpenCarrier
from loanops.adapters.open_carrier.carrier import CarrierNotReady
from loanops.registry.contacts.ports import Answer, Carrier, MessageOut, Standing
from tests.adapters import asks
from tests.factories.sandbox import Sandbox

pytestmark = pytest.mark.processes

ORDINARY = "+8613800000001"
REFUSES, LATE, LOSES_ANSWERS = "+8619900000031", "+8619900000032", "+8619900000033"
UNDELIVERED, DOWN_ONCE = "+8619900000034", "+8619900000035"


@pytest.fixture
def introduction(banks: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = banks.order("GET", "carrier")
    return found


@pytest.fixture(params=["open_carrier"])
def carrier(
    request: pytest.FixtureRequest, introduction: dict[str, Any], tmp_path: Path
) -> Carrier:
    """Each adapter that carries, in turn."""
    made = {"open_carrier": OpenCarrier(tmp_path / "carrier")}[request.param]
    made.keep(introduction)
    return made


def message(to: str = ORDINARY, **changes: Any) -> MessageOut:
    said: dict[str, Any] = {
        "serial": asks.serial("MS"),
        "to": to,
        "text": "Your code is 480213",
        "expires_at": datetime.now(UTC) + timedelta(minutes=5),
    }
    return MessageOut(**{**said, **changes})


def phone(banks: Sandbox, mobile: str) -> list[str]:
    address = f"{banks.base_url}/sandbox/messages"
    found = httpx.get(address, params={"mobile": mobile}, timeout=10).json()["messages"]
    return [each["text"] for each in found]


class TestSend:
    def test_brings_a_message_to_its_telephone_once(self, carrier: Carrier, banks: Sandbox) -> None:
        said = message(text=f"Hello {asks.serial('MS')}")

        first, again = carrier.send(said), carrier.send(said)

        assert (first.standing, again.standing) == (Standing.ACCEPTED, Standing.DELIVERED)
        assert carrier.find(said.serial).standing is Standing.DELIVERED
        assert phone(banks, ORDINARY).count(said.text) == 1

    def test_gives_no_second_text_to_a_serial(self, carrier: Carrier) -> None:
        said = message()
        carrier.send(said)

        other = carrier.send(message(serial=said.serial, text="Something else"))

        assert other.standing is Standing.UNKNOWN

    def test_says_why_a_message_is_refused(self, carrier: Carrier, banks: Sandbox) -> None:
        assert carrier.send(message(REFUSES)) == Answer(Standing.REFUSED, reason="BLOCKED")
        stale = message(expires_at=datetime.now(UTC) - timedelta(seconds=1))
        assert carrier.send(stale) == Answer(Standing.REFUSED, reason="EXPIRED")
        assert phone(banks, REFUSES) == []

    def test_is_in_doubt_where_the_answer_is_lost_and_finds_out(
        self, carrier: Carrier, banks: Sandbox
    ) -> None:
        said = message(LOSES_ANSWERS)

        assert carrier.send(said).standing is Standing.UNKNOWN
        assert carrier.find(said.serial).standing is Standing.DELIVERED
        assert said.text in phone(banks, LOSES_ANSWERS)

    def test_is_in_doubt_where_the_carrier_fails_and_is_taken_again(self, carrier: Carrier) -> None:
        said = message(DOWN_ONCE)

        assert carrier.send(said) == Answer(Standing.UNKNOWN, problem="server_error")
        assert carrier.find(said.serial).standing is Standing.MISSING
        assert carrier.send(said).standing is Standing.ACCEPTED

    def test_waits_for_a_telephone_that_is_late(self, carrier: Carrier, banks: Sandbox) -> None:
        said = message(LATE)

        carrier.send(said)

        assert carrier.find(said.serial).standing is Standing.ACCEPTED
        assert said.text not in phone(banks, LATE)

    def test_hears_that_a_telephone_was_not_there(self, carrier: Carrier) -> None:
        said = message(UNDELIVERED)
        carrier.send(said)

        assert carrier.find(said.serial) == Answer(Standing.REFUSED, reason="ABSENT")


class TestFind:
    def test_knows_what_was_never_sent(self, carrier: Carrier) -> None:
        assert carrier.find(asks.serial("MS")).standing is Standing.MISSING


class TestBelieving:
    def test_an_account_with_another_secret_is_not_heard(
        self, introduction: dict[str, Any], tmp_path: Path, banks: Sandbox
    ) -> None:
        stranger = OpenCarrier(tmp_path / "carrier")
        stranger.keep({**introduction, "secret": "A" * 43 + "="})
        said = message(text=f"Hello {asks.serial('MS')}")

        assert stranger.send(said) == Answer(Standing.UNKNOWN, problem="not_believed")
        assert said.text not in phone(banks, ORDINARY)

    def test_nobody_sends_without_a_signature(self, introduction: dict[str, Any]) -> None:
        answer = httpx.post(f"{introduction['base_url']}/v1/messages", json={}, timeout=10)

        assert answer.status_code == 401

    def test_a_clock_that_is_wrong_is_not_believed(
        self, introduction: dict[str, Any], tmp_path: Path
    ) -> None:
        late = OpenCarrier(tmp_path / "carrier", clock=lambda: 1_000_000_000.0)
        late.keep(introduction)

        assert late.send(message()).standing is Standing.UNKNOWN


class TestReaching:
    def test_nothing_leaves_where_nobody_was_introduced(self, tmp_path: Path) -> None:
        alone = OpenCarrier(tmp_path / "carrier")

        assert alone.send(message()) == Answer(Standing.NOT_REACHED, problem="not_introduced")

    def test_nothing_leaves_where_nobody_listens(
        self, introduction: dict[str, Any], tmp_path: Path
    ) -> None:
        gone = OpenCarrier(tmp_path / "carrier")
        gone.keep({**introduction, "base_url": "http://127.0.0.1:9/c/xinyu"})

        assert gone.send(message()).standing is Standing.NOT_REACHED


class TestKeep:
    @pytest.mark.parametrize(
        "change",
        [
            {"base_url": "http://carrier.example/c"},
            {"base_url": "ftp://127.0.0.1/c"},
            {"secret": "not base64!"},
            {"secret": "c2hvcnQ="},
            {"carrier": ""},
        ],
    )
    def test_refuses_an_introduction_that_cannot_be_used(
        self, introduction: dict[str, Any], tmp_path: Path, change: dict[str, str]
    ) -> None:
        with pytest.raises(CarrierNotReady):
            OpenCarrier(tmp_path / "carrier").keep({**introduction, **change})

    def test_keeps_the_secret_from_others(
        self, introduction: dict[str, Any], tmp_path: Path
    ) -> None:
        OpenCarrier(tmp_path / "carrier").keep(introduction)

        kept = tmp_path / "carrier" / "introduction.json"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert json.loads(kept.read_text())["carrier"] == "xinyu"


class TestPhone:
    def test_shows_what_arrived_and_nothing_as_markup(
        self, carrier: Carrier, banks: Sandbox
    ) -> None:
        carrier.send(message(text=f"<b>{asks.serial('MS')}</b>"))

        shown = httpx.get(f"{banks.base_url}/phone", timeout=10)

        assert "&lt;b&gt;MS" in shown.text
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
