"""The palette: what is typed into it finds customers, applications, loans and partners."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import desk, people, registry
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    return enter("everyone")


REVIEWED = 60
"""The place of the person whose application is in review."""


def found(client: Client, asked: str) -> str:
    return client.post(address("find"), {"q": asked}).content.decode()


class TestFinding:
    def test_leads_from_the_beginning_of_a_number_to_what_has_it(
        self, client: Client, operation: desk.Operation
    ) -> None:
        by_loan = found(client, operation.loan[:-2].lower())
        by_application = found(client, operation.in_review[:-1])

        assert f'href="{address("loan", operation.loan)}"' in by_loan
        assert f'href="{address("application", operation.in_review)}"' in by_application

    def test_shows_customers_masked(self, client: Client, operation: desk.Operation) -> None:
        mobile = people.mobile(REVIEWED)

        shown = found(client, mobile)

        assert "/console/customers/PA-" in shown
        assert "****" in shown
        assert mobile not in shown

    def test_finds_partners_by_name_in_either_language(
        self, client: Client, operation: desk.Operation
    ) -> None:
        shown = found(client, operation.partner[:4].upper())

        assert f'href="{address("partner", operation.partner)}"' in shown

    @pytest.mark.parametrize(
        "asked", ["", "x", "\x00", "没有这个人", "%_%", "' OR 1=1 --", "9" * 500]
    )
    def test_of_what_is_nothing_finds_nothing(self, client: Client, asked: str) -> None:
        answer = client.post(address("find"), {"q": asked})

        assert answer.status_code == 200
        assert "palette-item" not in answer.content.decode()

    def test_finds_only_what_a_role_may_open(self, operation: desk.Operation, enter: Enter) -> None:
        shown = {
            role: found(enter(role), operation.loan) + found(enter(role), operation.in_review)
            for role in ("administrator", "reviewer")
        }

        assert "palette-item" not in shown["administrator"]
        assert operation.in_review in shown["reviewer"]

    def test_keeps_another_book_out_of_sight(self, operation: desk.Operation, enter: Enter) -> None:
        registry.open_book("us", pack="open", currency="USD", without_identity=True)
        desk.hire("manager", login="stranger", books=("us",))

        assert "palette-item" not in found(enter("stranger"), operation.loan)

    def test_is_asked_by_a_form_alone(self, client: Client) -> None:
        assert client.get(address("find")).status_code == 405

    def test_sends_strangers_to_the_sign_in(self, operation: desk.Operation) -> None:
        answer = Client().post(address("find"), {"q": "LN-"})

        assert answer.status_code == 302
        assert "/console/sign-in" in answer["Location"]
