"""Deciding in the console: verdicts explained, reviews, strategies."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from loanops.kernel.access import Viewer
from loanops.origination.applications import queries as applications
from loanops.origination.decisioning import queries as decisions
from loanops.origination.decisioning.models import Verdict
from loanops.surfaces.console.pages import traces
from tests.factories import decisioning, desk, registry
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter
from tests.surfaces.console.test_pages import flat

HOUSE = Viewer.house("tests")
APPROVAL = {
    "offered_minor": "5,000.00",
    "reasons": "REVIEW_CAPACITY_GOOD",
    "note": "Called the employer.",
}
REFUSAL = {"reasons": "REVIEW_DOCUMENTS_BAD", "note": "The payslip is not genuine."}


def stage(number: str) -> str:
    return applications.get_application(number, viewer=HOUSE).stage


def shown(client: Client, name: str, number: str, language: str = "en") -> str:
    client.post(address("choose_language"), {"language": language})
    return flat(client.get(address(name, number)).content.decode())


class TestVerdict:
    def test_says_its_reasons_in_both_languages(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = shown(enter("risk_manager"), "application", operation.declined)

        assert "Instalments were overdue within 24 months." in page
        assert "近 24 个月有逾期记录。" in page

    def test_shows_which_row_of_which_table_fitted_on_which_value(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = shown(enter("risk_manager"), "application", operation.declined)

        assert "Knock-out rules" in page
        assert "1 of 9 rows" in page
        assert "row 7" in page
        assert 'Overdue in 24 months <b class="num">9</b>' in page
        assert "&gt; 6" in page

    def test_shows_score_grade_points_and_limit(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        [verdict] = decisions.verdicts_of(application=operation.granted, viewer=HOUSE)

        page = shown(enter("risk_manager"), "application", operation.granted)

        assert f'<span class="verdict-score num">{verdict.score}</span>' in page
        assert f">{verdict.grade}</span>" in page
        assert 'data-share="100"' in page
        assert "Months in the job" in page

    def test_is_calculated_again_and_says_that_it_is_the_same(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = shown(enter("reviewer"), "application", operation.granted)

        assert "the same to the last bit" in page

    def test_that_was_changed_is_called_out(self, operation: desk.Operation, enter: Enter) -> None:
        Verdict.objects.filter(application_id=operation.granted).update(score=1)
        Verdict.objects.filter(application_id=operation.granted).update(
            inputs_json=json.dumps({**decisioning.STEADY, "amount_minor": 1})
        )

        page = shown(enter("reviewer"), "application", operation.granted)

        assert "it comes out otherwise" in page

    def test_names_what_was_missing(self, operation: desk.Operation, enter: Enter) -> None:
        page = shown(enter("reviewer"), "application", operation.in_review)

        assert "Missing: Overdue in 24 months" in page

    def test_is_hidden_from_who_may_not_see_decisions(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = shown(enter("service_agent"), "application", operation.declined)

        assert "Instalments were overdue" not in page

    def test_waits_for_the_order_of_who_may_decide(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("risk_manager")

        client.post(address("decide", operation.submitted))

        assert stage(operation.submitted) == "approved"


class TestReview:
    def test_offers_both_outcomes_with_their_reasons(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        page = shown(enter("reviewer"), "application", operation.in_review)

        assert address("approve_application", operation.in_review) in page
        assert address("decline_application", operation.in_review) in page
        assert 'value="REVIEW_CAPACITY_GOOD"' in page

    def test_approves_up_to_an_amount(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("reviewer")

        answer = client.post(address("approve_application", operation.in_review), APPROVAL)

        assert answer.status_code == 302
        assert stage(operation.in_review) == "approved"
        card = applications.get_application(operation.in_review, viewer=HOUSE)
        assert card.offered_minor == 500_000
        assert "Called the employer." in shown(client, "application", operation.in_review)

    def test_declines_with_a_reason(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("reviewer")

        client.post(address("decline_application", operation.in_review), REFUSAL)

        assert stage(operation.in_review) == "declined"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"note": ""},
            {"reasons": ""},
            {"reasons": "SCORE_LOW"},
            {"offered_minor": ""},
            {"offered_minor": "1.234"},
            {"offered_minor": "0"},
            {"offered_minor": "999,999.00"},
        ],
    )
    def test_with_a_gap_or_above_the_request_is_refused_and_nothing_is_decided(
        self, operation: desk.Operation, enter: Enter, wrong: dict[str, str]
    ) -> None:
        client = enter("reviewer")

        answer = client.post(
            address("approve_application", operation.in_review), {**APPROVAL, **wrong}
        )

        assert answer.status_code in {409, 422}
        assert stage(operation.in_review) == "in_review"

    def test_of_ones_own_entry_is_neither_offered_nor_taken(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        desk.own(operation.in_review, by="reviewer")
        client = enter("reviewer")

        page = shown(client, "application", operation.in_review)
        answer = client.post(address("approve_application", operation.in_review), APPROVAL)

        assert "somebody else must review it" in page
        assert address("approve_application", operation.in_review) not in page
        assert answer.status_code == 403
        assert stage(operation.in_review) == "in_review"

    def test_of_what_is_not_in_review_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("reviewer")

        answer = client.post(address("approve_application", operation.granted), APPROVAL)

        assert answer.status_code == 409


class TestWorkList:
    def test_says_why_a_person_looks(self, operation: desk.Operation, enter: Enter) -> None:
        page = flat(enter("reviewer").get(address("work_list")).content.decode())

        assert operation.in_review in page
        assert "决策所需的信息不完整。" in page


class TestPoints:
    def test_typed_into_the_scorecard_make_the_next_version(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("risk_manager")
        page = client.get(place("scorecard")).content.decode()
        typed = dict(
            re.findall(r'name="((?:base|bin|missing|grade)[-0-9]*)" value="(-?[0-9]+)"', page)
        )

        answer = client.post(
            place("revise_scorecard"), {**typed, "base": str(int(typed["base"]) + 1)}
        )

        seen = decisions.get_strategy(code="cn-consumer", version=1)
        made = decisions.get_strategy(code="cn-consumer", version=2)
        assert made.points == replace(seen.points, base=seen.points.base + 1)
        assert answer["Location"] == reverse("console:strategy", args=["cn-consumer", 2])

    def test_that_are_none_are_refused_and_publish_nothing(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        answer = enter("risk_manager").post(place("revise_scorecard"), {"base": "many"})

        assert answer.status_code == 422
        assert len(decisions.list_strategies(viewer=HOUSE)) == 1

    def test_are_changed_by_publishers_alone(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("reviewer")

        assert client.get(place("scorecard")).status_code == 403
        assert client.post(place("revise_scorecard"), {}).status_code == 403


def place(name: str) -> str:
    return reverse(f"console:{name}", args=["cn-consumer", 1])


class TestStrategies:
    def test_shows_versions_and_where_each_judges(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("risk_manager")
        client.post(address("choose_language"), {"language": "en"})

        page = flat(client.get(address("strategies")).content.decode())

        assert "Consumer credit, China" in page
        assert "every product of the book" in page
        assert "In force" in page

    def test_shows_the_tables_as_tables_with_figures_in_their_units(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("compliance_officer")
        client.post(address("choose_language"), {"language": "en"})

        page = flat(client.get("/console/strategies/cn-consumer/1").content.decode())

        assert "&lt; CN¥2,000.00" in page
        assert "&gt; 70.00%" in page
        assert "The income is below the minimum." in page
        assert "a steady borrower is approved" in page

    def test_that_is_none_is_a_404(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("risk_manager")

        answers = [
            client.get(f"/console/strategies/{tail}").status_code
            for tail in ("cn-consumer/2", "nothing/1", f"cn-consumer/{10**40}")
        ]

        assert answers == [404, 404, 404]

    def test_is_published_from_a_file_and_put_in_force_by_somebody_else(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        document = decisioning.shipped(version=2)
        risk, manager = enter("risk_manager"), enter("manager")

        risk.post(address("publish_strategy"), {"document": written(document)})
        card = decisions.get_strategy(code="cn-consumer", version=2)
        by_publisher = risk.post(address("assign_strategy"), self.order(card))
        by_manager = manager.post(address("assign_strategy"), self.order(card))

        assert (by_publisher.status_code, by_manager.status_code) == (403, 302)
        in_force = decisions.strategy_in_force(book="cn", product="steady", on=registry.TODAY)
        assert in_force.version == 2

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\x00", b"[" * 100_000])
    def test_that_is_no_document_is_refused(
        self, operation: desk.Operation, enter: Enter, content: bytes
    ) -> None:
        client = enter("risk_manager")

        answer = client.post(
            address("publish_strategy"), {"document": SimpleUploadedFile("s.json", content)}
        )

        assert answer.status_code == 422
        assert len(decisions.list_strategies(viewer=HOUSE)) == 1

    def test_that_does_not_pass_the_gate_says_where(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        document = decisioning.shipped(version=2)
        document["tests"][0]["outcome"] = "decline"
        client = enter("risk_manager")

        answer = client.post(address("publish_strategy"), {"document": written(document)})

        assert answer.status_code == 422
        assert "a steady borrower is approved" in answer.content.decode()

    @staticmethod
    def order(card: decisions.StrategyCard) -> dict[str, str]:
        return {
            "strategy": card.number,
            "product": "",
            "starts_on": registry.TODAY.isoformat(),
        }


def written(document: dict[str, object]) -> SimpleUploadedFile:
    return SimpleUploadedFile("strategy.json", json.dumps(document).encode())


class TestCells:
    @pytest.mark.parametrize(
        ("field", "cell", "words"),
        [
            ("income_monthly_minor", "< 200000", "< ¥2,000.00"),
            ("debt_share_bp", "> 7000", "> 70.00%"),
            ("score", "[510..540)", "≥ 510, < 540"),
            ("purpose", '"property_purchase"', "购房"),
            ("purpose", '"property_purchase", "travel"', "购房、旅游"),
            ("age_years", "", ""),
        ],
    )
    def test_read_in_the_units_of_their_field(self, field: str, cell: str, words: str) -> None:
        assert traces.cell_in_words(field, cell, "CNY") == words
