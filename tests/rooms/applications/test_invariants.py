"""Each invariant of applications names the row that was changed behind the house's back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from loanops.origination.applications import invariants, operations
from loanops.origination.applications.models import Application, Document, Passage
from tests.corruption import Find, names
from tests.factories import requests
from tests.factories.registry import AT, HOUSE

pytestmark = pytest.mark.django_db

CORRUPTIONS: list[tuple[Any, dict[str, Any], dict[str, Any], Find]] = [
    (Passage, {"move": "approve"}, {"move": "decline"}, invariants.moves_that_the_table_forbids),
    (
        Passage,
        {"move": "approve"},
        {"from_stage": "in_review"},
        invariants.moves_that_the_table_forbids,
    ),
    (
        Passage,
        {"move": "approve"},
        {"at": F("at") - timedelta(days=1)},
        invariants.moves_that_the_table_forbids,
    ),
    (
        Application,
        {"stage": "approved"},
        {"stage": "offered"},
        invariants.stages_that_the_log_does_not_end_in,
    ),
    (
        Application,
        {"stage": "approved"},
        {"offered_minor": None},
        invariants.verdicts_without_their_columns,
    ),
    (
        Application,
        {"stage": "approved"},
        {"stage": "declined", "reasons": []},
        invariants.verdicts_without_their_columns,
    ),
]


def approved(serial: int) -> str:
    number = requests.submit(serial).number
    operations.add_document(
        number=number, kind="id_front", name="a.pdf", content=requests.PDF, actor=HOUSE, at=AT
    )
    requests.approve(number)
    return number


@pytest.fixture
def number() -> str:
    """One of two applications that were approved, with a document each."""
    requests.desk()
    approved(1)
    return approved(2)


def test_are_quiet_on_sound_applications(number: str) -> None:
    assert [found.object for check in invariants.CHECKS for found in check.find()] == []


@pytest.mark.parametrize(("model", "where", "change", "check"), CORRUPTIONS)
def test_name_the_application(
    number: str, model: Any, where: dict[str, Any], change: dict[str, Any], check: Find
) -> None:
    mine = {"number": number} if model is Application else {"application__number": number}

    assert model.objects.filter(**mine, **where).update(**change) == 1

    names(check, number)


def test_name_a_document_without_its_file(number: str) -> None:
    document = Document.objects.get(application__number=number)

    Document.objects.filter(pk=document.pk).update(file="FL-NONE")

    names(invariants.documents_without_a_file, document.number)
