"""The door of the portal: codes, the same words for everybody, languages, and the way out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from loanops.platform.web import clock
from loanops.registry.borrowers.models import Account, Code, Session
from tests.factories import desk
from tests.factories.carriers import carry_due
from tests.factories.people import mobile
from tests.surfaces.portal.conftest import NewPhone, Phone

MOBILE = mobile(77)
UNKNOWN = mobile(78)


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestSigningIn:
    def test_leads_to_where_one_wanted_to_go(self, operation: desk.Operation, phone: Phone) -> None:
        asked = phone.see("apply")
        assert asked.url == f"{reverse('portal:sign_in')}?next=%2Fportal%2Fapply"
        phone.press("sign_in", mobile=MOBILE, next="/portal/apply")
        phone.client.get("/portal/code")

        phone.ask_for_code(UNKNOWN)
        answer = phone.press("code", code=phone.carrier.code)

        assert answer.status_code == 302
        assert phone.see("apply").status_code == 302

    def test_answers_the_same_for_every_mobile(
        self, operation: desk.Operation, new_phone: NewPhone
    ) -> None:
        known = new_phone()
        known.sign_in(MOBILE)
        Code.objects.all().delete()

        answers = [new_phone().ask_for_code(number) for number in (MOBILE, UNKNOWN)]

        assert len({(each.status_code, each.url) for each in answers}) == 1
        assert Account.objects.count() == 1

    def test_goes_nowhere_but_into_the_portal(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        for wanted in ("https://evil.example/", "//evil.example/portal/", "/console/"):
            Code.objects.all().delete()
            phone.client.post("/portal/sign-in", {"mobile": MOBILE, "next": wanted})
            carry_due(clock.now())
            answer = phone.press("code", code=phone.carrier.code)
            assert answer.url == "/portal/"

    def test_says_in_one_sentence_what_is_wrong_with_a_mobile(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        answer = phone.press("sign_in", mobile="123")

        assert answer.status_code == 422
        assert 'role="alert"' in text(answer)
        assert 'aria-invalid="true"' in text(answer)

    def test_says_how_long_to_wait_for_the_next_code(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.ask_for_code(MOBILE)

        answer = phone.ask_for_code(MOBILE)

        assert answer.status_code == 429
        assert 0 < int(answer["Retry-After"]) <= 60

    def test_refuses_a_code_that_is_too_old(self, operation: desk.Operation, phone: Phone) -> None:
        phone.ask_for_code(MOBILE)
        Code.objects.update(expires_at=clock.now() - timedelta(seconds=1))

        answer = phone.press("code", code=phone.carrier.code)

        assert answer.status_code == 422
        assert 'name="code"' not in text(answer)
        assert Session.objects.count() == 0

    def test_needs_the_browser_that_asked(
        self, operation: desk.Operation, new_phone: NewPhone
    ) -> None:
        mine, other = new_phone(), new_phone()
        mine.ask_for_code(MOBILE)

        answer = other.press("code", code=mine.carrier.code)

        assert answer.url == reverse("portal:sign_in")

    def test_gives_a_token_that_no_script_reads(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(MOBILE)

        cookie = phone.client.cookies["loanops_borrower"]

        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"]) == ("Lax", "/portal/")


class TestLeaving:
    def test_ends_the_session_on_the_server_too(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.sign_in(MOBILE)
        token = phone.client.cookies["loanops_borrower"].value

        phone.press("sign_out")
        phone.client.cookies["loanops_borrower"] = token

        assert phone.see("account").status_code == 302

    def test_is_possible_everywhere_at_once(
        self, operation: desk.Operation, new_phone: NewPhone
    ) -> None:
        here, there = new_phone(), new_phone()
        here.sign_in(MOBILE)
        Code.objects.all().delete()
        there.sign_in(MOBILE)

        here.press("sign_out", everywhere="1")

        assert there.see("account").status_code == 302


class TestLanguages:
    def test_are_two_and_kept(self, operation: desk.Operation, phone: Phone) -> None:
        chinese = phone.see("home")
        phone.press("speak", language="en", next="/portal/")
        english = phone.see("home")

        assert 'lang="zh-CN"' in text(chinese)
        assert "立即申请" in text(chinese)
        assert "Apply now" in text(english)

    def test_are_changed_where_one_is(self, operation: desk.Operation, phone: Phone) -> None:
        wrong = phone.press("sign_in", mobile="1")

        assert 'name="next" value="/portal/sign-in"' in " ".join(text(wrong).split())

    def test_of_an_account_is_that_of_its_messages(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        phone.press("speak", language="en", next="/portal/")

        phone.sign_in(MOBILE)

        assert "Your code is" in phone.carrier.sent[-1].text
        assert Account.objects.get().language == "en"


class TestChannels:
    def test_that_are_not_known_are_not_remembered(
        self, operation: desk.Operation, phone: Phone
    ) -> None:
        answer = phone.see("arrive", "nobody")

        assert answer.url == "/portal/"
        assert "loanops_channel" not in phone.client.cookies


@pytest.mark.parametrize("name", ["home", "sign_in"])
def test_pages_carry_the_policy_and_are_kept_by_nobody(
    operation: desk.Operation, phone: Phone, name: str
) -> None:
    answer = phone.see(name)

    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
