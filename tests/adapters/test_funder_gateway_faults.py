"""Doubt is never failure: what a gateway makes of a bank that misbehaves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loanops.adapters.open_bank import OpenBank
from loanops.adapters.open_bank.introductions import BadConnection, read_introduction
from loanops.origination.routing.ports import DrawdownAnswer, FunderGateway, Standing
from tests.adapters import asks
from tests.factories.sandbox import Sandbox

pytestmark = pytest.mark.processes

BANK = "prairieford"


@pytest.fixture
def gateway(banks: Sandbox) -> Iterator[FunderGateway]:
    return banks.gateways()(BANK, {"timeout_seconds": 0.5})


def settled(gateway: FunderGateway, serial: str) -> DrawdownAnswer:
    """Ask until the bank has made up its mind."""
    for _ in range(60):
        answer = gateway.query_drawdown(serial, request_number="RQ-q")
        if answer.standing in {Standing.SUCCESS, Standing.REFUSED}:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{serial} is still {answer.standing} ({answer.problem})")


class TestDrawDown:
    @pytest.mark.parametrize(
        ("behaviour", "problem"),
        [
            ("system_error", "code_unknown"),
            ("system_fail", "code_unknown"),
            ("not_found_then_paid", "code_unknown"),
            ("server_error", "server_error"),
            ("timeout", "timeout"),
            ("reset", "broken_connection"),
            ("malformed", "malformed"),
            ("html", "not_believed"),
            ("unsigned", "not_believed"),
            ("wrong_serial", "wrong_serial"),
        ],
    )
    def test_is_unknown_and_found_paid_by_query(
        self, gateway: FunderGateway, banks: Sandbox, behaviour: str, problem: str
    ) -> None:
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        banks.misbehave(
            behaviour, operation="drawdown", pattern=order.serial, field="serial",
            args={"hang_seconds": 1.0},
        )  # fmt: skip

        said = gateway.draw_down(order)
        found = settled(gateway, order.serial)

        assert (said.standing, said.problem) == (Standing.UNKNOWN, problem)
        assert (found.standing, found.paid_minor) == (Standing.SUCCESS, 1_000_000)
        assert [row["serial"] for row in banks.truth(BANK)].count(order.serial) == 1

    @pytest.mark.parametrize("behaviour", ["server_error_unpaid", "timeout_unpaid", "down"])
    def test_is_unknown_even_where_nothing_was_paid(
        self, gateway: FunderGateway, banks: Sandbox, behaviour: str
    ) -> None:
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        banks.misbehave(
            behaviour, operation="drawdown", pattern=order.serial, field="serial", times=1,
            args={"hang_seconds": 1.0},
        )  # fmt: skip

        said = gateway.draw_down(order)
        asked_back = gateway.query_drawdown(order.serial, request_number="RQ-q")
        sent_again = gateway.draw_down(order)

        assert said.standing is Standing.UNKNOWN
        assert (asked_back.standing, asked_back.problem) == (Standing.UNKNOWN, "not_found")
        assert sent_again.standing is Standing.SUCCESS

    def test_hides_a_paid_drawdown_only_for_a_while(
        self, gateway: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        banks.misbehave("not_found_then_paid", pattern=order.serial, field="serial")

        gateway.draw_down(order)
        first = gateway.query_drawdown(order.serial, request_number="RQ-q")

        assert (first.standing, first.problem) == (Standing.UNKNOWN, "not_found")
        assert settled(gateway, order.serial).standing is Standing.SUCCESS

    def test_shows_a_contradiction_as_the_bank_tells_it(
        self, gateway: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        banks.misbehave("contradicting_answers", pattern=order.serial, field="serial")

        paid = gateway.draw_down(order)
        gateway.query_drawdown(order.serial, request_number="RQ-q1")
        later = gateway.query_drawdown(order.serial, request_number="RQ-q2")

        assert paid.standing is Standing.SUCCESS
        assert (later.standing, later.reason) == (Standing.REFUSED, "F304")

    def test_passes_a_wrong_amount_on_for_routing_to_judge(
        self, gateway: FunderGateway, banks: Sandbox
    ) -> None:
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        banks.misbehave("wrong_amount", pattern=order.serial, field="serial")

        paid = gateway.draw_down(order)

        assert (paid.standing, paid.paid_minor) == (Standing.SUCCESS, 1_000_001)

    def test_is_unknown_while_the_bank_is_down(
        self, gateway: FunderGateway, banks: Sandbox
    ) -> None:
        banks.order("PUT", "down", {"bank": BANK})

        answer = gateway.query_drawdown(asks.serial("DD"), request_number="RQ-q")

        assert (answer.standing, answer.problem) == (Standing.UNKNOWN, "broken_connection")


class TestOpenBank:
    def test_is_unknown_where_nobody_listens(self, banks: Sandbox, tmp_path: Path) -> None:
        for file in banks.folder.iterdir():
            text = file.read_text().replace(banks.base_url, "http://127.0.0.1:9")
            (tmp_path / file.name).write_text(text)
        gateway = OpenBank(tmp_path)(BANK, {})

        answer = gateway.query_drawdown("DD-000001", request_number="RQ-q")

        assert (answer.standing, answer.problem) == (Standing.UNKNOWN, "not_reached")

    def test_names_the_introduction_that_is_missing(self, banks: Sandbox) -> None:
        with pytest.raises(BadConnection, match="no introduction of nowhere"):
            banks.gateways()("nowhere", {})

    def test_follows_a_bank_that_rotates_its_key(self, banks: Sandbox) -> None:
        before = banks.gateways()("hechuan", {})
        banks.order("POST", "rotate", {"bank": "hechuan"})
        unknown = before.query_drawdown("DD-000001", request_number="RQ-q")

        introduced = {bank["party"]: bank for bank in banks.order("GET", "introductions")["banks"]}
        from loanops.adapters.open_bank import introductions

        introductions.keep_introduction(banks.folder, introduced["hechuan"])
        known = banks.gateways()("hechuan", {}).query_drawdown("DD-000001", request_number="RQ-q")

        assert unknown.problem == "not_believed"
        assert known.problem == "not_found"

    @pytest.mark.parametrize(
        "url", ["http://bank.example/b/x", "ftp://127.0.0.1/", "https://", "http://10.0.0.1/b/x"]
    )
    def test_speaks_plain_http_to_this_machine_only(self, banks: Sandbox, url: str) -> None:
        document = {
            "party": "x", "base_url": url, "currency": "CNY", "precheck_salt": "00", "keys": [],
        }  # fmt: skip

        with pytest.raises(BadConnection, match="https"):
            read_introduction(document)
