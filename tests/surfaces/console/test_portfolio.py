"""The portfolio board and the class of a loan: what they say, in which reading, and their file."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from loanops.loanbook.servicing import queries
from loanops.loanbook.servicing.queries import lists, narrowing, past
from loanops.surfaces.console.pages.sheets import answer as sheet
from tests.factories import desk
from tests.factories.changes import order as write_off
from tests.factories.loans import HOUSE, close_until, open_book, open_loan, repay
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

CUTS = {
    "bucket": "bucket",
    "at_risk": "at_risk",
    "tier": "class",
    "product": "product",
    "funder": "funder",
}
"""What narrows the list of loans, by the cut of the board whose numbers lead there."""
DUE = date(2026, 12, 2)
BETWEEN = (DUE + timedelta(days=35)).isoformat()


@pytest.fixture(scope="module")
def loan(opened: desk.Operation) -> str:
    """A loan in a book of its own, of which a payment was entered forty days late."""
    open_book("late")
    number = open_loan("late")
    close_until(DUE + timedelta(days=40), book="late")
    repay(number, 88_849, DUE, book="late")
    return number


@pytest.fixture
def client(loan: str, enter: Enter) -> Client:
    """Somebody with every role, at the book with the loan."""
    entered = enter("everyone")
    entered.post(address("choose_book"), {"book": "late"})
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def shown(client: Client, name: str, number: str = "", **asked: str) -> str:
    return " ".join(client.get(address(name, number), asked).content.decode().split())


class TestPortfolio:
    def test_tells_a_payment_now_and_not_then_between_its_date_and_its_entry(
        self, client: Client
    ) -> None:
        then = shown(client, "portfolio", on=BETWEEN)
        now = shown(client, "portfolio", on=BETWEEN, reading="now")

        assert "100.00% of principal is past due, most of it in M2" in then
        assert "100.00% of principal is past due, most of it in M1" in now
        assert "1 loan has other figures by now" in now
        assert "¥9,211.51" in now

    def test_leads_from_each_number_of_today_to_its_loans(self, client: Client, loan: str) -> None:
        board = shown(client, "portfolio")

        for question in ("bucket=M1", "tier=special_mention", "product=cash-12", "funder=harbour"):
            assert f"{address('loans')}?{question}" in board
        assert loan in shown(client, "loans", bucket="M1")
        # What was paid late betters the class at the next close.
        assert loan in shown(client, "loans", tier="special_mention")
        assert loan not in shown(client, "loans", tier="normal")

    @pytest.mark.parametrize("reading", ["then", "now"])
    @pytest.mark.parametrize("on", ["", BETWEEN])
    def test_opens_from_each_number_exactly_the_loans_that_make_it(
        self, client: Client, loan: str, on: str, reading: str
    ) -> None:
        for _ in range(2):
            open_loan("late", product="home", funder="summit")
        asked = {"on": on, "reading": reading}
        told = client.get(address("export_portfolio"), asked).content.decode("utf-8-sig")
        numbers = {
            (row["cut"], row["code"]): row["outstanding"]
            for row in csv.DictReader(io.StringIO(told))
        }
        board = client.get(address("portfolio"), asked).content.decode()
        links = re.findall(rf'href="{address("loans")}[?]([^"]*=[^"]*)"', board)

        opened = {}
        for link in links:
            question = dict(parse_qsl(unescape(link)))
            narrowed = {key: question[key] for key in CUTS if key in question}
            if len(narrowed) == 2:
                # What of a product or funder is at risk: its share alone stands on the board.
                assert narrowed.pop("at_risk") == "30"
                assert rows_of(client, **question)
            elif narrowed:
                [(key, code)] = narrowed.items()
                opened[(CUTS[key], code)] = sum(
                    (Decimal(row["outstanding"]) for row in rows_of(client, **question)),
                    Decimal(0),
                )
        wanted = {cut: Decimal(told) for cut, told in numbers.items() if cut[0] in CUTS.values()}
        assert opened == wanted
        assert {cut for cut, _ in opened} == set(CUTS.values())

    def test_of_a_past_day_has_the_list_of_its_loans_in_the_same_readings(
        self, client: Client, loan: str
    ) -> None:
        then = shown(client, "loans", on=BETWEEN)
        now = shown(client, "loans", on=BETWEEN, reading="now")

        assert "¥10,000.00" in then
        assert "¥9,211.51" not in then
        assert "¥9,211.51" in now
        for page in (then, now):
            assert f"{address('past_loan', loan)}?on={BETWEEN}" in page
            assert "other figures by now" in page
        assert loan in shown(client, "loans", on=BETWEEN, bucket="M2")
        assert loan not in shown(client, "loans", on=BETWEEN, bucket="M2", reading="now")
        assert "No loan fits" in shown(client, "loans", on="2020-01-01")

    def test_of_loans_is_narrowed_in_the_address_on_any_day(
        self, client: Client, loan: str
    ) -> None:
        for on in ("", BETWEEN):
            for question in (
                {"state": "overdue"},
                {"tier": "special_mention"},
                {"number": loan[:12].lower()},
                {"product": "cash-12", "funder": "harbour"},
            ):
                answer = client.get(address("loans"), {"on": on, **question})
                page = answer.content.decode()
                assert loan in page
                assert "that fit the filter" in page
            for question in ({"state": "settled"}, {"tier": "loss"}, {"number": "LN-Z"}):
                answer = client.get(address("loans"), {"on": on, **question})
                assert "No loan fits" in answer.content.decode()

    @pytest.mark.parametrize(
        "question",
        [
            {"state": "asleep"},
            {"bucket": "M9"},
            {"tier": "worse"},
            {"reading": "never"},
            {"number": "%"},
            {"funder": "nobody"},
            {"product": "nothing"},
            {"on": "soon"},
            {"on": "2030-01-01"},
            {"before": "yesterday"},
        ],
    )
    def test_of_loans_says_what_there_cannot_be(
        self, client: Client, question: dict[str, str]
    ) -> None:
        assert client.get(address("loans"), question).status_code == 422

    def test_of_a_day_that_has_not_come_is_that_of_today(self, client: Client) -> None:
        assert 'value="2027-01-11"' in shown(client, "portfolio", on="2030-01-01")

    def test_says_when_classes_were_not_kept(self, client: Client) -> None:
        from loanops.loanbook.servicing.models import ClassSum

        ClassSum.objects.all().delete()

        assert "Classes were not kept on this day" in shown(client, "portfolio", on=BETWEEN)

    def test_is_a_file_of_the_same_numbers(self, client: Client) -> None:
        answer = client.get(address("export_portfolio"), {"on": BETWEEN, "reading": "now"})

        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        told = {(row["cut"], row["code"]): row["outstanding"] for row in rows}
        assert told[("bucket", "M1")] == told[("product", "cash-12")] == "9211.51"
        assert {row["reading"] for row in rows} == {"now"}
        assert f"portfolio-late-{BETWEEN}-now.csv" in answer["Content-Disposition"]

    def test_is_a_file_that_no_spreadsheet_runs(self) -> None:
        written = sheet("a.csv", ["code"], [["=1+1"], ["-5.00"], [None]]).content.decode()

        assert written.splitlines()[1:] == ["'=1+1", "-5.00", '""']


def rows_of(client: Client, **asked: str) -> list[dict[str, str]]:
    """The rows of the file of a list of loans."""
    answer = client.get(address("export_loans"), asked)
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestFileOfLoans:
    def test_tells_a_payment_now_and_not_then_between_its_date_and_its_entry(
        self, client: Client, loan: str
    ) -> None:
        [then] = rows_of(client, on=BETWEEN)
        [now] = rows_of(client, on=BETWEEN, reading="now")

        told = ("number", "outstanding", "dpd", "bucket", "class", "reading", "on")
        assert [then[name] for name in told] == [
            loan, "10000.00", "35", "M2", "special_mention", "then", BETWEEN,
        ]  # fmt: skip
        assert [now[name] for name in told] == [
            loan, "9211.51", "4", "M1", "normal", "now", BETWEEN,
        ]  # fmt: skip

    def test_holds_the_list_as_it_is_narrowed_on_any_day(self, client: Client, loan: str) -> None:
        second = open_loan("late")

        assert {row["number"] for row in rows_of(client)} == {loan, second}
        assert [row["number"] for row in rows_of(client, state="overdue")] == [loan]
        assert rows_of(client, tier="loss") == []
        assert rows_of(client, on=BETWEEN, state="settled") == []
        page = client.get(address("loans"), {"state": "overdue", "before": ""}).content.decode()
        assert f"{address('export_loans')}?state=overdue&amp;form=csv" in page

    def test_names_the_channel_and_is_narrowed_by_it(self, client: Client, loan: str) -> None:
        second = open_loan("late", origin_channel="direct")

        [row] = rows_of(client, origin_channel="direct")
        assert (row["number"], row["channel"]) == (second, "direct")
        assert rows_of(client, origin_channel="nobody") == []
        page = client.get(address("loans"), {"origin_channel": "lendingclub"}).content.decode()
        page = " ".join(page.split())
        assert '<option value="lendingclub" selected>lendingclub</option>' in page
        assert second not in page

    def test_is_a_workbook_as_well(self, client: Client, loan: str) -> None:
        answer = client.get(address("export_loans"), {"form": "xlsx", "on": BETWEEN})

        assert answer.content.startswith(b"PK")
        assert f"loans-late-{BETWEEN}-then.xlsx" in answer["Content-Disposition"]

    def test_is_read_on_over_pages_and_refused_where_it_is_too_long(
        self, client: Client, loan: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        second = open_loan("late")
        monkeypatch.setattr(lists, "PAGE", 1)
        monkeypatch.setattr(past, "PAGE", 1)
        assert {row["number"] for row in rows_of(client)} == {loan, second}
        for on in ({}, {"on": BETWEEN}):
            monkeypatch.setattr(narrowing, "LINES_MAX", 0)
            answer = client.get(address("export_loans"), on)
            assert answer.status_code == 422
            assert "narrow it by state" in answer.content.decode()


class TestStaticPool:
    def test_has_a_line_for_each_month_of_payout(self, client: Client) -> None:
        pool = shown(client, "static_pool")

        assert "Of what was paid out in 2026-11, 100.00% is still unpaid" in pool
        assert "MOB1" in pool
        assert "No month has ended yet" in shown(client, "static_pool", product="other")
        assert "was ever more than 30 days late" in shown(client, "static_pool", measure="ever_30")


class TestLoanClass:
    def test_is_judged_and_withdrawn_with_reasons(self, client: Client, loan: str) -> None:
        form = {"tier": "loss", "reason": "fraud", "until": ""}

        client.post(address("reclassify", loan), form)
        judged = shown(client, "loan_class", loan)
        client.post(address("withdraw_judgement", loan), {"reason": "an error"})

        assert "by judgement Loss" in judged
        assert "fraud" in judged
        card = queries.get_class(number=loan, viewer=HOUSE)
        assert (card.tier, card.orders[0].ended_reason) == ("special_mention", "an error")

    def test_of_a_loan_written_off_is_none(self, client: Client, loan: str) -> None:
        write_off(loan, "written_off", queries.get_loan(number=loan, viewer=HOUSE).on)

        page = shown(client, "loan_class", loan)

        assert "The loan is no longer on the book: it is in no class" in page
        assert "by days" not in page
        assert "has always been normal" not in page

    def test_is_paused_and_goes_on(self, client: Client, loan: str) -> None:
        client.post(address("pause_ageing", loan), {"reason": "flood", "until": "2027-03-01"})
        assert "ageing paused" in shown(client, "loan_class", loan)

        client.post(address("resume_ageing", loan), {"reason": "over"})
        assert not queries.get_class(number=loan, viewer=HOUSE).paused

    @pytest.mark.parametrize(
        "form",
        [
            {"tier": "normal", "reason": "fraud"},
            {"tier": "loss", "reason": ""},
            {"tier": "loss", "reason": "fraud", "until": "2026-01-01"},
            {"tier": "loss", "reason": "fraud", "until": "soon"},
        ],
    )
    def test_says_what_is_wrong(self, client: Client, loan: str, form: dict[str, str]) -> None:
        answer = client.post(address("reclassify", loan), form)

        assert answer.status_code == 422
        assert queries.get_class(number=loan, viewer=HOUSE).judged_tier == ""
