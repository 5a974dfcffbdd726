"""Names: pages call what they show by its name, also for who may not open its register."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from loanops.kernel.access import Scopes, Viewer
from loanops.platform.audit.queries import EntryCard
from loanops.registry.partners import queries as partners
from loanops.registry.products import queries as products
from loanops.surfaces.console.pages.sentences import channel_in_words, in_words
from loanops.surfaces.console.pages.tags import job_error, payload, short_money
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

NAMES = {"harbour": {"zh-hans": "海港银行", "en": "Harbour Bank"}}


class TestPages:
    @pytest.mark.parametrize(
        ("role", "page", "known"),
        [
            ("collector", "loan", partners.list_names),
            ("service_agent", "application", products.list_names),
        ],
    )
    def test_name_what_the_reader_may_not_open(
        self,
        operation: desk.Operation,
        enter: Enter,
        role: str,
        page: str,
        known: Callable[..., dict[str, dict[str, str]]],
    ) -> None:
        number = operation.loan if page == "loan" else operation.granted
        shown = enter(role).get(address(page, number)).content.decode()
        head = shown.split('<p class="page-under">')[1].split("</p>")[0]

        called = known(book="cn", viewer=Viewer("nobody"))

        assert any(name["zh-hans"] in head for name in called.values())

    def test_an_application_names_who_acted(self, operation: desk.Operation, enter: Enter) -> None:
        shown = enter("everyone").get(address("application", operation.granted)).content.decode()

        assert "house:" not in shown
        assert "key:" not in shown

    def test_a_name_stays_within_the_scope(self, operation: desk.Operation) -> None:
        elsewhere = Viewer("nobody", scopes=Scopes(books=frozenset({"us"})))
        other = replace(elsewhere, scopes=Scopes(funders=frozenset({"strange"})))

        assert products.list_names(book="cn", viewer=elsewhere) == {}
        assert partners.list_names(book="cn", viewer=elsewhere) == {}
        assert partners.list_names(book="cn", viewer=other) == {}


class TestWords:
    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("open_bank:harbour", "代扣 · 海港银行"),
            ("funder:strange", "资金方代收 · strange"),
            ("counter", "柜台"),
            ("harbour", "海港银行"),
            ("unheard", "unheard"),
        ],
    )
    def test_a_channel_is_named_by_its_way_and_its_party(self, code: str, words: str) -> None:
        assert channel_in_words(code, NAMES) == words

    def test_an_entry_names_the_funder_and_gives_money_no_second_unit(self) -> None:
        entry = EntryCard(
            id=1,
            at=datetime(2026, 1, 5, tzinfo=UTC),
            on=date(2026, 1, 5),
            actor="house:x",
            code="servicing.repaid",
            subject="LN-1",
            book="cn",
            values={"amount_minor": 120000, "channel": "open_bank:harbour"},
            sealed=False,
        )

        said = in_words(entry, "CNY", NAMES)

        assert said == "借据 LN-1 还款 ¥1,200.00，渠道：代扣 · 海港银行"

    def test_a_job_says_what_it_is_about_and_why_it_failed(self) -> None:
        assert payload('{"file": "DF-1", "book": "cn"}') == "DF-1 · cn"
        assert job_error("DebitsInDoubt: DF-1: broken_connection").startswith("连接中断<span")
        assert job_error("<b>odd</b>") == "&lt;b&gt;odd&lt;/b&gt;"

    @pytest.mark.parametrize(
        ("minor", "shown"), [(8_900_000, "¥8.90 万"), (999_900, "¥9,999.00"), (None, "—")]
    )
    def test_money_of_a_headline_is_short(self, minor: int | None, shown: str) -> None:
        assert short_money(minor, "CNY") == shown
