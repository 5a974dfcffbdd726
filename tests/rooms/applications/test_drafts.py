"""Drafts: one for each key, edited with the version that was seen, submitted once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loanops.kernel.access import Actor
from loanops.kernel.refusals import ChangedMeanwhile, MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.applications import operations, permissions, queries
from loanops.origination.applications.domain import refusals
from loanops.origination.applications.models import Application
from loanops.origination.applications.queries import ApplicationCard
from loanops.platform.outbox.models import Message
from loanops.platform.sheets import refusals as cells
from tests.factories import requests
from tests.factories.registry import AT, HOUSE, NOBODY, stranger

pytestmark = pytest.mark.django_db

CLERK = Actor(person="wei", grants=frozenset({permissions.SUBMIT, permissions.VIEW}))
ELSEWHERE = replace(CLERK.scopes, channels=frozenset({"elsewhere"}))
COLLEAGUE = replace(CLERK, person="lan", scopes=ELSEWHERE)


@pytest.fixture(autouse=True)
def desk() -> None:
    requests.desk()


def edit(card: ApplicationCard, *, actor: Actor = HOUSE, **changes: Any) -> ApplicationCard:
    return operations.edit_draft(
        number=card.number, version=card.version, request=requests.request(1, **changes),
        actor=actor, at=AT,
    )  # fmt: skip


def submit(card: ApplicationCard, *, actor: Actor = HOUSE) -> ApplicationCard:
    return operations.submit_draft(number=card.number, version=card.version, actor=actor, at=AT)


class TestOpenDraft:
    def test_announces_nothing_and_waits(self) -> None:
        card = requests.draft()

        assert (card.stage, card.submitted_at) == ("draft", None)
        assert not Message.objects.filter(name__startswith="applications").exists()

    def test_makes_one_draft_of_a_repeated_click(self) -> None:
        assert requests.draft().number == requests.draft().number
        assert Application.objects.count() == 1

    def test_refuses_what_submission_would_refuse(self) -> None:
        with pytest.raises(refusals.ProductNotOffered):
            requests.draft(product="gold")
        requests.draft()
        with pytest.raises(refusals.DuplicateApplication):
            requests.draft(key="K-2")

    def test_needs_the_grant_and_a_book_in_scope(self) -> None:
        with pytest.raises(NotPermitted):
            requests.draft(actor=NOBODY)
        with pytest.raises(NotFound):
            requests.draft(actor=stranger(permissions.SUBMIT))


class TestEditDraft:
    def test_changes_what_is_asked_for_and_what_strategies_will_see(self) -> None:
        card = edit(requests.draft(), amount_minor=2_000_000, term_months=6, purpose="education")

        assert (card.amount_minor, card.term_months, card.version) == (2_000_000, 6, 1)
        assert (card.facts["amount_minor"], card.facts["purpose"]) == (2_000_000, "education")

    def test_refuses_a_version_that_was_changed_meanwhile(self) -> None:
        seen = requests.draft()
        edit(seen, amount_minor=2_000_000)

        with pytest.raises(ChangedMeanwhile):
            edit(seen, amount_minor=3_000_000)

    def test_refuses_bounds_of_the_request_and_the_product(self) -> None:
        card = requests.draft()

        with pytest.raises(cells.OutOfRange):
            edit(card, amount_minor=0)
        with pytest.raises(refusals.TermNotOffered):
            edit(card, term_months=7)

    def test_is_for_drafts_alone(self) -> None:
        card = submit(requests.draft())

        with pytest.raises(refusals.StagePermitsNot):
            edit(card)

    def test_needs_the_grant_and_a_draft_in_scope(self) -> None:
        card = requests.draft(actor=CLERK)

        with pytest.raises(NotPermitted):
            edit(card, actor=NOBODY)
        for other in (stranger(permissions.SUBMIT), COLLEAGUE):
            with pytest.raises(NotFound):
                edit(card, actor=other)


class TestSubmitDraft:
    def test_submits_once_and_freezes_the_facts(self) -> None:
        card = submit(edit(requests.draft(), amount_minor=2_000_000))

        assert (card.stage, card.facts["amount_minor"]) == ("submitted", 2_000_000)
        assert [step.move for step in queries.timeline(card.number, viewer=HOUSE)] == ["submit"]
        with pytest.raises(MoveNotAllowed):
            submit(card)

    def test_refuses_a_version_that_was_changed_meanwhile(self) -> None:
        seen = requests.draft()
        edit(seen, amount_minor=2_000_000)

        with pytest.raises(ChangedMeanwhile):
            submit(seen)

    def test_needs_the_grant_and_a_draft_in_scope(self) -> None:
        card = requests.draft(actor=CLERK)

        with pytest.raises(NotPermitted):
            submit(card, actor=NOBODY)
        for other in (stranger(permissions.SUBMIT), COLLEAGUE):
            with pytest.raises(NotFound):
                submit(card, actor=other)
        assert submit(card, actor=replace(COLLEAGUE, scopes=CLERK.scopes)).stage == "submitted"
