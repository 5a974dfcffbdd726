"""What was just done can be undone from the notice that says so."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest
from django.test import Client

from loanops.kernel.access import Viewer
from loanops.origination.routing import queries as routing
from loanops.platform.identity import queries as identity
from loanops.platform.parameters import queries as parameters
from loanops.registry.partners import queries as partners
from loanops.surfaces.console.pages.shell import today
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter

FORM = re.compile(
    r'class="notice notice-success notice-undo".*?<form[^>]*action="([^"]+)"(.*?)</form>', re.DOTALL
)
ENTRY = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
HOUSE = Viewer.house()
DAY = date(2026, 11, 24)


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    return enter("everyone")


def undo(client: Client, said: str) -> None:
    """Press Undo in the notice of a page."""
    found = FORM.search(said)
    assert found, "nothing to undo is offered"
    entries: dict[str, list[str]] = {}
    for name, value in ENTRY.findall(found[2]):
        if name != "csrfmiddlewaretoken":
            entries.setdefault(name, []).append(html.unescape(value))
    answer = client.post(found[1], entries)
    assert answer.status_code == 302


def done(client: Client, name: str, *about: str, **typed: str) -> str:
    answer = client.post(address(name, *about), typed, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


class TestUndo:
    def test_gives_a_role_back_that_was_ended(self, client: Client) -> None:
        login = desk.hire("reviewer", login="held", books=("cn",))
        said = done(client, "end_role", login, role="reviewer")
        assert identity.list_holdings(login=login, on=today(), viewer=HOUSE) == []

        undo(client, said)

        [held] = identity.list_holdings(login=login, on=today(), viewer=HOUSE)
        assert (held.role, held.books) == ("reviewer", ("cn",))

    def test_sets_a_parameter_back(self, client: Client) -> None:
        name = "contracts.offer_valid_days"
        before = parameters.value_on(name, DAY)
        said = done(client, "set_parameter", name, value="9", effective_from=f"{DAY}")
        assert parameters.value_on(name, DAY) == 9

        undo(client, said)

        assert parameters.value_on(name, DAY) == before

    def test_resumes_an_agreement_that_was_suspended(
        self, client: Client, operation: desk.Operation
    ) -> None:
        before = partners.get_agreement(operation.agreement, viewer=HOUSE).state
        said = done(client, "suspend_agreement", operation.agreement, reason="a test")
        assert partners.get_agreement(operation.agreement, viewer=HOUSE).state == "suspended"

        undo(client, said)

        assert partners.get_agreement(operation.agreement, viewer=HOUSE).state == before

    def test_gives_an_exception_back_to_who_had_it(
        self, client: Client, operation: desk.Operation
    ) -> None:
        [before] = routing.list_exceptions(book="cn", viewer=HOUSE)
        said = done(client, "assign_exception", operation.exception, owner="everyone")

        undo(client, said)

        [after] = routing.list_exceptions(book="cn", viewer=HOUSE)
        assert after.owner == before.owner

    def test_is_not_offered_of_what_cannot_be_undone(self, client: Client) -> None:
        said = done(client, "deactivate", desk.hire("reviewer", login="gone"))

        assert "notice-success" in said
        assert "notice-undo" not in said

    def test_is_refused_to_who_may_not_do_it(
        self, client: Client, operation: desk.Operation, enter: Enter
    ) -> None:
        done(client, "suspend_agreement", operation.agreement, reason="a test")

        answer = enter("reviewer").post(address("resume_agreement", operation.agreement))

        assert answer.status_code == 403
