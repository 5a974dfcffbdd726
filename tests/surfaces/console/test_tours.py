"""The first tour: offered on the board, by the roles of a person, until it is ended."""

from __future__ import annotations

import re

import pytest

from loanops.platform.identity.roles import grants_of
from loanops.surfaces.console.pages.tours import STOPS, TOURS
from tests.factories import desk
from tests.surfaces.console.addresses import PAGES, address
from tests.surfaces.console.conftest import Enter

ON = re.compile(r'href="([^"]+\?tour=\d+)">\s*(?:开始|继续)')


class TestTours:
    def test_are_there_for_every_role_of_the_staff_and_lead_where_it_may_go(self) -> None:
        assert set(TOURS) == set(desk.STAFF)
        closed = {
            (role, page)
            for role, pages in TOURS.items()
            for page in pages
            if not grants_of(role).issuperset(PAGES[page])
        }
        assert not closed

    def test_have_words_for_every_stop_and_no_more(self) -> None:
        assert {page for pages in TOURS.values() for page in pages} == set(STOPS)


class TestTaking:
    @pytest.mark.parametrize("role", desk.STAFF)
    def test_leads_from_the_board_through_every_stop(
        self, operation: desk.Operation, enter: Enter, role: str
    ) -> None:
        client = enter(role)
        walked = []
        page = client.get(address("board"))
        while on := ON.search(page.content.decode()):
            page = client.get(on[1])
            walked.append(page.resolver_match.url_name)

        assert tuple(walked) == TOURS[role]
        assert "开始工作" in page.content.decode()

    def test_is_offered_no_more_once_it_is_ended(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("finance")
        offered = client.get(address("board")).content.decode()

        client.post(address("end_tour"))

        later = client.get(address("board")).content.decode()
        assert 'class="tour"' in offered
        assert 'class="tour"' not in later

    def test_is_taken_again_by_who_wants_it(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("finance")
        client.post(address("end_tour"))

        page = client.get(address("first_tour"), follow=True)

        assert page.resolver_match.url_name == TOURS["finance"][0]
        assert 'class="tour"' in page.content.decode()

    @pytest.mark.parametrize("asked", ["0", "99", "-1", "x", "1e3", "٣", "\x00", "9" * 40])
    def test_of_a_stop_that_there_is_not_is_none(
        self, operation: desk.Operation, enter: Enter, asked: str
    ) -> None:
        page = enter("finance").get(address("ledger"), {"tour": asked})

        assert page.status_code == 200
        assert 'class="tour"' not in page.content.decode()

    def test_shows_no_stop_on_another_page(self, operation: desk.Operation, enter: Enter) -> None:
        page = enter("finance").get(address("ledger"), {"tour": "1"})

        assert 'class="tour"' not in page.content.decode()
