"""The customer file: registering, finding, masking, disclosing; and what verify sees."""

from __future__ import annotations

import pytest
from django.db import connection

from loanops.kernel.access import Viewer
from loanops.kernel.refusals import ChangedMeanwhile, NotFound, NotPermitted
from loanops.platform.audit.models import Entry
from loanops.registry.compliance import operations as compliance
from loanops.registry.compliance.operations import ConsentIn
from loanops.registry.compliance.queries import ConsentMissing
from loanops.registry.parties import invariants, operations, permissions, queries
from loanops.registry.parties.domain.refusals import IdNumberWrong, MobileWrong
from loanops.registry.parties.models import NameToken, Party
from loanops.registry.parties.queries import Match
from tests.corruption import names
from tests.factories.people import (
    AT,
    HOUSE,
    mobile,
    open_american_book,
    open_chinese_book,
    person,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def book() -> str:
    return open_chinese_book()


def register(book: str, *serials: int) -> list[str]:
    people = [person(serial) for serial in serials]
    return operations.register_many(book=book, people=people, actor=HOUSE, at=AT)


class TestRegisterMany:
    def test_gives_a_number_to_each_person_in_order(self, book: str) -> None:
        numbers = register(book, 1, 2, 3)

        assert len(set(numbers)) == 3
        assert register(book, 3, 1) == [numbers[2], numbers[0]]
        assert Party.objects.count() == 3

    def test_keeps_one_file_for_a_person_named_twice_in_a_batch(self, book: str) -> None:
        numbers = register(book, 1, 1)

        assert numbers[0] == numbers[1]
        assert Party.objects.count() == 1

    def test_keeps_nothing_personal_in_clear(self, book: str) -> None:
        said = person(1)
        register(book, 1)

        with connection.cursor() as cursor:
            for table in (Party, NameToken, Entry):
                cursor.execute(f'SELECT * FROM "{table._meta.db_table}"')  # noqa: S608
                kept = repr(cursor.fetchall())
                assert said.name not in kept
                assert said.id_number not in kept
                assert said.mobile not in kept

    def test_does_not_let_a_second_telling_overwrite_the_file(self, book: str) -> None:
        number = register(book, 1)[0]
        before = queries.get_party(number, viewer=Viewer.house())

        operations.register_many(
            book=book, people=[person(1, mobile=mobile(99), name="王小明")], actor=HOUSE, at=AT
        )

        assert queries.get_party(number, viewer=Viewer.house()) == before

    def test_keeps_the_same_person_apart_in_two_books(self, book: str) -> None:
        other = open_chinese_book("cn2")

        assert register(book, 1) != register(other, 1)

    def test_is_refused_without_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.register_many(
                book=book, people=[person(1)], actor=staff("ann", permissions.VIEW), at=AT
            )

    def test_is_refused_with_an_impossible_number(self, book: str) -> None:
        with pytest.raises(IdNumberWrong):
            operations.register_many(
                book=book, people=[person(1, id_number="1")], actor=HOUSE, at=AT
            )

        assert not Party.objects.exists()


class TestFindDuplicates:
    def test_passes_somebody_new(self, book: str) -> None:
        found = queries.find_duplicates(book=book, people=[normal(book, 1)])

        assert found[0].match is Match.PASSED

    def test_knows_the_same_person_again(self, book: str) -> None:
        number = register(book, 1)[0]

        found = queries.find_duplicates(book=book, people=[normal(book, 1)])[0]

        assert (found.match, found.party) == (Match.SAME_PERSON, number)

    def test_explains_another_mobile(self, book: str) -> None:
        register(book, 1)

        found = queries.find_duplicates(book=book, people=[normal(book, 1, mobile=mobile(9))])[0]

        assert found.match is Match.MOBILE_CHANGED
        assert found.is_conflict
        assert "another mobile" in found.sentence

    def test_names_whose_mobile_it_is(self, book: str) -> None:
        number = register(book, 1)[0]

        found = queries.find_duplicates(book=book, people=[normal(book, 2, mobile=mobile(1))])[0]

        assert found.match is Match.MOBILE_SHARED
        assert found.others == (number,)

    def test_sees_a_mobile_shared_within_one_batch(self, book: str) -> None:
        people = [normal(book, 1), normal(book, 2, mobile=mobile(1))]

        found = queries.find_duplicates(book=book, people=people)

        assert [each.match for each in found] == [Match.PASSED, Match.MOBILE_SHARED]

    def test_never_says_passed_where_no_identities_are_kept(self) -> None:
        found = queries.find_duplicates(book=open_american_book(), people=[person(1)])

        assert found[0].match is Match.NOT_CHECKED


def normal(book: str, serial: int, **changes: object) -> queries.PersonIn:
    return queries.check_people(book=book, people=[person(serial, **changes)])[0].person


class TestGetParty:
    def test_masks_what_is_personal(self, book: str) -> None:
        said = person(1)
        card = queries.get_party(register(book, 1)[0], viewer=Viewer.house())

        assert card.name_masked == said.name[0] + "**"
        assert card.mobile_masked.endswith(said.mobile[-4:])
        assert said.mobile not in repr(card)
        assert said.id_number not in repr(card)
        assert card.age_years == 46

    def test_answers_foreign_and_missing_alike(self, book: str) -> None:
        number = register(book, 1)[0]
        stranger = staff("ann", permissions.VIEW, books=frozenset({"us"}))

        with pytest.raises(NotFound) as foreign:
            queries.get_party(number, viewer=stranger)
        with pytest.raises(NotFound) as missing:
            queries.get_party("PA-0", viewer=stranger)

        assert str(foreign.value).replace(number, "") == str(missing.value).replace("PA-0", "")

    def test_is_refused_without_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            queries.get_party(register(book, 1)[0], viewer=staff("ann"))


class TestSearch:
    @pytest.mark.parametrize("text", ["王芳芳", "王", "wangfangfang", "wff", "13800000007"])
    def test_finds_by_name_pinyin_initials_and_mobile(self, book: str, text: str) -> None:
        number = register(book, 7)[0]
        register(book, 1)

        found = queries.search(book=book, text=text, viewer=Viewer.house())

        assert [card.number for card in found] == [number]

    def test_finds_by_identity_number(self, book: str) -> None:
        number = register(book, 7)[0]

        found = queries.search(book=book, text=person(7).id_number, viewer=Viewer.house())

        assert [card.number for card in found] == [number]

    @pytest.mark.parametrize("text", ["", "   ", "%", "' OR 1=1 --", "\x00", "x" * 5000])
    def test_finds_nobody_by_nonsense(self, book: str, text: str) -> None:
        register(book, 7)

        assert queries.search(book=book, text=text, viewer=Viewer.house()) == []


class TestChangeMobile:
    def test_changes_what_is_found_and_records_no_number(self, book: str) -> None:
        number = register(book, 7)[0]

        operations.change_mobile(
            number=number, mobile="139 0013 9000", version=0, actor=HOUSE, at=AT
        )

        found = queries.search(book=book, text="13900139000", viewer=Viewer.house())
        assert [card.number for card in found] == [number]
        entry = Entry.objects.get(code="parties.mobile_changed")
        assert "139" not in entry.values_json

    def test_is_refused_when_the_file_changed_meanwhile(self, book: str) -> None:
        number = register(book, 7)[0]
        operations.change_mobile(number=number, mobile=mobile(8), version=0, actor=HOUSE, at=AT)

        with pytest.raises(ChangedMeanwhile):
            operations.change_mobile(number=number, mobile=mobile(9), version=0, actor=HOUSE, at=AT)

    def test_is_refused_with_no_mobile(self, book: str) -> None:
        with pytest.raises(MobileWrong):
            operations.change_mobile(
                number=register(book, 7)[0], mobile="12", version=0, actor=HOUSE, at=AT
            )

    def test_is_refused_without_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.change_mobile(
                number=register(book, 7)[0], mobile=mobile(8), version=0, actor=staff("ann"), at=AT
            )


class TestDiscloseMany:
    def disclose(self, book: str, number: str) -> operations.Particulars:
        return operations.disclose_many(
            numbers=[number], recipient="bank-a", act="share_with_funder", book=book, actor=HOUSE,
            at=AT,
        )[number]  # fmt: skip

    def consent(self, book: str, number: str) -> None:
        given = [("credit_query", "", "CQ-1"), ("share_with_funder", "bank-a", "SF-1")]
        compliance.record_consents_many(
            book=book,
            consents=[
                ConsentIn(subject=number, purpose=purpose, wording_version=words, recipient=to)
                for purpose, to, words in given
            ],
            actor=HOUSE,
            at=AT,
        )

    def test_gives_the_person_in_clear_and_records_it(self, book: str) -> None:
        number = register(book, 7)[0]
        self.consent(book, number)

        given = self.disclose(book, number)

        assert given.id_number == person(7).id_number
        assert given.id_number not in repr(given)
        assert Entry.objects.filter(code="parties.disclosed").count() == 1

    def test_is_refused_without_consent(self, book: str) -> None:
        with pytest.raises(ConsentMissing):
            self.disclose(book, register(book, 7)[0])

    def test_is_refused_without_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.disclose_many(
                numbers=register(book, 7), recipient="bank-a", act="share_with_funder", book=book,
                actor=staff("ann", permissions.VIEW), at=AT,
            )  # fmt: skip


class TestUnmask:
    def test_shows_one_field_with_a_trace(self, book: str) -> None:
        number = register(book, 7)[0]

        shown = operations.unmask(
            number=number, kind="mobile", purpose="identity_check", actor=HOUSE, at=AT
        )

        assert shown == "+8613800000007"
        assert Entry.objects.filter(code="vault.unmasked", subject=number).count() == 1

    def test_is_refused_without_the_grant(self, book: str) -> None:
        with pytest.raises(NotPermitted):
            operations.unmask(
                number=register(book, 7)[0], kind="mobile", purpose="identity_check",
                actor=staff("ann", permissions.VIEW), at=AT,
            )  # fmt: skip

    def test_is_refused_for_a_field_that_is_not_there(self, book: str) -> None:
        with pytest.raises(NotFound):
            operations.unmask(
                number=register(book, 7)[0], kind="email", purpose="identity_check", actor=HOUSE,
                at=AT,
            )  # fmt: skip


class TestInvariants:
    def found(self) -> list[tuple[str, str]]:
        return [(bad.code, bad.object) for check in invariants.CHECKS for bad in check.find()]

    def test_find_nothing_in_a_sound_file(self, book: str) -> None:
        register(book, 1, 2, 3)

        assert self.found() == []

    @pytest.mark.parametrize(
        "damage",
        [
            {"mobile_index": "f" * 40},
            {"id_number_sealed": "1.id_number.AAAA"},
            {"name_sealed": "nonsense"},
        ],
    )
    def test_name_the_row_that_was_changed_outside(self, book: str, damage: dict[str, str]) -> None:
        numbers = register(book, 1, 2, 3)
        Party.objects.filter(number=numbers[1]).update(**damage)

        names(invariants.sealed_fields_that_do_not_open, numbers[1])

    def test_name_the_person_that_search_cannot_find(self, book: str) -> None:
        number = register(book, 1)[0]
        NameToken.objects.all().delete()

        names(invariants.parties_that_search_cannot_find, number)
