"""`loanops debits`: later windows, and files of banks with every bad row named."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loanops.kernel.refusals import BadField
from loanops.money.payments import operations as payments
from loanops.money.payments import queries
from loanops.money.payments.ports import CHANNELS
from loanops.money.payments.queries import DebitPolicy
from loanops.surfaces.cli import debits as verb
from tests.factories.loans import AT, BANK, DAY, HOUSE, close_until, open_book, open_loan
from tests.rooms.payments.bank import Bank, answer, file_of, orders_of

pytestmark = pytest.mark.django_db
DUE = date(2026, 12, 2)


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that runs the tests is started already."""
    monkeypatch.setattr(verb, "boot", lambda: None)
    monkeypatch.setattr(verb, "refuse_old_database", lambda: None)
    monkeypatch.setattr(CHANNELS, "_plugged", {"open_bank": Bank()})


def run(*words: str) -> Result:
    return CliRunner().invoke(verb.debits, [*words, "--json"])


def due() -> str:
    open_book()
    payments.set_debit_policy(
        book="cn",
        channel="",
        policy=DebitPolicy(windows=("09:00", "15:00")),
        effective_from=DAY + timedelta(days=1),
        actor=HOUSE,
        at=AT,
    )
    loan = open_loan()
    close_until(DUE)
    return loan


class TestOrder:
    def test_asks_for_what_the_window_before_did_not_bring(self) -> None:
        loan = due()
        answer({loan: 0}, on=DUE)

        told = json.loads(run("order", "--book", "cn", "--window", "2").stdout)

        assert told == {"window": 2, "orders": 1, "total_minor": 88_849}

    def test_of_a_window_that_nobody_has_is_refused(self) -> None:
        due()

        assert isinstance(run("order", "--book", "cn", "--window", "3").exception, BadField)


class TestFiles:
    def test_of_an_answer_end_its_orders(self, tmp_path: Path) -> None:
        loan = due()
        file = file_of().number
        payments.send_debit_file(number=file, actor=HOUSE, at=AT)
        [order] = orders_of(loan)
        given = tmp_path / "answer.csv"
        given.write_text(f"order,pay_no,amount,on,reason\n{order.number},B1,888.49,{DUE},\n")

        told = run("answer", str(given), "--of", file, "--count", "1", "--total", "888.49")

        assert json.loads(told.stdout)["rows"] == 1
        assert orders_of(loan)[0].state == "collected"

    def test_with_bad_rows_name_each_and_book_nothing(self, tmp_path: Path) -> None:
        open_book()
        payments.receive(
            book="cn", channel=BANK, pay_no="P1", amount_minor=500, on=DAY, loan="",
            actor=HOUSE, at=AT,
        )  # fmt: skip
        given = tmp_path / "back.csv"
        given.write_text(f"pay_no,amount,on,reason\nP1,5.00,{DAY},R\nP9,1.00,{DAY},R\n")
        words = ("returned", str(given), "--book", "cn", "--channel", BANK)

        told = run(*words, "--count", "2", "--total", "6.00")

        assert told.exit_code == 2
        assert "P9" in told.stderr
        assert queries.list_returns(book="cn", viewer=HOUSE) == []
