"""Who somebody is: identity numbers, mobiles and names, before anything is kept."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loanops.registry.parties.domain import identity
from loanops.registry.parties.domain.identity import PersonIn, check_person
from tests.factories.people import id_number, person

TODAY = date(2026, 11, 2)


def codes(said: PersonIn) -> list[str]:
    return [refusal.code for refusal in check_person(said, country="CN", on=TODAY).refusals]


class TestIdNumber:
    @pytest.mark.parametrize(
        "text",
        [
            "11010519491231002X",
            "11010519491231002x",
            " 1101 0519 4912 3100 2X",
            "１１０１０５１９４９１２３１００２Ｘ",
        ],
    )
    def test_comes_to_one_form(self, text: str) -> None:
        assert identity.id_number_of(text, "CN") == "11010519491231002X"

    @pytest.mark.parametrize(
        ("place", "born", "why"),
        [
            ("360426", date(1950, 5, 17), "De'an: the list knows it, and it existed"),
            ("330110", date(1961, 3, 4), "Yuhang became a district in 2001 and again in 2021"),
            ("110119", date(1958, 8, 8), "Yanqing became a district in 2015"),
            ("469033", date(2003, 2, 1), "a county that the list drops after a year"),
            ("659012", date(1988, 6, 30), "Baiyang was founded in 2023"),
            ("320999", date(1979, 1, 1), "no county, but Jiangsu"),
            ("810000", date(1990, 9, 9), "a permit of somebody from Hong Kong"),
            ("820000", date(1990, 9, 9), "a permit of somebody from Macao"),
            ("830000", date(1990, 9, 9), "a permit of somebody from Taiwan"),
        ],
    )
    def test_is_not_judged_by_the_county(self, place: str, born: date, why: str) -> None:
        number = id_number(12, born=born, place=place)

        assert identity.id_number_of(number, "CN") == number, why

    @pytest.mark.parametrize("place", ["000000", "100000", "160101", "470101", "660101", "991105"])
    def test_is_refused_where_the_province_does_not_exist(self, place: str) -> None:
        assert identity.id_number_of(id_number(12, place=place), "CN") is None

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("110105194912310021", "wrong check character"),
            ("11010519490231002X", "30 and 31 February do not exist"),
            ("99010519491231002X", "no such place"),
            ("1.10105194912310E+17", "a spreadsheet took it for a number"),
            ("110105491231002", "15 places: the cards of before 1999 have lapsed"),
            ("", "nothing"),
            ("²" * 18, "digits that are no digits"),
            ("1" * 5000, "far too long"),
        ],
    )
    def test_is_refused_when_impossible(self, text: str, why: str) -> None:
        assert identity.id_number_of(text, "CN") is None, why

    @given(place=st.integers(0, 16), shift=st.integers(1, 9))
    def test_one_wrong_digit_never_passes(self, place: int, shift: int) -> None:
        right = id_number(7)
        wrong = f"{right[:place]}{(int(right[place]) + shift) % 10}{right[place + 1 :]}"

        assert identity.id_number_of(wrong, "CN") is None

    def test_says_the_age(self) -> None:
        born = identity.birth_date_of("11010519491231002X")

        assert born == date(1949, 12, 31)
        assert identity.age_on(date(1949, 12, 31), date(2026, 12, 30)) == 76
        assert identity.age_on(date(1949, 12, 31), date(2026, 12, 31)) == 77


class TestMobile:
    @pytest.mark.parametrize(
        "text", ["13800138000", "+86 138 0013 8000", "0086-13800138000", "１３８００１３８０００"]
    )
    def test_comes_to_one_form(self, text: str) -> None:
        assert identity.mobile_of(text, "CN") == "+8613800138000"

    @pytest.mark.parametrize(
        "text", ["010-65901234", "12345", "23800138000", "1380013800", "13800138000 13900139000",
                 "call me", "+", "\x00" * 11]
    )  # fmt: skip
    def test_is_refused_when_it_cannot_exist(self, text: str) -> None:
        assert identity.mobile_of(text, "CN") is None


class TestCheckPerson:
    def test_takes_a_whole_person(self) -> None:
        assert codes(person(1)) == []

    def test_names_every_fault_at_once(self) -> None:
        said = PersonIn(name="7", id_number="1", mobile="2", email="no", income_monthly_minor=-1)

        assert codes(said) == [
            "parties_name_wrong",
            "parties_id_number_wrong",
            "parties_mobile_wrong",
            "parties_email_wrong",
            "parties_income_wrong",
        ]

    def test_needs_name_number_and_mobile(self) -> None:
        assert codes(PersonIn()) == ["parties_identity_missing"] * 3

    def test_refuses_a_birth_in_the_future(self) -> None:
        said = person(1, id_number=id_number(1, born=date(2030, 1, 1)))

        assert codes(said) == ["parties_id_number_wrong"]

    @pytest.mark.parametrize("name", ["王小明", "买买提·阿不都拉", "O'Neil Ann-Marie", "龘靐"])
    def test_knows_the_names_people_have(self, name: str) -> None:
        assert codes(person(1, name=name)) == []

    @pytest.mark.parametrize("name", ["王", "张3", "<b>王五</b>", "王\x00五", "王" * 51, "=cmd()"])
    def test_refuses_what_is_no_name(self, name: str) -> None:
        assert "parties_name_wrong" in codes(person(1, name=name))

    def test_says_nothing_personal_when_printed(self) -> None:
        said = person(1)

        assert said.mobile not in repr(said)
        assert said.id_number not in repr(said)
        assert said.name not in repr(said)

    @given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
    def test_answers_whatever_it_is_given(self, name: str, number: str, mobile: str) -> None:
        said = PersonIn(name=name, id_number=number, mobile=mobile)

        assert codes(said)
