"""What a platform believes of a callback, and everything it does not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from loanops.adapters.open_bank.callbacks import read_callback
from loanops.adapters.open_bank.introductions import Introduction
from loanops.adapters.open_bank.signing import Identity, KeyRing, TrustedKey
from loanops.adapters.open_bank.speaking import Line
from loanops.origination.routing.ports import CallbackNotBelieved, Standing
from loanops_sandbox.wire import Signer

AT = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BANK_KEY = Ed25519PrivateKey.generate()
RETIRED_KEY = Ed25519PrivateKey.generate()
STRANGER_KEY = Ed25519PrivateKey.generate()
TARGET = "/callbacks/jianglan"
EVENT = {
    "event_id": "jianglan-7",
    "event": "drawdown",
    "funder": "jianglan",
    "serial": "DD-000001",
    "status": "SUCCESS",
}


def line() -> Line:
    keys = KeyRing(
        [
            TrustedKey(
                key_id="bank-2", public=BANK_KEY.public_key(), valid_from=AT - timedelta(days=9)
            ),
            TrustedKey(
                key_id="bank-1",
                public=RETIRED_KEY.public_key(),
                valid_from=AT - timedelta(days=90),
                valid_until=AT - timedelta(days=2),
            ),
        ]
    )
    return Line(
        identity=Identity(party="us", key_id="us-1", private=STRANGER_KEY),
        introduction=Introduction(
            party="jianglan",
            base_url="http://127.0.0.1:1/b/jianglan",
            currency="CNY",
            precheck_salt=b"salt",
            keys=keys,
        ),
        clock=time.time,
    )


def callback(
    *,
    event: dict[str, Any] | None = None,
    key: Ed25519PrivateKey = BANK_KEY,
    key_id: str = "bank-2",
    to: str = "us",
    at: datetime = AT,
) -> tuple[dict[str, str], bytes]:
    raw = json.dumps(EVENT if event is None else event).encode()
    headers = Signer(key_id, key).request_headers(
        to=to, method="POST", target=TARGET, body=raw, seconds=int(at.timestamp())
    )
    return headers, raw


def read(headers: dict[str, str], raw: bytes, target: str = TARGET) -> Any:
    return read_callback(line(), method="POST", target=target, headers=headers, raw=raw, at=AT)


class TestReadCallback:
    def test_gives_the_event_its_serial_and_its_claim(self) -> None:
        headers, raw = callback()

        found = read(headers, raw)

        assert (found.event_id, found.event, found.serial) == (
            "jianglan-7", "drawdown", "DD-000001",
        )  # fmt: skip
        assert found.standing is Standing.SUCCESS

    def test_reads_headers_in_any_case(self) -> None:
        headers, raw = callback()

        found = read({name.lower(): value for name, value in headers.items()}, raw)

        assert found.serial == "DD-000001"

    @pytest.mark.parametrize(
        "made",
        [
            pytest.param(lambda: callback(key=STRANGER_KEY), id="signed by a stranger"),
            pytest.param(lambda: callback(key_id="bank-9"), id="key nobody introduced"),
            pytest.param(
                lambda: callback(key=RETIRED_KEY, key_id="bank-1"), id="key after its rotation"
            ),
            pytest.param(lambda: callback(to="somebody-else"), id="meant for another platform"),
            pytest.param(lambda: callback(at=AT - timedelta(seconds=301)), id="stale"),
            pytest.param(lambda: callback(at=AT + timedelta(seconds=301)), id="from the future"),
            pytest.param(
                lambda: callback(event={**EVENT, "funder": "yunting"}), id="about another funder"
            ),
            pytest.param(lambda: callback(event={"event": "drawdown"}), id="without a serial"),
            pytest.param(
                lambda: callback(event={**EVENT, "event": "lottery"}), id="an unknown event"
            ),
        ],
    )
    def test_does_not_believe(self, made: Callable[[], tuple[dict[str, str], bytes]]) -> None:
        headers, raw = made()

        with pytest.raises(CallbackNotBelieved):
            read(headers, raw)

    def test_does_not_believe_a_body_changed_by_one_byte(self) -> None:
        headers, raw = callback()

        with pytest.raises(CallbackNotBelieved):
            read(headers, raw.replace(b"DD-000001", b"DD-000002"))

    def test_does_not_believe_it_at_another_address(self) -> None:
        headers, raw = callback()

        with pytest.raises(CallbackNotBelieved):
            read(headers, raw, target="/callbacks/yunting")

    @pytest.mark.parametrize(
        "header", ["Funder-Protocol", "Funder-Key", "Funder-Time", "Funder-Nonce"]
    )
    def test_does_not_believe_it_without_a_header(self, header: str) -> None:
        headers, raw = callback()

        with pytest.raises(CallbackNotBelieved):
            read({name: value for name, value in headers.items() if name != header}, raw)
