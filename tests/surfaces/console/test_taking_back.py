"""Taking an import back on pages: what goes back, what is in the way, and two people."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client

from loanops.loanbook.servicing import operations
from loanops.loanbook.servicing.models import ImportUndo, Loan
from loanops.registry.products import queries as products
from tests.factories import desk, loans
from tests.factories.moving import bring_one
from tests.factories.registry import AT, HOUSE
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter


def page(client: Client, at: str) -> str:
    return " ".join(html.unescape(client.get(at).content.decode()).split())


@pytest.fixture
def brought(operation: desk.Operation) -> str:
    """An import of one loan into the operation's own book."""
    known = Loan.objects.get(number=operation.loan)
    return bring_one(
        book=known.book_id,
        product=products.get_version_by_number(operation.product).product,
        funder=operation.partner,
        party=operation.party,
        cut_off=known.disbursed_on - timedelta(days=1),
    )


@pytest.fixture
def client(operation: desk.Operation, enter: Enter) -> Client:
    """Somebody with every role, in English."""
    entered = enter("everyone")
    entered.post(address("choose_language"), {"language": "en"})
    return entered


def seen(client: Client, number: str) -> str:
    """The digest that the page of the effect carries."""
    found = re.search(r'name="effect" value="([0-9a-f]{64})"', page(client, effect_at(number)))
    assert found
    return found[1]


def effect_at(number: str) -> str:
    return address("undo_import", number)


def ask(client: Client, number: str) -> None:
    answer = client.post(
        address("ask_import_undo", number),
        {"effect": seen(client, number), "reason": "rate read as monthly"},
    )
    assert answer.status_code == 302


class TestAnImport:
    def test_is_taken_back_by_two_people(self, client: Client, brought: str, enter: Enter) -> None:
        assert address("brought", brought) in page(client, address("imports"))
        shown = page(client, effect_at(brought))
        assert "What goes back" in shown
        assert "6,179.02" in shown
        ask(client, brought)

        mine = page(client, effect_at(brought))

        assert "a colleague has to approve it" in mine
        assert address("approve_import_undo", brought) not in mine
        assert "Waits for a colleague" in page(client, address("imports"))
        assert "1 import waits to be taken back" in page(client, address("change_requests"))
        manager = enter("manager")
        answer = manager.post(
            address("approve_import_undo", brought), {"effect": seen(manager, brought)}
        )
        assert answer.status_code == 302
        assert "Being taken back" in page(client, address("brought", brought))
        operations.go_on_undoing(request=ImportUndo.objects.get().number, actor=HOUSE, at=AT)
        done = page(client, address("brought", brought))
        assert "Taken back" in done
        assert "rate read as monthly" in done
        assert "It was taken back" in page(client, effect_at(brought))

    def test_says_what_is_in_the_way(self, client: Client, brought: str) -> None:
        loan = Loan.objects.get(contract="old:K-1").number
        loans.repay(loan, 100)

        shown = page(client, effect_at(brought))

        assert "1 loan is in the way" in shown
        assert address("loan", loan) in shown
        assert address("ask_import_undo", brought) not in shown

    def test_is_refused_with_a_reason(self, client: Client, brought: str, enter: Enter) -> None:
        ask(client, brought)

        answer = enter("manager").post(
            address("refuse_import_undo", brought), {"reason": "the rate is right"}
        )

        assert answer.status_code == 302
        assert "the rate is right" in page(client, address("brought", brought))

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_shows_what_goes_back_to_who_may_ask_or_approve(
        self, brought: str, enter: Enter, role: str
    ) -> None:
        opened = enter(role).get(effect_at(brought)).status_code == 200

        assert opened == (role in {"operations", "finance", "risk_manager", "manager"})

    @pytest.mark.parametrize("role", desk.STAFF)
    def test_is_asked_back_by_who_may(self, brought: str, enter: Enter, role: str) -> None:
        answer = enter(role).post(address("ask_import_undo", brought), {})

        assert (answer.status_code != 403) == (role in {"operations", "finance"})

    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_reads_in_both_languages(self, brought: str, enter: Enter, language: str) -> None:
        client = enter("finance")
        client.post(address("choose_language"), {"language": language})

        shown = page(client, effect_at(brought)) + page(client, address("brought", brought))

        assert {"zh-hans": "撤回", "en": "Take an import back"}[language] in shown
