"""The way in: codes that cannot be guessed, enumerated or used twice, and sessions that end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import connection

from loanops.kernel.refusals import NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.platform.parameters import operations as parameters
from loanops.registry.borrowers import invariants, operations, queries
from loanops.registry.borrowers.domain import rules
from loanops.registry.borrowers.domain.refusals import CodeOver, CodesTooMany, CodeWrong
from loanops.registry.borrowers.models import Account, Code, Session
from loanops.registry.parties.domain.refusals import MobileWrong
from tests.corruption import names
from tests.factories.borrowers import ADDRESS, ask, enter
from tests.factories.carriers import Pocket, pocket
from tests.factories.people import AT, HOUSE, TODAY, mobile, open_chinese_book, staff

pytestmark = pytest.mark.django_db

MOBILE = mobile(1)
SOON = AT + timedelta(seconds=20)


@pytest.fixture
def book() -> str:
    return open_chinese_book()


@pytest.fixture
def carrier() -> Iterator[Pocket]:
    with pocket() as held:
        yield held


def sign_in(book: str, challenge: str, code: str, *, at: datetime = SOON) -> str:
    return operations.sign_in(
        book=book,
        challenge=challenge,
        code=code,
        device="Test phone",
        actor=queries.visitor(book=book),
        at=at,
    )


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


class TestSendCode:
    def test_answers_the_same_whether_the_mobile_is_known(self, book: str, carrier: Pocket) -> None:
        enter(book, MOBILE, carrier)

        known = ask(book, MOBILE, at=AT + timedelta(hours=2))
        unknown = ask(book, mobile(2), at=AT + timedelta(hours=2))

        assert known.expires_at == unknown.expires_at
        assert known.pause_seconds == unknown.pause_seconds
        assert len({len(message.text) for message in carrier.sent}) == 1

    def test_keeps_neither_code_nor_mobile_nor_address_in_clear(
        self, book: str, carrier: Pocket
    ) -> None:
        challenge = ask(book, MOBILE)

        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM borrowers_code")
            kept = repr(cursor.fetchall())
        kept += repr(list(Entry.objects.values_list("values_json", flat=True)))

        for secret in (carrier.code, MOBILE, ADDRESS, challenge.token):
            assert secret not in kept

    def test_makes_a_mobile_wait_for_the_next_one(self, book: str, carrier: Pocket) -> None:
        ask(book, MOBILE)

        with pytest.raises(CodesTooMany) as refused:
            ask(book, MOBILE, at=AT + timedelta(seconds=20))

        assert refused.value.values["seconds"] == "40"
        assert ask(book, MOBILE, at=AT + timedelta(seconds=61))

    def test_sends_a_mobile_so_many_an_hour_and_no_more(self, book: str, carrier: Pocket) -> None:
        for minute in range(5):
            ask(book, MOBILE, at=AT + timedelta(minutes=2 * minute))

        with pytest.raises(CodesTooMany):
            ask(book, MOBILE, at=AT + timedelta(minutes=30))
        assert ask(book, MOBILE, at=AT + timedelta(minutes=61))

    def test_answers_an_address_so_often_an_hour_whatever_the_mobile(
        self, book: str, carrier: Pocket
    ) -> None:
        parameters.set_parameter(
            name="borrowers.codes_per_address_hour",
            value=2,
            effective_from=TODAY,
            actor=HOUSE,
            at=AT,
        )
        ask(book, mobile(1))
        ask(book, mobile(2))

        with pytest.raises(CodesTooMany):
            ask(book, mobile(3))
        assert ask(book, mobile(4), address="198.51.100.9")

    def test_sends_one_code_where_two_ask_at_the_same_moment(
        self, book: str, carrier: Pocket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask(book, MOBILE)
        monkeypatch.setattr(rules, "wait_seconds", lambda *_, **__: 0)

        with pytest.raises(CodesTooMany):
            ask(book, MOBILE)

        assert Code.objects.count() == len(carrier.sent) == 1

    @pytest.mark.parametrize("said", ["", "12345", "010-12345678", "+8613", "<script>"])
    def test_refuses_what_is_no_mobile(self, book: str, said: str) -> None:
        with pytest.raises(MobileWrong):
            ask(book, said)

    def test_needs_the_grant_and_a_book_in_scope(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.send_code(
                book=book,
                mobile=MOBILE,
                language="en",
                address=ADDRESS,
                actor=staff("li.na"),
                at=AT,
            )
        with pytest.raises(NotFound):
            ask("nowhere", MOBILE)


class TestSignIn:
    def test_opens_an_account_the_first_time_and_finds_it_again(
        self, book: str, carrier: Pocket
    ) -> None:
        first = enter(book, MOBILE, carrier).who
        again = enter(book, f"+86 {MOBILE}", carrier, at=AT + timedelta(hours=1)).who

        assert first.account == again.account
        assert first.session != again.session
        assert first.mobile_masked == "+86138****0001"
        assert Account.objects.count() == 1

    def test_takes_a_code_once(self, book: str, carrier: Pocket) -> None:
        challenge = ask(book, MOBILE)
        sign_in(book, challenge.token, carrier.code)

        with pytest.raises(CodeOver):
            sign_in(book, challenge.token, carrier.code)

    def test_is_refused_when_the_code_is_too_old(self, book: str, carrier: Pocket) -> None:
        challenge = ask(book, MOBILE)

        with pytest.raises(CodeOver):
            sign_in(book, challenge.token, carrier.code, at=AT + timedelta(minutes=5))

    def test_ends_a_code_after_five_wrong_tries_even_for_the_right_one(
        self, book: str, carrier: Pocket
    ) -> None:
        challenge = ask(book, MOBILE)
        wrong = other_than(carrier.code)

        left = []
        for _ in range(4):
            with pytest.raises(CodeWrong) as refused:
                sign_in(book, challenge.token, wrong)
            left.append(refused.value.values["left"])
        with pytest.raises(CodeOver):
            sign_in(book, challenge.token, wrong)
        with pytest.raises(CodeOver):
            sign_in(book, challenge.token, carrier.code)

        assert left == ["4", "3", "2", "1"]
        assert Session.objects.count() == 0

    def test_binds_a_code_to_the_browser_that_asked(self, book: str, carrier: Pocket) -> None:
        mine = ask(book, mobile(1))
        theirs = ask(book, mobile(2))

        with pytest.raises((CodeWrong, CodeOver)):
            sign_in(book, mine.token, carrier.code)
        assert sign_in(book, theirs.token, carrier.code)

    @pytest.mark.parametrize("given", ["", "abc", "0" * 12, "٣٣٣٣٣٣"])
    def test_takes_nothing_for_a_code_that_is_none(
        self, book: str, carrier: Pocket, given: str
    ) -> None:
        challenge = ask(book, MOBILE)

        with pytest.raises(CodeWrong):
            sign_in(book, challenge.token, given)

    def test_answers_a_challenge_that_never_was_like_one_that_is_over(self, book: str) -> None:
        with pytest.raises(CodeOver):
            sign_in(book, "nothing", "000000")

    def test_leaves_its_trace_without_a_word_about_the_person(
        self, book: str, carrier: Pocket
    ) -> None:
        who = enter(book, MOBILE, carrier).who

        told = list(Entry.objects.filter(subject=who.account).values_list("code", flat=True))

        assert told == ["borrowers.opened", "borrowers.signed_in"]

    def test_needs_the_grant(self, book: str, carrier: Pocket) -> None:
        challenge = ask(book, MOBILE)

        with pytest.raises(NotPermitted):
            operations.sign_in(
                book=book,
                challenge=challenge.token,
                code=carrier.code,
                device="",
                actor=staff("li.na"),
                at=AT,
            )


class TestForgetCodes:
    def test_removes_those_that_count_for_no_limit_any_more(
        self, book: str, carrier: Pocket
    ) -> None:
        ask(book, mobile(1))
        ask(book, mobile(2), at=AT + timedelta(hours=1))

        gone = operations.forget_codes(actor=HOUSE, at=AT + timedelta(hours=2))

        assert gone == 1
        assert Code.objects.count() == 1
        assert operations.forget_codes(actor=HOUSE, at=AT + timedelta(hours=2)) == 0

    def test_needs_the_grant(self) -> None:
        with pytest.raises(NotPermitted):
            operations.forget_codes(actor=staff("li.na"), at=AT)


class TestSessions:
    def test_end_by_themselves(self, book: str, carrier: Pocket) -> None:
        entered = enter(book, MOBILE, carrier)

        assert queries.find_borrower(entered.token, at=AT + timedelta(hours=11))
        assert queries.find_borrower(entered.token, at=AT + timedelta(hours=13)) is None

    def test_end_when_their_owner_signs_out(self, book: str, carrier: Pocket) -> None:
        here = enter(book, MOBILE, carrier)
        there = enter(book, MOBILE, carrier, at=AT + timedelta(hours=1))

        operations.sign_out(
            account=here.who.account, session=here.who.session, actor=here.who.actor, at=SOON
        )

        assert queries.find_borrower(here.token, at=SOON) is None
        assert queries.find_borrower(there.token, at=there.at) is not None

    def test_end_everywhere_at_once(self, book: str, carrier: Pocket) -> None:
        here = enter(book, MOBILE, carrier)
        there = enter(book, MOBILE, carrier, at=AT + timedelta(hours=1))

        ended = operations.sign_out_everywhere(
            account=here.who.account, actor=there.who.actor, at=there.at
        )

        assert ended == 2
        assert queries.find_borrower(here.token, at=there.at) is None
        assert queries.find_borrower(there.token, at=there.at) is None

    def test_are_nobodys_but_their_owners(self, book: str, carrier: Pocket) -> None:
        mine = enter(book, mobile(1), carrier).who
        theirs = enter(book, mobile(2), carrier).who

        with pytest.raises(NotFound):
            operations.sign_out_everywhere(account=theirs.account, actor=mine.actor, at=SOON)
        with pytest.raises(NotFound):
            operations.sign_out(
                account=theirs.account, session=theirs.session, actor=mine.actor, at=SOON
            )
        with pytest.raises(NotFound):
            queries.list_sessions(theirs.account, at=SOON, viewer=mine.actor)

    @pytest.mark.parametrize("token", ["", "nothing", "x" * 5000])
    def test_are_not_found_by_what_is_no_token(self, book: str, token: str) -> None:
        assert queries.find_borrower(token, at=AT) is None


class TestLanguage:
    def test_is_kept_with_the_account(self, book: str, carrier: Pocket) -> None:
        entered = enter(book, MOBILE, carrier)

        operations.choose_language(
            account=entered.who.account, language="en", actor=entered.who.actor, at=SOON
        )

        assert entered.who.language == "en"


class TestInvariants:
    def test_name_an_account_whose_mobile_is_another(self, book: str, carrier: Pocket) -> None:
        who = enter(book, MOBILE, carrier).who
        Account.objects.update(mobile_index="0" * 40)

        names(invariants.mobiles_that_do_not_open, who.account)

    def test_name_a_used_code_that_kept_its_mobile(self, book: str, carrier: Pocket) -> None:
        enter(book, MOBILE, carrier)
        Code.objects.update(mobile_sealed="1.mobile.AAAA")

        names(invariants.codes_that_kept_a_mobile, "code:")
