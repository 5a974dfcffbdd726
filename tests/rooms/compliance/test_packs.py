"""Rule packs: law as dated data."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.registry.compliance import queries
from loanops.registry.compliance.domain.reading import BadPack, parse_pack
from tests.factories.registry import HOUSE, NOBODY, TODAY, open_book

SOURCE = {"law": {"document": "Lending Act", "number": "No. 7", "url": ""}}


def rule(**values: Any) -> dict[str, Any]:
    return {
        "id": "cap",
        "key": "cost.cap_annual",
        "unit": "rate_annual",
        "value": "0.36",
        "source": "law",
        "article": "art. 3",
        "effective_from": date(2020, 1, 1),
        "verified": True,
        "note": {"zh-hans": "上限", "en": "cap"},
        **values,
    }


def pack(*rules: dict[str, Any]) -> dict[str, Any]:
    name = {"zh-hans": "试", "en": "Trial"}
    return {"code": "trial", "name": name, "sources": SOURCE, "rules": list(rules)}


class TestShippedPacks:
    def test_name_document_article_and_standing_of_every_figure(self) -> None:
        rules = queries.get_pack("cn").rules

        assert len(rules) > 30
        assert all(each.source.document and each.article for each in rules)
        assert {each.verified for each in rules} == {True, False}

    @pytest.mark.parametrize(
        ("key", "on", "value"),
        [
            ("disclosure.read_seconds_min", date(2026, 7, 31), None),
            ("disclosure.read_seconds_min", date(2026, 8, 1), 10),
            ("contact.effective_calls_per_debtor_day_max", TODAY, 3),
            ("penalty.multiple_max", TODAY, 1.5),
            ("credit.term_months_max", TODAY, None),
        ],
    )
    def test_hold_from_the_day_they_came_into_force(
        self, key: str, on: date, value: float | None
    ) -> None:
        found = queries.get_pack("cn").find(key, on, method="equal_instalment")

        assert [each.number for each in found] == ([] if value is None else [value])

    def test_ask_for_a_consent_to_each_funder(self) -> None:
        needed = queries.get_pack("cn").consents_needed_for("share_with_funder", TODAY)

        assert {each.purpose for each in needed} == {"credit_query", "share_with_funder"}
        assert all(each.separate for each in needed)

    def test_have_words_for_every_consent(self) -> None:
        pack = queries.get_pack("cn")

        assert all(pack.current_wording(each.purpose, TODAY) for each in pack.consents)

    def test_leave_the_open_market_without_limits(self) -> None:
        rules = queries.get_pack("open").rules

        assert {each.key.split(".")[0] for each in rules} == {"class", "provision"}

    def test_do_not_exist_by_other_names(self) -> None:
        with pytest.raises(NotFound):
            queries.get_pack("atlantis")


class TestAnotherCountry:
    def test_is_a_file_in_the_home_and_no_code(
        self, settings: Any, tmp_path: Path, db: None
    ) -> None:
        settings.HOME = tmp_path
        folder = tmp_path / "packs"
        folder.mkdir()
        (folder / "kz.toml").write_text(
            """
            code = "kz"
            name = { zh-hans = "哈萨克斯坦", en = "Kazakhstan" }
            [sources.law]
            document = "Law on microfinance"
            [[rules]]
            id = "cap"
            key = "cost.cap_annual"
            unit = "rate_annual"
            value = "0.46"
            source = "law"
            article = "art. 5"
            effective_from = 2026-01-01
            verified = false
            note = { zh-hans = "上限", en = "cap" }
            """,
            encoding="utf-8",
        )
        open_book("kz", pack="kz", currency="USD")

        limit = queries.get_limit(book="kz", key="cost.cap_annual", on=TODAY)

        assert limit is not None
        assert (limit.rule, limit.verified) == ("cap", False)
        assert "kz" in [card.code for card in queries.list_packs(viewer=HOUSE)]


class TestParsePack:
    def test_changes_its_version_with_any_figure(self) -> None:
        first = parse_pack("trial.toml", pack(rule()))
        second = parse_pack("trial.toml", pack(rule(value="0.35")))

        assert first.version != second.version

    @pytest.mark.parametrize(
        ("broken", "said"),
        [
            (rule(value=0.36), "value must be a number"),
            (rule(value="NaN"), "value must be a number"),
            (rule(unit="furlong"), "'furlong' is not a valid Unit"),
            (rule(source="rumour"), "source rumour is not among the [sources]"),
            (rule(effective_from="2020-01-01"), "effective_from must be a date"),
            (rule(verified="yes"), "verified must be true or false"),
            (rule(note={"en": "cap"}), "note must give zh-hans and en"),
            (rule(unit="codes", value="ours"), "value must be a list of texts"),
        ],
    )
    def test_names_the_entry_that_is_wrong(self, broken: dict[str, Any], said: str) -> None:
        with pytest.raises(BadPack) as refused:
            parse_pack("trial.toml", pack(broken))

        assert said in str(refused.value)
        assert "trial.toml, cap" in str(refused.value)

    def test_refuses_two_rules_of_one_id(self) -> None:
        with pytest.raises(BadPack, match="cap is there twice"):
            parse_pack("trial.toml", pack(rule(), rule()))


class TestListPacks:
    def test_counts_what_is_still_to_be_confirmed(self) -> None:
        cards = {card.code: card for card in queries.list_packs(viewer=HOUSE)}

        assert cards["cn"].unverified > 0
        assert cards["open"].unverified == 6

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            queries.list_packs(viewer=NOBODY)
