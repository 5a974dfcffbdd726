"""Reviewing: a person judges what the strategy referred, never their own entry."""

from __future__ import annotations

from typing import Any

import pytest

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import BadField, NotFound, NotPermitted
from loanops.origination.applications import queries as asked
from loanops.origination.applications.domain.refusals import OfferAboveRequest
from loanops.origination.decisioning import operations, queries
from loanops.origination.decisioning.domain.refusals import (
    AboveLimit,
    NotUnderReview,
    ReasonUnknown,
    SelfReview,
)
from loanops.origination.decisioning.models import Verdict
from loanops.platform.audit.models import Entry
from tests.factories import decisioning as make
from tests.factories.registry import AT, HOUSE, NOBODY, stranger
from tests.factories.routing import yuan

pytestmark = pytest.mark.django_db
LOOK = Viewer.house("tests")


@pytest.fixture
def referred() -> str:
    """An application that the strategy put in front of a person."""
    yuan()
    make.in_force()
    [number] = make.submitted(make.UNKNOWN)
    operations.decide(number=number, actor=HOUSE, at=AT)
    return number


class TestReview:
    def test_approves_up_to_an_amount(self, referred: str) -> None:
        verdict = make.reviewed(referred, offered_minor=600_000)

        card = asked.cards_of([referred])[referred]
        assert (card.stage, card.offered_minor) == ("approved", 600_000)
        assert (verdict.strategy, verdict.decided_by, verdict.place) == ("", "wang.fang", 2)
        assert Entry.objects.filter(code="decisioning.reviewed", subject=referred).exists()

    def test_declines_with_a_reason_the_applicant_is_told(self, referred: str) -> None:
        verdict = make.reviewed(
            referred, outcome="decline", reasons=("REVIEW_CAPACITY_BAD",), offered_minor=None
        )

        assert asked.stages_of([referred]) == {referred: "declined"}
        assert verdict.sentences["REVIEW_CAPACITY_BAD"]["en"].startswith("Reviewed")

    def test_needs_the_grant(self, referred: str) -> None:
        with pytest.raises(NotPermitted):
            make.reviewed(referred, actor=NOBODY)

    @pytest.mark.parametrize("number", ["AP-0", "AP-\x00"])
    def test_answers_foreign_and_missing_alike(self, referred: str, number: str) -> None:
        for asked_for in (referred, number):
            with pytest.raises(NotFound):
                make.reviewed(asked_for, actor=stranger("decisioning.review"))

    def test_cannot_happen_twice(self, referred: str) -> None:
        make.reviewed(referred)

        with pytest.raises(NotUnderReview):
            make.reviewed(referred)

    def test_is_never_of_ones_own_entry(self, referred: str) -> None:
        with pytest.raises(SelfReview):
            make.reviewed(referred, actor=HOUSE)

    @pytest.mark.parametrize(
        ("given", "refusal", "field"),
        [
            ({"outcome": "refer"}, BadField, "outcome"),
            ({"offered_minor": None}, BadField, "offered_minor"),
            ({"note": "  "}, BadField, "note"),
            ({"note": "x" * 1001}, BadField, "note"),
            ({"reasons": ()}, ReasonUnknown, "reasons"),
            ({"reasons": ("REVIEW_CAPACITY_BAD",)}, ReasonUnknown, "reasons"),
            ({"offered_minor": 0}, OfferAboveRequest, "offered_minor"),
            ({"offered_minor": 1_000_001}, OfferAboveRequest, "offered_minor"),
            (
                {"outcome": "decline", "reasons": ("REVIEW_CAPACITY_BAD",), "offered_minor": 1},
                BadField,
                "offered_minor",
            ),
        ],
    )
    def test_names_the_field_that_is_wrong(
        self, referred: str, given: dict[str, Any], refusal: type[Exception], field: str
    ) -> None:
        with pytest.raises(refusal) as refused:
            make.reviewed(referred, **given)

        assert refused.value.field == field  # type: ignore[attr-defined]
        assert asked.stages_of([referred]) == {referred: "in_review"}
        assert len(queries.verdicts_of(application=referred, viewer=LOOK)) == 1

    def test_stays_within_the_limit_the_strategy_named(self, referred: str) -> None:
        Verdict.objects.filter(application_id=referred).update(limit_minor=500_000)

        with pytest.raises(AboveLimit):
            make.reviewed(referred, offered_minor=500_001)
