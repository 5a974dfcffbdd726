"""Documents: a checklist by product, each paper judged by itself, then the decision."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import BadField, MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.domain import refusals
from loanops.origination.applications.operations import ItemIn
from loanops.origination.applications.queries import DocumentCard
from loanops.platform.outbox.models import Message
from loanops.platform.sheets import refusals as cells
from tests.factories import requests
from tests.factories.registry import AT, HOUSE, NOBODY, stranger

pytestmark = pytest.mark.django_db

BOTH = permissions.SUBMIT, permissions.REVIEW_DOCUMENTS, permissions.VIEW
COLLEAGUE = Actor(person="lan", grants=frozenset(BOTH))
COLLEAGUE = replace(COLLEAGUE, scopes=replace(COLLEAGUE.scopes, channels=frozenset({"elsewhere"})))


@pytest.fixture(autouse=True)
def desk() -> None:
    requests.desk()


def ask_for(*items: ItemIn, book: str = "cn", actor: Actor = HOUSE) -> None:
    operations.set_checklist(book=book, product="steady", items=items, actor=actor, at=AT)


def add(
    number: str,
    kind: str = "id_front",
    *,
    content: bytes = requests.PDF,
    actor: Actor = HOUSE,
) -> DocumentCard:
    return operations.add_document(
        number=number, kind=kind, name="paper.pdf", content=content, actor=actor, at=AT
    )


def judge(verb: str, document: str, reason: str = "unreadable", actor: Actor = HOUSE) -> str:
    if verb == "accept":
        return operations.accept_document(document=document, actor=actor, at=AT).state
    order = operations.reject_document if verb == "reject" else operations.send_back_document
    return order(document=document, reason=reason, actor=actor, at=AT).state


def withdraw(number: str) -> None:
    version = queries.get_application(number, viewer=HOUSE).version
    operations.withdraw(number=number, reason="other", version=version, actor=HOUSE, at=AT)


def completed() -> int:
    return Message.objects.filter(name="applications.documents_complete").count()


class TestSetChecklist:
    def test_replaces_what_the_product_asked_for(self) -> None:
        ask_for(ItemIn("id_front", mandatory=True), ItemIn("income_proof", mandatory=True))
        ask_for(ItemIn("id_back", mandatory=False))

        lines = queries.get_checklist(requests.submit().number, viewer=HOUSE)

        assert [(line.kind, line.mandatory, line.is_there) for line in lines] == [
            ("id_back", False, False)
        ]

    def test_needs_the_grant_a_book_in_scope_and_known_kinds(self) -> None:
        with pytest.raises(NotPermitted):
            ask_for(actor=NOBODY)
        with pytest.raises(NotFound):
            ask_for(actor=stranger(permissions.SET_CHECKLIST))
        with pytest.raises(refusals.DocumentKindUnknown):
            ask_for(ItemIn("passport", mandatory=True))


class TestAddDocument:
    def test_keeps_the_bytes_with_the_application(self) -> None:
        card = add(requests.submit().number)

        kept, content = queries.read_document(card.number, viewer=HOUSE)

        assert (card.state, kept.media_type, content) == (
            "received", "application/pdf", requests.PDF,
        )  # fmt: skip

    def test_announces_once_that_every_mandatory_one_is_there(self) -> None:
        ask_for(ItemIn("id_front", mandatory=True), ItemIn("id_back", mandatory=True))
        number = requests.submit().number

        add(number)
        assert completed() == 0
        add(number, "id_back")
        add(number, "other")

        assert completed() == 1

    def test_lets_no_verdict_pass_before_that(self) -> None:
        ask_for(ItemIn("id_front", mandatory=True))
        number = requests.submit().number

        with pytest.raises(refusals.DocumentsMissing, match="id_front"):
            requests.approve(number)
        add(number)

        assert requests.approve(number).stage == "approved"

    def test_needs_the_grant_and_an_application_in_scope(self) -> None:
        number = requests.submit().number

        with pytest.raises(NotPermitted):
            add(number, actor=NOBODY)
        for other in (stranger(permissions.SUBMIT), COLLEAGUE):
            with pytest.raises(NotFound):
                add(number, actor=other)

    def test_refuses_unknown_kinds_and_bytes(self) -> None:
        number = requests.submit().number

        with pytest.raises(refusals.DocumentKindUnknown):
            add(number, "passport")
        for content in (b"", b"\x00\xff\xfe\x00"):
            with pytest.raises(BadField):
                add(number, content=content)

    def test_is_over_when_the_application_has_ended(self) -> None:
        number = requests.submit().number
        withdraw(number)

        with pytest.raises(refusals.StagePermitsNot):
            add(number)


class TestJudging:
    @pytest.mark.parametrize(
        ("verb", "state"),
        [("accept", "accepted"), ("reject", "rejected"), ("send_back", "sent_back")],
    )
    def test_is_of_one_paper(self, verb: str, state: str) -> None:
        number = requests.submit().number
        first, second = add(number), add(number, "id_back")

        assert judge(verb, first.number) == state

        assert {
            card.number: card.state for card in queries.list_documents(number, viewer=HOUSE)
        } == {first.number: state, second.number: "received"}

    def test_lets_an_accepted_paper_be_sent_back(self) -> None:
        document = add(requests.submit().number).number
        judge("accept", document)

        assert judge("send_back", document) == "sent_back"

    def test_makes_a_sent_back_paper_missing_again(self) -> None:
        ask_for(ItemIn("id_front", mandatory=True))
        number = requests.submit().number
        judge("send_back", add(number).number)

        with pytest.raises(refusals.DocumentsMissing):
            requests.approve(number)
        add(number)

        assert requests.approve(number).stage == "approved"

    @pytest.mark.parametrize("verb", ["accept", "reject", "send_back"])
    def test_refuses_a_wrong_actor(self, verb: str) -> None:
        document = add(requests.submit().number).number

        with pytest.raises(NotPermitted):
            judge(verb, document, actor=NOBODY)
        for other in (stranger(permissions.REVIEW_DOCUMENTS), COLLEAGUE):
            with pytest.raises(NotFound):
                judge(verb, document, actor=other)

    @pytest.mark.parametrize("verb", ["accept", "reject", "send_back"])
    def test_refuses_a_wrong_state(self, verb: str) -> None:
        number = requests.submit().number
        rejected, late = add(number).number, add(number, "id_back").number
        judge("reject", rejected)

        with pytest.raises(MoveNotAllowed):
            judge(verb, rejected)
        withdraw(number)
        with pytest.raises(refusals.StagePermitsNot):
            judge(verb, late)

    @pytest.mark.parametrize("verb", ["accept", "reject", "send_back"])
    def test_refuses_a_wrong_input(self, verb: str) -> None:
        document = add(requests.submit().number).number

        with pytest.raises(NotFound):
            judge(verb, "DC-NONE")
        if verb != "accept":
            with pytest.raises(cells.NotAChoice):
                judge(verb, document, reason="I do not like it")
