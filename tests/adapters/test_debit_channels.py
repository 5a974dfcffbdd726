"""The contract of a debit channel: handed over once, answered whole, doubt raised as OSError."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from loanops.money.payments.ports import DebitChannel, DebitFileOut, DebitLine
from tests.adapters import asks
from tests.factories.sandbox import Sandbox

pytestmark = pytest.mark.processes

DUE = date(2026, 12, 23)
BANK = "prairieford"


@pytest.fixture(params=["open_bank"])
def channel(request: pytest.FixtureRequest, banks: Sandbox) -> DebitChannel:
    """Each adapter that debits, in turn."""
    adapters: dict[str, Callable[[], DebitChannel]] = {"open_bank": banks.gateways().debits}
    return adapters[request.param]()


def loans(banks: Sandbox, count: int) -> list[str]:
    """Serials of drawdowns that the bank paid."""
    gateway = banks.gateways()(BANK, {})
    serials = []
    for _ in range(count):
        asked = asks.credit("USD")
        gateway.apply_for_credit(asked)
        order = asks.drawdown(asked)
        gateway.draw_down(order)
        serials.append(order.serial)
    return serials


def file_of(serials: list[str], amount_minor: int = 90_000) -> DebitFileOut:
    lines = [DebitLine(asks.serial("DO"), serial, amount_minor) for serial in serials]
    return DebitFileOut(asks.serial("DF"), BANK, "USD", DUE, lines)


class TestSendDebitFile:
    def test_collects_what_is_there_once(self, channel: DebitChannel, banks: Sandbox) -> None:
        rich, short, empty = loans(banks, 3)
        balances = {rich: "5000.00", short: "100.00", empty: "0.00"}
        banks.order("PUT", "wallets", {"bank": BANK, "balances": balances})
        file = file_of([rich, short, empty, "DD-nobody"])

        first = channel.send_debit_file(file=file)
        again = channel.send_debit_file(file=file)

        results = {
            row.order: row for row in channel.fetch_results(party=BANK, file=file.number) or ()
        }
        ordered = [results[line.order] for line in file.lines]
        assert first == again
        assert [row.collected_minor for row in ordered] == [90_000, 10_000, 0, 0]
        assert [row.reason for row in ordered] == ["", "D101", "D101", "D103"]
        assert [bool(row.pay_no) for row in ordered] == [True, True, False, False]
        assert {row.collected_on for row in ordered} == {DUE}

    @pytest.mark.parametrize(
        ("least", "taken"), [(None, [90_000, 0]), (10_000, [90_000, 10_000]), (10_001, [90_000, 0])]
    )
    def test_takes_no_smaller_part_than_the_file_allows(
        self, channel: DebitChannel, banks: Sandbox, least: int | None, taken: list[int]
    ) -> None:
        rich, short = loans(banks, 2)
        banks.order(
            "PUT", "wallets", {"bank": BANK, "balances": {rich: "5000.00", short: "100.00"}}
        )
        file = replace(file_of([rich, short]), part_min_minor=least)

        channel.send_debit_file(file=file)

        results = {
            row.order: row for row in channel.fetch_results(party=BANK, file=file.number) or ()
        }
        assert [results[line.order].collected_minor for line in file.lines] == taken

    def test_is_in_doubt_when_one_number_stands_for_two_files(
        self, channel: DebitChannel, banks: Sandbox
    ) -> None:
        (serial,) = loans(banks, 1)
        file = file_of([serial])
        channel.send_debit_file(file=file)
        other = DebitFileOut(file.number, BANK, "USD", DUE, file_of([serial], 1).lines)

        with pytest.raises(OSError, match="bad_parameters"):
            channel.send_debit_file(file=other)

    def test_is_in_doubt_while_the_bank_is_down(
        self, channel: DebitChannel, banks: Sandbox
    ) -> None:
        banks.order("PUT", "down", {"bank": BANK})

        with pytest.raises(OSError, match="broken_connection"):
            channel.send_debit_file(file=file_of(["DD-nobody"]))


class TestFetchResults:
    def test_is_in_doubt_about_a_file_that_was_never_sent(self, channel: DebitChannel) -> None:
        with pytest.raises(OSError, match="unreadable"):
            channel.fetch_results(party=BANK, file="DF-nobody")

    def test_takes_a_large_file(self, channel: DebitChannel, banks: Sandbox) -> None:
        count = int(os.environ.get("LOANOPS_DEBIT_LINES", "5000"))
        lines = [DebitLine(f"DO-large-{n:06d}", "DD-nobody", 1) for n in range(count)]
        file = DebitFileOut(asks.serial("DF"), BANK, "USD", DUE, lines)

        channel.send_debit_file(file=file)

        results = channel.fetch_results(party=BANK, file=file.number)
        assert results is not None
        assert len(results) == count
