"""Signing in and out."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.test import Client

from loanops.kernel.access import Viewer
from loanops.platform.audit import queries as audit
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


@pytest.fixture
def person(operation: desk.Operation) -> str:
    return "manager"


def recorded() -> list[tuple[str, str]]:
    wanted = audit.Filter(code="identity.sign")
    found = audit.list_entries(wanted=wanted, viewer=Viewer.house())
    return [(entry.code, entry.subject) for entry in found]


class TestSignIn:
    def test_lets_the_right_password_in_and_records_it(self, client: Client, person: str) -> None:
        answer = client.post(
            address("sign_in"), {"login": person, "password": desk.PASSWORD, "next": "/console/"}
        )

        assert answer.status_code == 302
        assert recorded() == [("identity.signed_in", "manager")]

    def test_keeps_a_wrong_password_out_and_records_it(self, client: Client, person: str) -> None:
        answer = client.post(address("sign_in"), {"login": person, "password": "guess"})

        assert answer.status_code == 422
        assert recorded() == [("identity.sign_in_failed", "manager")]

    def test_never_records_what_was_typed_as_an_unknown_login(
        self, client: Client, person: str
    ) -> None:
        client.post(address("sign_in"), {"login": "13800138000", "password": "guess"})

        assert recorded() == [("identity.sign_in_failed", "unknown")]

    def test_keeps_no_unknown_login_with_the_tries_it_counts(
        self, client: Client, person: str
    ) -> None:
        for _try in range(2):
            client.post(address("sign_in"), {"login": "13800138000", "password": "guess"})

        [counted] = AccessAttempt.objects.all()
        assert counted.failures_since_start == 2
        assert "13800138000" not in repr(vars(counted))

    def test_locks_a_login_after_too_many_wrong_passwords(
        self, client: Client, person: str
    ) -> None:
        for _try in range(8):
            client.post(address("sign_in"), {"login": person, "password": "guess"})

        answer = client.post(address("sign_in"), {"login": person, "password": desk.PASSWORD})

        assert answer.status_code == 429
        assert "sessionid" not in client.cookies

    @pytest.mark.parametrize("to", ["https://example.com/", "//example.com", "javascript:alert(1)"])
    def test_leads_to_no_address_but_ours(self, client: Client, person: str, to: str) -> None:
        answer = client.post(
            address("sign_in"), {"login": person, "password": desk.PASSWORD, "next": to}
        )

        assert answer["Location"] == "/console/"


class TestSignOut:
    def test_ends_the_session_and_records_it(self, person: str, enter: Enter) -> None:
        client = enter(person)

        client.post(address("sign_out"))

        assert client.get(address("board")).status_code == 302
        assert recorded() == [("identity.signed_out", "manager")]
