"""Funding in the console: funders asked, signing on the funder's page, payouts, exceptions."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.utils import translation

from loanops.kernel import wire
from loanops.kernel.access import Viewer
from loanops.kernel.schedule import Floating
from loanops.origination.applications import queries as applications
from loanops.origination.contracts import queries as contracts
from loanops.origination.contracts.models import Offer
from loanops.origination.routing import queries as routing
from loanops.origination.routing.domain.eligibility import REASONS
from loanops.origination.routing.domain.judging import Trouble
from loanops.origination.routing.ports import Standing
from loanops.surfaces.console.pages.funding import explained
from loanops.surfaces.console.pages.words import funding as words
from tests.factories import desk
from tests.surfaces.console.addresses import address
from tests.surfaces.console.conftest import Enter
from tests.surfaces.console.test_pages import flat

HOUSE = Viewer.house("tests")


@pytest.fixture(autouse=True)
def banks() -> None:
    """Banks that say yes to everything, until a test says otherwise."""
    desk.plug_banks()


def payout(operation: desk.Operation) -> routing.PayoutCard:
    return routing.get_payout(operation.payout)


class TestWords:
    def test_explain_every_exclusion_in_the_sentence_of_the_room(self) -> None:
        with translation.override("en"):
            said = {code: str(word.text) for code, word in words.EXCLUSIONS.items()}

        assert said == REASONS

    def test_name_every_exclusion_and_every_trouble(self) -> None:
        assert words.EXCLUSION_NAMES.keys() >= REASONS.keys()
        assert set(words.TROUBLES) == set(words.TROUBLE_SENTENCES) == set(Trouble)

    def test_show_the_money_of_an_exclusion_as_money(self) -> None:
        values = {"found": "500000", "low": "1000000", "high": "20000000"}

        said = explained("amount", values, currency="CNY", products={})

        assert "5,000.00" in said
        assert "200,000.00" in said


class TestOffer:
    def test_shows_how_its_rate_floats(self, operation: desk.Operation, enter: Enter) -> None:
        row = Offer.objects.get(number=operation.offer)
        statement = json.loads(row.statement_json)
        rule = Floating(index="lpr_5y", spread_bp=Decimal(-20), cap=Decimal("0.2"))
        statement["items"][0]["floating"] = wire.write_row(rule)
        Offer.objects.filter(pk=row.pk).update(statement_json=json.dumps(statement))
        client = enter("operations")
        client.post(address("choose_language"), {"language": "en"})

        shown = flat(client.get(address("offer", operation.offer)).content.decode())

        assert "-20 bp" in shown
        assert "read anew every year on 1-1" in shown


class TestApplication:
    def test_shows_who_was_asked_in_which_round_and_why_not_the_others(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        client.post(address("choose_language"), {"language": "en"})

        shown = flat(client.get(address("application", operation.paying)).content.decode())

        assert "2 asked" in shown
        assert "Round 2" in shown
        assert "The funder has refused this application." in shown
        assert "The funder is not on the list of this day." in shown
        assert operation.payout in shown

    def test_offers_to_seek_a_funder_once_it_is_approved(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        approved = client.get(address("application", operation.approved)).content.decode()
        reviewed = client.get(address("application", operation.in_review)).content.decode()

        assert address("route", operation.approved) in approved
        assert address("route", operation.in_review) not in reviewed

    def test_without_a_willing_funder_ends_with_every_reason_kept(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        client.post(address("route", operation.approved))

        card = applications.get_application(operation.approved, viewer=HOUSE)
        assert card.stage == "funding_refused"
        shown = client.get(address("application", operation.approved)).content.decode()
        assert str(words.EXCLUSION_NAMES["consent_missing"].text) in shown


class TestSigning:
    def test_leads_to_the_page_of_the_funder(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("operations")

        shown = client.get(address("contract", operation.to_sign)).content.decode()

        assert "https://yunting.bank.example/sign/SG-" in shown
        assert address("settle_signing", operation.to_sign) in shown

    def test_is_over_when_the_funder_proves_it(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        client.post(address("settle_signing", operation.to_sign))

        assert contracts.get_contract(operation.to_sign).state == "signed"

    def test_is_not_over_while_the_borrower_reads(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        desk.BANKS.say("yunting", "signing", Standing.PROCESSING)
        client = enter("operations")

        answer = client.post(address("settle_signing", operation.to_sign), follow=True)

        assert contracts.get_contract(operation.to_sign).state == "drawn_up"
        assert "借款人尚未签署" in answer.content.decode()

    def test_can_be_opened_anew_after_it_ended(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        desk.BANKS.say("yunting", "signing", Standing.REFUSED, "S102")
        client = enter("operations")
        client.post(address("settle_signing", operation.to_sign))

        client.post(address("start_signing", operation.to_sign))

        sessions = routing.list_signings(application=operation.funded)
        assert [each.state for each in sessions] == ["ended", "open"]


class TestPayout:
    def test_of_a_signed_contract_is_ordered_once(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        client.post(address("settle_signing", operation.to_sign))

        first = client.post(address("draw_down", operation.to_sign))
        second = client.post(address("draw_down", operation.to_sign))

        assert (first.status_code, second.status_code) == (302, 409)
        assert len(routing.payouts_of(application=operation.funded)) == 1

    def test_of_an_unsigned_contract_is_refused(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        answer = client.post(address("draw_down", operation.to_sign))

        assert answer.status_code in {409, 422}
        assert routing.payouts_of(application=operation.funded) == []

    def test_that_is_unknown_shows_every_word_and_ends_by_a_query(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        shown = client.get(address("payout", operation.payout)).content.decode()

        client.post(address("resolve_payout", operation.payout))

        assert "超时未应答" in shown
        assert "资金方查无此流水号" in shown
        assert payout(operation).state == "success"

    def test_that_failed_may_be_given_up_with_a_reason(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        desk.BANKS.say("yunting", "drawdown_query", Standing.REFUSED, "F304")
        client = enter("operations")
        client.post(address("resolve_payout", operation.payout))

        shown = client.get(address("application", operation.paying)).content.decode()
        client.post(address("give_up", operation.paying), {"reason": "account closed"})

        assert "收款账户拒收" in shown
        assert address("give_up", operation.paying) in shown
        card = applications.get_application(operation.paying, viewer=HOUSE)
        assert card.stage == "funding_refused"

    def test_list_begins_with_what_has_not_ended(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("finance")

        unknown = client.get(address("payouts")).content.decode()
        paid = client.get(address("payouts") + "?state=success").content.decode()

        assert operation.payout in unknown
        assert operation.payout not in paid


class TestException:
    def case(self, operation: desk.Operation) -> routing.ExceptionCard:
        [card] = routing.exceptions_of(application=operation.paying, viewer=HOUSE)
        return card

    def test_is_handed_to_a_colleague_who_may_resolve(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")

        client.post(address("assign_exception", operation.exception), {"owner": "everyone"})

        assert self.case(operation).owner == "everyone"

    @pytest.mark.parametrize("owner", ["", "collector", "role:collector", "\x00"])
    def test_is_not_handed_to_who_may_not(
        self, operation: desk.Operation, enter: Enter, owner: str
    ) -> None:
        client = enter("operations")

        answer = client.post(address("assign_exception", operation.exception), {"owner": owner})

        assert answer.status_code == 422
        assert self.case(operation).owner == "role:operations"

    def test_is_closed_with_what_was_found_and_never_twice(
        self, operation: desk.Operation, enter: Enter
    ) -> None:
        client = enter("operations")
        where, note = address("close_exception", operation.exception), {"note": "Bank called."}

        first, second = client.post(where, note), client.post(where, note)

        assert (first.status_code, second.status_code) == (302, 409)
        assert self.case(operation).note == "Bank called."
        assert (
            "Bank called." in client.get(address("exceptions") + "?state=closed").content.decode()
        )

    def test_is_not_closed_without_a_word(self, operation: desk.Operation, enter: Enter) -> None:
        client = enter("operations")

        answer = client.post(address("close_exception", operation.exception), {"note": " "})

        assert answer.status_code == 422
        assert self.case(operation).closed_at is None
