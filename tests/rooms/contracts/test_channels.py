"""A channel's program sees and moves the offers and contracts of its own applications alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from loanops.kernel.access import EVERYTHING, Actor
from loanops.kernel.refusals import NotFound
from loanops.origination.applications.models import Application
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.queries import Filter
from tests.factories import contracts as make
from tests.factories.registry import AT

pytestmark = pytest.mark.django_db


def of_channel(code: str) -> Actor:
    actor = Actor(person="key:shop", grants=frozenset({EVERYTHING}))
    return replace(actor, scopes=replace(actor.scopes, channels=frozenset({code})))


@pytest.fixture
def offered() -> tuple[str, str]:
    """An application with an offer; their numbers."""
    market = make.chinese_market()
    [application] = make.approved(market)
    return application, make.offered(market, application).number


def test_their_own_is_theirs(offered: tuple[str, str]) -> None:
    application, offer = offered
    own = of_channel(Application.objects.get().channel)

    operations.show_disclosure(offer=offer, actor=own, at=AT)

    assert queries.get_offer(offer, viewer=own).number == offer
    assert [card.number for card in queries.list_offers(application=application, viewer=own)] == [
        offer
    ]


def test_anothers_does_not_exist_for_them(offered: tuple[str, str]) -> None:
    application, offer = offered
    other = of_channel("another")

    for order in (operations.show_disclosure, operations.draw_up):
        with pytest.raises(NotFound):
            order(offer=offer, actor=other, at=AT)
    with pytest.raises(NotFound):
        operations.withdraw_offer(number=offer, reason="no", actor=other, at=AT)
    with pytest.raises(NotFound):
        queries.get_offer(offer, viewer=other)
    assert queries.list_offers(application=application, viewer=other) == []

    contract = make.drawn_up(offer)
    with pytest.raises(NotFound):
        queries.get_contract(contract.number, viewer=other)
    assert queries.contracts_of(application=application, viewer=other) == []
    assert queries.list_contracts(where=Filter(), viewer=other) == []
