"""Who an account is: the person of the identity number, and only by the mobile of the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from loanops.kernel.refusals import ChangedMeanwhile, NotFound, NotPermitted
from loanops.registry.borrowers import operations, queries
from loanops.registry.borrowers.domain.refusals import ClaimsTooMany, ClaimUnfit
from loanops.registry.borrowers.queries import Borrower
from loanops.registry.parties import operations as parties
from loanops.registry.parties.domain.refusals import IdNumberWrong
from tests.factories.borrowers import enter
from tests.factories.carriers import Pocket, pocket
from tests.factories.people import AT, HOUSE, mobile, open_chinese_book, person, staff

pytestmark = pytest.mark.django_db

SOON = AT + timedelta(minutes=1)


@pytest.fixture
def book() -> str:
    return open_chinese_book()


@pytest.fixture
def carrier() -> Iterator[Pocket]:
    with pocket() as held:
        yield held


def register(book: str, serial: int, **changes: Any) -> str:
    people = [person(serial, **changes)]
    return parties.register_many(book=book, people=people, actor=HOUSE, at=AT)[0]


def claim(who: Borrower, serial: int, *, at: datetime = SOON) -> str | None:
    return operations.claim(
        account=who.account,
        session=who.session,
        id_number=person(serial).id_number,
        actor=who.actor,
        at=at,
    )


class TestClaim:
    def test_opens_the_rows_of_the_person_who_has_that_mobile(
        self, book: str, carrier: Pocket
    ) -> None:
        number = register(book, 1)
        entered = enter(book, mobile(1), carrier)

        before = entered.who
        assert claim(before, 1) == number

        assert before.actor.scopes.parties == {before.account}
        assert entered.who.actor.scopes.parties == {before.account, number}
        assert entered.who.party == number

    def test_of_somebody_with_another_mobile_is_refused(self, book: str, carrier: Pocket) -> None:
        register(book, 1)
        entered = enter(book, mobile(2), carrier)

        with pytest.raises(ClaimUnfit):
            claim(entered.who, 1)

        assert entered.who.party is None

    def test_of_nobody_known_ties_nothing(self, book: str, carrier: Pocket) -> None:
        entered = enter(book, mobile(1), carrier)

        assert claim(entered.who, 1) is None
        assert entered.who.party is None

    def test_of_a_second_person_is_refused(self, book: str, carrier: Pocket) -> None:
        register(book, 1)
        register(book, 2, mobile=mobile(1))
        entered = enter(book, mobile(1), carrier)
        claim(entered.who, 1)

        with pytest.raises(ClaimUnfit):
            claim(entered.who, 2)

    def test_is_not_a_way_to_find_out_who_is_a_customer(self, book: str, carrier: Pocket) -> None:
        register(book, 9)
        who = enter(book, mobile(1), carrier).who
        for serial in (2, 3, 4, 5, 6):
            assert claim(who, serial) is None

        with pytest.raises(ClaimsTooMany):
            claim(who, 9)
        with pytest.raises(ClaimsTooMany):
            claim(who, 7)

    def test_refuses_what_is_no_identity_number(self, book: str, carrier: Pocket) -> None:
        who = enter(book, mobile(1), carrier).who

        with pytest.raises(IdNumberWrong):
            operations.claim(
                account=who.account, session=who.session, id_number="1", actor=who.actor, at=SOON
            )

    def test_needs_the_grant_and_the_own_account(self, book: str, carrier: Pocket) -> None:
        mine = enter(book, mobile(1), carrier).who
        theirs = enter(book, mobile(2), carrier).who

        for actor, refusal in ((staff("li.na"), NotPermitted), (mine.actor, NotFound)):
            with pytest.raises(refusal):
                operations.claim(
                    account=theirs.account,
                    session=theirs.session,
                    id_number=person(1).id_number,
                    actor=actor,
                    at=SOON,
                )


class TestAMobileThatMovesOn:
    def test_loses_the_person_whose_mobile_is_another_by_now(
        self, book: str, carrier: Pocket
    ) -> None:
        number = register(book, 1)
        entered = enter(book, mobile(1), carrier)
        claim(entered.who, 1)

        parties.change_mobile(number=number, mobile=mobile(7), version=0, actor=HOUSE, at=SOON)

        assert entered.who.party is None
        assert not entered.who.must_prove
        anew = enter(book, mobile(7), carrier, at=AT + timedelta(hours=1))
        assert claim(anew.who, 1) == number

    def test_proves_too_little_after_a_long_time(self, book: str, carrier: Pocket) -> None:
        number = register(book, 1)
        first = enter(book, mobile(1), carrier)
        claim(first.who, 1)

        soon = enter(book, mobile(1), carrier, at=AT + timedelta(days=89))
        late = enter(book, mobile(1), carrier, at=AT + timedelta(days=89 + 91))

        assert soon.who.party == number
        assert (late.who.party, late.who.must_prove) == (None, True)
        assert late.who.actor.scopes.parties == {late.who.account}
        claim(late.who, 1, at=late.at)
        assert late.who.party == number


class TestDraft:
    def keep(self, who: Borrower, version: int | None, **content: Any) -> int:
        return operations.keep_draft(
            account=who.account,
            content=content,
            step="loan",
            channel="direct",
            version=version,
            actor=who.actor,
            at=SOON,
        ).version

    def test_is_gone_on_with_on_another_device(self, book: str, carrier: Pocket) -> None:
        here = enter(book, mobile(1), carrier).who
        there = enter(book, mobile(1), carrier, at=AT + timedelta(hours=1)).who
        version = self.keep(here, None, name="赵芳")

        self.keep(there, version, name="赵芳", amount="12000")

        found = queries.find_draft(here.account, viewer=here.actor)
        assert found is not None
        assert found.content == {"name": "赵芳", "amount": "12000"}

    def test_is_not_overwritten_unseen(self, book: str, carrier: Pocket) -> None:
        who = enter(book, mobile(1), carrier).who
        version = self.keep(who, None, amount="1")
        self.keep(who, version, amount="2")

        with pytest.raises(ChangedMeanwhile):
            self.keep(who, version, amount="3")
        with pytest.raises(ChangedMeanwhile):
            self.keep(who, None, amount="4")

    def test_is_its_owners_alone(self, book: str, carrier: Pocket) -> None:
        mine = enter(book, mobile(1), carrier).who
        theirs = enter(book, mobile(2), carrier).who
        self.keep(theirs, None, name="钱伟")

        with pytest.raises(NotFound):
            queries.find_draft(theirs.account, viewer=mine.actor)
        with pytest.raises(NotFound):
            operations.drop_draft(account=theirs.account, actor=mine.actor, at=SOON)
        with pytest.raises(NotFound):
            queries.get_mobile(theirs.account, viewer=mine.actor)

    def test_is_gone_for_who_gets_the_mobile_later(self, book: str, carrier: Pocket) -> None:
        first = enter(book, mobile(1), carrier).who
        self.keep(first, None, name="赵芳")

        later = enter(book, mobile(1), carrier, at=AT + timedelta(days=120)).who

        assert later.account == first.account
        assert queries.find_draft(later.account, viewer=later.actor) is None
