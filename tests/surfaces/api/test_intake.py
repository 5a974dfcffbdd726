"""What an application needs beside its fields: company in a batch, documents, and its verdicts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from loanops.origination.applications import operations as applications
from loanops.origination.applications.domain.documents import ItemIn
from loanops.origination.decisioning import operations as decisioning
from loanops.platform.files.models import StoredFile
from loanops.surfaces.api import commands
from tests.factories import contracts
from tests.factories import decisioning as strategies
from tests.factories.registry import AT, HOUSE
from tests.surfaces.api.conftest import Program, upload
from tests.surfaces.api.test_flow import asked, submit

pytestmark = pytest.mark.django_db
Issue = Callable[..., Program]
PDF = b"%PDF-1.7 a paper"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "now", lambda: AT)


@pytest.fixture(autouse=True)
def market() -> contracts.Market:
    return contracts.chinese_market()


@pytest.fixture
def acorn(program: Issue) -> Program:
    return program("channel", partner="acorn")


def row(serial: int, **values: Any) -> dict[str, Any]:
    made = asked(serial, **values)
    del made["book"]
    return made


def send(caller: Program, *rows: dict[str, Any], key: str = "") -> Any:
    return caller.post("/applications/batch", {"book": "cn", "applications": rows}, key=key)


class TestBatch:
    def test_takes_the_good_and_says_of_each_bad_one_why(self, acorn: Program) -> None:
        rows = [
            row(1),
            row(2, amount="12000.001"),
            row(3, amount="1.00"),
            row(4, product="none"),
            row(5),
        ]

        answer = send(acorn, *rows).json()

        assert [each["reference"] for each in answer["created"]] == ["order-1", "order-5"]
        assert [(each["place"], each["reference"]) for each in answer["refused"]] == [
            (1, "order-2"),
            (2, "order-3"),
            (3, "order-4"),
        ]
        titles = [each["problems"][0]["title"] for each in answer["refused"]]
        assert titles == [
            "amount_too_fine", "applications_amount_not_offered",
            "applications_product_not_offered",
        ]  # fmt: skip
        problem = answer["refused"][1]["problems"][0]
        assert problem["field"] == "amount"
        assert (
            problem["detail"] == "amount: the product steady is offered from 1000.00 to 200000.00."
        )

    def test_knows_again_what_it_took(self, acorn: Program) -> None:
        first = send(acorn, row(1)).json()

        again = send(acorn, row(1), row(2)).json()

        assert again["repeated"] == first["created"]
        assert [each["reference"] for each in again["created"]] == ["order-2"]

    def test_gives_the_same_answer_for_the_same_key(self, acorn: Program) -> None:
        answers = [send(acorn, row(1), key="one") for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert answers[1]["Idempotent-Replay"] == "true"

    def test_refuses_a_body_of_another_shape_whole(self, acorn: Program) -> None:
        answer = send(acorn, row(1), row(2, amount=7), row(3, term_months="x"))

        problem = answer.json()
        assert answer.status_code == 422
        assert [each["field"] for each in problem["errors"]] == [
            "applications.1.amount",
            "applications.2.term_months",
        ]
        assert acorn.get("/applications?book=cn").json()["items"] == []

    def test_refuses_a_book_out_of_scope(self, program: Issue) -> None:
        caller = program("channel", partner="acorn", books=("us",))

        assert send(caller, row(1)).status_code == 404


class TestDocument:
    @pytest.fixture
    def number(self, acorn: Program) -> str:
        applications.set_checklist(
            book="cn", product="steady", items=[ItemIn("id_front", mandatory=True)],
            actor=HOUSE, at=AT,
        )  # fmt: skip
        return str(submit(acorn)["number"])

    def add(self, caller: Program, number: str, **values: Any) -> Any:
        usual = {"content": PDF, "media_type": "application/pdf", "kind": "id_front", "key": "d"}
        given: dict[str, Any] = {**usual, **values}
        path = f"/applications/{number}/documents?kind={given['kind']}&name=front.pdf"
        return upload(caller, path, given["content"], given["media_type"], key=given["key"])

    def test_is_added_once_and_read_again(self, acorn: Program, number: str) -> None:
        made = [self.add(acorn, number) for _ in range(2)]

        (listed,) = acorn.get(f"/applications/{number}/documents").json()["items"]
        read = acorn.get(f"/documents/{listed['number']}/content")
        assert [each.status_code for each in made] == [201, 201]
        assert made[0].json() == made[1].json() == listed
        assert (read.content, read["Content-Type"]) == (PDF, "application/pdf")
        assert StoredFile.objects.count() == 1

    def test_is_asked_for_by_the_checklist_until_it_is_there(
        self, acorn: Program, number: str
    ) -> None:
        path = f"/applications/{number}/checklist"
        before = acorn.get(path).json()["items"]

        self.add(acorn, number)

        assert before == [
            {
                "kind": "id_front",
                "name": "Identity card, portrait side",
                "mandatory": True,
                "is_there": False,
            }
        ]
        assert acorn.get(path).json()["items"][0]["is_there"]

    @pytest.mark.parametrize(
        ("values", "status", "title"),
        [
            ({"kind": "selfie"}, 422, "applications_document_kind_unknown"),
            ({"content": b""}, 422, "bad_field"),
            ({"content": b"no pdf"}, 422, "bad_field"),
            ({"media_type": "application/json"}, 415, "not_document"),
            ({"media_type": "text/html"}, 415, "not_document"),
            ({"key": ""}, 400, "idempotency_key_missing"),
        ],
    )
    def test_that_cannot_be_taken_is_refused(
        self, acorn: Program, number: str, values: dict[str, Any], status: int, title: str
    ) -> None:
        answer = self.add(acorn, number, **values)

        assert (answer.status_code, answer.json()["title"]) == (status, title)

    def test_is_refused_under_a_key_that_was_used_for_another(
        self, acorn: Program, number: str
    ) -> None:
        self.add(acorn, number)

        answer = self.add(acorn, number, content=PDF + b"!")

        assert (answer.status_code, answer.json()["title"]) == (409, "key_reused")

    def test_may_be_larger_than_a_body_of_json(self, acorn: Program, number: str) -> None:
        large = self.add(acorn, number, content=PDF + b" " * 6_000_000)
        too_large = self.add(acorn, number, content=PDF + b" " * 21_000_000, key="e")

        assert (large.status_code, too_large.status_code) == (201, 413)

    def test_of_another_partner_answers_like_one_that_is_not_there(
        self, acorn: Program, number: str, program: Issue
    ) -> None:
        document = self.add(acorn, number).json()["number"]
        stranger = program("channel", partner="birch")

        answers = [
            stranger.get(f"/applications/{number}/documents"),
            stranger.get(f"/applications/{number}/checklist"),
            stranger.get(f"/documents/{document}/content"),
            self.add(stranger, number),
        ]

        assert [answer.status_code for answer in answers] == [404] * 4


class TestVerdict:
    @pytest.fixture
    def number(self, acorn: Program) -> str:
        strategies.in_force()
        number = str(submit(acorn)["number"])
        decisioning.decide(number=number, actor=HOUSE, at=AT)
        return number

    def test_says_which_facts_were_missing_in_the_language_asked(
        self, acorn: Program, number: str
    ) -> None:
        (english,) = acorn.get(f"/applications/{number}/verdicts").json()["items"]
        chinese = acorn.get(f"/applications/{number}/verdicts", **{"Accept-Language": "zh-CN"})

        assert english["outcome"] == "refer"
        assert "overdue_24m" in english["missing"]
        assert english["offered"] is None
        (other,) = chinese.json()["items"]
        pairs = [
            (one["sentence"], two["sentence"])
            for one, two in zip(english["reasons"], other["reasons"], strict=True)
        ]
        assert pairs
        assert all(one.isascii() and not two.isascii() for one, two in pairs)

    def test_tells_no_score_no_rule_and_no_reviewer(self, acorn: Program, number: str) -> None:
        (verdict,) = acorn.get(f"/applications/{number}/verdicts").json()["items"]

        assert set(verdict) == {
            "number", "application", "place", "outcome", "reasons", "missing", "wrong", "offered",
            "currency", "decided_at", "decided_on",
        }  # fmt: skip

    def test_of_another_partner_answers_like_one_that_is_not_there(
        self, number: str, program: Issue
    ) -> None:
        stranger = program("channel", partner="birch")

        assert stranger.get(f"/applications/{number}/verdicts").status_code == 404
