"""An application by the portal: consents one by one, steps that are kept, one submission."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from loanops.kernel.access import Viewer
from loanops.origination.applications import queries as applications
from loanops.origination.applications.models import Application
from loanops.registry.borrowers.models import Account, Code, Draft
from loanops.registry.compliance.models import Consent
from loanops.registry.parties import operations as parties
from loanops.registry.partners import operations as partners
from tests.factories import desk
from tests.factories.people import AT, HOUSE, person
from tests.surfaces.portal.conftest import NewPhone, Phone

NEW = person(901)
LOAN = {"product": "steady", "amount": "10000.00", "term": "12", "purpose": "daily"}
MEANS = {
    "industry": "it",
    "income_monthly_minor": "18000.00",
    "debt_monthly_minor": "1200",
    "employment_months": "48",
    "open_loans": "1",
    "overdue_24m": "0",
    "inquiries_3m": "1",
    "housing_fund_months": "",
}


def who(people: Any = NEW) -> dict[str, str]:
    return {"name": people.name, "id_number": people.id_number, "region": "31", "address": ""}


def text(answer: Any) -> str:
    return str(answer.content.decode())


def consent(phone: Phone, step: str, *, decision: str = "agree", most: int = 12) -> int:
    """Answer every consent of a step; how many there were."""
    for count in range(most):
        page = phone.see("apply_step", step)
        ask = page.context and page.context.get("ask")
        if page.status_code != 200 or not ask:
            return count
        phone.press("apply_step", step, key=ask.key, version=ask.version, decision=decision)
    raise AssertionError("the consents do not end")


def fill(phone: Phone, people: Any = NEW) -> None:
    """Every step up to the last; consents that were given before are looked at and passed."""
    if not consent(phone, "consents"):
        phone.press("apply_step", "consents")
    assert phone.press("apply_step", "loan", **LOAN).status_code == 302
    assert phone.press("apply_step", "person", **who(people)).status_code == 302
    assert phone.press("apply_step", "means", **MEANS).status_code == 302
    consent(phone, "sharing")
    assert phone.press("apply_step", "sharing").status_code == 302


class TestConsents:
    def test_are_asked_one_by_one_and_kept_with_version_and_evidence(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        page = phone.see("apply_step", "consents")
        ask = page.context["ask"]

        phone.press("apply_step", "consents", key=ask.key, version=ask.version, decision="agree")

        kept = Consent.objects.get(subject=Account.objects.get().number)
        assert (kept.purpose, kept.wording_version) == ("personal_information", "PI-1")
        assert (kept.channel, kept.evidence["channel"]) == ("portal", "portal")
        assert phone.see("apply_step", "consents").context["ask"].purpose != ask.purpose

    def test_of_the_law_stop_the_way_where_they_are_not_given(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        ask = phone.see("apply_step", "consents").context["ask"]

        answer = phone.press(
            "apply_step", "consents", key=ask.key, version=ask.version, decision="decline"
        )

        assert answer.status_code == 422
        assert phone.see("apply_step", "loan").url == "/portal/apply"
        assert Consent.objects.count() == Consent.objects.exclude(channel="portal").count()

    def test_to_other_words_than_those_shown_are_none(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)

        phone.press(
            "apply_step",
            "consents",
            key="personal_information:",
            version="PI-0",
            decision="agree",
        )

        assert not Consent.objects.filter(channel="portal").exists()

    def test_name_each_recipient_and_may_be_declined_for_each(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        consent(phone, "consents")
        phone.press("apply_step", "loan", **LOAN)
        phone.press("apply_step", "person", **who())
        phone.press("apply_step", "means", **MEANS)

        count = consent(phone, "sharing", decision="decline")
        answer = phone.press("apply_step", "sharing")

        assert count >= 3
        assert answer.status_code == 422
        assert phone.press("reconsider").status_code == 302
        assert phone.see("apply_step", "sharing").context["ask"].recipient_legal

    def test_are_taken_back_wherever_they_went(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)
        phone.press("apply_step", "check")

        phone.press("take_back", purpose="credit_query", recipient="")

        account = Account.objects.get()
        mine = Consent.objects.filter(subject__in=[account.number, account.party_id])
        taken = mine.filter(purpose="credit_query")
        assert [each.withdrawn_on is not None for each in taken] == [True, True]


class TestSteps:
    def test_cannot_be_jumped(self, operation: desk.Operation, phone: Phone) -> None:
        phone.sign_in(NEW.mobile)

        assert phone.see("apply_step", "check").url == "/portal/apply"
        assert phone.press("apply_step", "check").url == "/portal/apply"
        assert phone.see("apply_step", "nothing").status_code == 404

    def test_are_gone_on_with_on_another_device(
        self, operation: desk.Operation, new_phone: NewPhone
    ) -> None:
        here, there = new_phone(), new_phone()
        here.sign_in(NEW.mobile)
        consent(here, "consents")
        here.press("apply_step", "loan", **LOAN)
        here.press("apply_step", "person", **who())
        Code.objects.all().delete()

        there.sign_in(NEW.mobile)

        assert there.see("apply").url == "/portal/apply/means"
        assert NEW.name in text(there.see("apply_step", "person"))

    def test_keep_nothing_personal_in_clear(self, operation: desk.Operation, phone: Phone) -> None:
        phone.sign_in(NEW.mobile)
        consent(phone, "consents")
        phone.press("apply_step", "loan", **LOAN)
        phone.press("apply_step", "person", **who())

        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM borrowers_draft")
            kept = repr(cursor.fetchall())

        assert NEW.name not in kept
        assert NEW.id_number not in kept

    def test_say_what_is_wrong_beside_its_field(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        consent(phone, "consents")
        phone.press("apply_step", "loan", **LOAN)

        answer = phone.press(
            "apply_step", "person", **{**who(), "name": "1", "id_number": "110101199001011234"}
        )

        shown = text(answer)
        assert answer.status_code == 422
        assert shown.count('class="field-problem"') == 2
        assert 'aria-describedby="problem-id_number"' in shown

    @pytest.mark.parametrize(
        "change", [{"amount": "1"}, {"amount": "99999999999"}, {"amount": "x"}, {"amount": "1.234"}]
    )
    def test_refuse_an_amount_that_the_product_does_not_know(
        self, operation: desk.Operation, phone: Phone, change: dict[str, str]
    ) -> None:
        phone.sign_in(NEW.mobile)
        consent(phone, "consents")

        answer = phone.press("apply_step", "loan", **{**LOAN, **change})

        assert answer.status_code == 422
        assert 'role="alert"' in text(answer)

    def test_show_what_it_would_cost_while_it_is_chosen(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        consent(phone, "consents")

        part = phone.client.get(
            "/portal/apply/loan", LOAN, headers={"X-Part": "quote"}
        ).content.decode()

        assert "<html" not in part
        assert "¥" in part


class TestSending:
    def test_gives_the_order_that_everybody_gives(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)

        answer = phone.press("apply_step", "check")

        number = answer.url.rsplit("/", 1)[1]
        card = applications.get_application(number, viewer=Viewer.house())
        account = Account.objects.get()
        assert (card.source, card.channel) == (f"portal:{account.number}", "direct")
        assert (card.stage, card.amount_minor, card.term_months) == ("submitted", 1_000_000, 12)
        assert card.facts["debt_monthly_minor"] == 120_000
        assert card.entered_by == f"borrower:{account.number}"
        assert account.party_id == card.party
        assert not Draft.objects.exists()

    def test_takes_the_consents_along_to_the_person(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)

        phone.press("apply_step", "check")

        account = Account.objects.get()
        of_account = Consent.objects.filter(subject=account.number)
        of_person = Consent.objects.filter(subject=account.party_id)
        columns = ("purpose", "recipient", "wording_version")
        assert sorted(of_account.values_list(*columns)) == sorted(of_person.values_list(*columns))
        assert of_person.filter(purpose="share_with_funder").count() >= 2

    def test_leads_to_a_page_that_says_where_it_stands(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)
        answer = phone.press("apply_step", "check")

        page = phone.client.get(answer.url)

        assert page.status_code == 200
        assert 'data-looks-again="standing"' in text(page)
        assert phone.client.get(answer.url, headers={"X-Part": "standing"}).status_code == 200

    def test_a_second_time_is_the_same_application(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)
        kept = Draft.objects.values().get()
        first = phone.press("apply_step", "check").url

        # As if the answer had been lost before the draft was dropped.
        Draft.objects.create(**kept)
        again = phone.press("apply_step", "check").url

        assert again == first
        assert Application.objects.filter(source__startswith="portal:").count() == 1

    def test_for_somebody_else_is_refused_without_a_trace(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        other = person(902)
        parties.register_many(book="cn", people=[other], actor=HOUSE, at=AT)
        phone.sign_in(NEW.mobile)
        fill(phone, other)

        answer = phone.press("apply_step", "check")

        assert answer.status_code == 422
        assert not Application.objects.filter(source__startswith="portal:").exists()
        assert Account.objects.get().party_id is None

    def test_again_while_one_is_under_way_is_refused_in_words(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(NEW.mobile)
        fill(phone)
        phone.press("apply_step", "check")
        fill(phone)

        answer = phone.press("apply_step", "check")

        assert answer.status_code == 409
        assert 'role="alert"' in text(answer)

    def test_keeps_the_channel_by_whose_link_one_came(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        partners.register_partner(
            book="cn",
            code="mall",
            kind="channel",
            name={"zh-hans": "商城", "en": "Mall"},
            legal_name="商城有限公司",
            licence_number="",
            licence_expires_on=None,
            contact="",
            actor=HOUSE,
            at=AT,
        )
        phone.see("arrive", "mall")
        phone.sign_in(NEW.mobile)
        fill(phone)

        phone.press("apply_step", "check")

        assert Application.objects.get(source__startswith="portal:").channel == "mall"
