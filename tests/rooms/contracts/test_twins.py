"""Batches: the same rules as one by one, each row refused by itself, a few questions in all."""

from __future__ import annotations

from typing import Any

import pytest

from loanops.kernel.refusals import MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    NotShown,
)
from loanops.origination.contracts.models import Contract
from loanops.origination.contracts.operations import SignatureIn
from tests.factories.contracts import (
    approved,
    chinese_market,
    confirmations,
    confirmed,
    drawn_up,
    evidence_of,
    later,
    offer_in,
    offered,
    open_market,
    signed,
)
from tests.factories.registry import AT, HOUSE, NOBODY, stranger

pytestmark = pytest.mark.django_db


class TestTwins:
    def test_equal_one_by_one_from_offer_to_signature(self) -> None:
        market = open_market()
        singly, together = approved(market, 3), approved(market, 3, first=10)
        for number in singly:
            signed(drawn_up(offered(market, number).number))

        run_many(market, together)

        assert compared(singly) == compared(together)
        assert set(applications.stages_of(together).values()) == {"signed"}

    def test_refuse_each_row_by_itself(self) -> None:
        market = chinese_market()
        numbers = approved(market, 3)
        fresh, shown, done = (offered(market, number).number for number in numbers)
        operations.show_disclosures_many(book="cn", offers=[shown], actor=HOUSE, at=AT)
        confirmed(done)

        outcome = operations.confirm_disclosures_many(
            book="cn",
            confirmations=confirmations([fresh, shown, done, "OF-NONE"]),
            actor=HOUSE,
            at=later(15),
        )
        drawn = operations.draw_up_many(
            book="cn", offers=[fresh, shown, done], actor=HOUSE, at=later(20)
        )

        assert outcome.done == (shown,)
        assert {each.subject: type(each.refusal) for each in outcome.refused} == {
            fresh: NotShown, done: MoveNotAllowed, "OF-NONE": NotFound,
        }  # fmt: skip
        assert {each.source for each in drawn.made} == {shown, done}
        assert [each.subject for each in drawn.refused] == [fresh]

    def test_sign_one_contract_of_an_application_and_not_two(self) -> None:
        market = open_market()
        [application] = approved(market)
        cards = [drawn_up(offered(market, application).number) for _ in range(2)]

        outcome = operations.record_signatures_many(
            book="us",
            signatures=[
                SignatureIn(
                    contract=card.number, mode="ours", evidence=evidence_of(card),
                    signed_at=later(25),
                )
                for card in cards
            ],
            actor=HOUSE,
            at=later(30),
        )  # fmt: skip

        assert outcome.done == (cards[0].number,)
        assert [type(each.refusal) for each in outcome.refused] == [MoveNotAllowed]
        assert queries.get_contract(cards[1].number).state == "void"

    @pytest.mark.parametrize(
        ("order", "rows"),
        [
            (operations.show_disclosures_many, "offers"),
            (operations.confirm_disclosures_many, "confirmations"),
            (operations.draw_up_many, "offers"),
            (operations.record_signatures_many, "signatures"),
        ],
    )
    def test_need_the_grant_and_the_book(self, order: Any, rows: str) -> None:
        chinese_market()

        with pytest.raises(NotPermitted):
            order(book="cn", **{rows: []}, actor=NOBODY, at=AT)
        with pytest.raises(NotFound):
            order(
                book="cn", **{rows: []}, at=AT,
                actor=stranger("contracts.confirm", "contracts.sign"),
            )  # fmt: skip

    def test_ask_the_database_no_more_for_more_rows(
        self, django_assert_max_num_queries: Any
    ) -> None:
        market = open_market()
        numbers = approved(market, 60)

        with django_assert_max_num_queries(110):
            run_many(market, numbers)


COMPARED = (
    "signing_mode", "currency", "principal_minor", "template_version", "state", "drawn_up_at",
    "drawn_up_on", "signed_at", "signed_on", "offer__state", "offer__schedule_json",
    "offer__cost_simple",
)  # fmt: skip


def compared(numbers: list[str]) -> list[dict[str, Any]]:
    return list(Contract.objects.filter(application__in=numbers).order_by("id").values(*COMPARED))


def run_many(market: Any, numbers: list[str]) -> None:
    book = market.book
    made = operations.make_offers_many(
        book=book, offers=[offer_in(market, number) for number in numbers], actor=HOUSE, at=AT
    )
    offers = operations.show_disclosures_many(
        book=book, offers=made.numbers, actor=HOUSE, at=AT
    ).done
    operations.confirm_disclosures_many(
        book=book, confirmations=confirmations(offers), actor=HOUSE, at=later(12)
    )
    drawn = operations.draw_up_many(book=book, offers=offers, actor=HOUSE, at=later(20))
    cards = queries.find_contracts(drawn.numbers)
    outcome = operations.record_signatures_many(
        book=book,
        signatures=[
            SignatureIn(
                contract=number,
                mode=cards[number].signing_mode,
                evidence=evidence_of(cards[number]),
                signed_at=later(25),
            )
            for number in drawn.numbers
        ],
        actor=HOUSE,
        at=later(30),
    )
    assert not outcome.refused
