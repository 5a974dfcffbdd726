"""Documents: rendered once, kept by hash, and again to the same bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from django.db import connection

from loanops.adapters.typesetting import TypstPages
from loanops.kernel import wire
from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.kernel.schedule import FirstRate, Floating, IndexValue, Penalty, Reset
from loanops.origination.contracts import operations, queries, reactions
from loanops.origination.contracts.domain import statement
from loanops.origination.contracts.domain.document import _Setting
from loanops.origination.contracts.domain.refusals import (
    BorrowerChanged,
    NotRendered,
    TemplateChanged,
)
from loanops.origination.contracts.models import Contract
from loanops.origination.contracts.operations._persons import borrowers
from loanops.origination.contracts.operations.rendering import compose_many
from loanops.origination.contracts.ports import PAGES, TYPESETTERS, GlyphMissing
from loanops.origination.contracts.queries.templates import read_template
from loanops.platform import vault
from loanops.platform.files.models import StoredFile
from loanops.platform.work import unit_of_work
from loanops.registry.parties.models import Party
from tests.factories.contracts import (
    approved,
    chinese_market,
    drawn_up,
    later,
    offered,
    open_market,
)
from tests.factories.loans import terms
from tests.factories.registry import HOUSE, NOBODY, TODAY, carded

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> TypstPages:
    """One compiler for all tests, as one for all jobs."""
    return TypstPages(tmp_path_factory.mktemp("fonts"))


@pytest.fixture(autouse=True)
def plugged(pages: TypstPages, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    TYPESETTERS.plug(PAGES, pages)


def a_contract() -> queries.ContractCard:
    market = chinese_market()
    return drawn_up(offered(market, approved(market)[0]).number)


def render(*numbers: str, **values: Any) -> int:
    given: dict[str, Any] = {"actor": HOUSE, "at": later(60), **values}
    return operations.render_many(contracts=numbers, **given)


def text_of(content: bytes) -> str:
    with pymupdf.open(stream=content, filetype="pdf") as document:
        return "\n".join(page.get_text() for page in document)


class TestRenderMany:
    def test_shows_parties_cost_schedule_and_fingerprint_in_chinese(self) -> None:
        card = a_contract()

        assert render(card.number) == 1

        name, content = queries.read_document(card.number, viewer=HOUSE)
        text = text_of(content)
        person = vault.unseal(Party.objects.get().name_sealed)
        assert name == f"{card.number}.pdf"
        for words in (
            person, "harbour Co., Ltd.", "综合融资成本明示表", "融资担保费", "逾期罚息", "还款计划",
            "10,000.00", "不再收取其他任何息费", card.witness,
        ):  # fmt: skip
            assert words in text, words

    def test_says_how_a_fee_of_named_instalments_is_charged(self) -> None:
        fee = {
            "name": "担保评审费",
            "charging_party": "guarantor",
            "timing": "per_instalment",
            "amount_minor": 1_000,
            "instalments": [1],
        }
        market = chinese_market(fees=[fee])
        card = drawn_up(offered(market, approved(market)[0]).number)

        render(card.number)

        text = text_of(queries.read_document(card.number, viewer=HOUSE)[1])
        assert "担保评审费" in text
        assert "随指定各期收取" in "".join(text.split())

    def test_says_what_is_charged_once_for_being_late(self) -> None:
        late = {"charging_party": "guarantor", "timing": "overdue", "overdue_days": 7}
        fees = [
            {**late, "name": "逾期处理费", "amount_minor": 1_000},
            {**late, "name": "催告费", "rate": "0.02", "base": "overdue"},
        ]
        market = chinese_market(fees=fees)
        card = drawn_up(offered(market, approved(market)[0]).number)

        render(card.number)

        text = "".join(text_of(queries.read_document(card.number, viewer=HOUSE)[1]).split())
        for words in ("逾期处理费10.00", "每逾期一期一次", "催告费2.0000%", "该期逾期本息"):
            assert words in text, words

    def test_says_how_a_rate_floats_and_when_penalty_ends(self) -> None:
        floating = {"index": "lpr_5y", "spread_bp": "-20", "month": 1, "day": 1, "cap": "0.2"}
        penalty = {"multiplier": "1.5", "grace_days": 3, "stop_days": 180, "cap": "0.2"}
        penalty["stops_at_acceleration"] = True
        market = chinese_market(product_terms=carded(floating=floating, penalty=penalty))
        card = drawn_up(offered(market, approved(market)[0]).number)

        render(card.number)

        text = "".join(text_of(queries.read_document(card.number, viewer=HOUSE)[1]).split())
        for words in ("五年期以上贷款市场报价利率", "-20个基点", "每年01-01重定价", "最高atmost20",
                      "到期日后180天起停止计收", "不超过计收基数的20%",
                      "提前到期之日起停止计收"):  # fmt: skip
            assert words in text, words

    def test_has_words_for_penalty_that_bears_penalty(self) -> None:
        # The Chinese pack forbids it for consumer loans: another pack may not.
        rule = Penalty(multiplier=Decimal("1.5"), compounds_days=30)
        lender = statement.Party("funder", "Harbour")
        [item] = statement._contingent(terms(penalty=rule), lender)

        _, standard, *_ = _Setting(read_template("loan-5").words, "CNY")._contingent(item)

        assert "每 30 天将未付罚息计入罚息基数" in standard

    def test_says_that_penalty_follows_the_rate_of_the_loan(self) -> None:
        penalty = {"multiplier": "1.5", "follows": "current_rate"}
        market = chinese_market(product_terms=carded(penalty=penalty))
        card = drawn_up(offered(market, approved(market)[0]).number)

        render(card.number)

        text = "".join(text_of(queries.read_document(card.number, viewer=HOUSE)[1]).split())
        assert "随执行利率调整，始终为当日执行利率的1.5倍" in text

    @pytest.mark.parametrize(
        ("floating", "said"),
        [
            ({"index": "lpr_1y", "reset": Reset.ANNIVERSARY}, ["as_agreed", "anniversary"]),
            (
                {"index": "lpr_1y", "spread_bp": Decimal(5), "reset": Reset.EACH_CHANGE},
                ["+5 ", "each_change"],
            ),
        ],
    )
    def test_has_words_for_every_way_to_float(
        self, floating: dict[str, Any], said: list[str]
    ) -> None:
        words = read_template("loan-5").words
        rule = wire.write_row(Floating(**floating))

        shown = _Setting(words, "CNY")._floating({"items": [{"floating": rule}]})["floating"]

        texts = {**words["floating"], **words["floating"]["reset"]}
        assert all((texts[each]["zh"] if each in texts else each) in shown for each in said)

    def test_says_from_which_figure_the_first_rate_was_read(self) -> None:
        rule = Floating(index="lpr_1y", spread_bp=Decimal(850), first_rate=FirstRate.CONTRACT)
        read = rule.first_read([IndexValue(date(2026, 10, 20), Decimal("0.029"))], TODAY)
        assert read is not None
        item = {"floating": wire.write_row(rule), "first_read": wire.write_row(read)}
        newer, older = (_Setting(read_template(f"loan-{n}").words, "CNY") for n in (5, 4))

        shown = newer._floating({"items": [item]})["floating"]

        assert "首次利率 11.4000%：2026-10-20 起的该利率 2.9000% 加点，读取日 2026-11-02" in shown
        assert "首次利率" not in older._floating({"items": [item]})["floating"]

    def test_leaves_older_texts_as_they_were(self) -> None:
        rule = wire.write_row(Floating(index="lpr_1y"))
        older = _Setting(read_template("loan-2").words, "CNY")

        assert older._floating({"items": [{"floating": rule}]}) == {}

    def test_says_in_older_texts_what_they_have_words_for(self) -> None:
        item = {
            "name": "overdue_penalty", "rate_annual": "0.18", "base": "principal",
            "grace_days": 3, "stop_days": 180, "cap": "0.2", "party": "funder", "party_name": "B",
        }  # fmt: skip
        older, newer = (_Setting(read_template(f"loan-{n}").words, "CNY") for n in (3, 4))

        assert older._contingent(item)[1].endswith("from 180 days after the due date")
        assert newer._contingent(item)[1].endswith("in all at most 20% of what bears it")

    def test_is_done_once(self) -> None:
        card = a_contract()
        render(card.number)
        first = queries.get_contract(card.number).file

        assert render(card.number) == 0
        assert queries.get_contract(card.number).file == first
        assert StoredFile.objects.count() == 1

    def test_holds_nobody_up_while_pages_are_set(self) -> None:
        card = a_contract()
        depths: list[int] = []

        class Watching:
            def render(self, **_: Any) -> bytes:
                depths.append(len(connection.savepoint_ids))
                return b"%PDF-1.7 a page"

        TYPESETTERS.plug(PAGES, Watching())
        render(card.number)

        assert depths == [len(connection.savepoint_ids)]

    def test_made_again_gives_the_same_bytes(self, tmp_path: Path) -> None:
        card = a_contract()
        render(card.number)
        _, kept = queries.read_document(card.number, viewer=HOUSE)

        TYPESETTERS.plug(PAGES, TypstPages(tmp_path))
        with unit_of_work(actor=HOUSE, at=later(90), book="cn", on=TODAY) as work:
            work.unchanged()
            people = borrowers(work, [card.party])
        again = compose_many(contracts=[queries.get_contract(card.number)], people=people)

        assert again[card.number] == kept

    def test_names_the_application_where_no_identity_is_kept(self) -> None:
        market = open_market()
        card = drawn_up(offered(market, approved(market)[0]).number)

        render(card.number)

        _, content = queries.read_document(card.number, viewer=HOUSE)
        assert card.application in text_of(content)

    def test_fails_aloud_when_the_font_lacks_a_sign_of_a_name(self) -> None:
        market = chinese_market()
        [application] = approved(market)
        Party.objects.update(name_sealed=vault.seal("name", "王𠮷"))
        card = drawn_up(offered(market, application).number)

        with pytest.raises(GlyphMissing) as refused:
            render(card.number)

        assert refused.value.values["letters"] == "U+20BB7"
        assert not StoredFile.objects.exists()

    def test_refuses_a_person_whose_name_changed_since(self) -> None:
        card = a_contract()
        Party.objects.update(name_sealed=vault.seal("name", "王五"))

        with pytest.raises(BorrowerChanged):
            render(card.number)

    def test_refuses_a_template_that_was_edited(self) -> None:
        card = a_contract()
        Contract.objects.update(template_version="loan-1@0000000000000000")

        with pytest.raises(TemplateChanged):
            render(card.number)

    def test_is_what_the_job_does(self) -> None:
        card = a_contract()

        reactions.render({"contracts": [card.number]}, actor=HOUSE, at=later(60))

        assert queries.get_contract(card.number).file

    def test_needs_the_grant_and_the_contract(self) -> None:
        card = a_contract()

        with pytest.raises(NotPermitted):
            render(card.number, actor=NOBODY)
        with pytest.raises(NotFound):
            render("CT-NONE")


class TestReadDocument:
    def test_says_that_it_is_still_being_rendered(self) -> None:
        card = a_contract()

        with pytest.raises(NotRendered):
            queries.read_document(card.number, viewer=HOUSE)
        with pytest.raises(NotFound):
            queries.read_document(card.number, signed=True, viewer=HOUSE)

    def test_needs_the_grant(self) -> None:
        card = a_contract()

        with pytest.raises(NotPermitted):
            queries.read_document(card.number, viewer=NOBODY)
