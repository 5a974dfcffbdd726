"""A form, a program and a file: three doors into one list of applications."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import translation

from loanops.config import startup
from loanops.origination.applications import queries
from loanops.platform.identity import operations as identity
from loanops.surfaces.cli.intake.command import intake
from tests.factories import desk, people
from tests.factories.contracts import GIVEN
from tests.factories.registry import AT, HOUSE, open_book, publish

startup.start()
pytestmark = pytest.mark.django_db
MAP = """
request.amount = { column = "amount", type = "money", unit = "major" }
request.term = { column = "term", type = "term", unit = "months" }
person.name = { column = "name" }
person.id_number = { column = "id" }
person.mobile = { column = "mobile" }
[map]
name = "branch"
book = "cn"
product = "steady"
channel = "branch"
consents = [
  { purpose = "personal_information", recipient = "", wording_version = "PI-1" },
  { purpose = "sensitive_information", recipient = "", wording_version = "SI-1" },
]
"""


def by_form(client: Client, serial: int) -> None:
    said = people.person(serial)
    answer = client.post(
        "/console/applications/submit",
        {
            "key": f"form-{serial}", "product": "steady", "amount_minor": "10,000.00",
            "term_months": "12", "purpose": "daily", "name": said.name,
            "id_number": said.id_number, "mobile": said.mobile, "region": "11", "industry": "it",
            "income_monthly_minor": "12000.00",
            "consent": [purpose for purpose, _ in GIVEN],
        },
    )  # fmt: skip
    assert answer.status_code == 302, answer.content.decode()


def by_program(serial: int) -> None:
    said = people.person(serial)
    key = identity.issue_key(
        name="a program", partner="", role="channel", books=(), actor=HOUSE, at=AT
    )
    answer = Client().post(
        "/api/v1/applications",
        {
            "book": "cn", "reference": f"order-{serial}", "product": "steady",
            "amount": "10000.00", "term_months": 12, "purpose": "daily",
            "applicant": {
                "name": said.name, "id_number": said.id_number, "mobile": said.mobile,
            },
            "consents": [{"purpose": p, "wording_version": v} for p, v in GIVEN],
        },
        content_type="application/json",
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"key-{serial}"},
    )  # fmt: skip
    assert answer.status_code == 201, answer.content.decode()


def by_file(folder: Path, serial: int) -> Path:
    """Where the error file lies if there is one."""
    said = people.person(serial)
    rows, mapping = folder / "rows.csv", folder / "map.toml"
    text = f"amount,term,name,id,mobile\n10000,12,{said.name},{said.id_number},{said.mobile}\n"
    rows.write_text(text, encoding="gbk")
    mapping.write_text(MAP, encoding="utf-8")
    done = CliRunner().invoke(intake, [str(rows), "--map", str(mapping)])
    translation.activate("en")
    assert done.exit_code == 0, (done.output, done.exception)
    return folder / "rows.csv.errors.csv"


@pytest.fixture
def client() -> Client:
    """The browser of the operations manager."""
    open_book()
    publish()
    desk.hire("operations", language="en")
    browser = Client()
    browser.force_login(
        get_user_model().objects.get(login="operations"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return browser


def test_all_three_land_in_one_list(client: Client, tmp_path: Path) -> None:
    by_form(client, 1)
    by_program(2)
    by_file(tmp_path, 3)

    page = queries.list_applications(queries.Filter(book="cn"), viewer=HOUSE)
    assert {card.stage for card in page.cards} == {"submitted"}
    assert len({card.source for card in page.cards}) == len(page.cards) == 3

    listed = client.get(f"/console/applications?{urlencode({'book': 'cn'})}").content.decode()
    assert all(card.number in listed for card in page.cards)


def test_the_same_person_by_another_door_is_known(client: Client, tmp_path: Path) -> None:
    by_form(client, 1)

    errors = by_file(tmp_path, 1)

    page = queries.list_applications(queries.Filter(book="cn"), viewer=HOUSE)
    assert len(page.cards) == 1
    assert "applications_duplicate" in errors.read_text("utf-8-sig")
