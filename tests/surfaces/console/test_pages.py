"""Every page: who sees it, in both languages, and what it costs the database."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loanops.platform.identity.roles import grants_of
from tests.factories import desk, registry
from tests.surfaces.console.addresses import DETAILS, PAGES, about, address
from tests.surfaces.console.conftest import Enter

LINK = re.compile(r'<a [^>]*?href="(/console/[^"#]*)"')
QUERIES_MAX = 16
# The board asks for sums alone: ledger, classes, cohorts and rules, each once. The list of loans
# is counted (how far, how many), added up (day, pools, ledger) and names the channels.
# The work list counts its views, names people, products and partners, and says why and how it is
# arranged.
OF_SUMS = {"portfolio": 23, "loans": 6, "work_list": 5}
QUERIES_DETAIL_MAX = 39


class TestEveryPage:
    @pytest.mark.parametrize("role", desk.STAFF)
    def test_is_open_to_who_holds_its_grant_and_closed_to_everybody_else(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)
        held = grants_of(role)

        answers = {name: client.get(address(name)).status_code for name in PAGES}

        assert answers == {
            name: 200 if held.issuperset(grants) else 403 for name, grants in PAGES.items()
        }

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_of_one_thing_follows_the_same_rule(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)
        held = grants_of(role)

        answers = {
            name: client.get(address(name, about(operation, field))).status_code
            for name, (_grant, field) in DETAILS.items()
        }

        assert answers == {
            name: 200 if grant in held else 403 for name, (grant, _field) in DETAILS.items()
        }

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_stands_in_the_menu_only_where_it_opens(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)

        shown = client.get(address("board")).content.decode()

        listed = {
            name for name in PAGES if f'class="side-link" href="{address(name)}"' in flat(shown)
        }
        assert listed == {
            name for name, grants in PAGES.items() if grants_of(role).issuperset(grants)
        }

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_leads_only_to_pages_that_its_reader_may_open(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)
        pages = [address(name) for name in PAGES]
        pages += [address(name, about(operation, field)) for name, (_, field) in DETAILS.items()]
        leads: dict[str, str] = {}
        for page in pages:
            answer = client.get(page)
            if answer.status_code == 200:
                for link in LINK.findall(answer.content.decode()):
                    leads.setdefault(link.replace("&amp;", "&"), page)

        closed = {
            (page, link)
            for link, page in leads.items()
            if client.get(link).status_code not in {200, 302}
        }

        assert leads
        assert not closed

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_speaks_the_language_of_its_reader(
        self, operation: desk.Operation, enter: Enter, language: str
    ) -> None:
        client = enter("everyone")
        client.post(address("choose_language"), {"language": language})

        shown = client.get(address("jobs")).content.decode()

        word = {"zh-hans": "没有死信", "en": "No dead jobs"}[language]
        assert word in shown

    def test_sends_strangers_to_the_sign_in(self, client, operation: desk.Operation) -> None:
        answers = {name: client.get(address(name)) for name in PAGES}

        assert all(answer.status_code == 302 for answer in answers.values())
        assert all("/console/sign-in" in answer["Location"] for answer in answers.values())

    @pytest.mark.parametrize("name", sorted(PAGES))
    def test_asks_the_database_a_few_times_whatever_it_shows(
        self, operation: desk.Operation, enter: Enter, name: str
    ) -> None:
        client = enter("everyone")

        with CaptureQueriesContext(connection) as asked:
            client.get(address(name))

        most = QUERIES_MAX + OF_SUMS.get(name, 0)
        assert len(asked) <= most, [query["sql"][:90] for query in asked.captured_queries]

    @pytest.mark.parametrize("name", sorted(DETAILS))
    def test_of_one_thing_asks_no_question_twice_over(
        self, operation: desk.Operation, enter: Enter, name: str
    ) -> None:
        client = enter("everyone")

        with CaptureQueriesContext(connection) as asked:
            client.get(address(name, about(operation, DETAILS[name][1])))

        assert len(asked) <= QUERIES_DETAIL_MAX


class TestScope:
    def test_keeps_another_book_out_of_sight(self, operation: desk.Operation, enter: Enter) -> None:
        registry.open_book("us", pack="open", currency="USD", without_identity=True)
        for role in ("manager", "operations"):
            desk.hire(role, login=f"stranger-{role}", books=("us",))
        manager, officer = enter("stranger-manager"), enter("stranger-operations")

        answers = {
            name: (officer if grant == "contracts.confirm" else manager)
            .get(address(name, about(operation, field)))
            .status_code
            for name, (grant, field) in DETAILS.items()
        }

        assert set(answers.values()) == {404}, answers

    def test_refuses_to_choose_a_book_that_is_not_ones_own(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("manager")

        answer = client.post(address("choose_book"), {"book": "other"})

        assert answer.status_code == 404
        assert client.session.get("book") is None


class TestPersonalData:
    def test_is_masked_on_every_page(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("everyone")

        shown = client.get(address("party", operation.party)).content.decode()

        assert "****" in shown
        assert "张" not in shown or "张*" in shown

    def test_is_shown_for_a_purpose_and_the_showing_is_recorded(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("everyone")

        answer = client.post(
            address("unmask", operation.party), {"kind": "mobile", "purpose": "complaint"}
        )

        assert answer.status_code == 200
        assert "****" not in answer.content.decode()
        assert "no-store" in answer["Cache-Control"]
        assert "vault.unmasked" in client.get(address("audit") + "?room=vault").content.decode()

    def test_needs_a_purpose_to_be_shown(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("everyone")

        answer = client.post(address("unmask", operation.party), {"kind": "mobile"})

        assert answer.status_code == 422
        assert "vault.unmasked" not in client.get(address("audit") + "?room=vault").content.decode()


def flat(html: str) -> str:
    """Markup with its white space made one."""
    return " ".join(html.split())
