"""From the offer to the loan: cost in one picture, the reading time, signing there and back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from loanops.origination.contracts import queries as contracts
from loanops.origination.contracts.models import Disclosure
from loanops.origination.contracts.queries import early_savings
from loanops.origination.routing.ports import Standing
from loanops.platform.web import clock
from loanops.surfaces.portal.pages.offers import yuan_of
from tests.factories import desk
from tests.factories.people import person
from tests.surfaces.portal.conftest import NewPhone, Phone


@pytest.fixture
def owner(new_phone: NewPhone) -> Any:
    def of(place: int) -> Phone:
        phone = new_phone()
        phone.sign_in(person(place).mobile)
        phone.prove(person(place).id_number)
        return phone

    return of


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestAnOffer:
    def test_says_where_each_yuan_goes_and_leaves_none_out(self, operation: desk.Operation) -> None:
        card = contracts.get_offer(operation.offer)

        parts = yuan_of(card)

        assert sum(part.total_minor for part in parts) == card.total_minor
        assert {part.party for part in parts} == {"funder", "guarantor"}

    def test_says_what_ending_early_saves(self, operation: desk.Operation) -> None:
        card = contracts.get_offer(operation.offer)

        savings = early_savings(card)

        assert [each.after for each in savings] == [3, 6, 9]
        saved = [each.saving_minor for each in savings]
        assert saved == sorted(saved, reverse=True)
        assert all(0 < each < card.total_minor - card.principal_minor for each in saved)
        for each in savings:
            ahead = card.schedule[each.after :]
            assert each.payoff_minor < sum(row.total_minor for row in ahead)

    def test_is_shown_to_who_hears_a_page_too(self, operation: desk.Operation, owner: Any) -> None:
        shown = text(owner(2).see("offer", operation.offer))

        assert 'class="yuan-bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden' in (
            " ".join(shown.split())
        )
        assert "style=" not in shown


class TestTheStatement:
    def test_cannot_be_confirmed_before_its_reading_time(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        phone = owner(2)
        phone.press("read_statement", operation.offer)

        answer = phone.press("confirm", operation.offer)

        assert answer.status_code == 409 or answer.status_code == 422
        assert 'data-waits="' in text(answer)
        assert contracts.get_offer(operation.offer).state == "made"

    def test_leads_to_the_contract_once_it_was_read(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        phone = owner(2)
        phone.press("read_statement", operation.offer)
        Disclosure.objects.filter(offer=operation.offer).update(
            shown_at=clock.now() - timedelta(seconds=90)
        )

        answer = phone.press("confirm", operation.offer)

        card = contracts.get_offer(operation.offer)
        assert card.state == "drawn_up"
        # No credit stands behind the offers of this operation, so nobody opens a page to sign on.
        assert answer.status_code == 409
        assert str(card.contract) in text(answer)
        assert card.disclosure is not None
        assert (card.disclosure.read_seconds or 0) >= 90


class TestSigning:
    def test_is_one_hop_to_the_funders_page(self, operation: desk.Operation, owner: Any) -> None:
        phone = owner(41)
        phone.press("open_signing", operation.to_sign)

        shown = text(phone.see("contract", operation.to_sign))

        assert 'rel="noreferrer"' in shown

    def test_is_proven_by_the_funder_and_not_by_coming_back(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        phone = owner(41)
        desk.BANKS.say("yunting", "signing", Standing.PROCESSING)

        answer = phone.see("signed_back", operation.to_sign)

        assert answer.url == f"/portal/contracts/{operation.to_sign}"
        assert contracts.get_contract(operation.to_sign).state == "drawn_up"

    def test_leads_to_the_money_once_it_is_proven(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        phone = owner(41)

        answer = phone.see("signed_back", operation.to_sign)

        card = contracts.get_contract(operation.to_sign)
        assert card.state == "signed"
        assert answer.url == f"/portal/applications/{card.application}"
        assert phone.see("signed_back", operation.to_sign).status_code == 302


class TestALoan:
    def test_shows_the_next_payment_and_the_calendar(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        shown = text(owner(3).see("loan", operation.loan))

        assert shown.count('class="instalment instalment-upcoming"') == 12

    def test_says_what_paying_early_would_do(self, operation: desk.Operation, owner: Any) -> None:
        phone = owner(3)

        part = phone.client.get(
            f"/portal/loans/{operation.loan}", {"pay": "3000"}, headers={"X-Part": "outlook"}
        )

        assert "<html" not in text(part)
        assert text(part).count("<li>") == 3

    @pytest.mark.parametrize("pay", ["-1", "x", "9" * 30, "1e9", "\x00"])
    def test_refuses_an_amount_that_cannot_be_in_one_sentence(
        self, operation: desk.Operation, owner: Any, pay: str
    ) -> None:
        answer = owner(3).see("loan", operation.loan, pay=pay)

        assert answer.status_code == 200
        assert 'role="alert"' in text(answer)

    @pytest.mark.parametrize("paper", ["statement", "payoff", "calendar"])
    def test_gives_its_papers(self, operation: desk.Operation, owner: Any, paper: str) -> None:
        answer = owner(3).see("paper", operation.loan, paper)

        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")

    def test_gives_no_certificate_before_it_is_paid(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        assert owner(3).see("paper", operation.loan, "certificate").status_code == 409


class TestWeight:
    def test_of_every_page_is_small_even_uncompressed(
        self, operation: desk.Operation, owner: Any
    ) -> None:
        phone = owner(3)

        for name, number in (("home", ()), ("loan", (operation.loan,))):
            page = phone.see(name, *number)
            assert len(page.content) < 60_000
