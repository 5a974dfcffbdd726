"""The disclosure statement: what it says, and that it was shown, read and confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loanops.kernel.refusals import MoveNotAllowed, NotFound, NotPermitted
from loanops.origination.contracts import operations, queries
from loanops.origination.contracts.domain.refusals import (
    EvidenceMissing,
    NotShown,
    OfferExpired,
    ReadTooShort,
)
from loanops.origination.contracts.models import Disclosure
from loanops.platform import vault
from loanops.platform.books.models import Book
from tests.factories.contracts import (
    PAGE,
    approved,
    chinese_market,
    confirmed,
    later,
    offered,
    open_market,
)
from tests.factories.registry import AT, HOUSE, NOBODY, TODAY, stranger

pytestmark = pytest.mark.django_db


def an_offer(**terms: Any) -> str:
    market = chinese_market(**terms)
    return offered(market, approved(market)[0]).number


class TestStatement:
    def test_lists_each_item_with_way_standard_and_charging_party(self) -> None:
        statement = queries.get_offer(an_offer()).statement

        interest, fee = statement["items"]
        assert interest["standard"] == {"rate_annual": "0.12"}
        assert (interest["party"], interest["party_name"]) == ("funder", "harbour Co., Ltd.")
        assert (fee["name"], fee["way"], fee["party"]) == (
            "融资担保费", "per_instalment", "guarantor",
        )  # fmt: skip
        assert fee["party_name"] == "anchor Co., Ltd."
        assert fee["annual_rate"].startswith("0.0480")
        assert statement["total_minor"] == 1_000_000 + interest["total_minor"] + fee["total_minor"]

    def test_states_the_cost_the_contingent_costs_and_that_nothing_else_is_charged(self) -> None:
        card = queries.get_offer(an_offer())

        statement = card.statement
        assert statement["cost"]["simple"] == str(card.cost.simple)
        assert statement["cost"]["effective"] == str(card.cost.effective)
        [penalty] = statement["contingent"]
        assert (penalty["name"], penalty["rate_annual"]) == ("overdue_penalty", "0.180")
        assert statement["nothing_else"] is True

    def test_states_what_is_charged_for_being_late_beside_the_cost_of_normal_performance(
        self,
    ) -> None:
        late = {
            "name": "reminder",
            "charging_party": "guarantor",
            "timing": "overdue",
            "amount_minor": 2_000,
            "overdue_days": 3,
        }

        statement = queries.get_offer(an_offer(fees=[late])).statement

        assert [item["name"] for item in statement["items"]] == ["interest"]
        # What it costs without any fee: nothing of it is charged in normal performance.
        assert statement["cost"]["simple"].startswith("0.12")
        fee = statement["contingent"][1]
        assert (fee["kind"], fee["party"], fee["overdue_days"]) == ("late_fee", "guarantor", 3)
        assert fee["standard"] == {"amount_minor": 2_000}
        assert statement["rule"]["verified"] is True


class TestConfirmDisclosure:
    @pytest.mark.parametrize("seconds", [0, 9])
    def test_is_refused_before_the_reading_time_is_over(self, seconds: int) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(ReadTooShort) as refused:
            confirm(offer, at=later(seconds), read_seconds=600)

        assert refused.value.values["read_seconds_min"] == "10"
        assert queries.get_offer(offer).state == "made"

    def test_is_kept_with_times_and_sealed_evidence(self) -> None:
        card = confirmed(an_offer(), seconds=10)

        assert card.state == "confirmed"
        assert card.disclosure is not None
        assert card.disclosure.confirmed_at == later(10)
        assert card.disclosure.statement_sha256 == card.statement_sha256
        row = Disclosure.objects.get()
        assert PAGE["ip"] not in row.evidence_sealed
        assert PAGE["ip"] in vault.unseal(row.evidence_sealed)

    def test_does_not_believe_the_page_that_read_faster(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(ReadTooShort):
            confirm(offer, at=later(60), read_seconds=3)

    def test_counts_anew_when_it_is_shown_again(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)
        operations.show_disclosure(offer=offer, actor=HOUSE, at=later(8))

        with pytest.raises(ReadTooShort):
            confirm(offer, at=later(12))

    def test_needs_no_time_where_no_law_asks_for_it(self) -> None:
        market = open_market()
        offer = offered(market, approved(market)[0]).number
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        assert confirm(offer, at=AT, read_seconds=0).state == "confirmed"

    def test_cannot_come_before_showing(self) -> None:
        with pytest.raises(NotShown):
            confirm(an_offer(), at=later(60))

    def test_cannot_happen_twice(self) -> None:
        offer = an_offer()
        confirmed(offer)

        with pytest.raises(MoveNotAllowed):
            confirm(offer, at=later(60))
        with pytest.raises(MoveNotAllowed):
            operations.show_disclosure(offer=offer, actor=HOUSE, at=later(60))

    def test_is_too_late_after_the_last_day(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)
        Book.objects.update(business_date=TODAY + timedelta(days=7))

        with pytest.raises(OfferExpired):
            confirm(offer, at=later(60))

    def test_needs_evidence(self) -> None:
        offer = an_offer()
        operations.show_disclosure(offer=offer, actor=HOUSE, at=AT)

        with pytest.raises(EvidenceMissing) as refused:
            confirm(offer, at=later(60), evidence={"channel": "app"})

        assert refused.value.values["keys"] == "device, ip"

    def test_needs_the_grant_and_the_book(self) -> None:
        offer = an_offer()

        with pytest.raises(NotPermitted):
            confirm(offer, at=AT, actor=NOBODY)
        with pytest.raises(NotFound):
            operations.show_disclosure(offer=offer, actor=stranger("contracts.confirm"), at=AT)


def confirm(offer: str, **values: Any) -> queries.OfferCard:
    given: dict[str, Any] = {"read_seconds": 12, "evidence": PAGE, "actor": HOUSE, **values}
    return operations.confirm_disclosure(offer=offer, **given)
